package engineio

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"roomline/internal/options"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ear is a Handler that notes what it hears.
type ear struct {
	open    func(*Session)
	message func(*Session, string)

	mu       sync.Mutex
	messages []string
	drains   int
	pongs    int
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

func (e *ear) Pong(*Session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pongs++
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
		srv := NewServer(options.Explicit(testConfig), e)
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

// take waits until everything has come to rest, and takes what waits then.
func take(s *Session, p Puller) (string, Next) {
	synctest.Wait()
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
