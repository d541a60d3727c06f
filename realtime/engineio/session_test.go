package engineio

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ear is a Handler that notes what it hears.
type ear struct {
	open    func(*Session)
	message func(*Session, string)

	mu       sync.Mutex
	messages []string
	drains   int
	closed   []Reason
}

func (e *ear) Open(s *Session) {
	if e.open != nil {
		e.open(s)
	}
}

func (e *ear) Message(s *Session, data []byte, _ bool) {
	e.mu.Lock()
	e.messages = append(e.messages, string(data))
	e.mu.Unlock()
	if e.message != nil {
		e.message(s, string(data))
	}
}

func (e *ear) Drain(*Session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.drains++
}

func (e *ear) Close(_ *Session, reason Reason) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = append(e.closed, reason)
}

// reasons waits until everything has come to rest and returns the reasons heard.
func (e *ear) reasons() string {
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for _, r := range e.closed {
		all = append(all, string(r))
	}
	return strings.Join(all, ", ")
}

// puller is a transport that takes when it is told to.
type puller struct{ woken chan struct{} }

func newPuller() *puller { return &puller{make(chan struct{}, 1)} }

func (p *puller) Wake() {
	select {
	case p.woken <- struct{}{}:
	default:
	}
}

func (p *puller) awake() bool {
	select {
	case <-p.woken:
		return true
	default:
		return false
	}
}

var testConfig = Config{
	PingInterval: 25 * time.Second,
	PingTimeout:  20 * time.Second,
	MaxPayload:   1000,
	OutboxBytes:  1000,
	Logger:       slog.New(slog.DiscardHandler),
}

// run runs a scenario in a bubble of time, on a server that is closed afterwards.
func run(t *testing.T, e *ear, scenario func(t *testing.T, srv *Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := NewServer(testConfig, e)
		scenario(t, srv)
		if err := srv.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func open(t *testing.T, srv *Server, transport string) *Session {
	t.Helper()
	s, err := srv.Open(Handshake{}, transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func take(s *Session, p Puller) (string, Next) {
	packets, next := s.Take(p, nil, 0)
	return string(AppendPayload(nil, packets)), next
}

func wantTake(t *testing.T, s *Session, p Puller, packets string, next Next) {
	t.Helper()
	if got, gotNext := take(s, p); got != packets || gotNext != next {
		t.Errorf("took %q, %d; want %q, %d", got, gotNext, packets, next)
	}
}

func found(srv *Server, s *Session) bool {
	_, ok := srv.Session(s.ID())
	return ok
}

func TestTheHandshakeHasExactlyFiveMembers(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		for transport, upgrades := range map[string]string{Polling: `["websocket"]`, WebSocket: `[]`} {
			s := open(t, srv, transport)
			want := `{"sid":"` + s.ID() + `","upgrades":` + upgrades + `,"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}`
			if got := s.OpenPacket(); got.Type != Open || string(got.Data) != want {
				t.Errorf("%s: got %s", transport, got.Data)
			}
			if !json.Valid(s.OpenPacket().Data) || len(s.ID()) != 22 {
				t.Errorf("sid %q", s.ID())
			}
		}
	})
}

func TestWhatOpenSendsFollowsTheHandshake(t *testing.T) {
	e := &ear{open: func(s *Session) { _ = s.Send(text(Message, "hello")) }}
	run(t, e, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, WebSocket), newPuller()
		s.Attach(p)
		if !p.awake() {
			t.Error("nobody was woken for the handshake")
		}
		got, _ := take(s, p)
		if !strings.HasPrefix(got, `0{"sid":`) || !strings.HasSuffix(got, "\x1e4hello") {
			t.Errorf("took %q", got)
		}
	})
}

func TestASilentClientIsPingedThenClosedOnTheDot(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, WebSocket), newPuller()
		s.Attach(p)
		take(s, p)
		time.Sleep(25*time.Second - 1)
		wantTake(t, s, p, "", Stay)
		time.Sleep(1 + sweepPause)
		wantTake(t, s, p, "2", Stay)
		time.Sleep(20*time.Second - sweepPause - 1)
		if !found(srv, s) {
			t.Error("closed before its time")
		}
		time.Sleep(1)
		if found(srv, s) {
			t.Error("still found after the ping timeout")
		}
		wantTake(t, s, p, "", End)
		if got := e.reasons(); got != "ping timeout" {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestAnyPacketCountsAsLife(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, WebSocket), newPuller()
		s.Attach(p)
		take(s, p)
		for _, sign := range []Packet{text(Pong, ""), text(Message, "x"), text(Noop, ""), text(Pong, "")} {
			time.Sleep(25*time.Second + sweepPause)
			wantTake(t, s, p, "2", Stay)
			time.Sleep(19 * time.Second)
			if !s.Receive(sign) {
				t.Fatalf("the session ended at %+v", sign)
			}
		}
		if got := e.reasons(); got != "" {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestAnAbandonedHandshakeIsForgotten(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		for range 1000 {
			open(t, srv, Polling)
		}
		time.Sleep(46 * time.Second)
		if n := srv.Stats(); n != (Stats{}) {
			t.Errorf("%+v are left", n)
		}
		srv.deadlines.mu.Lock()
		defer srv.deadlines.mu.Unlock()
		if n := len(srv.deadlines.queue); n != 0 {
			t.Errorf("%d deadlines are left", n)
		}
	})
}

func TestAClientsPingIsAViolation(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s := open(t, srv, Polling)
		if s.Receive(text(Ping, "")) {
			t.Error("the session goes on")
		}
		if got := e.reasons(); got != "transport error" || found(srv, s) {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestAFullOutboxClosesAsSlow(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s := open(t, srv, Polling)
		big := text(Message, strings.Repeat("x", 5000))
		if err := s.Send(big); err != nil {
			t.Fatalf("an empty outbox refused a packet: %v", err)
		}
		if err := s.Send(text(Message, "")); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		if got := e.reasons(); got != "slow" {
			t.Errorf("closed with %q", got)
		}
		if n, bytes := s.Queued(); n != 0 || bytes != 0 {
			t.Errorf("%d packets of %d bytes are kept", n, bytes)
		}
	})
}

func TestEmptyPacketsFillTheOutboxToo(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s := open(t, srv, Polling)
		n := 0
		for s.Send(text(Message, "")) == nil {
			n++
		}
		if n != testConfig.OutboxBytes/packetOverhead {
			t.Errorf("%d empty packets were taken", n)
		}
	})
}

func TestPingsAreNotRefusedByAFullOutbox(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s := open(t, srv, Polling)
		_ = s.Send(text(Message, strings.Repeat("x", 2000)))
		time.Sleep(26 * time.Second)
		if got := e.reasons(); got != "" {
			t.Errorf("closed with %q", got)
		}
		if n, _ := s.Queued(); n != 2 {
			t.Errorf("%d packets wait", n)
		}
	})
}

func TestARefusedTrySendIsFollowedByOneDrain(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, WebSocket), newPuller()
		s.Attach(p)
		take(s, p)
		packet := text(Message, strings.Repeat("x", 60)) // counts 100
		for i := range 4 {
			if !s.TrySend(400, packet) {
				t.Fatalf("packet %d was refused", i)
			}
		}
		for range 2 {
			if s.TrySend(400, packet) {
				t.Fatal("more than room was taken")
			}
		}
		for _, c := range []struct{ drains, left int }{{0, 300}, {0, 200}, {1, 100}, {1, 0}, {1, 0}} {
			s.Take(p, nil, 100)
			if _, bytes := s.Queued(); e.drains != c.drains || bytes != c.left {
				t.Errorf("%d drains with %d bytes left, want %+v", e.drains, bytes, c)
			}
		}
		if !s.TrySend(0, packet) {
			t.Error("an empty outbox refused a packet")
		}
	})
}

func TestWritableMeansThatItLeavesNow(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, Polling), newPuller()
		steps := []struct {
			what string
			do   func()
			want bool
		}{
			{"between polls", func() {}, false},
			{"a poll waits", func() { _ = s.BeginPoll(p) }, true},
			{"a packet waits", func() { _ = s.Send(text(Message, "a")) }, false},
			{"it is on its way", func() { take(s, p) }, false},
			{"the poll has ended", func() { s.EndPoll(p) }, false},
			{"the next one waits", func() { _ = s.BeginPoll(p) }, true},
			{"the session is closed", func() { s.Close(ForcedClose) }, false},
		}
		for _, step := range steps {
			step.do()
			if s.Writable() != step.want {
				t.Errorf("%s: Writable is %v", step.what, !step.want)
			}
		}
	})
}

func TestCloseFlushesWhatWaitsAndThenEnds(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, Polling), newPuller()
		_ = s.Send(text(Message, "last words"))
		s.Close("server says so")
		s.Close(ForcedClose)
		if err := s.Send(text(Message, "too late")); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		if got := e.reasons(); got != "server says so" {
			t.Errorf("closed with %q", got)
		}
		if !found(srv, s) {
			t.Fatal("the next poll cannot hear of it")
		}
		if err := s.BeginPoll(p); err != nil {
			t.Fatal(err)
		}
		wantTake(t, s, p, "4last words", Stay)
		s.EndPoll(p)
		if err := s.BeginPoll(p); err != nil {
			t.Fatal(err)
		}
		wantTake(t, s, p, "", End) // in an answer of its own
		if found(srv, s) {
			t.Error("still found after its end was told")
		}
	})
}

func TestAnEndThatNobodyFetchesIsForgotten(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		var ended atomic.Int32
		s, err := srv.Open(Handshake{}, Polling, func() { ended.Add(1) })
		if err != nil {
			t.Fatal(err)
		}
		s.Close(ForcedClose)
		time.Sleep(defaultLinger - 1)
		if !found(srv, s) || ended.Load() != 0 {
			t.Error("forgotten before its time")
		}
		time.Sleep(1 + sweepPause)
		synctest.Wait()
		if found(srv, s) || ended.Load() != 1 {
			t.Errorf("not forgotten; ended was called %d times", ended.Load())
		}
	})
}

func TestASecondPollClosesTheSessionAndEndsTheFirst(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, first, second := open(t, srv, Polling), newPuller(), newPuller()
		if err := s.BeginPoll(first); err != nil {
			t.Fatal(err)
		}
		if err := s.BeginPoll(second); !errors.Is(err, ErrOverlap) {
			t.Errorf("got %v", err)
		}
		if !first.awake() {
			t.Error("the first was not woken")
		}
		wantTake(t, s, first, "", End)
		if got := e.reasons(); got != "transport error" || found(srv, s) {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestASecondPostClosesTheSession(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s := open(t, srv, Polling)
		if err := s.BeginPost(); err != nil {
			t.Fatal(err)
		}
		if err := s.BeginPost(); !errors.Is(err, ErrOverlap) {
			t.Errorf("got %v", err)
		}
		if s.Receive(text(Message, "late")) {
			t.Error("the first goes on")
		}
		s.EndPost()
		if got := e.reasons(); got != "transport error" {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestCloseIsHeardOnceAndNotBeforeOpenReturned(t *testing.T) {
	var e *ear
	e = &ear{open: func(s *Session) {
		s.Close(ForcedClose)
		s.Abort(ParseError)
		if got := e.reasons(); got != "" {
			panic("closed with " + got + " while Open runs")
		}
	}}
	run(t, e, func(t *testing.T, srv *Server) {
		open(t, srv, Polling)
		if got := e.reasons(); got != "forced close" {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestAPanicEndsTheSessionOnly(t *testing.T) {
	e := &ear{message: func(*Session, string) { panic("oops") }}
	run(t, e, func(t *testing.T, srv *Server) {
		s, other := open(t, srv, Polling), open(t, srv, Polling)
		if s.Receive(text(Message, "x")) {
			t.Error("the session goes on")
		}
		if got := e.reasons(); got != "internal error" || !found(srv, other) {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestAClosedServerOpensNothing(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, Polling), newPuller()
		_ = s.BeginPoll(p)
		if err := srv.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := srv.Open(Handshake{}, Polling, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		if !p.awake() {
			t.Error("the waiting poll was not woken")
		}
		wantTake(t, s, p, "", End)
		if got := e.reasons(); got != "server shutting down" {
			t.Errorf("closed with %q", got)
		}
	})
}
