package transport

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/internal/options"
	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

// bouncer is a Recheck that refuses who is banned.
type bouncer struct {
	mu     sync.Mutex
	banned map[string]bool
}

func (b *bouncer) ban(user string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.banned = map[string]bool{user: true}
}

func (b *bouncer) recheck(_ context.Context, id engineio.Identity) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.banned[id.User] {
		return errors.New("banned")
	}
	return nil
}

func byHeader(c *fiber.Ctx) (engineio.Identity, error) {
	who := c.Get("X-Who")
	return engineio.Identity{Key: who, User: who}, nil
}

func TestWhoIsRefusedLaterLosesTheOpenConnection(t *testing.T) {
	for name, c := range map[string]struct {
		every time.Duration
		ask   func(*Transport)
	}{
		"by the clock":       {20 * time.Millisecond, func(*Transport) {}},
		"when all are asked": {0, func(tr *Transport) { tr.Recheck(context.Background()) }},
		"when he is asked":   {0, func(tr *Transport) { tr.Recheck(context.Background(), "someone", "mallory") }},
		"asked by both":      {time.Hour, func(tr *Transport) { tr.Recheck(context.Background(), "mallory") }},
	} {
		t.Run(name, func(t *testing.T) {
			wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
				var b bouncer
				r := newRig(t, func(s *setup) {
					s.transport.Identify = byHeader
					s.transport.Recheck = b.recheck
					s.transport.RecheckEvery = c.every
				})
				mallory := line.Open(r.Client(t).With("X-Who", "mallory"))
				anna := line.Open(r.Client(t).With("X-Who", "anna"))
				r.transport.Recheck(t.Context())
				r.expectOpen(t)
				b.ban("mallory")
				c.ask(r.transport)
				r.expectReason(t, "forced server close")
				mallory.ExpectClosed()
				anna.Send("4x")
				anna.Expect("4x")
				if n := r.transport.Stats().Refused["identity"]; n != 1 {
					t.Errorf("counted %d", n)
				}
			})
		})
	}
}

func TestRecheckAsksAboutNobodyElse(t *testing.T) {
	var b bouncer
	r := newRig(t, func(s *setup) {
		s.transport.Identify = byHeader
		s.transport.Recheck = b.recheck
	})
	s := wiretest.WebSocket().Open(r.Client(t).With("X-Who", "mallory"))
	b.ban("mallory")
	r.transport.Recheck(t.Context(), "anna")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	r.transport.Recheck(ended)
	s.Send("4x")
	s.Expect("4x")
	r.expectOpen(t)
	newRig(t, nil).transport.Recheck(t.Context()) // without a callback nobody is refused
}

func TestAPanicInARecheckStopsNothing(t *testing.T) {
	var b bouncer
	r := newRig(t, func(s *setup) {
		s.transport.Identify = byHeader
		s.transport.RecheckEvery = 20 * time.Millisecond
		s.transport.Recheck = func(ctx context.Context, id engineio.Identity) error {
			if id.User == "anna" {
				panic("a secret")
			}
			return b.recheck(ctx, id)
		}
	})
	anna := wiretest.WebSocket().Open(r.Client(t).With("X-Who", "anna"))
	wiretest.Polling().Open(r.Client(t).With("X-Who", "mallory"))
	b.ban("mallory")
	r.expectReason(t, "forced server close")
	anna.Send("4x")
	anna.Expect("4x")
}

func TestARecheckThatGetsNoAnswerHoldsNothingUp(t *testing.T) {
	asked := make(chan struct{}, 1)
	r := newRig(t, func(s *setup) {
		s.transport.RecheckEvery = 20 * time.Millisecond
		s.transport.Recheck = func(ctx context.Context, _ engineio.Identity) error {
			select {
			case asked <- struct{}{}:
			default:
			}
			<-ctx.Done()
			return ctx.Err()
		}
	})
	line := wiretest.WebSocket().Open(r.Client(t))
	<-asked
	line.Send("4x")
	line.Expect("4x")
	alive(t, r)
	r.expectOpen(t)
	r.close(t) // ends the one that waits
	r.expectReason(t, engineio.ServerShuttingDown)
}

func TestRechecksAreSpreadOverTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const sessions, every, rounds = 99, 100 * time.Second, 5
		var mu sync.Mutex
		asked := make(map[any][]time.Time)
		busiest, last := 0, time.Time{}
		engine := engineio.NewServer(options.Explicit(engineio.Config{}), &ear{})
		for i := range sessions {
			h := engineio.Handshake{Identity: engineio.Identity{Value: i}}
			if _, err := engine.Open(h, engineio.Polling, nil); err != nil {
				t.Fatal(err)
			}
		}
		tr := New(Config{
			Logger:       slog.New(slog.DiscardHandler),
			RecheckEvery: every,
			Recheck: func(_ context.Context, id engineio.Identity) error {
				mu.Lock()
				defer mu.Unlock()
				now := time.Now()
				if busiest++; !now.Equal(last) {
					busiest, last = 1, now
				}
				if busiest > 1 {
					t.Errorf("%d are asked about at once", busiest)
				}
				asked[id.Value] = append(asked[id.Value], now)
				return nil
			},
		}, engine)
		time.Sleep((rounds + 1) * every)
		mu.Lock()
		for who, at := range asked {
			if len(at) < rounds || len(at) > rounds+1 {
				t.Errorf("%v was asked about %d times", who, len(at))
			}
			for i := range at[1:] {
				if between := at[i+1].Sub(at[i]); between != every {
					t.Errorf("%v was asked about again after %v", who, between)
				}
			}
		}
		mu.Unlock()
		if len(asked) != sessions {
			t.Errorf("asked about %d", len(asked))
		}
		if err := errors.Join(engine.Close(t.Context()), tr.Close(t.Context())); err != nil {
			t.Error(err)
		}
	})
}

func TestRechecksOfManyDoNotWakeForEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const sessions, every = 1000, 10 * time.Second
		var mu sync.Mutex
		moments, asked := make(map[time.Time]bool), 0
		engine := engineio.NewServer(options.Explicit(engineio.Config{}), &ear{})
		for range sessions {
			if _, err := engine.Open(engineio.Handshake{}, engineio.Polling, nil); err != nil {
				t.Fatal(err)
			}
		}
		tr := New(Config{
			Logger:       slog.New(slog.DiscardHandler),
			RecheckEvery: every,
			Recheck: func(context.Context, engineio.Identity) error {
				mu.Lock()
				defer mu.Unlock()
				moments[time.Now()] = true
				asked++
				return nil
			},
		}, engine)
		time.Sleep(every)
		mu.Lock()
		if most := int(every / recheckPause); asked != sessions || len(moments) < most || len(moments) > most*9/8 {
			t.Errorf("asked %d times, at %d moments", asked, len(moments))
		}
		mu.Unlock()
		if err := errors.Join(engine.Close(t.Context()), tr.Close(t.Context())); err != nil {
			t.Error(err)
		}
	})
}
