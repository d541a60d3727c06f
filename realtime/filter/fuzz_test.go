package filter

import (
	"errors"
	"regexp/syntax"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// fullest are as many rules as there may be, as costly as they may be.
func fullest(t testing.TB) *Filter {
	long := strings.Repeat("x", maxWord)
	rules := []Rule{
		// As many letters as there may be: words that end in each other, and that are long alike until they differ.
		rule(KindWords, nested("a", 100)...), rule(KindWords, nested("a ", 50)...),
		rule(KindWords, nested("ab", 50)...), rule(KindWords, nested("漢", 100)...), rule(KindWords, nested("-", 100)...),
		patternRule(`(?:a?b?){24}!`), patternRule(`.{0,48}\x{10ffff}`), // as much as there may be
	}
	for i := range 66 {
		words := make([]string, 12)
		for j := range words {
			words[j] = long[:95] + strconv.Itoa(1000+12*i+j)
		}
		rules = append(rules, rule(KindWords, words...))
	}
	for i := range 20 {
		r := rule(KindLinks, "evil"+strconv.Itoa(i)+".example", "b")
		r.Only = i%2 == 0
		rules = append(rules, r)
	}
	for len(rules) < maxRules {
		rules = append(rules, Rule{Name: "r", Kind: KindRepeats, Action: ActionFlag, Most: 1000, Seconds: maxSeconds})
	}
	return filterOf(t, rules...)
}

// nested are words of which each is the end of the next: "aa", "aaa" …, that are in no text as a whole word.
func nested(part string, most int) []string {
	words := make([]string, most)
	for i := range words {
		words[i] = strings.Repeat(part, i+1)
	}
	return words
}

// worst are texts of 4,000 characters that are the worst for some part of a filter.
func worst() map[string]string {
	texts := make(map[string]string)
	for _, part := range []string{
		"a", "ab", "a b ", "漢", "é", "e\u0301", "\u200ba", "a.", "a.b ", "http://a.b ", "x", "-", " ", "𝐚", "漢a.b", "xn--a.", strings.Repeat("x", 94) + " ",
	} {
		n := 4000 / utf8.RuneCountInString(part)
		texts[strings.TrimSpace(part)[:min(10, len(strings.TrimSpace(part)))]] = strings.Repeat(part, n)
	}
	return texts
}

func BenchmarkFilterWorst(b *testing.B) {
	f := fullest(b)
	links := strings.Fields(strings.Repeat("http://a1.b http://c.d ", 200))
	for name, text := range worst() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f.judge(text, links)
			}
		})
	}
}

func BenchmarkFilterPlain(b *testing.B) {
	f := filterOf(b, rule(KindWords, nested("spam", 20)...), rule(KindLinks, "evil.com"), patternRule(`(?i)\bfree\W+money\b`))
	for b.Loop() {
		f.judge("Let us meet at the usual place, then; it should be open - early.", nil)
	}
}

func BenchmarkFilterBuild(b *testing.B) {
	rules := fullest(b).rules
	for b.Loop() {
		if _, err := New(rules); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFilterHabits(b *testing.B) {
	f := filterOf(b, Rule{Name: "r", Kind: KindRepeats, Action: ActionFlag, Most: 1000, Seconds: maxSeconds})
	h := NewHistory()
	now := time.Now()
	for b.Loop() {
		h.Judge(f, "mia", "hello", 0, now)
		h.Record(f, "mia", "hello", 0, now)
	}
}

// The bounds of time are wide, for machines that do much else; what is exponential, or quadratic in the longer texts,
// takes minutes.
const aWhile = 20 * time.Second

func TestTheFullestFilterStallsNothing(t *testing.T) {
	f := fullest(t)
	quick := filterOf(t, rule(KindWords, "a b", "*ab", "漢漢", "--", "xx*"), rule(KindLinks, "evil.com"))
	for name, text := range worst() {
		start := time.Now()
		f.judge(text, nil)
		quick.judge(strings.Repeat(text, 10), nil)
		if took := time.Since(start); took > aWhile {
			t.Errorf("%s takes %v", name, took)
		}
	}
}

func TestAPatternIsWeighedByThePlacesAliveAtOnce(t *testing.T) {
	for pattern, want := range map[string]int{
		"spam": 1, "(?i)spam": 2, "free (money|cash)": 5, "x.{0,40}y": 82, ".{40}y": 42, "a+b": 3, `\pL+!`: 5, "(a|b|c)d": 4, `\bx`: 3,
	} {
		_, got, err := compilePattern(pattern)
		if err != nil || got != want {
			t.Errorf("%q weighs %d (%v), want %d", pattern, got, err, want)
		}
	}
}

// FuzzFilter holds a text against rules: in a bounded time, and with the same result as a slow search for the words.
func FuzzFilter(f *testing.F) {
	for _, seed := range []struct{ words, pattern, text string }{
		{"spam|*ham*|free money", "a+b", "SPAM and hamster, free  money"}, {"he|she|his|hers*|*e", `\bx`, "ushers she he"},
		{"垃圾|a", `[\x{200b}]`, "这是垃圾 a\u200b"}, {"a|aa|aaa*|*aaaa", "(?i)K", "aaaaaaaa"}, {"evil.com|xn--bcher-kva.de", ".", "http://evil.com. BÜCHER.de"},
		{"c\u0327|*\u0301|\xff", `(a|b)*c{2,30}`, "C\u0327 \u0301\xff\u200d"}, {"ſ|ß|İ", "(?s).{3}", "S ẞ i 𝐬 …"},
	} {
		f.Add(seed.words, seed.pattern, seed.text)
	}
	f.Fuzz(func(t *testing.T, typed, pattern, text string) {
		if len(text) > 16_000 || len(typed) > 10_000 {
			return
		}
		var rules []Rule
		for _, r := range []Rule{rule(KindWords, strings.Split(typed, "|")...), rule(KindLinks, strings.Split(typed, "|")...), patternRule(pattern)} {
			if clean, err := Check(r); err == nil {
				if again, err := Check(clean); err != nil || strings.Join(again.Words, "|") != strings.Join(clean.Words, "|") {
					t.Fatalf("%q becomes %q, %v", clean.Words, again.Words, err)
				}
				rules = append(rules, clean)
			} else if !errors.As(err, new(*Error)) {
				t.Fatal(err)
			}
		}
		filter, err := New(rules)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		matches := filter.judge(text, strings.Fields(text))
		if took := time.Since(start); took > aWhile {
			t.Fatalf("it takes %v", took)
		}
		checkWeight(t, pattern, text)
		for _, r := range rules {
			fits := false
			for _, m := range matches {
				fits = fits || m.Rule.Kind == r.Kind
			}
			if r.Kind == KindWords && fits != hasWord(text, r.Words) {
				t.Fatalf("%q in %q: %v", r.Words, text, fits)
			}
		}
		NewHistory().Judge(filter, "mia", text, 1, start)
	})
}

// hasWord is what a lexicon does, slowly.
func hasWord(text string, words []string) bool {
	glyphs := fold(withoutInvisible(text))
	unmask(glyphs)
	for _, typed := range words {
		word, front, back := cutWord(typed)
		letters := []rune(word)
		for from := 0; from+len(letters) <= len(glyphs); from++ {
			to := from + len(letters)
			same := true
			for i, r := range letters {
				same = same && glyphs[from+i].r == r
			}
			goesOn := !front && from > 0 && glyphs[from].spaced && glyphs[from-1].spaced ||
				!back && to < len(glyphs) && glyphs[to-1].spaced && glyphs[to].spaced
			if same && !goesOn {
				return true
			}
		}
	}
	return false
}

// checkWeight checks that no more places of a pattern are alive in a text than it weighs.
func checkWeight(t *testing.T, pattern, text string) {
	t.Helper()
	p, weight, err := compilePattern(pattern)
	if err != nil {
		return
	}
	if _, literal := p.find.LiteralPrefix(); literal {
		return
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		t.Fatal(err)
	}
	now := make(places, len(prog.Inst)/64+1)
	reach(prog, uint32(prog.Start), now)
	for _, r := range text {
		next := make(places, len(now))
		reach(prog, uint32(prog.Start), next)
		for i := range prog.Inst {
			if in := &prog.Inst[i]; now.has(uint32(i)) && isRune(in) && in.MatchRune(r) {
				reach(prog, in.Out, next)
			}
		}
		if now = next; cost(prog, now) > weight {
			t.Fatalf("%q weighs %d, but after %q it is %d", pattern, weight, r, cost(prog, now))
		}
	}
}
