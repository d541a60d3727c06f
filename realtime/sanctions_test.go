package realtime_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/internal/wiretest"
)

func TestABannedMemberHearsAGoodbyeAndThenNothing(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil)
		mod := h.enter(t, wiretest.WebSocket(), "4", "/admin")
		ada, idle := h.enter(t, line, "2", "/general"), line.Open(h.client(t, "2", "web-2"))
		ask(t, ada, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,*}`)
		ask(t, mod, "/admin", `"member:ban",{"user":"2","minutes":60,"reason":"spam"}`,
			`{"ok":true,"member":{"id":"2","name":"ada",*"ban":{"kind":"ban","reason":"spam","by":{"id":"4",*},"at":"*","until":"*"},"online":false}}`)
		// By now it has happened.
		if n := h.chat.Stats().Sockets["/general"]; n != 0 || h.chat.Online("2") {
			t.Errorf("%d sockets are there", n)
		}
		h.say("1", "lobby", "not for everybody")
		heard := rest(ada)
		n := len(heard)
		if n < 3 || !slices.Equal(heard[n-2:], []string{`42/general,["bye",{"reason":"banned"}]`, `41/general,`}) ||
			!wiretest.Match(`42/general,["sanction",{"kind":"ban","until":"*","reason":"spam"}]`, heard[n-3]) {
			t.Errorf("ada heard %q", heard)
		}
		if strings.Contains(strings.Join(heard, ""), "not for everybody") {
			t.Error("a banned member heard a message")
		}
		idle.ExpectClosed() // it had joined nothing yet
		again := line.Open(h.client(t, "2", "web-2"))
		again.Send("40/general")
		again.Expect(`44/general,{"message":"You are banned until * Reason: spam","data":{"code":"banned"}}`)

		ask(t, mod, "/admin", `"member:unban",{"user":"2","reason":"served"}`, `{"ok":true,"member":{"id":"2",*"online":false}}`)
		h.enter(t, line, "2", "/general")
	})
}

func TestABannedMembersHeldPollIsAnsweredAndTheNextIsRefused(t *testing.T) {
	for name, ends := range map[string]bool{"with their session": true, "and the session goes on": false} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, func(l *realtime.Limits) { l.PingInterval = time.Hour }) // which would answer the poll
			mod := h.enter(t, wiretest.WebSocket(), "4", "/admin")
			c := h.client(t, "2", "web-2")
			sid := c.Handshake()
			c.Push(sid, "40/general")
			for got := ""; !strings.Contains(got, `"hello"`); {
				got += c.Poll(sid).Body
			}
			held := make(chan string)
			go func() {
				a, err := c.Try(http.MethodGet, "EIO=4&transport=polling&sid="+sid, "")
				held <- fmt.Sprint(a.Body, err)
			}()
			ask(t, mod, "/admin", `"member:list",{}`, `{"ok":true,*}`) // the poll is there by now, as a rule
			ask(t, mod, "/admin", `"member:ban",{"user":"2","reason":"spam"}`, `{"ok":true,*}`)
			after := c
			if ends {
				after = h.client(t, "", "")
			}
			if got := <-held; !strings.Contains(got, `42/general,["bye",{"reason":"banned"}]`) {
				t.Errorf("the poll was answered with %s", got)
			}
			if a := after.Poll(sid); a.Status == http.StatusOK && a.Body != "1" {
				t.Errorf("the next poll was answered with %s", a.Body)
			}
			if a := after.Poll(sid); a.Status != http.StatusBadRequest {
				t.Errorf("the poll after it was answered with %d %s", a.Status, a.Body)
			}
		})
	}
}

func TestADemotedModeratorHearsGoodbyeInTheAdminRoom(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil)
		h.say("4", "lobby", "as a moderator")
		owner := h.enter(t, wiretest.WebSocket(), "1", "/admin")
		mod := h.enter(t, line, "4", "/admin")
		mod.Send("40/general")
		hear(t, mod, `42/general,["hello",{*"role":"moderator"*}]`)
		ask(t, mod, "/general", `"room:join",{"room":"lobby"}`, `{*"author":{"id":"4","name":"moss","role":"moderator"}*}`)
		ask(t, owner, "/admin", `"member:role",{"user":"4","role":"member"}`, `{"ok":true,"member":{"id":"4","name":"moss","role":"member",*}}`)
		if n := h.chat.Stats().Sockets["/admin"]; n != 1 {
			t.Errorf("%d sockets are in the admin room", n)
		}
		h.say("1", "admin", "among us")
		ask(t, mod, "/general", `"room:join",{"room":"lobby"}`, `{*"author":{"id":"4","name":"moss","role":"member"}*}`)
		_, heard := ask(t, mod, "/general", `"room:list",{}`, `{"ok":true,*}`)
		if strings.Contains(strings.Join(heard, ""), "among us") {
			t.Errorf("a demoted moderator heard %q", heard)
		}
		mod.Send("40/admin")
		hear(t, mod, `44/admin,{*"code":"forbidden"*}`)
		ask(t, owner, "/admin", `"member:role",{"user":"4","role":"moderator"}`, `{"ok":true,*}`)
		mod.Send("40/admin")
		hear(t, mod, `42/admin,["hello",*`)
	})
}

func TestAGoodbyeComesBeforeTheEndOfADemotedModerator(t *testing.T) {
	h := newHost(t, nil)
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		owner, mod := h.enter(t, wiretest.WebSocket(), "1", "/admin"), h.enter(t, line, "4", "/admin")
		ask(t, owner, "/admin", `"member:role",{"user":"4","role":"member"}`, `{"ok":true,*}`)
		var heard []string
		packet, open := mod.Next()
		for ; open && !strings.Contains(packet, `"bye"`); packet, open = mod.Next() {
			if strings.Contains(packet, `"audit"`) {
				t.Errorf("the demoted hear %s", packet)
			}
		}
		heard = append(heard, packet)
		packet, _ = mod.Next()
		if heard = append(heard, packet); !slices.Equal(heard, []string{`42/admin,["bye",{"reason":"forbidden"}]`, `41/admin,`}) {
			t.Errorf("heard %q", heard)
		}
		ask(t, owner, "/admin", `"member:role",{"user":"4","role":"moderator"}`, `{"ok":true,*}`)
	})
}

func TestAMutedMemberMayReadOnly(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, func(l *realtime.Limits) { l.Chat.EditWindow = 0 })
		own, other := h.say("2", "lobby", "mine"), h.say("3", "lobby", "yours")
		owner := h.enter(t, wiretest.WebSocket(), "1", "/admin")
		ada := h.enter(t, line, "2", "/general")
		ask(t, owner, "/admin", `"member:mute",{"user":"2","minutes":10,"reason":"calm down"}`,
			`{"ok":true,"member":{"id":"2",*"mute":{"kind":"mute","reason":"calm down","by":{"id":"1",*},"at":"*","until":"*"},"online":true}}`)
		ada.Expect(`42/general,["sanction",{"kind":"mute","until":"*","reason":"calm down"}]`)
		for _, event := range []string{
			`"message:send",{"room":"lobby","id":"abcdefgh","text":"hello"}`,
			fmt.Sprintf(`"message:edit",{"room":"lobby","seq":%d,"text":"changed"}`, own.Seq),
			fmt.Sprintf(`"message:react",{"room":"lobby","seq":%d,"emoji":"👍","on":true}`, other.Seq),
			fmt.Sprintf(`"message:report",{"room":"lobby","seq":%d,"reason":"revenge"}`, other.Seq),
			`"typing",{"room":"lobby","on":true}`,
		} {
			ask(t, ada, "/general", event, `{"ok":false,"error":{"code":"muted","message":"You are muted until * Reason: calm down","retryAfter":*}}`)
		}
		for _, event := range []string{
			`"room:join",{"room":"lobby"}`, `"room:history",{"room":"lobby"}`, fmt.Sprintf(`"room:read",{"room":"lobby","seq":%d}`, own.Seq),
		} {
			ask(t, ada, "/general", event, `{"ok":true,*}`)
		}
		again := line.Open(h.client(t, "2", "web-2"))
		again.Send("40/general")
		hear(t, again, `42/general,["hello",{*"sanction":{"kind":"mute","until":"*","reason":"calm down"}}]`)

		ask(t, owner, "/admin", `"member:unmute",{"user":"2","reason":"calm"}`, `{"ok":true,"member":{"id":"2",*}}`)
		hear(t, ada, `42/general,["sanction",{"kind":"mute","until":"*","reason":"calm down","lifted":true}]`)
		ask(t, ada, "/general", `"message:send",{"room":"lobby","id":"abcdefgh","text":"hello"}`, `{"ok":true,"message":{*"text":"hello"*}}`)
	})
}

func TestASanctionIsHeardInBothNamespaces(t *testing.T) {
	h := newHost(t, nil)
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		owner := h.enter(t, wiretest.WebSocket(), "1", "/admin")
		mod := h.enter(t, line, "4", "/general")
		mod.Send("40/admin")
		hear(t, mod, `42/admin,["hello",*`)
		ask(t, owner, "/admin", `"member:mute",{"user":"4","reason":"loud"}`, `{"ok":true,*}`)
		var heard []string
		for len(heard) < 2 {
			heard = append(heard, hear(t, mod, `*["sanction",*`))
		}
		slices.Sort(heard)
		if want := []string{`42/admin,["sanction",{"kind":"mute","reason":"loud"}]`, `42/general,["sanction",{"kind":"mute","reason":"loud"}]`}; !slices.Equal(heard, want) {
			t.Errorf("heard %q", heard)
		}
		ask(t, mod, "/admin", `"message:send",{"room":"admin","id":"abcdefgh","text":"hello"}`, `{"ok":false,"error":{"code":"muted",*}}`)
		ask(t, owner, "/admin", `"member:unmute",{"user":"4","reason":"enough"}`, `{"ok":true,*}`)
	})
}

func TestTheTypingOfAMutedMemberIsTakenBack(t *testing.T) {
	h := newHost(t, func(l *realtime.Limits) { l.PresenceEvery, l.Chat.TypingEvery = time.Hour, 0 })
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		mod := h.enter(t, wiretest.WebSocket(), "4", "/admin")
		ada, ben := h.enter(t, line, "2", "/general"), h.enter(t, wiretest.WebSocket(), "3", "/general")
		ask(t, ben, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,*}`)
		ask(t, ben, "/general", `"room:list",{}`, `{"ok":true,*}`) // behind it he is in the room
		for again := true; again; {                                // nobody hears of it while their line is busy
			before := h.chat.Stats().Refused["volatile"]
			ask(t, ada, "/general", `"typing",{"room":"lobby","on":true}`, `{"ok":true}`)
			again = h.chat.Stats().Refused["volatile"] > before
		}
		hear(t, ben, `42/general,["typing",{"room":"lobby","user":{"id":"2","name":"ada"},"on":true}]`)
		ask(t, mod, "/admin", `"member:mute",{"user":"2","reason":"calm down"}`, `{"ok":true,*}`)
		hear(t, ben, `42/general,["typing",{"room":"lobby","user":{"id":"2","name":"ada"},"on":false}]`)
		ask(t, mod, "/admin", `"member:unmute",{"user":"2","reason":"calm"}`, `{"ok":true,*}`)
	})
}

func TestAFloodMutesItsSenderAndTheAdminRoomIsTold(t *testing.T) {
	h := newHost(t, func(l *realtime.Limits) {
		l.Chat.SendBurst, l.Chat.SendRate, l.Chat.FloodRefusals = 1, 0.001, 3
		l.Chat.FloodGrace = 0
		l.PresenceEvery = time.Hour
	})
	mod, ada := h.enter(t, wiretest.WebSocket(), "4", "/admin"), h.enter(t, wiretest.WebSocket(), "2", "/general")
	ask(t, mod, "/admin", `"room:join",{"room":"admin"}`, `{"ok":true,*}`)
	for i, want := range []string{`{"ok":true,*}`, `{*"rate_limited"*}`, `{*"rate_limited"*}`, `{*"rate_limited"*}`, `{*"code":"muted"*}`} {
		ask(t, ada, "/general", fmt.Sprintf(`"message:send",{"room":"lobby","id":"message-%d","text":"hello"}`, i), want)
	}
	hearAll(t, mod, `42/admin,["message",{"room":"admin",*"kind":"system","author":{"id":"","name":"Roomline","role":"member"},"text":"@ada was muted for 10 minutes: too many messages too fast.",*}]`,
		`42/admin,["audit",{*"actor":{"id":"","name":"Roomline","role":"member"},"act":"member:mute","target":{"id":"2",*}*}]`)
}

func TestSomebodyBannedByAnotherProcessIsOutWhenRightsAreReadAgain(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil)
		ada, ben := h.enter(t, line, "2", "/general"), h.enter(t, line, "3", "/general")
		if err := h.store.Write(t.Context(), func(w chat.Writer) error {
			for user, kind := range map[string]chat.SanctionKind{"2": chat.SanctionBan, "3": chat.SanctionMute} {
				if err := w.AddSanction(&chat.Sanction{User: user, Kind: kind, Reason: "elsewhere", At: time.Now()}); err != nil {
					return err
				}
			}
			return nil
		}, nil); err != nil {
			t.Fatal(err)
		}
		if err := h.chat.RefreshUsers(t.Context()); err != nil {
			t.Fatal(err)
		}
		ada.Expect(`42/general,["sanction",{"kind":"ban","reason":"elsewhere"}]`, `42/general,["bye",{"reason":"banned"}]`, `41/general,`)
		ada.ExpectClosed()
		ben.Expect(`42/general,["sanction",{"kind":"mute","reason":"elsewhere"}]`)
		if err := h.store.Write(t.Context(), func(w chat.Writer) error {
			return w.LiftSanction("3", chat.SanctionMute, time.Now(), "1", "over")
		}, nil); err != nil {
			t.Fatal(err)
		}
		if err := h.chat.RefreshUsers(t.Context()); err != nil {
			t.Fatal(err)
		}
		hear(t, ben, `42/general,["sanction",{"kind":"mute","reason":"","lifted":true}]`)
	})
}
