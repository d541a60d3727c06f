package filter

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Clean returns what people write as it is stored: in Unicode's form NFC, with \n at the end of lines, and without
// control characters except \n and \t. The text is valid UTF-8.
func Clean(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text))
}

// CleanLine is Clean for a text of one line: white space is a single blank, with none around the text, and what would
// change the direction of the text around it is removed.
func CleanLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
	return strings.TrimSpace(Clean(text))
}

// Visible reports whether a text has a character that one can see.
func Visible(text string) bool { return strings.ContainsFunc(text, isVisible) }

func isVisible(r rune) bool {
	return !unicode.IsSpace(r) && !unicode.IsControl(r) && !isInvisible(r) && !isBlankLetter(r)
}

// isInvisible reports whether a character takes no room: Unicode's Default_Ignorable_Code_Point, and other formats but
// the few that are signs of their own.
func isInvisible(r rune) bool {
	return r >= 0xAD && (unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) ||
		unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r))
}

// isBlankLetter reports whether r takes room, but has nothing in it; Unicode does not count it as white space.
func isBlankLetter(r rune) bool {
	switch r {
	case 0x115F, 0x1160, 0x3164, 0xFFA0, // fillers of Hangul
		0x2800,           // a Braille cell without dots
		0x1D159,          // a note without a head
		0x13441, 0x13442, // blanks of hieroglyphs
		0x16FE4: // a filler of Khitan
		return true
	}
	return false
}

// withoutInvisible returns a text without its invisible characters.
func withoutInvisible(text string) string {
	return strings.Map(func(r rune) rune {
		if isInvisible(r) && !isBlankLetter(r) {
			return -1
		}
		return r
	}, text)
}
