package markup

import (
	"html"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	nethtml "golang.org/x/net/html"
)

// What an element may have.
var allowed = map[string]map[string]bool{
	"p": {}, "br": {}, "strong": {}, "em": {}, "del": {}, "pre": {}, "blockquote": {}, "ul": {},
	"code": {"class": true},
	"ol":   {"start": true},
	"li":   {"value": true},
	"span": {"class": true, "data-user": true},
	"a":    {"href": true, "rel": true, "target": true},
}

func FuzzPrepare(f *testing.F) {
	for _, seed := range []string{
		"**b** *i* ~~s~~ `c` ***x** y*", "> q\n> - a\n>   1. b\n\n```go\nx\n```", "[x](http://example.org \"t\") [y](javascript:alert(1))",
		"@nora, @max. <@12> :smile: <b onclick='x'>", "- a\n-\n- - b\n\n\t- c", "http://example.org/\"onmouseover=\"x", "www.a.b_*c*_", "* * *\n1.\n   > ```",
		"[a [b](http://c) `d](http://e)`](http://f)", "\\*a\\\n&lt;\\&", "~~~ x y\n\n > z", "```\n>\n```\n", "mailto:\u202ea@b 看http://看。", "a\u2028> b\f- c\r1. d\x00",
	} {
		f.Add(seed)
	}
	m := New()
	f.Fuzz(func(t *testing.T, text string) { checkText(t, m, text) })
}

// checkText checks what is to be true of every text.
func checkText(t *testing.T, m *Markup, text string) {
	t.Helper()
	ids := map[string]string{"nora": `1"><b>`, "max": "2"}
	stored, rich, _ := m.Prepare(text, ids)
	checkHTML(t, rich)
	_, filled := m.Fill(stored, rich, func(string) string { return `<b>"&` })
	checkHTML(t, filled)
	if strings.Count(filled, "<") != strings.Count(rich, "<") {
		t.Fatalf("filled with a tag: %s", filled)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, isUnwanted) {
		return // no message has such a text
	}
	if names := m.Names(text); len(names) > 0 {
		all := make(map[string]string)
		for _, name := range names {
			all[name] = name
		}
		if _, _, mentioned := m.Prepare(text, all); len(mentioned) == 0 {
			t.Fatalf("%q are names, but not mentioned", names)
		}
	}
	stored, rich, _ = m.Prepare(text, nil)
	filledText, _ := m.Fill(stored, rich, nil)
	if !strings.Contains(text, ":") && filledText != text {
		t.Fatalf("stored %q, which is %q", stored, filledText)
	}
	w := writer{source: []byte(text)}
	w.node(m.parse(w.source, func(string) string { return "" }))
	if isPlain(text) && (w.rich || w.end(text) != text) {
		t.Fatal("seems plain")
	}
	if clean := m.policy.Sanitize(w.html.String()); clean != w.html.String() {
		t.Fatalf("the policy changes\n%s\n%s", w.html.String(), clean)
	}
	if shown := letters(textOf(w.html.String())); !strings.Contains(text, "](") && shown != letters(filledText) {
		t.Fatalf("shows %q", shown)
	}
}

// isUnwanted reports what chat refuses in a text.
func isUnwanted(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// letters are the letters of text, of which no markup is made.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, text)
}

// textOf is the text of HTML, and the languages of code where they are.
func textOf(rich string) string {
	var b strings.Builder
	for tag := range strings.SplitSeq(rich, "<") {
		attributes, text, _ := strings.Cut(tag, ">")
		if _, language, ok := strings.Cut(attributes, `class="language-`); ok {
			b.WriteString(language)
		}
		b.WriteString(html.UnescapeString(text))
	}
	return b.String()
}

// checkHTML checks that every element is allowed, closed, and in the right order.
func checkHTML(t *testing.T, rich string) {
	t.Helper()
	var open []string
	z := nethtml.NewTokenizer(strings.NewReader(rich))
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			if len(open) > 0 {
				t.Fatalf("%q stay open in %s", open, rich)
			}
			return
		case nethtml.StartTagToken:
			token := z.Token()
			attributes, ok := allowed[token.Data]
			if !ok {
				t.Fatalf("%q in %s", token.Data, rich)
			}
			for _, a := range token.Attr {
				if !attributes[a.Key] {
					t.Fatalf("attribute %q of %q in %s", a.Key, token.Data, rich)
				}
				address := strings.ToLower(a.Val)
				if a.Key == "href" && !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "mailto:") {
					t.Fatalf("a link to %q", a.Val)
				}
			}
			if token.Data != "br" {
				open = append(open, token.Data)
			}
		case nethtml.EndTagToken:
			name := z.Token().Data
			if len(open) == 0 || open[len(open)-1] != name {
				t.Fatalf("%q closed in %q in %s", name, open, rich)
			}
			open = open[:len(open)-1]
		case nethtml.TextToken:
		default:
			t.Fatalf("%q in %s", z.Token().String(), rich)
		}
	}
}
