package realtime_test

import (
	"testing"
	"time"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/internal/wiretest"
)

// rareNews keeps the lines quiet, so that volatile events have room, and lets typing be told again at once.
func rareNews(l *realtime.Limits) { l.PresenceEvery, l.Chat.TypingEvery = time.Hour, 0 }

// joins has a session follow a room: that begins behind the answer, and before that of the next event.
func joins(t *testing.T, s *wiretest.Session, room string) {
	t.Helper()
	ask(t, s, "/general", `"room:join",{"room":"`+room+`"}`, `{"ok":true,*}`)
	ask(t, s, "/general", `"room:list",{}`, `{"ok":true,*}`)
}

// types has ada begin to write, until the news was not dropped because a line was busy.
func (h *host) types(t *testing.T, ada *wiretest.Session, room string) {
	t.Helper()
	for again := true; again; {
		before := h.chat.Stats().Refused["volatile"]
		ask(t, ada, "/general", `"typing",{"room":"`+room+`","on":true}`, `{"ok":true}`)
		again = h.chat.Stats().Refused["volatile"] > before
	}
}

func TestTypingEndsWithWhateverEndsIt(t *testing.T) {
	for name, end := range map[string]func(*host, *wiretest.Session){
		"leaving the room": func(_ *host, ada *wiretest.Session) {
			ada.Send(`42/general,9["room:leave",{"room":"lobby"}]`)
			ada.Expect(`43/general,9[{"ok":true}]`)
		},
		"leaving the namespace": func(_ *host, ada *wiretest.Session) { ada.Send(`41/general,`) },
		"hanging up":            func(_ *host, ada *wiretest.Session) { ada.Hangup() },
		"signing out":           func(h *host, _ *wiretest.Session) { h.chat.DisconnectUser("2", "signed_out") },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, rareNews)
			ada, ben := h.enter(t, wiretest.WebSocket(), "2", "/general"), h.enter(t, wiretest.WebSocket(), "3", "/general")
			for _, s := range []*wiretest.Session{ben, ada} {
				joins(t, s, "lobby")
			}
			h.types(t, ada, "lobby")
			hear(t, ben, `42/general,["typing",{"room":"lobby","user":{"id":"2","name":"ada"},"on":true}]`)
			end(h, ada)
			hear(t, ben, `42/general,["typing",{"room":"lobby","user":{"id":"2","name":"ada"},"on":false}]`)
		})
	}
}

func TestAMessageEndsTypingByItself(t *testing.T) {
	h := newHost(t, rareNews)
	ada, ben := h.enter(t, wiretest.WebSocket(), "2", "/general"), h.enter(t, wiretest.WebSocket(), "3", "/general")
	for _, s := range []*wiretest.Session{ben, ada} {
		joins(t, s, "lobby")
	}
	h.types(t, ada, "lobby")
	hear(t, ben, `42/general,["typing",*"on":true}]`)
	ask(t, ada, "/general", `"message:send",{"room":"lobby","id":"what-she-wrote","text":"hello"}`, `{"ok":true,*}`)
	ben.Expect(`42/general,["message",*"text":"hello"*]`)
	ada.Hangup()
	h.say("1", "lobby", "next")
	ben.Expect(`42/general,["message",*"text":"next"*]`) // and no typing that ends
}

func TestARemovedMemberTypesNoMore(t *testing.T) {
	h := newHost(t, rareNews)
	attic, owner := h.attic(t), chat.Actor{ID: "1", Space: chat.SpaceGeneral}
	if _, err := h.chat.Service().Invite(t.Context(), owner, attic, "2"); err != nil {
		t.Fatal(err)
	}
	one, ada := h.enter(t, wiretest.WebSocket(), "1", "/general"), h.enter(t, wiretest.WebSocket(), "2", "/general")
	for _, s := range []*wiretest.Session{one, ada} {
		joins(t, s, attic)
	}
	h.types(t, ada, attic)
	hear(t, one, `42/general,["typing",*"on":true}]`)
	if _, err := h.chat.Service().Remove(t.Context(), owner, attic, "2"); err != nil {
		t.Fatal(err)
	}
	hear(t, one, `42/general,["typing",*"on":false}]`)
}
