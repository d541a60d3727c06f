package realtime_test

import (
	"testing"

	"roomline/realtime/internal/wiretest"
)

func TestASearchIsAnsweredWithMessagesAndSnippets(t *testing.T) {
	h := newHost(t, nil)
	h.say("1", "lobby", "one word")
	h.say("1", "admin", "a word between us")
	h.say("3", "lobby", "<two> words")
	s := h.enter(t, wiretest.WebSocket(), "2", "/general")
	for _, c := range [][2]string{
		{`{"query":"wor"}`, `{"ok":true,"messages":[{"room":"lobby","seq":2,*},{"room":"lobby","seq":1,*}],"snippets":["&lt;two&gt; <mark>words</mark>","one <mark>word</mark>"],"hasOlder":false}`},
		{`{"query":"wor","room":"lobby","limit":1}`, `{"ok":true,"messages":[{"room":"lobby","seq":2,*}],"snippets":["*"],"hasOlder":true,"before":*}`},
		{`{"query":"absent"}`, `{"ok":true,"messages":[],"snippets":[],"hasOlder":false}`},
		{`{"query":"*"}`, `{"ok":false,"error":{"code":"invalid",*}}`},
		{`{"query":"word","room":"admin"}`, `{"ok":false,"error":{"code":"not_found","message":"There is no such room."}}`},
	} {
		s.Send(`42/general,1["room:search",` + c[0] + `]`)
		s.Expect(`43/general,1[` + c[1] + `]`)
	}
}

func TestExcerptsShowTextInsteadOfMarkdown(t *testing.T) {
	h := newHost(t, nil)
	h.say("1", "lobby", "**Breite** ~~alt~~ `Straße`, [hier](https://example.org/plan) > @nobody")
	s := h.enter(t, wiretest.WebSocket(), "2", "/general")
	for query, snippet := range map[string]string{
		"strasse":      "Breite alt <mark>Straße</mark>, hier &gt; @nobody",
		"breite":       "<mark>Breite</mark> alt Straße, hier &gt; @nobody",
		"example plan": "Breite alt Straße, hier &gt; @nobody", // the address of the link
	} {
		s.Send(`42/general,1["room:search",{"query":"` + query + `"}]`)
		s.Expect(`43/general,1[{"ok":true,"messages":[{"room":"lobby","seq":1,*}],"snippets":["` + snippet + `"],"hasOlder":false}]`)
	}
}
