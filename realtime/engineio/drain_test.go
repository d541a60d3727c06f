package engineio

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"roomline/internal/options"
)

// leaving notes in which order and when sessions of a server end.
type leaving struct {
	*ear
	mu    sync.Mutex
	order []*Session
	at    []time.Time
}

func (l *leaving) Close(s *Session, _ Reason) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.order = append(l.order, s)
	l.at = append(l.at, time.Now())
}

// drain opens sessions on WebSockets that leave when they are told to, and closes their server.
func drain(ctx context.Context, t *testing.T, sessions int, within time.Duration) (*leaving, []*Session, time.Duration) {
	t.Helper()
	l := &leaving{ear: &ear{}}
	cfg := testConfig
	cfg.DrainTime = within
	srv := NewServer(options.Explicit(cfg), l)
	var all []*Session
	for range sessions {
		s := open(t, srv, WebSocket)
		s.Attach(&eager{s})
		all = append(all, s)
	}
	begun := time.Now()
	err := srv.Close(ctx)
	took := time.Since(begun)
	if ctx.Err() == nil && err != nil {
		t.Error(err)
	}
	synctest.Wait()
	if _, err := srv.Open(Handshake{}, Polling, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("opened: %v", err)
	}
	return l, all, took
}

// eager takes as soon as it is woken.
type eager struct{ s *Session }

func (e *eager) Wake() { go e.s.Take(e, nil, 0) }

func TestADrainEndsSessionsEvenlyAndInRandomOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const within = 8 * time.Second
		begun := time.Now()
		l, all, took := drain(t.Context(), t, 4000, within)
		if took > within+100*time.Millisecond || took < within*9/10 {
			t.Errorf("took %v", took)
		}
		quarters := make([]int, 4)
		for _, at := range l.at {
			quarters[min(at.Sub(begun)*4/within, 3)]++
		}
		for _, n := range quarters {
			if n < 990 || n > 1010 {
				t.Errorf("ended %v in the quarters of the time", quarters)
			}
		}
		if len(l.order) != 4000 || slices.Equal(l.order[:100], all[:100]) {
			t.Errorf("%d ended, in the order in which they came", len(l.order))
		}
	})
}

func TestADrainOfFewIsShort(t *testing.T) {
	for _, c := range []struct {
		sessions    int
		within, max time.Duration
	}{
		{0, 8 * time.Second, 0},
		{5, 8 * time.Second, 60 * time.Millisecond},
		{5000, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			l, _, took := drain(t.Context(), t, c.sessions, c.within)
			if took > c.max || len(l.at) != c.sessions {
				t.Errorf("%d of %d ended in %v", len(l.at), c.sessions, took)
			}
		})
	}
}

func TestADrainThatMayNotLastEndsAllAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		l, _, took := drain(ctx, t, 4000, 8*time.Second)
		if took > time.Second+10*time.Millisecond || len(l.at) != 4000 {
			t.Errorf("%d ended in %v", len(l.at), took)
		}
	})
}

func TestADrainWaitsForPollsToHearTheEnd(t *testing.T) {
	for name, c := range map[string]struct {
		comes    time.Duration // 0: never
		min, max time.Duration
	}{
		"that come":        {300 * time.Millisecond, 290 * time.Millisecond, 320 * time.Millisecond},
		"but not for long": {0, time.Second, time.Second + 20*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := testConfig
				cfg.DrainTime = 8 * time.Second
				srv := NewServer(options.Explicit(cfg), &ear{})
				s, begun := open(t, srv, Polling), time.Now()
				if c.comes > 0 {
					time.AfterFunc(c.comes, func() {
						p := newPuller()
						_ = s.BeginPoll(p)
						wantTake(t, s, p, "", End)
						s.EndPoll(p)
					})
				}
				if err := srv.Close(t.Context()); err != nil {
					t.Error(err)
				}
				if took := time.Since(begun); took < c.min || took > c.max {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestTheHeartBeatsWhileOthersAreDrained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig
		cfg.DrainTime, cfg.PingInterval, cfg.PingTimeout = time.Minute, time.Second, time.Second
		l := &leaving{ear: &ear{}}
		srv := NewServer(options.Explicit(cfg), l)
		for range 3000 {
			open(t, srv, Polling)
		}
		if err := srv.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if n := srv.Stats(); n.Closed[PingTimeout] < 2500 {
			t.Errorf("%+v: those that left meanwhile were not noticed", n)
		}
	})
}
