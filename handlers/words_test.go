package handlers

import (
	"strconv"
	"strings"
	"testing"

	"roomline/realtime/chat"
)

func TestTheOwnMentionIsMarked(t *testing.T) {
	const markup = `<p><span class="mention" data-user="1">@ann</span> <span class="mention" data-user="12">@bob</span></p>`
	want := strings.Replace(markup, `"mention" data-user="1"`, `"mention is-me" data-user="1"`, 1)
	if got := shown(markup, "1"); string(got) != want {
		t.Errorf("shown to 1: %s", got)
	}
	if got := shown(markup, "2"); string(got) != markup {
		t.Errorf("shown to 2: %s", got)
	}
}

func TestAQuoteIsOneLineWithoutMarkup(t *testing.T) {
	for _, c := range []struct{ text, markup, want string }{
		{"two\nlines  here", "", "two lines here"},
		{"1 < 2 & <b>", "", "1 < 2 & <b>"},
		{"**a** b", "<p><strong>a</strong> b</p>", "a b"},
		{"-", "<p>so<em>m</em>e<br>words:</p><ul><li>a &amp; b</li><li>&lt;c&gt; &#39;&#34;</li></ul><pre><code>x</code></pre>", `some words: a & b <c> '" x`},
		{strings.Repeat("é", 200), "", strings.Repeat("é", 160) + "…"},
	} {
		if got := line(chat.Message{Text: c.text, HTML: c.markup}); got != c.want {
			t.Errorf("line(%q, %q) = %q, want %q", c.text, c.markup, got, c.want)
		}
	}
}

func TestWhoReactedIsASentence(t *testing.T) {
	people := func(n int) (users []chat.User) {
		for i := range n {
			id := strconv.Itoa(i + 1)
			users = append(users, chat.User{ID: id, Name: "p" + id})
		}
		return users
	}
	const ten = "p1, p2, p3, p4, p5, p6, p7, p8, p9, p10"
	for _, c := range []struct {
		n      int
		viewer string
		want   string
	}{
		{0, "9", ""}, {1, "9", "p1"}, {1, "1", "you"}, {2, "9", "p1 and p2"}, {2, "1", "p2 and you"},
		{3, "2", "p1, p3 and you"}, {11, "99", ten + " and p11"}, {12, "99", ten + " and 2 others"},
	} {
		if got := who(people(c.n), c.viewer); got != c.want {
			t.Errorf("who(%d people, %s) = %q, want %q", c.n, c.viewer, got, c.want)
		}
	}
}
