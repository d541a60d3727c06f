package realtime_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
	"roomline/realtime/internal/wiretest"
)

func TestOptionsThatAreMissingAreNamed(t *testing.T) {
	identify := func(*fiber.Ctx) (chat.User, error) { return chat.User{}, realtime.ErrAnonymous }
	for name, opts := range map[string]realtime.Options{"Store": {Identify: identify}, "Identify": {Store: chattest.NewStore()}} {
		if _, err := realtime.New(opts); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

func TestWhoMayEnterWhere(t *testing.T) {
	h := newHost(t, nil)
	tests := map[string]struct{ user, namespace, want string }{
		"a visitor":             {"", "/general", `44/general,{"message":"*","data":{"code":"unauthenticated"}}`},
		"a visitor to admin":    {"", "/admin", `44/admin,{"message":"*","data":{"code":"unauthenticated"}}`},
		"a member to admin":     {"2", "/admin", `44/admin,{"message":"*","data":{"code":"forbidden"}}`},
		"an account that is no": {"99", "/general", `44/general,{"message":"*","data":{"code":"forbidden"}}`},
		"the default namespace": {"", "/", `40{"sid":"*"}`},
		"a member":              {"2", "/general", `40/general,{"sid":"*"}`},
		"the owner to admin":    {"1", "/admin", `40/admin,{"sid":"*"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
				s := line.Open(h.client(t, test.user, "web"))
				s.Send(strings.TrimSuffix("40"+test.namespace, "/"))
				s.Expect(test.want)
			})
		})
	}
}

func TestHelloSaysWhoOneIs(t *testing.T) {
	h := newHost(t, nil)
	s := wiretest.WebSocket().Open(h.client(t, "2", "web"))
	s.Send("40/general")
	s.Expect(`40/general,{*}`, `42/general,["hello",{"user":{"id":"2","name":"ada","role":"member"},"rooms":[{"slug":"lobby",*}],`+
		`"limits":{"textLength":4000,"pageSize":50,"maxPageSize":100,"replayCap":500,*"editWindow":900,"typingEvery":3},"now":"20*Z"}]`)
}

func TestTheAnswerToAJoinComesBeforeEverythingLive(t *testing.T) {
	h := newHost(t, nil)
	h.say("1", "lobby", "the first") // so that no join finds an empty room, whose head is 0
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for _, user := range []string{"1", "3"} {
		writers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					h.say(user, "lobby", "more and more")
				}
			}
		})
	}
	defer writers.Wait()
	defer close(stop)
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		s := h.enter(t, line, "2", "/general")
		for range 5 {
			s.Send(`42/general,1["room:join",{"room":"lobby"}]`)
			var head int64
			for head == 0 { // what the last join still delivers comes first
				packet, open := s.Next()
				if !open {
					t.Fatal("the session ended")
				}
				if body, ok := strings.CutPrefix(packet, `43/general,1[`); ok {
					var answer struct{ Room struct{ Head int64 } }
					if err := json.Unmarshal([]byte(strings.TrimSuffix(body, "]")), &answer); err != nil {
						t.Fatal(err)
					}
					if head = answer.Room.Head; head == 0 {
						t.Fatalf("the join was answered with %s", body)
					}
				}
			}
			for next := head + 1; next < head+20; {
				packet, open := s.Next()
				if !open {
					t.Fatal("the session ended")
				}
				if rev := revOf(packet); rev != 0 {
					if rev != next {
						t.Fatalf("rev %d came, want %d: head was %d", rev, next, head)
					}
					next++
				}
			}
		}
	})
}

func TestAJoinContinuesFromAPosition(t *testing.T) {
	h := newHost(t, func(l *realtime.Limits) { l.Chat.ReplayCap = 3 })
	for i := range 4 {
		h.say("1", "lobby", fmt.Sprint("message ", i+1))
	}
	room, err := h.chat.Service().Room(context.Background(), chat.Actor{ID: "1", Space: chat.SpaceGeneral}, "lobby")
	if err != nil {
		t.Fatal(err)
	}
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		s := h.enter(t, line, "2", "/general")
		since := func(epoch string, rev int) string {
			return fmt.Sprintf(`42/general,1["room:join",{"room":"lobby","since":{"epoch":%q,"rev":%d}}]`, epoch, rev)
		}
		s.Send(since(room.Epoch, 2))
		s.Expect(`43/general,1[{"ok":true,"room":{"slug":"lobby",*"online":{"count":1,"users":[{"id":"2",*}]}},"messages":[{*"seq":3,*},{*"seq":4,*}],"hasOlder":false}]`)
		s.Send(since(room.Epoch, 4))
		s.Expect(`43/general,1[{*"messages":[],"hasOlder":false}]`)
		s.Send(since(room.Epoch, 0))
		s.Expect(`43/general,1[{*"reset":{"reason":"cap"}}]`)
		s.Send(since(room.Epoch, 5))
		s.Expect(`43/general,1[{*"reset":{"reason":"future"}}]`)
		s.Send(since("another", 4))
		s.Expect(`43/general,1[{*"messages":[{*"seq":1,*},{*"seq":4,*}],"hasOlder":false,"reset":{"reason":"epoch"}}]`)
	})
}

func TestARoomSeenFromItsMembers(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, func(l *realtime.Limits) { l.Chat.TypingEvery = 1 })
		ada, ben := h.enter(t, line, "2", "/general"), h.enter(t, wiretest.WebSocket(), "3", "/general")
		for _, s := range []*wiretest.Session{ada, ben} {
			s.Send(`42/general,1["room:join",{"room":"lobby"}]`)
			s.Expect(`43/general,1[{"ok":true,*}]`)
		}
		ben.Expect(`42/general,["presence",{"room":"lobby","count":2,"joined":[*]}]`)
		ada.Expect(`42/general,["presence",{"room":"lobby","count":2,"joined":[*]}]`)

		for again := true; again; { // nobody hears of it while their line is busy
			before := h.chat.Stats().Refused["volatile"]
			ada.Send(`42/general,1["typing",{"room":"lobby","on":true}]`)
			ada.Expect(`43/general,1[{"ok":true}]`)
			again = h.chat.Stats().Refused["volatile"] > before
		}
		ben.Expect(`42/general,["typing",{"room":"lobby","user":{"id":"2","name":"ada"},"on":true}]`)

		const id = "a-client-id"
		ada.Send(`42/general,2["message:send",{"room":"lobby","id":"` + id + `","text":" <b>hello</b> "}]`)
		message := `{"room":"lobby","seq":*,"rev":*,"id":"` + id + `","kind":"text","author":{"id":"2","name":"ada","role":"member"},"text":"<b>hello</b>","sentAt":"*Z"}`
		ben.Expect(`42/general,["message",` + message + `]`)
		expectBoth(t, ada, `43/general,2[{"ok":true,"message":`+message+`}]`, `42/general,["message",`+message+`]`)

		ben.Send(`42/general,3["room:leave",{"room":"lobby"}]`, `42/general,4["room:leave",{"room":"lobby"}]`)
		ben.Expect(`43/general,3[{"ok":true}]`, `43/general,4[{"ok":false,"error":{"code":"not_found","message":"*"}}]`)
		ada.Expect(`42/general,["presence",{"room":"lobby","count":1,"left":["3"]}]`)
		ada.Send(`42/general,5["room:leave",{"room":"lobby"}]`)
		ada.Expect(`43/general,5[{"ok":true}]`)
	})
}

// expectBoth reads two packets that may come in any order.
func expectBoth(t *testing.T, s *wiretest.Session, a, b string) {
	t.Helper()
	for want := []string{a, b}; len(want) > 0; {
		packet, open := s.Next()
		if !open {
			t.Fatal("the session ended")
		}
		switch {
		case wiretest.Match(want[0], packet):
			want = want[1:]
		case len(want) == 2 && wiretest.Match(want[1], packet):
			want = want[:1]
		default:
			t.Fatalf("got %s, want one of %q", packet, want)
		}
	}
}

func TestTheAdminRoomDoesNotExistInGeneral(t *testing.T) {
	h := newHost(t, nil)
	m := h.say("1", "admin", "between us")
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		for _, user := range []string{"1", "2"} {
			s := h.enter(t, line, user, "/general")
			for _, room := range []string{"admin", "nowhere"} {
				for event, rest := range map[string]string{
					"room:join": ``, "room:history": ``, "room:read": fmt.Sprintf(`,"seq":%d`, m.Seq),
					"message:send":   `,"id":"some-client-id","text":"x"`,
					"message:edit":   fmt.Sprintf(`,"seq":%d,"text":"x"`, m.Seq),
					"message:delete": fmt.Sprintf(`,"seq":%d`, m.Seq), "typing": `,"on":true`,
				} {
					s.Send(fmt.Sprintf(`42/general,1[%q,{"room":%q%s}]`, event, room, rest))
					s.Expect(`43/general,1[{"ok":false,"error":{"code":"not_found","message":"There is no such room."}}]`)
				}
			}
		}
	})
}

func TestReadingOnIsToldToOnesOtherConnections(t *testing.T) {
	h := newHost(t, nil)
	desk, phone := h.enter(t, wiretest.WebSocket(), "2", "/general"), h.enter(t, wiretest.Polling(), "2", "/general")
	first, second := h.say("1", "lobby", "one"), h.say("1", "lobby", "two @ada")
	phone.Expect(`42/general,["mention",*]`)
	desk.Expect(`42/general,["mention",*]`)
	counts := `42/general,["activity",{"room":"lobby","latest":2,"posts":2,"lastRead":0,"unread":2,"mentions":1}]`
	phone.Expect(counts)
	desk.Expect(counts)
	desk.Send(fmt.Sprintf(`42/general,1["room:read",{"room":"lobby","seq":%d}]`, first.Seq))
	desk.Expect(`43/general,1[{"ok":true,"lastRead":1,"unread":1,"mentions":1}]`)
	phone.Expect(`42/general,["read",{"room":"lobby","seq":1,"unread":1,"mentions":1}]`)
	phone.Send(fmt.Sprintf(`42/general,1["room:read",{"room":"lobby","seq":%d}]`, second.Seq))
	phone.Expect(`43/general,1[{"ok":true,"lastRead":2,"unread":0,"mentions":0}]`)
	desk.Expect(`42/general,["read",{"room":"lobby","seq":2,"unread":0,"mentions":0}]`)
}

func TestASignedOutSessionHearsGoodbyeAndNothingMore(t *testing.T) {
	h := newHost(t, nil)
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		out, other := h.enter(t, line, "2", "/general"), h.enter(t, wiretest.WebSocket(), "3", "/general")
		for _, s := range []*wiretest.Session{out, other} {
			s.Send(`42/general,1["room:join",{"room":"lobby"}]`)
			s.Expect(`43/general,1[{"ok":true,*}]`)
		}
		h.chat.DisconnectSession("web-2", "signed_out")
		m := h.say("1", "lobby", "not for everybody")
		for {
			packet, open := out.Next()
			if strings.Contains(packet, "not for everybody") {
				t.Fatal("a signed-out session heard a message")
			}
			if strings.Contains(packet, `"bye"`) && packet != `42/general,["bye",{"reason":"signed_out"}]` {
				t.Fatalf("goodbye was %s", packet)
			}
			if !open {
				break
			}
		}
		for rev := int64(0); rev != m.Rev; {
			packet, open := other.Next()
			if !open {
				t.Fatal("somebody else's session ended")
			}
			rev = revOf(packet)
		}
		other.Send(`41/general,`)
	})
}

func TestAConnectionBetweenHandshakeAndConnectIsEndedToo(t *testing.T) {
	h := newHost(t, nil)
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		s := line.Open(h.client(t, "2", "web-2"))
		h.chat.DisconnectUser("2", "signed_out")
		s.ExpectClosed()
	})
}

func TestRightsThatChangeAreFeltAtOnce(t *testing.T) {
	h := newHost(t, nil)
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h.store.SetUser(chat.User{ID: "2", Name: "ada", Role: chat.RoleModerator})
		admin := h.enter(t, line, "2", "/admin")
		general := h.enter(t, line, "2", "/general")
		h.store.SetUser(chat.User{ID: "2", Name: "ada", Role: chat.RoleMember})
		if err := h.chat.RefreshUsers(t.Context()); err != nil {
			t.Fatal(err)
		}
		admin.Expect(`42/admin,["bye",{"reason":"forbidden"}]`, `41/admin,`)
		general.Send(`42/general,1["room:list",{}]`)
		general.Expect(`43/general,1[{"ok":true,"rooms":[*]}]`)
	})
}

func TestGoodbyeAtTheEndNamesAnotherTimeForEach(t *testing.T) {
	h := newHost(t, nil)
	var all []*wiretest.Session
	for range 4 { // a poll that does not wait when it is said hears nothing: see transport's tests
		for _, line := range []wiretest.Line{wiretest.WebSocket(), wiretest.Upgraded()} {
			all = append(all, h.enter(t, line, "2", "/general"))
		}
	}
	h.close()
	waits := make(map[string]bool)
	for _, s := range all {
		packet, _ := s.Next()
		if !wiretest.Match(`42/general,["bye",{"reason":"shutdown","retryAfter":*}]`, packet) {
			t.Fatalf("got %s", packet)
		}
		waits[packet] = true
		s.ExpectClosed()
	}
	if len(waits) < len(all)/2 {
		t.Errorf("%d clients were given %d times to come back", len(all), len(waits))
	}
}

func TestASocketIsInSoManyRooms(t *testing.T) {
	h := newHost(t, func(l *realtime.Limits) { l.RoomsPerSocket = 1 })
	if err := h.store.Write(t.Context(), func(w chat.Writer) error {
		return w.CreateRoom(&chat.Room{Slug: "second", Space: chat.SpaceGeneral, Name: "Second", Epoch: "e"})
	}, nil); err != nil {
		t.Fatal(err)
	}
	s := h.enter(t, wiretest.WebSocket(), "2", "/general")
	s.Send(`42/general,1["room:join",{"room":"lobby"}]`, `42/general,2["room:join",{"room":"second"}]`, `42/general,3["room:join",{"room":"lobby"}]`)
	s.Expect(`43/general,1[{"ok":true,*}]`, `43/general,2[{"ok":false,"error":{"code":"invalid",*}}]`, `43/general,3[{"ok":true,*}]`)
}

func TestEventsTakeOneObject(t *testing.T) {
	h := newHost(t, nil)
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		s := h.enter(t, line, "2", "/general")
		for _, args := range []string{``, `,null`, `,[]`, `,"lobby"`, `,7`, `,{},{}`, `,{"room":"lobby","admin":true}`, `,{"room":7}`} {
			s.Send(`42/general,1["room:join"` + args + `]`)
			s.Expect(`43/general,1[{"ok":false,"error":{"code":"invalid","message":"*"}}]`)
		}
		s.Send(`42/general,2["no:such",{}]`)
		s.Expect(`43/general,2[{"ok":false,"error":{"code":"invalid","message":"There is no event \"no:such\"."}}]`)
	})
}

func TestAReaderWhoFallsBehindMissesNothing(t *testing.T) {
	h := newHost(t, func(l *realtime.Limits) { l.OutboxBytes = 16 << 10 })
	const last = 600 // far more than the outbox and the ring hold
	s := h.enter(t, wiretest.Polling(), "2", "/general")
	s.Send(`42/general,1["room:join",{"room":"lobby"}]`)
	s.Expect(`43/general,1[{"ok":true,*}]`)
	for range last {
		h.say("3", "lobby", "a message of some length, so that it takes its room")
	}
	for next := int64(1); next <= last; {
		packet, open := s.Next()
		if !open {
			t.Fatalf("the session ended before rev %d", next)
		}
		if rev := revOf(packet); rev == next {
			next++
		} else if rev != 0 {
			t.Fatalf("rev %d came, want %d", rev, next)
		}
	}
}

func TestStatsCountWhoIsThere(t *testing.T) {
	h := newHost(t, nil)
	h.enter(t, wiretest.WebSocket(), "1", "/admin")
	h.enter(t, wiretest.Polling(), "2", "/general")
	got := h.chat.Stats()
	if got.Connections["polling"] != 1 || got.Connections["websocket"] != 1 || got.Sockets["/admin"] != 1 || got.Sockets["/general"] != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestPeopleAreCountedOnceHoweverTheyAreConnected(t *testing.T) {
	h := newHost(t, nil)
	if n := h.chat.Live().Members; n != 0 || h.chat.Online("2") {
		t.Errorf("%d people are connected", n)
	}
	wiretest.Polling().Open(h.client(t, "", ""))
	ada := h.enter(t, wiretest.WebSocket(), "2", "/general")
	h.enter(t, wiretest.Polling(), "2", "/general")
	h.enter(t, wiretest.WebSocket(), "1", "/admin")
	if n := h.chat.Live().Members; n != 2 || !h.chat.Online("2") || !h.chat.Online("1") || h.chat.Online("3") {
		t.Errorf("%d people are connected, want 2", n)
	}
	ada.Hangup()
	h.chat.DisconnectUser("2", "signed_out")
	if h.chat.Online("2") {
		t.Error("who was disconnected is online")
	}
}

func TestAConnectionEndsWithTheSessionBehindIt(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, func(l *realtime.Limits) { l.RecheckEvery = 20 * time.Millisecond })
		ada, ben := h.enter(t, line, "2", "/general"), h.enter(t, line, "3", "/general")
		h.ended.Store("web-2", true)
		ada.Expect(`42/general,["bye",{"reason":"signed_out"}]`)
		ada.Expect(`41/general,`)
		ada.ExpectClosed()
		ben.Send(`42/general,1["room:join",{"room":"lobby"}]`)
		ben.Expect(`43/general,1[{"ok":true,*}]`)
		var stats realtime.Stats
		// The client may hear of it before it is counted.
		for deadline := time.Now().Add(10 * time.Second); stats.Refused["identity"] == 0 && time.Now().Before(deadline); stats = h.chat.Stats() {
			runtime.Gosched()
		}
		if stats.Refused["identity"] != 1 {
			t.Errorf("%d were refused", stats.Refused["identity"])
		}
		if stats.Closed["forced server close"] != 1 || stats.Opened != 2 {
			t.Errorf("got %+v", stats)
		}
	})
}

func TestARecheckCanBeAskedFor(t *testing.T) {
	h := newHost(t, func(l *realtime.Limits) { l.RecheckEvery = 0 })
	ada := h.enter(t, wiretest.WebSocket(), "2", "/general")
	h.ended.Store("web-2", true)
	if err := h.chat.RefreshUsers(t.Context()); err != nil {
		t.Fatal(err)
	}
	ada.Expect(`42/general,["bye",{"reason":"signed_out"}]`)
}

func TestAFloodOfEventsIsRefused(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, func(l *realtime.Limits) { l.EventRate, l.EventBurst = 0.01, 3 })
		s := h.enter(t, line, "2", "/general")
		ack := func(i int, pattern string) {
			t.Helper()
			s.Send(fmt.Sprintf(`42/general,%d["room:join",{"room":"lobby"}]`, i))
			packet, open := s.Next()
			for open && strings.HasPrefix(packet, `42/general,["presence"`) {
				packet, open = s.Next()
			}
			if !wiretest.Match(fmt.Sprintf("43/general,%d%s", i, pattern), packet) {
				t.Fatalf("event %d was answered with %q", i, packet)
			}
		}
		ack(1, `[{"ok":true,*}]`) // CONNECT was the first of three
		ack(2, `[{"ok":true,*}]`)
		ack(3, `[{"ok":false,"error":{"code":"rate_limited",*"retryAfter":*}}]`)
	})
}
