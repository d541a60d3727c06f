package realtime_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
	"roomline/realtime/internal/wiretest"
	"roomline/realtime/socketio"
)

const general = "/general"

// guests lets visitors read the lobby.
func guests(_ *host, opts *realtime.Options) {
	opts.Guests = func(room chat.Room) bool { return room.Slug == "lobby" }
}

// ensure makes a room past every socket.
func (h *host) ensure(n chat.NewRoom) chat.Room {
	h.t.Helper()
	room, err := h.chat.Service().EnsureRoom(context.Background(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	return room
}

func TestAGuestHearsARoomAndWritesNothing(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil, guests)
		h.ensure(chat.NewRoom{Slug: "members", Name: "Members"})
		ben := h.enter(t, line, "3", general)
		ask(t, ben, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,*}`)
		s := line.Open(h.client(t, "", ""))
		s.Send("40/general,")
		hear(t, s, `40/general,{"sid":"*"}`)
		hello := hear(t, s, `42/general,["hello",*`)
		if !strings.Contains(hello, `"user":{"id":"","name":"Guest","role":"guest"}`) || !strings.Contains(hello, `"slug":"lobby"`) || strings.Contains(hello, "members") {
			t.Errorf("a guest is greeted with %s", hello)
		}
		ask(t, s, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,"room":{"slug":"lobby",*},"messages":[],*}`)
		for _, event := range []string{
			`"message:send",{"room":"lobby","id":"guest-0001","text":"hello"}`, `"message:react",{"room":"lobby","seq":1,"emoji":"👍","on":true}`,
			`"room:read",{"room":"lobby","seq":1}`, `"room:level",{"room":"lobby","level":"all"}`, `"user:find",{"query":""}`,
			`"room:create",{"name":"Attic"}`,
		} {
			ask(t, s, "/general", event, `{"ok":false,"error":{"code":"*",*}}`)
		}
		ask(t, s, "/general", `"message:send",{"room":"lobby","id":"guest-0001","text":"hello"}`, `{"ok":false,"error":{"code":"forbidden","message":"Sign in to do this."}}`)
		ask(t, s, "/general", `"room:join",{"room":"members"}`, `{"ok":false,"error":{"code":"not_found",*}}`)
		h.say("3", "members", "of members only")
		h.say("3", "lobby", "for everybody")
		// What the guest hears up to the answer is of the lobby alone.
		hear(t, s, `42/general,["message",{"room":"lobby",*"text":"for everybody",*`)
		for _, room := range []string{"members", "lobby"} {
			topic := "news of " + room
			if _, err := h.chat.Service().UpdateRoom(t.Context(), chat.AsHost(), room, chat.RoomChange{Topic: &topic}); err != nil {
				t.Fatal(err)
			}
		}
		if got := hear(t, s, `42/general,["room",*`); !strings.Contains(got, "news of lobby") {
			t.Errorf("a guest hears of %s", got)
		}
		if got := hear(t, ben, `42/general,["room",*`); !strings.Contains(got, "news of members") {
			t.Errorf("a member hears of %s", got)
		}
		s.Send("40/admin,")
		hear(t, s, `44/admin,{*"code":"unauthenticated"*`)
		if live := h.chat.Live(); live.Members != 1 {
			t.Errorf("%d people are connected", live.Members)
		}
	})
}

func TestWithoutGuestsAVisitorIsRefused(t *testing.T) {
	h := newHost(t, nil)
	s := wiretest.WebSocket().Open(h.client(t, "", ""))
	s.Send("40/general,")
	hear(t, s, `44/general,{*"code":"unauthenticated"*`)
}

func TestARightThatIsTakenEndsTheLiveRoomAtOnce(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		var mu sync.Mutex
		taken := false
		h := newHost(t, nil, func(_ *host, opts *realtime.Options) {
			opts.Authorize = func(_ context.Context, user chat.User, room chat.Room, _ chat.Permission) (bool, error) {
				mu.Lock()
				defer mu.Unlock()
				return !taken || user.ID != "2" || room.Slug != "lobby", nil
			}
		})
		ada := h.enter(t, line, "2", general)
		ask(t, ada, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,*}`)
		h.say("3", "lobby", "before")
		hear(t, ada, `42/general,["message",*"text":"before"*`)
		mu.Lock()
		taken = true
		mu.Unlock()
		if err := h.chat.RefreshUser(t.Context(), "2"); err != nil {
			t.Fatal(err)
		}
		h.say("3", "lobby", "after")
		hear(t, ada, `42/general,["removed",{"room":"lobby"}]`)
		_, before := ask(t, ada, "/general", `"room:join",{"room":"lobby"}`, `{"ok":false,"error":{"code":"not_found",*}}`)
		if slices.ContainsFunc(before, func(packet string) bool { return strings.Contains(packet, "after") }) {
			t.Errorf("heard is %q", before)
		}
	})
}

func TestAnUnlistedRoomIsToldToThoseInItOnly(t *testing.T) {
	h := newHost(t, nil)
	h.ensure(chat.NewRoom{Slug: "thread-7", Name: "Topic", Unlisted: true})
	ada, ben := h.enter(t, wiretest.WebSocket(), "2", general), h.enter(t, wiretest.WebSocket(), "3", general)
	ask(t, ada, "/general", `"room:join",{"room":"thread-7"}`, `{"ok":true,"room":{"slug":"thread-7",*"unlisted":true,*`)
	answer, _ := ask(t, ben, "/general", `"room:list",{}`, `{"ok":true,*`)
	if strings.Contains(answer, "thread-7") {
		t.Errorf("listed are %s", answer)
	}
	h.say("3", "thread-7", "hello")
	h.say("2", "lobby", "hello") // ben hears of it, and of nothing before
	hear(t, ada, `42/general,["message",{"room":"thread-7",*`)
	var heard []string
	for len(heard) == 0 || !strings.Contains(heard[len(heard)-1], "activity") {
		packet, open := ben.Next()
		if !open {
			t.Fatal("the session ended")
		}
		heard = append(heard, packet)
	}
	if slices.ContainsFunc(heard, func(packet string) bool { return strings.Contains(packet, "thread-7") }) {
		t.Errorf("ben hears %q", heard)
	}
}

func TestAnErasureEndsTheUsersConnectionsAndWhatOthersSee(t *testing.T) {
	h := newHost(t, nil)
	ada, ben := h.enter(t, wiretest.WebSocket(), "2", general), h.enter(t, wiretest.WebSocket(), "3", general)
	ask(t, ben, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,*}`)
	h.say("2", "lobby", "a marker")
	hear(t, ben, `42/general,["message",*"a marker"*`)
	if err := h.chat.Erase(t.Context(), "2"); err != nil {
		t.Fatal(err)
	}
	hear(t, ada, `42/general,["bye",{"reason":"signed_out"*`)
	rest(ada)
	hear(t, ben, `42/general,["message",*"deletedAt":*`)
	answer, _ := ask(t, ben, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,*}`) // from the ring
	if strings.Contains(answer, "marker") {
		t.Errorf("the room still has %s", answer)
	}
}

func TestAHostIsToldAgainAndSendsDoNotWait(t *testing.T) {
	var mu sync.Mutex
	var told []string
	failed, hang, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	h := newHost(t, nil, func(_ *host, opts *realtime.Options) {
		opts.OnEvent = func(_ context.Context, e chat.Event) error {
			if e.Message == nil {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			told = append(told, e.Message.Text)
			switch len(told) {
			case 1:
				close(failed)
				panic("the index is away")
			case 2:
				<-hang
			case 4:
				close(done)
			}
			return nil
		}
	})
	h.say("2", "lobby", "one")
	<-failed
	h.say("2", "lobby", "two") // while the host waits to be told again
	h.say("2", "lobby", "three")
	close(hang)
	<-done
	mu.Lock()
	defer mu.Unlock()
	if want := []string{"one", "one", "two", "three"}; !slices.Equal(told, want) {
		t.Errorf("the host was told %q, want %q", told, want)
	}
}

func TestAHostsNamespaceIsOnTheConnectionOfTheChat(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil, func(_ *host, opts *realtime.Options) { opts.Guests = func(chat.Room) bool { return true } })
		forum := h.chat.Of("/forum")
		type request struct {
			N int `json:"n"`
		}
		type reply struct {
			Sum  int    `json:"sum"`
			User string `json:"user"`
		}
		socketio.On(forum, "add", func(_ context.Context, s *socketio.Socket, r request) (reply, error) {
			user, _ := realtime.UserOf(s)
			return reply{r.N + 1, user.ID}, nil
		})
		for user, want := range map[string]string{"2": "2", "": ""} {
			s := line.Open(h.client(t, user, ""))
			s.Send("40/general,")
			hear(t, s, `42/general,["hello",*`)
			s.Send("40/forum,")
			hear(t, s, `40/forum,{"sid":"*"}`)
			ask(t, s, "/forum", `"add",{"n":41}`, `{"sum":42,"user":"`+want+`"}`)
			if err := forum.To().Emit("count", 7); err != nil {
				t.Fatal(err)
			}
			hear(t, s, `42/forum,["count",7]`)
		}
	})
}

func TestTheNamespacesOfTheChatAreItsOwn(t *testing.T) {
	h := newHost(t, nil)
	for _, name := range []string{"/general", "general", "/admin", "admin"} {
		func() {
			defer func() {
				if p := recover(); p == nil {
					t.Errorf("%s is given away", name)
				}
			}()
			h.chat.Of(name)
		}()
	}
}

func TestMetricsAreRegisteredUntilTheChatIsClosed(t *testing.T) {
	registry := prometheus.NewRegistry()
	h := newHost(t, nil, func(_ *host, opts *realtime.Options) { opts.Metrics = registry })
	h.say("2", "lobby", "hello")
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	posted := -1.0
	for _, family := range families {
		if family.GetName() == "roomline_messages_total" {
			posted = family.GetMetric()[0].GetCounter().GetValue()
		}
	}
	if posted != 1 {
		t.Errorf("%v messages were posted", posted)
	}
	_, err = realtime.New(realtime.Options{Store: chattest.NewStore(), Identify: nobody, Metrics: registry, Logger: slog.New(slog.DiscardHandler)})
	if taken := (prometheus.AlreadyRegisteredError{}); !errors.As(err, &taken) {
		t.Errorf("a second chat in one registry: %v", err)
	}
	h.close()
	if families, err = registry.Gather(); err != nil || len(families) != 0 {
		t.Errorf("%d metrics are left: %v", len(families), err)
	}
}

func nobody(*fiber.Ctx) (chat.User, error) { return chat.User{}, realtime.ErrAnonymous }

func TestCloseWaitsNoLongerForAHostThanItMay(t *testing.T) {
	began, hang := make(chan struct{}), make(chan struct{})
	h := newHost(t, nil, func(_ *host, opts *realtime.Options) {
		opts.OnEvent = func(context.Context, chat.Event) error {
			close(began)
			<-hang
			return nil
		}
	})
	h.say("2", "lobby", "hello")
	<-began
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := h.chat.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("closing ends with %v", err)
	}
	close(hang)
}

func TestWhatAHostCannotDecideIsLogged(t *testing.T) {
	lines := &lines{}
	h := newHost(t, nil, func(_ *host, opts *realtime.Options) {
		opts.Logger = slog.New(slog.NewTextHandler(lines, nil))
		opts.BeforeSend = &chat.BeforeSend{Decide: func(context.Context, chat.Outgoing) (chat.Decided, error) {
			return chat.Decided{}, errors.New("the classifier is away")
		}}
	})
	ada := h.enter(t, wiretest.WebSocket(), "2", general)
	ask(t, ada, "/general", `"message:send",{"room":"lobby","id":"ada-00001","text":"hello"}`, `{"ok":false,"error":{"code":"unavailable",*}}`)
	if got := lines.String(); !strings.Contains(got, "the classifier is away") || strings.Contains(got, "hello") {
		t.Errorf("logged is %s", got)
	}
}

// lines is a text that several write.
type lines struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestTheChatOwnsItsRequestsAndNoOthers(t *testing.T) {
	for _, prefix := range []string{"", "/community/chat"} {
		var owned sync.Map // the chat looks at what stands in front of it, too, beside the test
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		live, err := realtime.New(realtime.Options{Store: chattest.NewStore(), Identify: nobody, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = live.Close(context.Background()) }()
		app.Use(func(c *fiber.Ctx) error {
			owned.Store(strings.Clone(c.Path()), live.Owns(c))
			return c.Next()
		})
		if err := live.Mount(app.Group(prefix)); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]bool{
			prefix + "/socket.io": true, prefix + "/socket.io/": true, prefix + "/widget.js": true, prefix + "/widget/config.json": true,
			prefix + "/widgets": false, prefix + "/widget.js/more": false, "/": false, prefix + "/": false,
			"/elsewhere/socket.io/": false, "/elsewhere/widget.js": false,
		} {
			var ctx fasthttp.RequestCtx
			ctx.Request.SetRequestURI(path)
			app.Handler()(&ctx)
			if got, _ := owned.Load(path); got != want {
				t.Errorf("under %q, of %s is said %v", prefix, path, got)
			}
		}
	}
}
