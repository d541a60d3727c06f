package filter

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rule is one of a kind, with a name and an action.
func rule(kind Kind, words ...string) Rule {
	return Rule{Name: "r", Kind: kind, Action: ActionBlock, Words: words}
}

func patternRule(pattern string) Rule {
	return Rule{Name: "r", Kind: KindPattern, Action: ActionBlock, Pattern: pattern}
}

// checked is a rule that is to be taken.
func checked(t testing.TB, r Rule) Rule {
	t.Helper()
	clean, err := Check(r)
	if err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	return clean
}

// filterOf is the filter of rules, which get the ids 1, 2 …
func filterOf(t testing.TB, rules ...Rule) *Filter {
	t.Helper()
	for i := range rules {
		rules[i] = checked(t, rules[i])
		rules[i].ID = int64(i + 1)
	}
	f, err := New(rules)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestARuleIsStoredAsItIsCompared(t *testing.T) {
	for _, c := range []struct{ kind, typed, stored string }{
		{"words", "Spam|  spam |SPAM", "spam"},
		{"words", "||\u200b| ", ""},
		{"words", "Free\t  Money|ＦＲＥＥ money", "free money"},
		{"words", "SPAM*|*Ham|**Eggs**|f*ck", "spam*|*ham|*eggs*|f*ck"},
		{"words", "spam|spam*", "spam|spam*"},
		{"words", "ΣΊΣΥΦΟΣ|Straße|ÇA|C\u0327a", "σισυφοσ|strasse|ca"},
		{"words", "don’t|c++|垃圾", "don't|c++|垃圾"},
		{"links", "Example.ORG|https://www.example.org/path?x#y|example.org.|.example.org|*.example.org", "example.org"},
		{"links", "http://user:pass@Evil.com:8080/x|//evil.com|evil.com:443", "evil.com"},
		{"links", "www.com|www.a.b|WWW.", "www.com|a.b|www"},
		{"links", "Bücher.example|xn--bcher-kva.example|例え。テスト|ｅｖｉｌ．ｃｏｍ", "bücher.example|例え.テスト|evil.com"},
		{"links", "10.0.0.1|ru|my_host|a-b.c", "10.0.0.1|ru|my_host|a-b.c"},
		{"links", " | |\u200b", ""},
	} {
		r := rule(Kind(c.kind), strings.Split(c.typed, "|")...)
		r.Words = append(r.Words, "last.example")
		want := strings.Split(strings.TrimPrefix(c.stored+"|last.example", "|"), "|")
		clean := checked(t, r)
		if !slices.Equal(clean.Words, want) {
			t.Errorf("%s: stored %q, want %q", c.typed, clean.Words, want)
		}
		if again := checked(t, clean); !reflect.DeepEqual(again, clean) {
			t.Errorf("%s: stored again it is %q", c.typed, again.Words)
		}
	}
}

func TestARuleKeepsOnlyWhatItsKindUses(t *testing.T) {
	full := Rule{
		ID: 7, Name: "a rule", Action: ActionHold, Off: true,
		Words: []string{"example.org"}, Only: true, Pattern: "x+", Most: 3, Seconds: 60,
	}
	for kind, want := range map[Kind]Rule{
		KindWords:    {Words: full.Words},
		KindLinks:    {Words: full.Words, Only: true},
		KindPattern:  {Pattern: "x+"},
		KindRepeats:  {Most: 3, Seconds: 60},
		KindMentions: {Most: 3, Seconds: 60},
	} {
		full.Kind = kind
		want.ID, want.Name, want.Kind, want.Action, want.Off = 7, "a rule", kind, ActionHold, true
		if got := checked(t, full); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", kind, got)
		}
	}
}

func TestARefusalOfARuleNamesTheField(t *testing.T) {
	entry := func(kind Kind, most, seconds int) Rule {
		return Rule{Name: "r", Kind: kind, Action: ActionFlag, Most: most, Seconds: seconds}
	}
	many := make([]string, maxWords+1)
	for i := range many {
		many[i] = "w" + strconv.Itoa(i)
	}
	noAction := rule(KindWords, "x")
	noAction.Action = "ban"
	for _, c := range []struct {
		field string
		rule  Rule
	}{
		{"kind", rule("")}, {"kind", rule("words ", "x")},
		{"action", noAction}, {"action", Rule{Name: "r", Kind: KindWords, Words: []string{"x"}}},
		{"words", rule(KindWords)}, {"words", rule(KindWords, " ", "\u200b")}, {"words", rule(KindWords, "*")},
		{"words", rule(KindWords, "x", " ** ")}, {"words", rule(KindWords, strings.Repeat("é", 101))},
		{"words", rule(KindWords, "a\xff")}, {"words", rule(KindWords, many...)},
		{"words", rule(KindLinks)}, {"words", rule(KindLinks, "not a host")}, {"words", rule(KindLinks, "a..b")},
		{"words", rule(KindLinks, "a,b.com")}, {"words", rule(KindLinks, "*")}, {"words", rule(KindLinks, "https://")},
		{"words", rule(KindLinks, "a.*.b")}, {"words", rule(KindLinks, strings.Repeat("a.", 128))}, {"words", rule(KindLinks, "[::1]")},
		{"pattern", patternRule("")}, {"pattern", patternRule("(")}, {"pattern", patternRule("[z-a]")}, {"pattern", patternRule("a{1001}")},
		{"pattern", patternRule("a(?=b)")}, {"pattern", patternRule(`(a)\1`)}, {"pattern", patternRule("a\xff")},
		{"pattern", patternRule(strings.Repeat("x", 201))},
		{"most", entry(KindRepeats, 0, 60)}, {"most", entry(KindRepeats, 1001, 60)}, {"most", entry(KindMentions, -1, 60)},
		{"seconds", entry(KindRepeats, 3, 0)}, {"seconds", entry(KindMentions, 3, 86_401)},
	} {
		_, err := Check(c.rule)
		var refusal *Error
		if !errors.As(err, &refusal) || refusal.Field != c.field {
			t.Errorf("%+v: %v, want the field %s", c.rule, err, c.field)
			continue
		}
		if m := refusal.Message; m == "" || !strings.HasSuffix(m, ".") && c.field != "pattern" || len(m) > 300 {
			t.Errorf("%+v: %q is no sentence", c.rule, m)
		}
	}
}

func TestARuleAgainstEveryLinkNeedsNoDomain(t *testing.T) {
	r := rule(KindLinks)
	r.Only = true
	if f := filterOf(t, r); len(f.judge("see", []string{"https://example.org"})) != 1 {
		t.Error("a link fits no rule that allows none")
	}
}

func TestAPatternThatFitsWithoutACharacterIsRefused(t *testing.T) {
	for pattern, refused := range map[string]bool{
		"x*": true, "": true, "(x|y?)": true, "^": true, "$": true, `\b`: true, `\B`: true, "(?m)^$": true, "(a*)(b{0,3})": true, "()": true,
		"(?:|x)": true, "x{0}": true, "(x*)+": true, "a|b*": true, "(?i)": true,
		"x+": false, "x": false, ".": false, "(?s).": false, "[^a]": false, "^a": false, `\bfoo\b`: false, "x{2,}": false, "(x*y)+": false, "a?b": false,
	} {
		if _, err := Check(patternRule(pattern)); (err != nil) != refused {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}

func TestAPatternThatWouldTakeTooLongIsRefused(t *testing.T) {
	for pattern, refused := range map[string]bool{
		"(?:.{0,50}x){2,9}":           true,
		".{200}x":                     true,
		"((a{0,10}){0,10}){0,10}":     true,
		strings.Repeat("a?", 100):     true,
		`\pL{0,60}!`:                  true,
		"(?:abcdefgh){1000}":          true,
		"x.{0,40}y":                   false,
		strings.Repeat("x", 200):      false,
		`(?i)\bfree\W+money\b`:        false,
		`(?i)(a|b|c|d|e|f)\s+(x|y|z)`: false,
		`\+?\d[\d ()-]{7,}\d`:         false,
		`[\p{Cyrillic}]{3,}`:          false,
	} {
		if _, err := Check(patternRule(pattern)); (err != nil) != refused {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}

func TestTooManyOrTooCostlyRulesTogetherAreRefused(t *testing.T) {
	var long []string
	for i := range maxWords {
		long = append(long, strings.Repeat("x", 90)+strconv.Itoa(1000+i))
	}
	heavy := patternRule("x.{0,45}y")
	off := heavy
	off.Off = true
	for _, c := range []struct {
		name, field string
		rules       []Rule
	}{
		{"many", "", slices.Repeat([]Rule{rule(KindWords, "x")}, maxRules+1)},
		{"long", "words", slices.Repeat([]Rule{rule(KindWords, long...)}, 3)},
		{"heavy", "pattern", []Rule{heavy, heavy, heavy}},
		{"all at once", "none", append(slices.Repeat([]Rule{rule(KindWords, "x")}, maxRules-3), rule(KindWords, long...), heavy, heavy)},
		{"off", "none", []Rule{heavy, heavy, off, off}},
	} {
		_, err := New(c.rules)
		var refusal *Error
		if errors.As(err, &refusal) != (c.field != "none") || refusal != nil && (refusal.Field != c.field) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// judge is Judge for a text that is shown as it is.
func (f *Filter) judge(text string, links []string) []Match { return f.Judge(text, "", links) }
