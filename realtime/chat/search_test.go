package chat_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// finds searches, and returns the texts that are found.
func (w *world) finds(a chat.Actor, q chat.SearchQuery) []string {
	w.Helper()
	page, err := w.Search(w.Context(), a, q)
	w.ok(err)
	texts := []string{}
	for _, m := range page.Messages {
		texts = append(texts, m.Text)
	}
	return texts
}

func TestAQueryIsItsWords(t *testing.T) {
	w := newWorld(t, noLimits())
	for _, text := range []string{"red apples", "apples and red pears", "see example.org/a-b", "Ünder the bridge", "漢字かな"} {
		w.says(mia, text)
		w.pass(time.Second)
	}
	for query, want := range map[string][]string{
		"apples red":        {"apples and red pears", "red apples"},
		`"red apples"`:      {"red apples"},
		`“red apples”`:      {"red apples"},
		`"red apples`:       {"red apples"},
		`"red app"`:         {},
		`red "apples"`:      {"apples and red pears", "red apples"},
		"red app":           {"apples and red pears", "red apples"},
		"app red":           {}, // only the last word may go on
		"re":                {}, // too short to go on
		"example.org":       {"see example.org/a-b"},
		"org.example":       {},
		"-apples* (RED) :^": {"apples and red pears", "red apples"},
		"üNDER":             {"Ünder the bridge"},
		"漢":                 {"漢字かな"},
		"AND":               {"apples and red pears"},
		"nothing of it":     {},
	} {
		if got := w.finds(in(ned), chat.SearchQuery{Query: query}); !slices.Equal(got, want) {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
	}
}

func TestAQueryThatIsNoneIsRefused(t *testing.T) {
	w := newWorld(t, noLimits())
	for _, q := range []chat.SearchQuery{
		{}, {Query: " \t"}, {Query: `""`}, {Query: `*:"-" 🎉`}, {Query: "\xff"}, {Query: strings.Repeat("a", 201)},
		{Query: strings.Repeat("a ", 17)}, {Query: "a", Limit: 51}, {Query: "a", Limit: -1}, {Query: "a", Before: -1},
	} {
		_, err := w.Search(t.Context(), in(mia), q)
		w.refused(err, chat.CodeInvalid)
	}
}

func TestSearchingIsReading(t *testing.T) {
	w := newWorld(t, noLimits())
	view, err := w.CreateRoom(t.Context(), in(moss), chat.NewRoom{Name: "Cellar", Private: true})
	w.ok(err)
	w.says(mia, "a secret in public")
	w.pass(time.Second)
	draft := w.draft("a secret")
	draft.Room = view.Slug
	_, err = w.Send(t.Context(), in(moss), draft)
	w.ok(err)
	admin := w.draft("a secret of moderators")
	admin.Room = "admin"
	_, err = w.Send(t.Context(), chat.Actor{ID: moss, Space: chat.SpaceAdmin}, admin)
	w.ok(err)

	for _, c := range []struct {
		user string
		want []string
	}{
		{moss, []string{"a secret", "a secret in public"}},
		{ned, []string{"a secret in public"}},
		{olive, []string{"a secret in public"}},
	} {
		if got := w.finds(in(c.user), chat.SearchQuery{Query: "secret"}); !slices.Equal(got, c.want) {
			t.Errorf("%s finds %q, want %q", c.user, got, c.want)
		}
	}
	if got := w.finds(chat.Actor{ID: olive, Space: chat.SpaceAdmin}, chat.SearchQuery{Query: "secret"}); !slices.Equal(got, []string{"a secret of moderators"}) {
		t.Errorf("the admin room has %q", got)
	}
	_, hidden := w.Search(t.Context(), in(ned), chat.SearchQuery{Query: "secret", Room: view.Slug})
	_, absent := w.Search(t.Context(), in(ned), chat.SearchQuery{Query: "secret", Room: "nowhere"})
	if w.refused(hidden, chat.CodeNotFound) != w.refused(absent, chat.CodeNotFound) {
		t.Errorf("%v is not %v", hidden, absent)
	}
	_, err = w.Search(t.Context(), chat.Actor{ID: ned, Space: chat.SpaceAdmin}, chat.SearchQuery{Query: "secret"})
	w.refused(err, chat.CodeForbidden)
	_, err = w.Search(t.Context(), in(gone), chat.SearchQuery{Query: "secret"})
	w.refused(err, chat.CodeForbidden)

	_, err = w.Invite(t.Context(), in(moss), view.Slug, ned)
	w.ok(err)
	if got := w.finds(in(ned), chat.SearchQuery{Query: "secret", Room: view.Slug}); !slices.Equal(got, []string{"a secret"}) {
		t.Errorf("a new member finds %q", got)
	}
	_, err = w.Remove(t.Context(), in(ned), view.Slug, ned)
	w.ok(err)
	if got := w.finds(in(ned), chat.SearchQuery{Query: "secret"}); !slices.Equal(got, []string{"a secret in public"}) {
		t.Errorf("who has left finds %q", got)
	}
}

func TestWhoSearchesTooFastIsToldToWait(t *testing.T) {
	w := newWorld(t, chat.Limits{SearchBurst: 2, SearchRate: 1})
	search := func(user string) error {
		_, err := w.Search(t.Context(), in(user), chat.SearchQuery{Query: "word"})
		return err
	}
	w.ok(search(mia))
	w.ok(search(mia))
	if refusal := w.refused(search(mia), chat.CodeRateLimited); refusal.RetryAfter != time.Second {
		t.Errorf("it says to wait %v", refusal.RetryAfter)
	}
	w.ok(search(ned))
	w.pass(time.Second)
	w.ok(search(mia))
}

func TestPagesOfASearch(t *testing.T) {
	w := newWorld(t, noLimits())
	for range 5 {
		w.says(mia, "word")
	}
	var got []int64
	q := chat.SearchQuery{Query: "word", Limit: 2}
	for older := true; older; {
		page, err := w.Search(t.Context(), in(ned), q)
		w.ok(err)
		if older = page.HasOlder; older != (page.Before > 0) || len(page.Messages) != len(page.Snippets) {
			t.Fatalf("got %+v", page)
		}
		got, q.Before = append(got, numbers(page.Messages)...), page.Before
	}
	if !slices.Equal(got, []int64{5, 4, 3, 2, 1}) {
		t.Errorf("the pages have %v", got)
	}
}

func TestASnippetShowsTheWords(t *testing.T) {
	long := strings.Repeat("before ", 40)
	after := strings.Repeat("after ", 40)
	for _, c := range []struct{ text, query, want string }{
		{"short word here", "word", "short <mark>word</mark> here"},
		{`<b onclick="x">word</b> & 'word'`, "word", `&lt;b onclick=&#34;x&#34;&gt;<mark>word</mark>&lt;/b&gt; &amp; &#39;<mark>word</mark>&#39;`},
		{long + "word " + after, "word", "… before before before before before <mark>word</mark> " + strings.TrimSpace(strings.Repeat("after ", 19)) + " …"},
		{"word " + after, "word", "<mark>word</mark> " + strings.TrimSpace(strings.Repeat("after ", 25)) + " …"},
		{"one " + long + "one two", "one two", "… before before before before before <mark>one</mark> <mark>two</mark>"},
		{strings.Repeat("漢", 200), "漢", "<mark>" + strings.Repeat("漢", 160) + "</mark> …"},
	} {
		w := newWorld(t, noLimits())
		w.says(mia, c.text)
		page, err := w.Search(t.Context(), in(mia), chat.SearchQuery{Query: c.query})
		w.ok(err)
		if len(page.Snippets) != 1 || page.Snippets[0] != c.want {
			t.Errorf("%.40q: the snippet of %s is\n     %q\nwant %q", c.text, c.query, page.Snippets, c.want)
		}
	}
}

// holders is a markup that knows one person.
type holders struct{}

func (holders) Names(string) []string { return []string{"Ned"} }

func (holders) Prepare(text string, ids map[string]string) (stored, html string, mentioned []string) {
	return strings.ReplaceAll(text, "@Ned", "<@"+ids["Ned"]+">"), "", []string{ids["Ned"]}
}

func (holders) Fill(stored, _ string, name func(string) string) (text, filled string) {
	return strings.ReplaceAll(stored, "<@ned>", "@"+name("ned")), ""
}

func (holders) Links(string) []string { return nil }

func (holders) Emoji(string) (string, bool) { return "", false }

func (holders) EmojiOnly(string) bool { return false }

func TestASnippetHasTheNamesOfTheDayAndNoCutOnes(t *testing.T) {
	w := newWorld(t, noLimits())
	w.Service = chat.New(chat.Config{Store: w.store, Markup: holders{}, Limits: chat.Limits{SendRate: -1, SearchRate: -1, PageSize: -1, MaxPageSize: -1, ReplayCap: -1, TextLength: -1}})
	w.says(mia, "word for @Ned")
	w.store.SetUser(chat.User{ID: ned, Name: "Edward", Role: chat.RoleMember})
	if got := w.snippetOf("word"); got != "<mark>word</mark> for @Edward" {
		t.Errorf("the snippet is %q", got)
	}
	w.store.SetUser(chat.User{ID: ned, Name: "Ned", Role: chat.RoleMember})
	for filling := range 8 {
		for _, text := range []string{
			strings.Repeat("x", 150+filling) + "@Ned@Ned next",                                       // cut behind
			"first@Ned@Ned" + strings.Repeat("x", 20+filling) + " next " + strings.Repeat("y ", 100), // and before
		} {
			w.says(mia, text)
			word := "xxx"
			if strings.HasPrefix(text, "first") {
				word = "next"
			}
			if got := w.snippetOf(word); strings.ContainsAny(strings.NewReplacer("<mark>", "", "</mark>", "").Replace(got), "<>&") {
				t.Errorf("a mention is cut: %q", got)
			}
			w.deletes(mia, w.latest()[len(w.latest())-1].Seq)
		}
	}
}

// snippetOf returns the newest snippet of what is found.
func (w *world) snippetOf(query string) string {
	w.Helper()
	page, err := w.Search(w.Context(), in(mia), chat.SearchQuery{Query: query, Limit: 1})
	w.ok(err)
	if len(page.Snippets) != 1 {
		w.Fatalf("%s finds %d messages", query, len(page.Snippets))
	}
	return page.Snippets[0]
}
