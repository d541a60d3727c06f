package chat

import (
	"maps"
	"math"
	"strings"
	"sync"
	"time"
)

// pace is a token bucket for each key. It keeps one time for a key, the moment at which its
// bucket will be full again; a key whose moment is past is as good as unknown and is
// forgotten. Its methods may be called concurrently.
type pace struct {
	token time.Duration // in which one token comes back
	slack time.Duration // that the moment may lie ahead while there is a token left

	mu    sync.Mutex // guards what follows
	full  map[string]time.Time
	sweep int // size at which idle keys are forgotten
}

// newPace returns buckets of burst tokens that refill at rate per second; nil, which never
// makes anybody wait, if one of them is none.
func newPace(burst int, rate float64) *pace {
	if burst <= 0 || rate <= 0 {
		return nil
	}
	// Bounded, as a duration wraps around at 292 years.
	const longest = float64(100 * 365 * 24 * time.Hour)
	token := min(float64(time.Second)/rate, longest)
	return &pace{
		token: time.Duration(math.Ceil(token)),
		slack: time.Duration(min(math.Ceil(token)*float64(burst-1), longest)),
		full:  make(map[string]time.Time),
		sweep: sweepAt(0),
	}
}

// wait returns how long key has to wait for a token, 0 if there is one.
func (p *pace) wait(key string, now time.Time) time.Duration {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, p.lackLocked(key, now)-p.slack)
}

// lackLocked returns how long it is until the bucket of key is full: 0 for an unknown key, and for one that would take
// longer than an empty bucket does, as the clock was set back since.
func (p *pace) lackLocked(key string, now time.Time) time.Duration {
	lack := p.full[key].Sub(now)
	if lack < 0 || lack > p.slack+p.token {
		return 0
	}
	return lack
}

// since returns the time that has passed since at. If at is in the future, the clock was set back and nobody knows how
// long ago it was: then it returns unknown.
func since(at, now time.Time, unknown time.Duration) time.Duration {
	if d := now.Sub(at); d >= 0 {
		return d
	}
	return unknown
}

// spend takes a token of key; the caller has seen that there is one.
func (p *pace) spend(key string, now time.Time) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.full[strings.Clone(key)] = now.Add(p.lackLocked(key, now) + p.token)
	if len(p.full) > p.sweep {
		maps.DeleteFunc(p.full, func(_ string, full time.Time) bool { return !full.After(now) })
		p.sweep = sweepAt(len(p.full))
	}
}

// giveBack returns a token that key has spent.
func (p *pace) giveBack(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if full, ok := p.full[key]; ok {
		p.full[key] = full.Add(-p.token)
	}
}

// sweepAt returns the size at which a map that now has size entries is swept next: often
// enough to bound it by twice what is in use, rarely enough to cost nothing per entry.
func sweepAt(size int) int { return max(1024, 2*size) }
