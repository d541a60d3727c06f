package filter

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Token is a piece of a text that a search compares: a folded word or, in scripts without spaces between words, each
// two characters that follow each other, and the last one alone. So a word within a sentence is found by its own pairs.
type Token struct {
	Text     string
	From, To int // its bytes in the text
	Head     int // the end of its first character
}

// Term is a word of a query, or several in a row: tokens that follow each other.
type Term struct {
	Words  []string // one at least
	Prefix bool     // the last one may go on
}

// Span is a stretch of a text in bytes; To is excluded.
type Span struct{ From, To int }

// leastPrefix is the number of bytes from which on the beginning of a word is searched for: shorter ones begin too
// many.
const leastPrefix = 3

// Tokens returns the tokens of a text, in order.
func Tokens(text string) []Token {
	var tokens []Token
	for run := range runs(fold(text)) {
		if run[0].spaced {
			tokens = append(tokens, tokenOf(run))
			continue
		}
		for i := range run {
			tokens = append(tokens, tokenOf(run[i:min(i+2, len(run))]))
		}
	}
	return tokens
}

// ParseTerm returns the term that finds a text, without Words if there is no word in it. With open its last word may be
// the beginning of one.
func ParseTerm(text string, open bool) Term {
	var t Term
	var last []glyph
	for run := range runs(fold(text)) {
		if last != nil && !last[0].spaced && len(last) > 1 {
			t.Words = append(t.Words, tokenOf(last[len(last)-1:]).Text) // more follows, so the text's run ends here, too
		}
		if last = run; run[0].spaced || len(run) == 1 {
			t.Words = append(t.Words, tokenOf(run).Text)
			continue
		}
		for i := range run[1:] {
			t.Words = append(t.Words, tokenOf(run[i:i+2]).Text)
		}
	}
	if last != nil {
		if last[0].spaced {
			t.Prefix = open && len(t.Words[len(t.Words)-1]) >= leastPrefix
		} else {
			t.Prefix = len(last) == 1
		}
	}
	return t
}

// Find returns where a term stands among tokens, ascending.
func (t Term) Find(tokens []Token) []Span {
	var spans []Span
	for i := range tokens {
		if i+len(t.Words) <= len(tokens) && t.begins(tokens[i:]) {
			spans = append(spans, Span{tokens[i].From, t.end(tokens[i+len(t.Words)-1])})
		}
	}
	return spans
}

func (t Term) begins(tokens []Token) bool {
	last := len(t.Words) - 1
	for i, word := range t.Words {
		if tokens[i].Text != word && (i < last || !t.Prefix || !strings.HasPrefix(tokens[i].Text, word)) {
			return false
		}
	}
	return true
}

// end returns where the term ends that ends with a token: one character may be the beginning of a pair.
func (t Term) end(last Token) int {
	if word := t.Words[len(t.Words)-1]; last.Text != word && utf8.RuneCountInString(word) == 1 {
		return last.Head
	}
	return last.To
}

// FindAll returns where terms stand in a text, ascending, as spans that neither overlap nor touch.
func FindAll(terms []Term, text string) []Span {
	tokens := Tokens(text)
	var all []Span
	for _, t := range terms {
		all = append(all, t.Find(tokens)...)
	}
	slices.SortFunc(all, func(a, b Span) int { return a.From - b.From })
	var merged []Span
	for _, span := range all {
		if last := len(merged) - 1; last >= 0 && span.From <= merged[last].To {
			merged[last].To = max(merged[last].To, span.To)
			continue
		}
		merged = append(merged, span)
	}
	return merged
}

// runs yields the longest pieces of glyphs that are of words of scripts with spaces, or of scripts without.
func runs(glyphs []glyph) func(func([]glyph) bool) {
	return func(yield func([]glyph) bool) {
		for from := 0; from < len(glyphs); {
			if !isWord(glyphs[from].r) {
				from++
				continue
			}
			to := from + 1
			for to < len(glyphs) && isWord(glyphs[to].r) && glyphs[to].spaced == glyphs[from].spaced {
				to++
			}
			if !yield(glyphs[from:to]) {
				return
			}
			from = to
		}
	}
}

func tokenOf(glyphs []glyph) Token {
	last := glyphs[len(glyphs)-1]
	return Token{Text: stringOf(glyphs), From: int(glyphs[0].from), To: int(last.to), Head: int(glyphs[0].to)}
}
