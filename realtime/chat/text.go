package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cleanText returns the text as it will be stored: lines end in \n, nothing blank around it.
// It refuses what is no text, is empty to the eye, or is longer than Limits.TextLength.
func (s *Service) cleanText(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", Errorf(CodeInvalid, "The text is not valid UTF-8.")
	}
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if strings.IndexFunc(text, isControl) >= 0 {
		return "", Errorf(CodeInvalid, "The text contains control characters.")
	}
	if strings.IndexFunc(text, isVisible) < 0 {
		return "", Errorf(CodeInvalid, "Write something first.")
	}
	if most := s.cfg.Limits.TextLength; most > 0 && utf8.RuneCountInString(text) > most {
		return "", Errorf(CodeInvalid, "The text is too long: at most %d characters.", most)
	}
	return strings.Clone(text), nil // stored and kept in memory, longer than a host's request
}

func isControl(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// isVisible is false for blanks and for format characters (zero width, direction), which
// alone would make a message that nobody sees.
func isVisible(r rune) bool { return !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) }

// validID reports whether id is a client message id.
func validID(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}
