package markup

import (
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/util"

	"roomline/realtime/filter"
)

// isWord reports whether r may be in a word: a letter, with its marks, or a digit.
func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.Is(unicode.Nd, r) || unicode.Is(unicode.M, r)
}

// joins reports whether b goes on the word that a is of, where both are of words: there is no boundary between them.
func joins(a, b rune) bool {
	if unicode.Is(unicode.M, b) {
		return true
	}
	return !filter.IsUnspaced(a) && !filter.IsUnspaced(b) && isSameScript(a, b)
}

// scripts are those of living languages with spaces between words, the usual ones first.
var scripts = []*unicode.RangeTable{
	unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Hangul, unicode.Arabic, unicode.Hebrew, unicode.Devanagari, unicode.Bengali,
	unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Gujarati, unicode.Gurmukhi, unicode.Oriya, unicode.Sinhala,
	unicode.Georgian, unicode.Armenian, unicode.Ethiopic, unicode.Mongolian, unicode.Thaana, unicode.Syriac, unicode.Tifinagh, unicode.Cherokee,
}

// isLatin reports whether r is of a word of Latin letters and digits.
func isLatin(r rune) bool { return isWord(r) && joins(r, 'a') }

// isSameScript reports whether two characters are of one script. Digits and accents are of every script.
func isSameScript(a, b rune) bool {
	if a < utf8.RuneSelf && b < utf8.RuneSelf || isOfEveryScript(a) || isOfEveryScript(b) {
		return true
	}
	for _, script := range scripts {
		if in := unicode.Is(script, a); in || unicode.Is(script, b) {
			return in && unicode.Is(script, b)
		}
	}
	return true
}

func isOfEveryScript(r rune) bool {
	return unicode.In(r, unicode.Common, unicode.Inherited) || unicode.Is(unicode.Nd, r)
}

// isEastAsian reports whether r is text or punctuation that stands without spaces around it, in Korean, too.
func isEastAsian(r rune) bool {
	return filter.IsUnspaced(r) || 0x3001 <= r && r <= 0x303F || isFullWidth(r) || unicode.Is(unicode.Hangul, r)
}

func isFullWidth(r rune) bool { return 0xFF01 <= r && r <= 0xFF65 }

// flanks reports whether emphasis may begin and end with asterisks between two characters. It is CommonMark's rule,
// but beside text without spaces it asks for none, and its punctuation counts as letters.
func flanks(before, after rune) (begins, ends bool) {
	isPunct := func(r rune) bool { return util.IsPunctRune(r) && !isEastAsian(r) }
	isEdge := func(r rune) bool { return util.IsSpaceRune(r) || isPunct(r) || isEastAsian(r) }
	begins = !util.IsSpaceRune(after) && (!isPunct(after) || isEdge(before))
	ends = !util.IsSpaceRune(before) && (!isPunct(before) || isEdge(after))
	return begins, ends
}
