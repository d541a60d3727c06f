package filter

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/mtibben/confusables"
)

// Skeleton returns what a name looks like: two names that may be taken for each other have one skeleton. It is the
// skeleton of UTS #39 of the fold, of letters and digits alone. As names are shown in the case they were written in, it is
// taken before folding ("AIice" with a capital I) and after it; capital I looks like l and folds to i, so these two
// are one.
func Skeleton(name string) string { return strings.ReplaceAll(shape(name), "i", "l") }

// LooksLike reports whether a name may be taken for a word. Unlike two skeletons it tells i from l where the word has
// l: "Ali" is not "all", but "adm1n" is "admin".
func LooksLike(name, word string) bool {
	have, want := []rune(shape(name)), []rune(shape(word))
	return len(want) > 0 && slices.EqualFunc(have, want, func(a, b rune) bool { return a == b || a == 'l' && b == 'i' })
}

// shape returns the skeleton of UTS #39 of a name, folded, in which what looks like a capital I is l.
func shape(name string) string {
	skeleton := confusables.Skeleton(Fold(confusables.Skeleton(name)))
	return strings.Map(func(r rune) rune {
		if isWord(r) {
			return r
		}
		return -1
	}, skeleton)
}

// unmask replaces letters that look like those of another script in words that have a Latin letter, too. In words of
// their own they stay what they are.
func unmask(glyphs []glyph) {
	from, latin, masked := 0, false, false // of the word up to here
	for i, g := range glyphs {
		switch {
		case !g.spaced:
			from, latin, masked = i+1, false, false
			continue
		case g.r < utf8.RuneSelf:
			latin = latin || 'a' <= g.r
		case !masked:
			masked = lookAlikes()[g.r] != 0
		}
		if !latin || !masked {
			continue
		}
		for j := from; j <= i; j++ {
			if as := lookAlikes()[glyphs[j].r]; as != 0 {
				glyphs[j].r = as
			}
		}
		from, masked = i+1, false // the word goes on
	}
}

// lookAlikes returns the Latin letters that folded letters of other scripts, or their capitals, look like, as the
// confusables of UTS #39 have them.
var lookAlikes = sync.OnceValue(func() map[rune]rune {
	found := make(map[rune]rune)
	for _, script := range []*unicode.RangeTable{
		unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Armenian, unicode.Cherokee, unicode.Coptic, unicode.Lisu, unicode.Georgian,
	} {
		for _, r := range runesOf(script) {
			if r < utf8.RuneSelf || !unicode.IsLetter(r) {
				continue
			}
			folded := []rune(Fold(string(r)))
			if len(folded) != 1 || folded[0] < utf8.RuneSelf || found[folded[0]] != 0 {
				continue
			}
			for _, shape := range []rune{folded[0], unicode.ToUpper(folded[0])} {
				like := Fold(confusables.Skeleton(string(shape)))
				if len(like) == 1 && isSpaced(rune(like[0])) {
					found[folded[0]] = rune(like[0])
					break
				}
			}
		}
	}
	return found
})

// runesOf returns the characters of a table.
func runesOf(table *unicode.RangeTable) (runes []rune) {
	for _, part := range table.R16 {
		for r := rune(part.Lo); r <= rune(part.Hi); r += rune(part.Stride) {
			runes = append(runes, r)
		}
	}
	for _, part := range table.R32 {
		for r := rune(part.Lo); r <= rune(part.Hi); r += rune(part.Stride) {
			runes = append(runes, r)
		}
	}
	return runes
}
