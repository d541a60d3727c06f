package realtime_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
	"roomline/realtime/internal/wiretest"
)

// attic makes a private room of the owner's.
func (h *host) attic(t *testing.T) string {
	t.Helper()
	actor := chat.Actor{ID: "1", Space: chat.SpaceGeneral}
	room, err := h.chat.Service().CreateRoom(t.Context(), actor, chat.NewRoom{Name: "Attic", Private: true})
	if err != nil {
		t.Fatal(err)
	}
	return room.Slug
}

func TestWhatHappensInRoomsNotJoinedIsTold(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil)
		attic := h.attic(t)
		owner, ada, ben := h.enter(t, line, "1", "/general"), h.enter(t, line, "2", "/general"), h.enter(t, line, "3", "/general")
		ben.Send(`42/general,1["room:join",{"room":"lobby"}]`)
		ben.Expect(`43/general,1[{"ok":true,*}]`, `42/general,["presence",*]`)
		h.say("1", attic, "for nobody else")
		first := h.say("1", "lobby", "hello")
		last := h.say("1", "lobby", "there")
		ben.Expect(`42/general,["message",*"text":"hello"*]`, `42/general,["message",*"text":"there"*]`)
		want := `42/general,["activity",{"room":"lobby","latest":%d,"posts":%d,"lastRead":0,"unread":%d,"mentions":0}]`
		ada.Expect(fmt.Sprintf(want, last.Seq, last.Post, 2)) // once for both, and nothing of the attic
		own := fmt.Sprintf(want, last.Seq, last.Post, 0)
		expectBoth(t, owner, own, `42/general,["activity",{"room":"`+attic+`","latest":*,"posts":*,"lastRead":0,"unread":0,"mentions":0}]`)
		if _, err := h.chat.Service().Edit(t.Context(), chat.Actor{ID: "1", Space: chat.SpaceGeneral}, "lobby", first.Seq, "an edit is no activity"); err != nil {
			t.Fatal(err)
		}
		ben.Expect(`42/general,["message",*"text":"an edit is no activity"*]`)
		for _, s := range []*wiretest.Session{ada, ben} {
			s.Send(`42/general,7["room:list",{}]`)
			s.Expect(`43/general,7[{"ok":true,"rooms":[{"slug":"lobby",*]}]`)
		}
	})
}

func TestAPrivateRoomComesAndGoes(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil)
		owner, ada, ben := h.enter(t, line, "1", "/general"), h.enter(t, line, "2", "/general"), h.enter(t, line, "3", "/general")
		owner.Send(`42/general,1["room:create",{"name":"The Attic","private":true}]`)
		var slug string
		for range 2 { // the answer, and "room"
			packet, _ := owner.Next()
			if rest, ok := strings.CutPrefix(packet, `43/general,1[{"ok":true,"room":{"slug":"`); ok {
				slug, _, _ = strings.Cut(rest, `"`)
			}
		}
		if slug == "" {
			t.Fatal("no room was made")
		}
		join := `42/general,2["room:join",{"room":"` + slug + `"}]`
		ada.Send(join)
		ada.Expect(`43/general,2[{"ok":false,"error":{"code":"not_found",*}}]`)
		owner.Send(`42/general,3["room:invite",{"room":"` + slug + `","user":"2"}]`)
		owner.Expect(`43/general,3[{"ok":true,"members":[{"id":"1",*},{"id":"2",*}]}]`)
		ada.Expect(`42/general,["room",{"slug":"` + slug + `","name":"The Attic","topic":"","private":true,*}]`)
		ada.Send(join)
		ada.Expect(`43/general,2[{"ok":true,*}]`, `42/general,["presence",*]`)
		h.say("1", slug, "among us")
		ada.Expect(`42/general,["message",*"text":"among us"*]`)
		owner.Expect(`42/general,["activity",{"room":"` + slug + `",*}]`)

		owner.Send(`42/general,4["room:update",{"room":"` + slug + `","notice":"Mind the stairs"}]`)
		expectBoth(t, owner, `43/general,4[{"ok":true,"room":{*"notice":"Mind the stairs"*}}]`, `42/general,["room",{*"notice":"Mind the stairs"*}]`)
		ada.Expect(`42/general,["room",{*"notice":"Mind the stairs"*}]`)

		owner.Send(`42/general,5["room:remove",{"room":"` + slug + `","user":"2"}]`)
		owner.Expect(`43/general,5[{"ok":true,"members":[{"id":"1",*}]}]`)
		ada.Expect(`42/general,["removed",{"room":"` + slug + `"}]`)
		h.say("1", slug, "without her")
		for _, s := range []*wiretest.Session{ada, ben} {
			s.Send(join)
			s.Expect(`43/general,2[{"ok":false,"error":{"code":"not_found","message":"There is no such room."}}]`)
		}
	})
}

func TestWhoIsMentionedIsToldWhereverTheyAre(t *testing.T) {
	h := newHost(t, func(l *realtime.Limits) { l.PresenceEvery = time.Hour })
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		ada, ben := h.enter(t, line, "2", "/general"), h.enter(t, line, "3", "/general")
		m := h.say("1", "lobby", "**Dear** @Ada, "+strings.Repeat("é", 200))
		ada.Expect(fmt.Sprintf(`42/general,["mention",{"room":"lobby","seq":%d,"from":{"id":"1","name":"olga"},"text":"**Dear** @ada, *é…"}]`, m.Seq))
		ben.Send(fmt.Sprintf(`42/general,1["message:get",{"room":"lobby","seqs":[%d]}]`, m.Seq))
		ben.Expect(`43/general,1[{"ok":true,"messages":[{*"text":"**Dear** @ada, *","html":"*<strong>Dear</strong> <span class=\"mention\" data-user=\"2\">@ada</span>*","mentions":[{"id":"2","name":"ada"}],*}]}]`)
	})
}

func TestReactionsTravelWithTheirMessage(t *testing.T) {
	h := newHost(t, func(l *realtime.Limits) { l.PresenceEvery = time.Hour })
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		ada, ben := h.enter(t, line, "2", "/general"), h.enter(t, line, "3", "/general")
		m := h.say("1", "lobby", "vote")
		ben.Send(`42/general,1["room:join",{"room":"lobby"}]`)
		ben.Expect(`43/general,1[{"ok":true,*}]`)
		ada.Send(fmt.Sprintf(`42/general,1["message:react",{"room":"lobby","seq":%d,"emoji":"👍","on":true}]`, m.Seq))
		want := `{"room":"lobby",*"reactions":[{"emoji":"👍","users":[{"id":"2","name":"ada"}]}],"sentAt":*}`
		ada.Expect(`43/general,1[{"ok":true,"message":` + want + `}]`)
		ben.Expect(`42/general,["message",` + want + `]`)
		ada.Send(fmt.Sprintf(`42/general,2["message:react",{"room":"lobby","seq":%d,"emoji":"no","on":true}]`, m.Seq))
		ada.Expect(`43/general,2[{"ok":false,"error":{"code":"invalid",*}}]`)
	})
}

func TestWhatIsPurgedIsInNoAnswer(t *testing.T) {
	h := newHost(t, func(l *realtime.Limits) { l.PresenceEvery = time.Hour })
	old := h.say("1", "lobby", "of old")
	s := h.enter(t, wiretest.WebSocket(), "2", "/general")
	join := func(since, want string) {
		t.Helper()
		s.Send(`42/general,1["room:join",{"room":"lobby"` + since + `}]`)
		s.Expect(`43/general,1[{"ok":true,"room":*,"messages":` + want + `}]`)
	}
	join("", `[{*"text":"of old"*}],"hasOlder":false`) // it is in the ring now
	cut := time.Now().Add(time.Hour)
	if n, err := h.chat.Purge(t.Context(), cut); err != nil || n != 1 {
		t.Fatalf("%d were deleted, %v", n, err)
	}
	join("", `[],"hasOlder":false`)
	m := h.say("1", "lobby", "of today")
	s.Expect(`42/general,["message",*"text":"of today"*]`)
	join("", `[{*"text":"of today"*}],"hasOlder":false`)
	join(fmt.Sprintf(`,"since":{"epoch":%q,"rev":%d}`, h.epoch(t), old.Rev), fmt.Sprintf(`[{"room":"lobby","seq":%d,*}],"hasOlder":false`, m.Seq))
	join(fmt.Sprintf(`,"since":{"epoch":%q,"rev":0}`, h.epoch(t)), `[{*"text":"of today"*}],"hasOlder":false,"reset":{"reason":"purged"}`)
}

func (h *host) epoch(t *testing.T) string {
	t.Helper()
	room, err := h.chat.Service().Room(t.Context(), chat.Actor{ID: "1", Space: chat.SpaceGeneral}, "lobby")
	if err != nil {
		t.Fatal(err)
	}
	return room.Epoch
}

func TestOldMessagesAreDeletedByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := chattest.NewStore()
		store.SetUser(chat.User{ID: "1", Name: "olga", Role: chat.RoleOwner})
		limits := realtime.DefaultLimits()
		limits.Retention = time.Hour
		c, err := realtime.New(realtime.Options{
			Store: store, Limits: &limits, Logger: slog.New(slog.DiscardHandler),
			Identify: func(*fiber.Ctx) (chat.User, error) { return chat.User{}, realtime.ErrAnonymous },
		})
		if err != nil {
			t.Fatal(err)
		}
		olga := chat.Actor{ID: "1", Space: chat.SpaceGeneral}
		if _, err := c.Service().Send(t.Context(), olga, chat.Draft{Room: "lobby", ID: "abcdefgh", Text: "hello"}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{1, 0} {
			page, err := c.Service().History(t.Context(), olga, "lobby", chat.HistoryQuery{})
			if err != nil || len(page.Messages) != want {
				t.Errorf("%d messages, %v, want %d", len(page.Messages), err, want)
			}
			time.Sleep(3 * time.Hour)
			synctest.Wait()
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestPeopleLevelsAndDays(t *testing.T) {
	h := newHost(t, nil)
	m := h.say("1", "lobby", "hello")
	s := h.enter(t, wiretest.WebSocket(), "2", "/general")
	for request, want := range map[string]string{
		`"user:find",{"query":"A"}`:                                        `"users":[{"id":"2","name":"ada","role":"member"}]`,
		`"user:find",{"query":"zz","room":"lobby"}`:                        `"users":[]`,
		`"room:level",{"room":"lobby","level":"all"}`:                      `"room":{*"level":"all"}`,
		`"room:history",{"room":"lobby","at":"2000-01-01T00:00:00Z"}`:      fmt.Sprintf(`"messages":[{"room":"lobby","seq":%d,*}],*`, m.Seq),
		`"room:history",{"room":"lobby","at":"2000-01-01T00:00:00+01:00"}`: `"messages":[{*}],*`,
	} {
		s.Send(`42/general,1[` + request + `]`)
		s.Expect(`43/general,1[{"ok":true,` + want + `}]`)
	}
	for _, request := range []string{
		`"room:history",{"room":"lobby","at":"yesterday"}`, `"room:level",{"room":"lobby","level":"loud"}`, `"room:create",{"name":""}`,
		`"message:get",{"room":"lobby","seqs":"all"}`, `"room:members",{"room":""}`, `"user:find",{"query":"a","limit":99}`,
	} {
		s.Send(`42/general,2[` + request + `]`)
		s.Expect(`43/general,2[{"ok":false,"error":{"code":"invalid",*}}]`)
	}
}

func TestEmojiAreDecidedByTheServer(t *testing.T) {
	h := newHost(t, nil)
	h.say("1", "lobby", "🅰️ 🉐")
	s := h.enter(t, wiretest.WebSocket(), "2", "/general")
	for _, c := range [][2]string{
		{`"message:react",{"room":"lobby","seq":1,"emoji":"❤","on":true}`, `"text":"🅰️ 🉐","emojiOnly":true,"reactions":[{"emoji":"❤️",*`},
		{`"message:react",{"room":"lobby","seq":1,"emoji":"❤️","on":true}`, `"reactions":[{"emoji":"❤️","users":[{"id":"2",*}]}],*`},
		{`"message:react",{"room":"lobby","seq":1,"emoji":"❤","on":false}`, `"text":"🅰️ 🉐","emojiOnly":true,"sentAt":*`},
		{`"message:react",{"room":"lobby","seq":1,"emoji":"🫩","on":true}`, `"reactions":[{"emoji":"🫩",*`},
	} {
		s.Send(`42/general,1[` + c[0] + `]`)
		s.Expect(`43/general,1[{"ok":true,"message":{*` + c[1] + `}]`)
	}
	s.Send(`42/general,1["message:react",{"room":"lobby","seq":1,"emoji":"x","on":true}]`)
	s.Expect(`43/general,1[{"ok":false,"error":{"code":"invalid",*}}]`)
}
