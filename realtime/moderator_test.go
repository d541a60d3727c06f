package realtime_test

import (
	"strings"
	"testing"

	"roomline/realtime/chat"
	"roomline/realtime/internal/wiretest"
)

func TestAReportedModeratorHearsNothingOfTheReport(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil)
		owner, mod := h.enter(t, line, "1", "/admin"), h.enter(t, line, "4", "/admin")
		ada := h.enter(t, line, "2", "/general")
		for _, s := range []*wiretest.Session{owner, mod} {
			ask(t, s, "/admin", `"room:join",{"room":"admin"}`, `{"ok":true,*}`)
			ask(t, s, "/admin", `"room:list",{}`, `{"ok":true,*}`) // behind it they follow the room
		}
		h.say("4", "lobby", "something rude")
		ask(t, ada, "/general", `"message:report",{"room":"lobby","seq":1,"reason":"rude"}`, `{"ok":true}`)
		hearAll(t, owner, `42/admin,["message",{*"kind":"report"*"report":{*}*}]`, `42/admin,["report",{*}]`)
		ask(t, owner, "/admin", `"report:resolve",{"report":1,"action":"keep"}`, `{"ok":true,*}`)

		// The next message comes behind the card, and the answer behind all events.
		h.say("1", "admin", "and now for something else")
		var heard []string
		for last := ""; !wiretest.Match(`42/admin,["message",{*"text":"and now for something else"*}]`, last); heard = append(heard, last) {
			var open bool
			if last, open = mod.Next(); !open {
				t.Fatalf("the session ended after %q", heard)
			}
		}
		room, err := h.chat.Service().Room(t.Context(), chat.Actor{ID: "1", Space: chat.SpaceAdmin}, "admin")
		if err != nil {
			t.Fatal(err)
		}
		answer, before := ask(t, mod, "/admin", `"room:join",{"room":"admin","since":{"epoch":"`+room.Epoch+`","rev":0}}`, `{"ok":true,*}`)
		for _, packet := range append(append(heard, before...), answer) {
			if strings.Contains(packet, "report") {
				t.Errorf("the moderator hears %s", packet)
			}
		}
		ask(t, mod, "/admin", `"report:list",{}`, `{"ok":true,"reports":[],*}`)
	})
}
