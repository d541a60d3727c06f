package filter

import (
	"cmp"
	"slices"
	"strings"
)

// lexicon finds the words and phrases of all rules in one pass over a text, however many they are: it is a tree of
// their characters, in which each node knows where to go on when the text leaves it (Aho and Corasick).
type lexicon struct {
	words []word // by their characters
	nodes []node // the root, its children, theirs …, so that the children of each stand together, by character
	rules ruleSet
}

// node is a beginning of words.
type node struct {
	r     rune    // its last character
	first int32   // its first child; the last is before the first child of the next node
	fail  int32   // the longest other beginning that it ends with
	ends  int32   // the first of the words that end here, -1 for none
	more  int32   // the next node on the way of fail where a word ends, 0 for none
	rules ruleSet // of the words that end here, and there
}

// word is a word or a phrase of rules. It is found whole, but for an end that is open.
type word struct {
	text        []rune
	front, back bool // it is whole there only
	last        bool // the next word has another text
	rules       ruleSet
}

// cutWord returns a word as it is compared, and which of its ends are open: those with a "*".
func cutWord(typed string) (text string, front, back bool) {
	glyphs := fold(typed)
	unmask(glyphs)
	text = stringOf(glyphs)
	front, back = strings.HasPrefix(text, "*"), strings.HasSuffix(text, "*")
	return strings.Trim(text, "* "), front, back
}

// add adds a word of a rule; build is to be called afterwards.
func (l *lexicon) add(typed string, rule int) {
	text, front, back := cutWord(typed)
	if text == "" {
		return
	}
	w := word{text: []rune(text)}
	w.front = !front && isSpaced(w.text[0])
	w.back = !back && isSpaced(w.text[len(w.text)-1])
	w.rules = setOf(rule)
	l.rules = l.rules.with(w.rules)
	l.words = append(l.words, w)
}

// build makes the tree.
func (l *lexicon) build() {
	l.merge()
	l.grow()
}

// merge makes the same words of several rules one.
func (l *lexicon) merge() {
	slices.SortFunc(l.words, func(a, b word) int {
		return cmp.Or(slices.Compare(a.text, b.text), compareBools(a.front, b.front), compareBools(a.back, b.back))
	})
	merged := l.words[:0]
	for _, w := range l.words {
		if last := len(merged) - 1; last >= 0 && merged[last].same(w) {
			merged[last].rules = merged[last].rules.with(w.rules)
			continue
		}
		merged = append(merged, w)
	}
	for i := range merged {
		merged[i].last = i+1 == len(merged) || !slices.Equal(merged[i].text, merged[i+1].text)
	}
	l.words = merged
}

func (l *lexicon) grow() {
	// The words that begin with a node stand together.
	type span struct{ from, to, depth int }
	spans := []span{{0, len(l.words), 0}}
	l.nodes = []node{{ends: -1}}
	for n := 0; n < len(l.nodes); n++ {
		l.nodes[n].first = int32(len(l.nodes))
		s := spans[n]
		if s.from < s.to && len(l.words[s.from].text) == s.depth {
			l.nodes[n].ends = int32(s.from)
			for s.from < s.to && len(l.words[s.from].text) == s.depth {
				l.nodes[n].rules = l.nodes[n].rules.with(l.words[s.from].rules)
				s.from++
			}
		}
		for s.from < s.to {
			r, to := l.words[s.from].text[s.depth], s.from+1
			for to < s.to && l.words[to].text[s.depth] == r {
				to++
			}
			child := node{r: r, ends: -1}
			if n > 0 {
				child.fail = l.step(l.nodes[n].fail, r)
			}
			l.nodes = append(l.nodes, child)
			spans = append(spans, span{s.from, to, s.depth + 1})
			s.from = to
		}
		// What fail leads to is shorter, so it is complete.
		if fail := l.nodes[n].fail; l.nodes[fail].ends >= 0 {
			l.nodes[n].more = fail
		} else {
			l.nodes[n].more = l.nodes[fail].more
		}
		l.nodes[n].rules = l.nodes[n].rules.with(l.nodes[l.nodes[n].more].rules)
	}
	l.nodes = append(l.nodes, node{first: int32(len(l.nodes))}) // after the last
}

func (w *word) same(other word) bool {
	return slices.Equal(w.text, other.text) && w.front == other.front && w.back == other.back
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// step returns the node in which a text is after another character.
func (l *lexicon) step(n int32, r rune) int32 {
	for {
		from, to := l.nodes[n].first, l.nodes[n+1].first
		for from < to { // it is quicker than slices.BinarySearchFunc
			if middle := (from + to) / 2; l.nodes[middle].r < r {
				from = middle + 1
			} else {
				to = middle
			}
		}
		if from < l.nodes[n+1].first && l.nodes[from].r == r {
			return from
		}
		if n == 0 {
			return 0
		}
		n = l.nodes[n].fail
	}
}

// find marks the rules whose words are in a text, until all are.
func (l *lexicon) find(h *hits, text string, glyphs []glyph) {
	if len(l.words) == 0 {
		return
	}
	var n int32
	for i, g := range glyphs {
		n = l.step(n, g.r)
		at := n
		if l.nodes[at].ends < 0 {
			at = l.nodes[at].more
		}
		for ; at != 0 && !h.rules.has(l.nodes[at].rules); at = l.nodes[at].more {
			l.end(h, at, text, glyphs, i)
		}
		if h.rules.has(l.rules) {
			return
		}
	}
}

// end marks the rules of the words that end in a node, and with the character at last.
func (l *lexicon) end(h *hits, n int32, text string, glyphs []glyph, last int) {
	for i := l.nodes[n].ends; ; i++ {
		w := &l.words[i]
		first := last + 1 - len(w.text)
		goesOn := w.front && first > 0 && glyphs[first-1].spaced || w.back && last+1 < len(glyphs) && glyphs[last+1].spaced
		if !goesOn && !h.rules.has(w.rules) {
			h.add(w.rules, text[glyphs[first].from:glyphs[last].to])
		}
		if w.last {
			return
		}
	}
}
