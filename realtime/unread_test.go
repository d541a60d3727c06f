package realtime_test

import (
	"fmt"
	"testing"

	"roomline/realtime/chat"
	"roomline/realtime/internal/wiretest"
)

func TestDeletionsAndEditsRecountElsewhere(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil)
		ada, ben := h.enter(t, line, "2", "/general"), h.enter(t, line, "3", "/general")
		ben.Send(`42/general,1["room:join",{"room":"lobby"}]`)
		ben.Expect(`43/general,1[{"ok":true,*}]`, `42/general,["presence",*]`)
		m := h.say("1", "lobby", "hello @ada and @ben")
		counts := `42/general,["activity",{"room":"lobby","latest":1,"posts":1,"lastRead":0,"unread":%d,"mentions":%d}]`
		ada.Expect(`42/general,["mention",*]`, fmt.Sprintf(counts, 1, 1))
		expectBoth(t, ben, `42/general,["message",*]`, `42/general,["mention",*]`)

		owner := chat.Actor{ID: "1", Space: chat.SpaceGeneral}
		if _, err := h.chat.Service().Edit(t.Context(), owner, "lobby", m.Seq, "hello"); err != nil {
			t.Fatal(err)
		}
		ada.Expect(fmt.Sprintf(counts, 1, 0))
		ben.Expect(`42/general,["message",*]`, `42/general,["read",{"room":"lobby","seq":0,"unread":1,"mentions":0}]`)
		if _, err := h.chat.Service().Delete(t.Context(), owner, "lobby", m.Seq); err != nil {
			t.Fatal(err)
		}
		ada.Expect(fmt.Sprintf(counts, 0, 0))
	})
}

func TestAJoinTellsWhatIsUnreadBeyondThePage(t *testing.T) {
	h := newHost(t, nil)
	ada := h.enter(t, wiretest.WebSocket(), "2", "/general")
	h.say("1", "lobby", "first")
	h.say("1", "lobby", "second @ada")
	for i := range 98 {
		h.say("1", "lobby", fmt.Sprint("line ", i))
	}
	ask(t, ada, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,"room":{"slug":"lobby",*"lastRead":0,"unread":100,"mentions":1,`+
		`"firstUnread":1,"firstMention":2,*},"messages":[{"room":"lobby","seq":51,*}`)
}
