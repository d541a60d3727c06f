package transport

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

func TestRefusalsAreCounted(t *testing.T) {
	r := newRig(t, func(s *setup) {
		s.transport.Identify = byHeader
		s.transport.MaxConnsPerUser, s.transport.MaxConnsPerAddr, s.transport.HandshakeRate = 1, 3, 7
	})
	c := r.Client(t)
	handshake := func(who string) wiretest.Answer { return c.With("X-Who", who).Get("EIO=4&transport=polling") }
	sid := sidOf(t, handshake("anna"))
	handshake("anna")
	handshake("ben")
	handshake("cleo")
	handshake("dan")
	for i, want := range []int{200, 200, 200, 503} { // strangers count apart from members
		if got := handshake("").Status; got != want {
			t.Errorf("stranger %d is answered %d, want %d", i+1, got, want)
		}
	}
	anna := c.With("X-Who", "anna")
	anna.Push("nobody", "4x")
	c.With("X-Who", "ben").Push(sid, "4x")
	c.With("Origin", "https://evil.example").Get("EIO=4&transport=polling")
	anna.Push(sid, strings.Repeat("4", 1001))
	anna.With("Content-Encoding", "br").Push(sid, "4x")
	c.Get("EIO=4&transport=" + strings.Repeat("x", 100))
	c.Get("EIO=3&transport=polling")
	anna.Push(sid, "abc")
	for range 50 {
		handshake("")
	}
	got := r.transport.Stats().Refused
	if got["rate"] < 10 {
		t.Errorf("rate counted %d times", got["rate"])
	}
	delete(got, "rate")
	delete(got, "connections per address")
	want := map[string]uint64{
		"connections per user": 1, "session id unknown": 2, "origin": 1, "too large": 1, "encoding": 1,
		"transport unknown": 1, "unsupported protocol version": 1, "bad request": 1,
	}
	if !maps.Equal(got, want) {
		t.Errorf("counted %v", got)
	}
}

func TestLimitsOfConnections(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"per address": func(c *Config) { c.MaxConnsPerAddr = 2 },
		"per user":    func(c *Config) { c.MaxConnsPerUser = 2; c.Identify = everybodyIs("anna") },
	} {
		t.Run(name, func(t *testing.T) {
			wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
				r := newRig(t, func(s *setup) { change(&s.transport) })
				c := r.Client(t)
				first, second := line.Open(c), line.Open(c)
				refused := c.Get("EIO=4&transport=polling")
				expect(t, refused, 503, "*")
				if after, err := strconv.Atoi(refused.Header.Get("Retry-After")); err != nil || after < 1 {
					t.Errorf("Retry-After is %q", refused.Header.Get("Retry-After"))
				}
				if _, a, err := c.TryDial("EIO=4&transport=websocket"); err == nil || a.Status != 503 {
					t.Errorf("dialled: %d", a.Status)
				}
				first.SendAny("1")
				eventually(t, "there is room again", func() bool {
					a, err := c.Try("GET", "EIO=4&transport=polling", "")
					return err == nil && a.Status == http.StatusOK
				})
				second.Send("4x")
				second.Expect("4x")
			})
		})
	}
}

func TestUsersWithoutANameAreNotCountedAsOne(t *testing.T) {
	r := newRig(t, func(s *setup) { s.transport.MaxConnsPerUser = 1 })
	c := r.Client(t)
	c.Handshake()
	c.Handshake()
}

func TestHandshakesArePaced(t *testing.T) {
	r := newRig(t, func(s *setup) { s.transport.HandshakeRate = 3 })
	c := r.Client(t)
	var last wiretest.Answer
	for range 20 {
		if last = c.Get("EIO=4&transport=polling"); last.Status != http.StatusOK {
			break
		}
	}
	expect(t, last, 503, "*")
	if last.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", last.Header.Get("Retry-After"))
	}
}

func TestStrangersDoNotSpendMembersHandshakes(t *testing.T) {
	r := newRig(t, func(s *setup) { s.transport.Identify, s.transport.HandshakeRate = byHeader, 0.01 })
	c := r.Client(t)
	status := func(who string) int { return c.With("X-Who", who).Get("EIO=4&transport=polling").Status }
	for _, who := range []string{"", "anna", "ben"} { // each has one
		if got := status(who); got != http.StatusOK {
			t.Errorf("the first handshake of %q is answered %d", who, got)
		}
		if got := status(who); got != http.StatusServiceUnavailable {
			t.Errorf("the second handshake of %q is answered %d", who, got)
		}
	}
}

func TestStrangersDoNotTakeMembersConnections(t *testing.T) {
	r := newRig(t, func(s *setup) { s.transport.Identify, s.transport.MaxConnsPerAddr = byHeader, 2 })
	c := r.Client(t)
	for i, want := range []int{200, 200, 503} {
		for _, who := range []string{"", "user-" + strconv.Itoa(i)} {
			if got := c.With("X-Who", who).Get("EIO=4&transport=polling").Status; got != want {
				t.Errorf("handshake %d of %q is answered %d, want %d", i+1, who, got, want)
			}
		}
	}
}

func TestMembersWaitWhereStrangersAreRefused(t *testing.T) {
	identifying, proceed := make(chan struct{}, 10), make(chan struct{})
	r := newRig(t, func(s *setup) {
		s.transport.Identify = func(c *fiber.Ctx) (engineio.Identity, error) {
			identifying <- struct{}{}
			<-proceed
			return engineio.Identity{}, nil
		}
	})
	r.transport.handshaking = make(chan struct{}, 1)
	c := r.Client(t)
	member := c.With("Cookie", "session=1")
	statuses := make(chan int, 2)
	handshake := func() {
		a, err := member.Try("GET", "EIO=4&transport=polling", "")
		if err != nil {
			t.Error(err)
		}
		statuses <- a.Status
	}
	go handshake()
	<-identifying // the only place is taken
	refused := c.Get("EIO=4&transport=polling")
	expect(t, refused, 503, "*busy*")
	if refused.Header.Get("Retry-After") == "" {
		t.Error("the refusal has no Retry-After")
	}
	go handshake()
	close(proceed)
	for range 2 {
		if got := <-statuses; got != http.StatusOK {
			t.Errorf("a member's handshake is answered %d", got)
		}
	}
	if got := r.transport.Stats().Refused["load"]; got != 1 {
		t.Errorf("%d refusals for load, want 1", got)
	}
}

func TestAddressCannotFillTheQueueWithForgedSessions(t *testing.T) {
	identifying, proceed := make(chan struct{}, 10), make(chan struct{})
	r := newRig(t, func(s *setup) {
		s.app = fiber.Config{EnableTrustedProxyCheck: true, TrustedProxies: []string{"127.0.0.1"}, ProxyHeader: fiber.HeaderXForwardedFor}
		s.transport.MaxConnsPerAddr = 1
		s.transport.Identify = func(c *fiber.Ctx) (engineio.Identity, error) {
			identifying <- struct{}{}
			<-proceed
			return byHeader(c)
		}
	})
	r.transport.handshaking = make(chan struct{}, 1)
	pending := func() int {
		r.transport.limits.mu.Lock()
		defer r.transport.limits.mu.Unlock()
		all := 0
		for _, n := range r.transport.limits.pending {
			all += n
		}
		return all
	}
	c := r.Client(t).With("Cookie", "session=1")
	handshake := func(from, who string) wiretest.Answer {
		a, err := c.With("X-Forwarded-For", from).With("X-Who", who).Try("GET", "EIO=4&transport=polling", "")
		if err != nil {
			t.Error(err)
		}
		return a
	}
	answers := make(chan int, 3)
	go func() { answers <- handshake("2001:db8::1", "").Status }()
	<-identifying // the only place is taken
	go func() { answers <- handshake("2001:db8::2", "").Status }()
	eventually(t, "a second handshake waits", func() bool { return pending() == 2 })
	expect(t, handshake("2001:db8::3", ""), 503, "*Too many connections*")

	member := make(chan int, 1)
	go func() { member <- handshake("2001:db8:0:1::1", "anna").Status }()
	eventually(t, "the member of another network waits", func() bool { return pending() == 3 })
	close(proceed)
	if got := <-member; got != http.StatusOK {
		t.Errorf("the member is answered %d", got)
	}
	<-answers
	<-answers
	eventually(t, "no handshake is counted any longer", func() bool { return pending() == 0 })
}

func TestPanicOfIdentifyGivesItsPlaceBack(t *testing.T) {
	r := newRig(t, func(s *setup) {
		s.transport.Identify = func(c *fiber.Ctx) (engineio.Identity, error) {
			if c.Get("X-Who") == "panic" {
				panic("a host's bug")
			}
			return engineio.Identity{}, nil
		}
		s.mount = func(app *fiber.App, tr *Transport) error {
			app.Use(recover.New())
			return tr.Mount(app)
		}
	})
	r.transport.handshaking = make(chan struct{}, 1)
	c := r.Client(t)
	c.With("X-Who", "panic").Get("EIO=4&transport=polling")
	if got := c.Get("EIO=4&transport=polling").Status; got != http.StatusOK {
		t.Errorf("the handshake after the panic is answered %d", got)
	}
}
