package filter

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns a text as it is compared: two texts that differ only by case, accents and other marks, width, ligatures,
// how Unicode composes their characters, white space or invisible characters have one fold. Filter, search, names and
// completion share it.
func Fold(text string) string { return stringOf(fold(text)) }

// glyph is a folded character.
type glyph struct {
	r        rune
	spaced   bool  // see isSpaced
	from, to int32 // the bytes of the text that it stands for
}

func stringOf(glyphs []glyph) string {
	var b strings.Builder
	b.Grow(len(glyphs))
	for _, g := range glyphs {
		b.WriteRune(g.r)
	}
	return strings.Trim(b.String(), " ")
}

// fold folds a text; white space becomes single blanks. It is linear in the text.
func fold(text string) []glyph {
	f := folder{glyphs: make([]glyph, 0, len(text))}
	for at := 0; at < len(text); {
		n := f.step(text, at)
		at += n
	}
	return f.glyphs
}

type folder struct{ glyphs []glyph }

// step folds what stands at a position up to where Unicode composes nothing, and returns its length.
func (f *folder) step(text string, at int) int {
	c := text[at]
	if c < utf8.RuneSelf && (at+1 == len(text) || text[at+1] < utf8.RuneSelf) {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		f.add(rune(c), at, at+1)
		return 1
	}
	if r, n := utf8.DecodeRuneInString(text[at:]); isPlainEastAsian(r) && isPlainNext(text[at+n:]) {
		f.add(r, at, at+n)
		return n
	}
	n := max(norm.NFKC.NextBoundaryInString(text[at:], true), 1)
	for _, r := range foldSegment(text[at : at+n]) {
		f.add(r, at, at+n)
	}
	return n
}

// isPlainEastAsian reports whether r folds to itself; it need not be true for all such characters.
func isPlainEastAsian(r rune) bool {
	return 0x3041 <= r && r <= 0x3096 || 0x30A1 <= r && r <= 0x30FE || 0x4E00 <= r && r <= 0x9FFF
}

// isPlainNext reports whether a text does not begin with what may compose with the character before it.
func isPlainNext(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return text == "" || r < utf8.RuneSelf || isPlainEastAsian(r) || 0x3001 <= r && r <= 0x3020
}

// foldSegment folds a piece of a text that composes with nothing around it.
func foldSegment(segment string) string {
	// The marks of a letter can be told from it only when it is decomposed.
	bare := strings.Map(func(r rune) rune {
		switch {
		case r < utf8.RuneSelf:
			return unicode.ToLower(r)
		case unicode.IsSpace(r), isBlankLetter(r):
			return ' '
		case isInvisible(r), isAccent(r), r == tatweel:
			return -1
		case 0x1F150 <= r && r <= 0x1F189 && (r-0x1F150)%32 < 26: // white letters in black circles and squares
			return 'a' + (r-0x1F150)%32
		}
		// Both ways, as some letters have one other case only: ς, σ and Σ become one.
		return unicode.ToLower(unicode.ToUpper(r))
	}, norm.NFKD.String(segment))
	return norm.NFC.String(letters.Replace(bare))
}

func (f *folder) add(r rune, from, to int) {
	if '\t' <= r && r <= '\r' {
		r = ' '
	}
	if last := len(f.glyphs) - 1; r == ' ' && last >= 0 && f.glyphs[last].r == ' ' {
		return
	}
	f.glyphs = append(f.glyphs, glyph{r, isSpaced(r), int32(from), int32(to)})
}

// tatweel only stretches an Arabic word.
const tatweel = 0x640

// isAccent reports whether r is a mark without which a decomposed letter is still the letter: an accent, niqqud,
// harakat. The vowels of scripts of India and Southeast Asia are marks, too, but not of this kind, and neither are the
// voicing marks of kana.
func isAccent(r rune) bool {
	return r >= 0x300 && r != 0x3099 && r != 0x309A && unicode.In(r, unicode.Mn, unicode.Me) &&
		unicode.In(r, unicode.Inherited, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic, unicode.Syriac)
}

// letters replaces letters that Unicode does not decompose, but that people take for the plain ones.
var letters = strings.NewReplacer(
	"ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "ħ", "h", "ł", "l", "ŧ", "t", "ƀ", "b", "ɨ", "i", "þ", "th",
	"’", "'", "‘", "'", "ʼ", "'",
	"ᴀ", "a", "ʙ", "b", "ᴄ", "c", "ᴅ", "d", "ᴇ", "e", "ꜰ", "f", "ɢ", "g", "ʜ", "h", "ɪ", "i", "ᴊ", "j", "ᴋ", "k", "ʟ", "l",
	"ᴍ", "m", "ɴ", "n", "ᴏ", "o", "ᴘ", "p", "ꞯ", "q", "ʀ", "r", "ꜱ", "s", "ᴛ", "t", "ᴜ", "u", "ᴠ", "v", "ᴡ", "w", "ʏ", "y", "ᴢ", "z",
)

// isSpaced reports whether r is of a word of a script that puts spaces between words.
func isSpaced(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return isWord(r) && !IsUnspaced(r)
}

// IsUnspaced reports whether r is of a script that puts no spaces between words.
func IsUnspaced(r rune) bool {
	return r == 'ー' || r == 0x3099 || r == 0x309A || r >= 0xE00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func isWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }
