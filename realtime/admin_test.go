package realtime_test

import (
	"fmt"
	"testing"
	"time"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/internal/wiretest"
)

// adminEvents are those of /admin that /general does not know.
var adminEvents = []string{
	"member:mute", "member:unmute", "member:ban", "member:unban", "member:purge", "member:restore", "member:role", "member:list",
	"member:get", "message:restore", "message:original", "room:freeze", "room:slow", "report:list", "report:resolve",
	"rule:list", "rule:put", "rule:delete", "rule:try", "audit:list", "stats",
}

func TestTheActsOfModeratorsAreTypedAndForTheAdminRoomOnly(t *testing.T) {
	h := newHost(t, nil)
	mod := h.enter(t, wiretest.WebSocket(), "4", "/admin")
	mod.Send("40/general")
	hear(t, mod, `42/general,["hello",*`)
	for _, event := range append(adminEvents, "message:delete") {
		ask(t, mod, "/admin", fmt.Sprintf(`%q,{"nonsense":1}`, event), `{"ok":false,"error":{"code":"invalid","message":"The request does not fit: *nonsense*"}}`)
	}
	for _, event := range adminEvents {
		ask(t, mod, "/general", fmt.Sprintf(`%q,{}`, event), `{"ok":false,"error":{"code":"invalid","message":"There is no event *"}}`)
	}
	ask(t, mod, "/admin", `"message:report",{}`, `{"ok":false,"error":{"code":"invalid","message":"There is no event *"}}`)
	for _, minutes := range []string{`-1`, `1.5`, `"5"`, `9223372036854775807`, `-9223372036854775808`, `5256001`} {
		ask(t, mod, "/admin", `"member:mute",{"user":"2","minutes":`+minutes+`,"reason":"x"}`, `{"ok":false,"error":{"code":"invalid",*}}`)
	}
	ask(t, mod, "/admin", `"member:mute",{"user":"2","minutes":5256000,"reason":"x"}`, `{"ok":true,*}`)
}

func TestWhatModeratorsDoToMessages(t *testing.T) {
	h := newHost(t, nil)
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		mod, ben := h.enter(t, line, "4", "/admin"), h.enter(t, wiretest.WebSocket(), "3", "/general")
		m, own := h.say("2", "lobby", "what she said first"), h.say("4", "admin", "between us")
		if _, err := h.chat.Service().Edit(t.Context(), chat.Actor{ID: "2", Space: chat.SpaceGeneral}, "lobby", m.Seq, "what she said"); err != nil {
			t.Fatal(err)
		}
		ask(t, ben, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,*}`)
		at := fmt.Sprintf(`{"room":"lobby","seq":%d`, m.Seq)
		for _, step := range [][3]string{ // event, answer, and what of the message others hear
			{`"message:delete",` + at + `}`, `{"ok":false,"error":{"code":"invalid",*}}`},
			{`"message:delete",` + at + `,"reason":"rude"}`, `{"ok":true,"message":{"room":"lobby",*"text":"",*"deletedBy":"4"}}`, `*"deletedBy":"4"}]`},
			{`"message:original",` + at + `}`, `{"ok":true,"text":"what she said","revisions":[{"text":"what she said first","at":"*"}],"message":{*"text":"",*}}`},
			{`"message:restore",` + at + `,"reason":"a mistake"}`, `{"ok":true,"message":{*"text":"what she said",*}}`, `*"text":"what she said",*`},
			{`"message:original",` + at + `}`, `{"ok":true,"text":"what she said","revisions":[{"text":"what she said first","at":"*"}],"message":{*"text":"what she said",*}}`},
			{fmt.Sprintf(`"message:delete",{"room":"admin","seq":%d}`, own.Seq), `{"ok":true,"message":{"room":"admin",*"deletedBy":"4"}}`},
			{`"message:original",{"room":"lobby","seq":9999}`, `{"ok":false,"error":{"code":"not_found",*}}`},
			{`"audit:list",{"limit":2}`, `{"ok":true,"entries":[{*"act":"message:restore","target":{"id":"2",*},"room":"lobby","seq":*,"reason":"a mistake"},{*"act":"message:delete",*"reason":"rude"}],"hasOlder":*}`},
		} {
			ask(t, mod, "/admin", step[0], step[1])
			for _, event := range step[2:] {
				if event != "" {
					hear(t, ben, `42/general,["message",{`+event)
				}
			}
		}
	})
}

func TestWhatModeratorsDoToRooms(t *testing.T) {
	h := newHost(t, func(l *realtime.Limits) { l.PresenceEvery = time.Hour })
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		mod, ada := h.enter(t, wiretest.WebSocket(), "4", "/admin"), h.enter(t, line, "2", "/general")
		id := fmt.Sprint(time.Now().UnixNano())
		send := `"message:send",{"room":"lobby","id":"` + id + `%d","text":"hello"}`
		ask(t, mod, "/admin", `"room:freeze",{"room":"lobby","on":true,"reason":"hot"}`, `{"ok":true,"room":{"slug":"lobby",*"frozen":true,*}}`)
		ada.Expect(`42/general,["room",{"slug":"lobby",*"frozen":true,"slowMode":0}]`)
		ask(t, ada, "/general", fmt.Sprintf(send, 1), `{"ok":false,"error":{"code":"frozen",*}}`)
		ask(t, mod, "/admin", `"room:freeze",{"room":"lobby","on":false,"reason":"cool"}`, `{"ok":true,"room":{"slug":"lobby",*"frozen":false,*}}`)
		ask(t, ada, "/general", fmt.Sprintf(send, 2), `{"ok":true,*}`)

		ask(t, mod, "/admin", `"room:slow",{"room":"lobby","seconds":3600,"reason":"hot"}`, `{"ok":true,"room":{*"slowMode":3600,*}}`)
		ask(t, ada, "/general", fmt.Sprintf(send, 3), `{"ok":false,"error":{"code":"rate_limited",*"retryAfter":*}}`)
		ask(t, ada, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,"room":{*"slowMode":3600,*"wait":3*,"online":*}`)
		ask(t, mod, "/admin", `"room:slow",{"room":"lobby","seconds":0,"reason":"cool"}`, `{"ok":true,"room":{*"slowMode":0,*}}`)
		ask(t, ada, "/general", fmt.Sprintf(send, 4), `{"ok":true,*}`)
		ask(t, mod, "/admin", `"room:freeze",{"room":"nowhere","on":true,"reason":"hot"}`, `{"ok":false,"error":{"code":"not_found",*}}`)
	})
}

func TestWhatModeratorsSeeAndTakeOfMembers(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil)
		for _, text := range []string{"one", "two"} {
			h.say("2", "lobby", text)
		}
		mod, ben := h.enter(t, line, "4", "/admin"), h.enter(t, wiretest.WebSocket(), "3", "/general")
		ask(t, ben, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,*}`)
		const gone = `*"deletedBy":"4"}]`
		for _, step := range [][4]string{ // event, answer, and what of the messages others hear
			{`"member:list",{"limit":1}`, `{"ok":true,"members":[{"id":"2","name":"ada","role":"member",*"online":false}],"after":"ada"}`},
			{`"member:list",{"after":"ada"}`, `{"ok":true,"members":[{"id":"3",*"online":true},{"id":"4",*},{"id":"1",*}]}`},
			{`"member:list",{"query":"x"}`, `{"ok":true,"members":[]}`},
			{`"member:list",{"sanctioned":true}`, `{"ok":true,"members":[]}`},
			{`"member:mute",{"user":"2","reason":"loud"}`, `{"ok":true,"member":{"id":"2",*"mute":{"kind":"mute","reason":"loud",*}*}}`},
			{`"member:list",{"sanctioned":true}`, `{"ok":true,"members":[{"id":"2",*}]}`},
			{`"member:purge",{"user":"2","reason":"all of it"}`, `{"ok":true,"member":{"id":"2",*},"messages":2}`, gone, gone},
			{`"member:get",{"user":"2"}`, `{"ok":true,"member":{"id":"2",*},"history":[{"kind":"mute",*}],"recent":[],"purged":2}`},
			{`"member:restore",{"user":"2","reason":"a mistake"}`, `{"ok":true,"member":{"id":"2",*},"messages":2}`, `*"text":"one"*`, `*"text":"two"*`},
			{`"member:get",{"user":"2"}`, `{"ok":true,*"recent":[{*"text":"two",*},{*"text":"one",*}],"purged":0}`},
			{`"member:ban",{"user":"2","reason":"gone","purge":true}`, `{"ok":true,"member":{*"ban":{*},"online":false},"purged":2}`, gone, gone},
			{`"member:get",{"user":"9"}`, `{"ok":false,"error":{"code":"not_found",*}}`},
			{`"member:mute",{"user":"4","reason":"me"}`, `{"ok":false,"error":{"code":"forbidden",*}}`},
			{`"member:role",{"user":"3","role":"moderator"}`, `{"ok":false,"error":{"code":"forbidden",*}}`},
			{`"audit:list",{"act":"member:","user":"2","query":"mistake"}`, `{"ok":true,"entries":[{*"act":"member:restore",*"after":{"messages":2}}],"hasOlder":false}`},
		} {
			ask(t, mod, "/admin", step[0], step[1])
			for _, event := range step[2:] {
				if event != "" {
					hear(t, ben, `42/general,["message",{`+event)
				}
			}
		}
	})
}
