package filter

import (
	"cmp"
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"
)

// Filter is the rules of the filter that are not off, compiled. It never changes.
type Filter struct {
	rules    []Rule // in the order of matches
	words    lexicon
	patterns []pattern
	domains  domains
	habits   time.Duration // the longest time that rules about habits look back, 0 if there are none
}

// pattern is the regular expression of a rule.
type pattern struct {
	rule   int
	find   *regexp.Regexp
	unseen bool // it asks for characters that nobody sees; others are not shown any
}

// New compiles rules that Check has returned; those that are off are left out. Too many, or too costly ones
// together, are refused with an *Error.
func New(rules []Rule) (*Filter, error) {
	if len(rules) > maxRules {
		return nil, wrong("", "There may be %d rules at most. Delete one first.", maxRules)
	}
	f := &Filter{}
	for _, r := range rules {
		if !r.Off {
			f.rules = append(f.rules, r)
		}
	}
	slices.SortStableFunc(f.rules, compareRules)
	var cost struct{ letters, weight int }
	for i, r := range f.rules {
		switch r.Kind {
		case KindWords:
			for _, typed := range r.Words {
				cost.letters += utf8.RuneCountInString(typed)
				f.words.add(typed, i)
			}
		case KindLinks:
			for _, domain := range r.Words {
				cost.letters += utf8.RuneCountInString(domain)
			}
			f.domains.add(r, i)
		case KindPattern:
			p, weight, err := compilePattern(r.Pattern)
			if err != nil {
				return nil, fmt.Errorf("compile rule %d: %w", r.ID, err)
			}
			p.rule = i
			cost.weight += weight
			f.patterns = append(f.patterns, p)
		case KindRepeats, KindMentions:
			f.habits = max(f.habits, time.Duration(r.Seconds)*time.Second)
		}
	}
	switch {
	case cost.letters > maxLetters:
		return nil, wrong("words", "All rules together have too many words: at most %d characters.", maxLetters)
	case cost.weight > maxWeights:
		return nil, wrong("pattern", "All patterns together would take too long. Simplify one, or turn one off.")
	}
	f.words.build()
	return f, nil
}

// Empty reports whether there is no rule.
func (f *Filter) Empty() bool { return f == nil || len(f.rules) == 0 }

// Judge returns what the rules about words, patterns and links find in a text, one match of a rule at most, the
// strictest rules first, of several the oldest. The links are the absolute addresses that the text links to (see
// Markup). A nil filter finds nothing.
//
// It is linear in the text. The worst 4,000 characters under as many rules as there may be take 6 to 20 ms, nearly all
// of it for the patterns (see maxWeights).
//
// Where the text is shown as rich, its HTML, if that is not "", what it says there counts, too, as markup
// may hide a word ("sp**a**m"). It takes up to twice as long.
func (f *Filter) Judge(text, rich string, links []string) []Match {
	if f.Empty() {
		return nil
	}
	h := hits{found: make([]string, len(f.rules))}
	f.look(&h, text)
	if rich != "" {
		if shown := Shown(rich); shown != text {
			f.look(&h, shown)
		}
	}
	f.domains.findLinked(&h, links)
	var matches []Match
	for i, r := range f.rules {
		if h.rules.has(setOf(i)) {
			matches = append(matches, Match{Rule: r, Found: clip(h.found[i])})
		}
	}
	return matches
}

// look marks the rules that a text fits.
func (f *Filter) look(h *hits, text string) {
	seen := withoutInvisible(text)
	if len(f.words.words) > 0 || len(f.domains.blocked) > 0 {
		glyphs := fold(seen)
		f.domains.findNamed(h, seen, glyphs)
		unmask(glyphs)
		f.words.find(h, seen, glyphs)
	}
	for _, p := range f.patterns {
		if h.rules.has(setOf(p.rule)) {
			continue
		}
		in := seen
		if p.unseen {
			in = text
		}
		if at := p.find.FindStringIndex(in); at != nil {
			h.add(setOf(p.rule), in[at[0]:at[1]])
		}
	}
}

// compareRules compares by what comes first among matches.
func compareRules(a, b Rule) int {
	return cmp.Or(cmp.Compare(b.Action.strictness(), a.Action.strictness()), cmp.Compare(a.ID, b.ID))
}

// strictness is higher for stricter actions, 0 for what is none.
func (a Action) strictness() int {
	return 1 + slices.Index([]Action{ActionFlag, ActionHold, ActionBlock}, a)
}

// clip shortens what was found to what a moderator wants to read.
func clip(found string) string {
	const most = 100
	n := 0
	for at := range found {
		if n++; n > most {
			return found[:at] + "…"
		}
	}
	return found
}

// hits is what was found of which rules.
type hits struct {
	rules ruleSet
	found []string // by rule
}

// add takes what rules found, for those that had found nothing yet.
func (h *hits) add(rules ruleSet, found string) {
	for i := range rules {
		for left := rules[i] &^ h.rules[i]; left != 0; left &= left - 1 {
			h.found[i*64+bits.TrailingZeros64(left)] = found
		}
	}
	h.rules = h.rules.with(rules)
}

// ruleSet is a set of rules, by their places in a filter.
type ruleSet [(maxRules + 63) / 64]uint64

func setOf(rule int) (s ruleSet) {
	s[rule/64] = 1 << (rule % 64)
	return s
}

func (s ruleSet) with(other ruleSet) ruleSet {
	for i := range s {
		s[i] |= other[i]
	}
	return s
}

func (s ruleSet) without(other ruleSet) ruleSet {
	for i := range s {
		s[i] &^= other[i]
	}
	return s
}

func (s ruleSet) has(other ruleSet) bool {
	for i := range s {
		if other[i]&^s[i] != 0 {
			return false
		}
	}
	return true
}
