package engineio

import (
	"sync"
	"time"
)

const (
	// coarsest is how far the moments at which alarms ring are apart at the most.
	coarsest = 250 * time.Millisecond
	// grains is how many of them an interval of the heartbeat has at the least.
	grains = 64
)

// alarms has sessions looked at when their time has come, together with all whose time comes
// about then: one goroutine pings them one after the other, and their answers come together too.
// Without sessions nothing of it runs.
type alarms struct {
	// set once
	now   func() moment
	grain moment

	mu    sync.Mutex // guards what follows
	bells map[moment]*bell
}

// bell rings once, for those who wait for the same moment.
type bell struct {
	timer *time.Timer
	who   map[*Session]struct{}
}

func newAlarms(cfg Config, now func() moment) *alarms {
	grain := coarsest
	for _, d := range []time.Duration{cfg.PingInterval, cfg.PingTimeout} {
		if d > 0 {
			grain = min(grain, max(d/grains, 1))
		}
	}
	return &alarms{now: now, grain: moment(grain), bells: make(map[moment]*bell)}
}

// set has s, whose lock is held, looked at at a moment or a little later, instead of when it was
// to be before.
func (a *alarms) set(s *Session, at moment) {
	at = (at+a.grain-2)/a.grain*a.grain + 1 // the first moment is 1
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dropLocked(s)
	s.alarm = at
	b := a.bells[at]
	if b == nil {
		b = &bell{who: make(map[*Session]struct{})}
		b.timer = time.AfterFunc(time.Duration(at-a.now()), func() { a.ring(at) })
		a.bells[at] = b
	}
	b.who[s] = struct{}{}
}

// drop has s, whose lock is held, looked at no more.
func (a *alarms) drop(s *Session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dropLocked(s)
	s.alarm = 0
}

func (a *alarms) dropLocked(s *Session) {
	b := a.bells[s.alarm]
	if b == nil {
		return
	}
	delete(b.who, s)
	if len(b.who) == 0 {
		b.timer.Stop()
		delete(a.bells, s.alarm)
	}
}

// ring looks at the sessions whose time has come.
func (a *alarms) ring(at moment) {
	a.mu.Lock()
	b := a.bells[at]
	delete(a.bells, at)
	a.mu.Unlock()
	if b == nil {
		return // they have all gone
	}
	for s := range b.who {
		s.tick(at)
	}
}
