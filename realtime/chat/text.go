package chat

import (
	"strings"
	"unicode/utf8"

	"roomline/realtime/filter"
)

// cleanText returns the text as it is stored: see filter.Clean; without white space around it. It refuses a text that is
// not UTF-8, has nothing to see, or is longer than Limits.TextLength.
func (s *Service) cleanText(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", Errorf(CodeInvalid, "The text is not valid UTF-8.")
	}
	text = strings.TrimSpace(filter.Clean(text))
	if !filter.Visible(text) {
		return "", nothingToSee()
	}
	if most := s.cfg.Limits.TextLength; most > 0 && utf8.RuneCountInString(text) > most {
		return "", Errorf(CodeInvalid, "The text is too long: at most %d characters.", most)
	}
	return strings.Clone(text), nil // stored and kept in memory, longer than a host's request
}

// nothingToSee is the refusal of a text that would be shown as an empty message.
func nothingToSee() *Error { return Errorf(CodeInvalid, "Write something first.") }

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
