package filter

import (
	"strings"
	"sync"
	"testing"
)

func TestTheStrictestRuleComesFirst(t *testing.T) {
	var rules []Rule
	for _, action := range []Action{ActionFlag, ActionHold, ActionFlag, ActionBlock, ActionHold, ActionBlock} {
		r := rule(KindWords, "spam")
		r.Action = action
		rules = append(rules, r)
	}
	off := rule(KindWords, "spam")
	off.Off = true
	f := filterOf(t, append(rules, off)...)
	var ids []int64
	for _, m := range f.judge("spam", nil) {
		ids = append(ids, m.Rule.ID)
	}
	want := []int64{4, 6, 2, 5, 1, 3}
	if len(ids) != len(want) {
		t.Fatalf("rules %v", ids)
	}
	for i := range want {
		if ids[i] != want[i] {
			t.Fatalf("the order is %v, want %v", ids, want)
		}
	}
}

func TestAFilterWithoutRulesFindsNothing(t *testing.T) {
	var none *Filter
	empty, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*Filter{none, empty} {
		if m := f.judge("spam http://evil.com", []string{"http://evil.com"}); m != nil {
			t.Errorf("found %v", m)
		}
		if m := NewHistory().Judge(f, "mia", "spam", 99, someTime); m != nil {
			t.Errorf("found %v", m)
		}
	}
}

func TestWhatIsFoundIsShort(t *testing.T) {
	f := filterOf(t, patternRule("(?s)é.*"))
	m := f.judge("a"+strings.Repeat("é", 4000), nil)
	if len(m) != 1 || m[0].Found != strings.Repeat("é", 100)+"…" {
		t.Errorf("found %v", m)
	}
}

func TestMarkupDoesNotHideAWord(t *testing.T) {
	f := filterOf(t, rule(KindWords, "spam", "a b"), patternRule("h.m"), rule(KindLinks, "evil.com"))
	for _, c := range []struct {
		text, html string
		rules      int
	}{
		{"sp**a**m", `<p>sp<strong>a</strong>m</p>`, 1},
		{"s[p](http://x.org)am", `<p>s<a href="http://x.org" rel="noopener">p</a>am</p>`, 1},
		{"h`&`m", `<p>h<code>&amp;</code>m</p>`, 1},
		{"e**v**il.com", `<p>e<strong>v</strong>il.com</p>`, 1},
		{"> sp\n\nam", `<blockquote><p>sp</p></blockquote><p>am</p>`, 0},
		{"*sp*\nam", `<p><em>sp</em><br>am</p>`, 0},
		{"- sp\n- am", `<ul><li>sp</li><li>am</li></ul>`, 0},
		{"1 < 2 > *spam*", `<p>1 &lt; 2 &gt; <em>spam</em></p>`, 1},
		{"*a*\nb", `<p><em>a</em><br>b</p>`, 1},
		{"spam h-m evil.com", "", 3},
	} {
		if m := f.Judge(c.text, c.html, nil); len(m) != c.rules {
			t.Errorf("%q fits %v", c.text, m)
		}
	}
}

func TestOneFilterServesMany(t *testing.T) {
	f := filterOf(t, rule(KindWords, "spam"), patternRule("h.m"), rule(KindLinks, "evil.com"))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				if m := f.judge("spam and ham", []string{"https://evil.com"}); len(m) != 3 {
					t.Errorf("found %v", m)
				}
			}
		})
	}
	all.Wait()
}
