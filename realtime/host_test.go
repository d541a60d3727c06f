package realtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"go.uber.org/goleak"

	"roomline/internal/options"
	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
	"roomline/realtime/internal/wiretest"
)

func TestMain(m *testing.M) {
	// fasthttp keeps one clock for the whole process.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// host is an app with users of its own: the header User says who asks, Web which session.
type host struct {
	*wiretest.Server
	t     *testing.T
	store *chattest.Store
	chat  *realtime.Chat
	ended sync.Map     // web sessions that do not hold any more
	front atomic.Value // func(*fiber.Ctx) error: a middleware in front of the chat, if there is one
}

func newHost(t *testing.T, change func(*realtime.Limits), changes ...func(*host, *realtime.Options)) *host {
	t.Helper()
	h := &host{t: t, store: chattest.NewStore()}
	for _, u := range []chat.User{
		{ID: "1", Name: "olga", Role: chat.RoleOwner},
		{ID: "2", Name: "ada", Role: chat.RoleMember},
		{ID: "3", Name: "ben", Role: chat.RoleMember},
		{ID: "4", Name: "moss", Role: chat.RoleModerator},
	} {
		h.store.SetUser(u)
	}
	limits := realtime.DefaultLimits()
	limits.HandshakeRate, limits.Chat.SendRate = 0, 0
	limits.MaxConnsPerAddr, limits.MaxConnsPerUser = 0, 0
	limits.DrainTime = 50 * time.Millisecond
	limits.PresenceEvery = 200 * time.Millisecond
	if change != nil {
		change(&limits)
	}
	limits = options.Explicit(limits) // tests set a bound to 0 to have none
	var err error
	opts := realtime.Options{
		Store:  h.store,
		Limits: &limits,
		Logger: slog.New(slog.DiscardHandler),
		Identify: func(c *fiber.Ctx) (chat.User, error) {
			id := strings.Clone(c.Get("User"))
			if id == "" {
				return chat.User{}, realtime.ErrAnonymous
			}
			return chat.User{ID: id}, nil
		},
		Session: func(c *fiber.Ctx) string { return strings.Clone(c.Get("Web")) },
		Recheck: func(_ context.Context, _ chat.User, web string) error {
			if _, ended := h.ended.Load(web); ended {
				return errors.New("the session has ended")
			}
			return nil
		},
	}
	for _, change := range changes {
		change(h, &opts)
	}
	h.chat, err = realtime.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	h.Server = wiretest.Serve(t, func(app *fiber.App) {
		app.Use(func(c *fiber.Ctx) error {
			if front, ok := h.front.Load().(func(*fiber.Ctx) error); ok {
				return front(c)
			}
			return c.Next()
		})
		if err := h.chat.Mount(app); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.close() })
	})
	return h
}

func (h *host) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := h.chat.Close(ctx); err != nil {
		h.t.Error(err)
	}
}

// client makes requests as a user ("" for nobody), in a web session.
func (h *host) client(t *testing.T, user, web string) *wiretest.Client {
	c := h.Client(t)
	if user != "" {
		c = c.With("User", user).With("Web", web)
	}
	return c
}

// enter opens a line and joins a namespace.
func (h *host) enter(t *testing.T, line wiretest.Line, user, namespace string) *wiretest.Session {
	t.Helper()
	s := line.Open(h.client(t, user, "web-"+user))
	s.Send("40" + namespace)
	s.Expect("40"+namespace+`,{"sid":"*"}`, "42"+namespace+`,["hello",*`)
	return s
}

// say sends a message past every socket.
func (h *host) say(user, room, text string) chat.Message {
	h.t.Helper()
	space := chat.SpaceGeneral
	if room == "admin" {
		space = chat.SpaceAdmin
	}
	m, err := h.chat.Service().Send(context.Background(), chat.Actor{ID: user, Space: space},
		chat.Draft{Room: room, ID: fmt.Sprintf("host-%d-%s", time.Now().UnixNano(), user), Text: text})
	if err != nil {
		h.t.Error(err)
	}
	return m
}

// ask sends an event and reads until its answer, which must match a pattern; it returns the answer,
// and what came before.
func ask(t *testing.T, s *wiretest.Session, namespace, event, pattern string) (answer string, before []string) {
	t.Helper()
	s.Send("42" + namespace + ",9[" + event + "]")
	for {
		packet, open := s.Next()
		if !open {
			t.Fatalf("the session ended before the answer to %s", event)
		}
		rest, is := strings.CutPrefix(packet, "43"+namespace+",9")
		if !is {
			before = append(before, packet)
			continue
		}
		if !wiretest.Match("["+pattern+"]", rest) {
			t.Fatalf("%s is answered with %s, want %s", event, rest, pattern)
		}
		return rest, before
	}
}

// hear reads until a packet that matches a pattern, and returns it.
func hear(t *testing.T, s *wiretest.Session, pattern string) string {
	t.Helper()
	for {
		packet, open := s.Next()
		if !open {
			t.Fatalf("the session ended before %s", pattern)
		}
		if wiretest.Match(pattern, packet) {
			return packet
		}
	}
}

// hearAll reads until a packet has come for each pattern, in any order.
func hearAll(t *testing.T, s *wiretest.Session, patterns ...string) {
	t.Helper()
	for len(patterns) > 0 {
		packet, open := s.Next()
		if !open {
			t.Fatalf("the session ended before %q", patterns)
		}
		if i := slices.IndexFunc(patterns, func(p string) bool { return wiretest.Match(p, packet) }); i >= 0 {
			patterns = slices.Delete(slices.Clone(patterns), i, i+1)
		}
	}
}

// rest reads to the end of a session.
func rest(s *wiretest.Session) (all []string) {
	for packet, open := s.Next(); open; packet, open = s.Next() {
		all = append(all, packet)
	}
	return all
}

// revOf reads the rev of a live message, 0 if the packet is none.
func revOf(packet string) int64 {
	body, ok := strings.CutPrefix(packet, `42/general,["message",`)
	if !ok {
		return 0
	}
	var m struct {
		Rev int64 `json:"rev"`
	}
	if json.Unmarshal([]byte(strings.TrimSuffix(body, "]")), &m) != nil {
		return 0
	}
	return m.Rev
}
