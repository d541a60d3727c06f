package markup

import (
	"html"
	"regexp"
	"slices"
	"testing"
)

func TestLinksAreThoseOfTheHTML(t *testing.T) {
	m := New()
	for _, c := range []struct {
		text  string
		links []string
	}{
		{"no links, e.g. example.org or a@example.org", nil},
		{"http://example.org", []string{"http://example.org"}},
		{"see https://example.org/a?b=c&d, www.example.org.", []string{"https://example.org/a?b=c&d", "http://www.example.org"}},
		{"[text](https://example.org/x) [m](mailto:a@example.org)", []string{"https://example.org/x", "mailto:a@example.org"}},
		{"**http://a.example** > http://b.example\n> http://c.example\n- http://a.example", []string{"http://a.example", "http://b.example", "http://c.example"}},
		{"`http://a.example` [x](javascript:alert(1)) [x](/rooms/lobby) \\[x](y)", nil},
		{"```\nhttp://a.example\n```", nil},
		{"http://user@example.org https://good.example@evil.example", nil},
		{"http://EXAMPLE.org/A", []string{"http://EXAMPLE.org/A", "http://example.org/A"}},
		{"http://ⓐ.example:80/x", []string{"http://ⓐ.example:80/x", "http://a.example:80/x"}},
		{"[x](http://ev%E2%85%B0l.example/)", []string{"http://ev%E2%85%B0l.example/", "http://evil.example/"}},
		{"http://bücher.example", []string{"http://bücher.example"}},
		{"https://evil.example/100%", []string{"https://evil.example/100%"}},
		{"https://a.example/x,https://b.example/y;http://c.example", []string{"https://a.example/x", "https://b.example/y", "http://c.example"}},
		{"https://example.org/a。https://example.com、http://example.net！", []string{"https://example.org/a", "https://example.com", "http://example.net"}},
		{"@nora http://a.example/@nora", []string{"http://a.example/@nora"}},
		{"@http://http://a.example @http: @www.a.example/@http://b.example", []string{"http://http://a.example", "http://www.a.example/@http://b.example"}},
	} {
		if got := m.Links(c.text); !slices.Equal(got, c.links) {
			t.Errorf("%q links to %q, want %q", c.text, got, c.links)
		}
		checkLinks(t, m, c.text, nil)
		checkLinks(t, m, c.text, map[string]string{"nora": "1", "http": "2", "www.a.example": "3"})
	}
}

var href = regexp.MustCompile(`<a href="([^"]*)"`)

// checkLinks checks that Links has each address of the HTML, and no other text than those of it.
func checkLinks(t *testing.T, m *Markup, text string, ids map[string]string) {
	t.Helper()
	links := m.Links(text)
	_, rich, _ := m.Prepare(text, ids)
	shown := make(map[string]bool)
	for _, found := range href.FindAllStringSubmatch(rich, -1) {
		address := html.UnescapeString(found[1])
		shown[address], shown[foldHost(address)] = true, true
		if !slices.Contains(links, address) {
			t.Fatalf("%q links to %q, but Links are %q", text, address, links)
		}
	}
	if len(ids) == 0 && len(links) != len(shown) {
		t.Fatalf("%q has links to %q, but Links are %q", text, rich, links)
	}
}

func FuzzLinks(f *testing.F) {
	for _, seed := range []string{
		"[x](http://example.org \"t\") [y](javascript:alert(1))", "http://example.org/\"onmouseover=\"x", "www.a.b_*c*_ @nora.www.a.b",
		"[a [b](http://c) `d](http://e)`](http://f)", "@max:http://a.b @http://http://a.b @www.a.b/@http://c @mailto:mailto:a@b mailto:\u202ea@b 看http://看。", "http://a%2eb http://ａ．ｂ http://A.ß",
		"> - http://a\n\n```\nhttp://b\n```\n_http://c_ ~~www.d.e~~", "http://a?&lt;&amp;'\"", "http://[::1]:80/ http://ⅰ.example",
	} {
		f.Add(seed)
	}
	m := New()
	f.Fuzz(func(t *testing.T, text string) {
		checkLinks(t, m, text, nil)
		checkLinks(t, m, text, map[string]string{"nora": "1", "nora.": "2", "max": "3", "http": "4", "www": "5", "www.a.b": "6", "mailto": "7"})
	})
}
