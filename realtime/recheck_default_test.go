package realtime_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/internal/wiretest"
)

// signIns are the sessions of a host, by token.
type signIns struct {
	mu     sync.Mutex // guards what follows
	users  map[string]string
	broken bool

	failures chan struct{} // gets one for each question while broken; nil: not counted
}

func (s *signIns) set(token, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[token] = user
}

func (s *signIns) fail(broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = broken
}

func (s *signIns) find(token string) (chat.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch user := s.users[token]; {
	case s.broken:
		s.failures <- struct{}{}
		return chat.User{}, errors.New("the sessions cannot be read")
	case user == "":
		return chat.User{}, realtime.ErrAnonymous
	default:
		return chat.User{ID: user}, nil
	}
}

// ways are where hosts have the token of a session.
var ways = map[string]struct {
	give func(c *wiretest.Client, token string) *wiretest.Client
	take func(*fiber.Ctx) string
}{
	"a cookie": {
		func(c *wiretest.Client, token string) *wiretest.Client {
			return c.With("Cookie", "theme=dark; sid="+token)
		},
		func(c *fiber.Ctx) string { return c.Cookies("sid") },
	},
	"Authorization": {
		func(c *wiretest.Client, token string) *wiretest.Client {
			return c.With("Authorization", "Bearer "+token)
		},
		func(c *fiber.Ctx) string { return strings.TrimPrefix(c.Get("Authorization"), "Bearer ") },
	},
	"a header of the host's own": {
		func(c *wiretest.Client, token string) *wiretest.Client { return c.With("X-Forum-Token", token) },
		func(c *fiber.Ctx) string { return c.Get("X-Forum-Token") },
	},
}

// tokenHost is a host without Recheck and Session, as the walkthrough makes it, and what its log says.
func tokenHost(t *testing.T, sessions *signIns, take func(*fiber.Ctx) string) (*host, *lines) {
	said := &lines{}
	h := newHost(t, func(l *realtime.Limits) { l.RecheckEvery = 20 * time.Millisecond }, func(_ *host, o *realtime.Options) {
		o.Recheck, o.Session = nil, nil
		o.Identify = func(c *fiber.Ctx) (chat.User, error) { return sessions.find(take(c)) }
		o.Logger = slog.New(slog.NewTextHandler(said, nil))
	})
	return h, said
}

func (l *lines) count(what string) int { return strings.Count(l.String(), what) }

func TestSignedOutUserLosesTheOpenConnection(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
				sessions := &signIns{users: map[string]string{"desk": "2", "phone": "2"}}
				h, said := tokenHost(t, sessions, way.take)
				enter := func(token string) *wiretest.Session {
					s := line.Open(way.give(h.Client(t), token))
					s.Send("40/general")
					s.Expect(`40/general,{"sid":"*"}`, `42/general,["hello",*`)
					return s
				}
				desk, phone := enter("desk"), enter("phone")
				sessions.set("desk", "")
				for packet, open := desk.Next(); open; packet, open = desk.Next() {
					_ = packet
				}
				ask(t, phone, "/general", `"room:list",{}`, `{"ok":true*`) // another device is signed in still
				if n := said.count("not checked again"); n != 0 {
					t.Errorf("warned %d times", n)
				}
			})
		})
	}
}

func TestTokenOfAnotherUserEndsTheConnection(t *testing.T) {
	sessions := &signIns{users: map[string]string{"desk": "2"}}
	h, _ := tokenHost(t, sessions, ways["a cookie"].take)
	s := wiretest.WebSocket().Open(ways["a cookie"].give(h.Client(t), "desk"))
	sessions.set("desk", "3")
	for _, open := s.Next(); open; _, open = s.Next() {
	}
}

func TestFailingIdentifyEndsNoOpenConnection(t *testing.T) {
	sessions := &signIns{users: map[string]string{"desk": "2"}, failures: make(chan struct{}, 1000)}
	h, said := tokenHost(t, sessions, ways["a cookie"].take)
	s := wiretest.WebSocket().Open(ways["a cookie"].give(h.Client(t), "desk"))
	s.Send("40/general")
	s.Expect(`40/general,{"sid":"*"}`, `42/general,["hello",*`)
	sessions.fail(true)
	for range 2 { // when the second is asked, the first has been decided
		<-sessions.failures
	}
	ask(t, s, "/general", `"room:list",{}`, `{"ok":true*`)
	if said.count("could not be checked again") == 0 {
		t.Error("the log does not say that an identity could not be checked")
	}
	sessions.fail(false)
	sessions.set("desk", "")
	for _, open := s.Next(); open; _, open = s.Next() {
	}
}

func TestIdentifyThatNeedsAMiddlewareIsToldOnce(t *testing.T) {
	sessions := &signIns{users: map[string]string{"desk": "2"}}
	// A middleware puts the user into Locals: the headers alone say nothing.
	take := func(c *fiber.Ctx) string { token, _ := c.Locals("token").(string); return token }
	h, said := tokenHost(t, sessions, take)
	h.front.Store(func(c *fiber.Ctx) error {
		c.Locals("token", strings.Clone(c.Cookies("sid")))
		return c.Next()
	})
	for range 3 {
		s := wiretest.WebSocket().Open(ways["a cookie"].give(h.Client(t), "desk"))
		s.Send("40/general")
		s.Expect(`40/general,{"sid":"*"}`, `42/general,["hello",*`)
		if err := h.chat.RefreshUsers(t.Context()); err != nil {
			t.Fatal(err)
		}
		ask(t, s, "/general", `"room:list",{}`, `{"ok":true*`)
	}
	if n := said.count("Set Options.Recheck"); n != 1 {
		t.Errorf("warned %d times", n)
	}
}
