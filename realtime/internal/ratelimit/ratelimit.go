// Package ratelimit limits how often something may happen for each of many keys.
package ratelimit

import (
	"maps"
	"math"
	"sync"
	"time"
)

// Limiter is a token bucket for each key (the generic cell rate algorithm). For a key it
// keeps one time: the moment at which its bucket is full again. A key whose bucket is full is
// forgotten, so memory is bounded by the keys in use. The methods of a nil Limiter never
// limit. They may be called concurrently.
type Limiter[K comparable] struct {
	token time.Duration // in which one token comes back
	slack time.Duration // by which the moment may lie ahead while a token is left

	mu    sync.Mutex // guards what follows
	full  map[K]time.Time
	sweep int // size of full at which idle keys are forgotten
}

// New returns a Limiter with buckets of burst tokens that refill at rate tokens per second;
// nil if either is 0 or less.
func New[K comparable](burst int, rate float64) *Limiter[K] {
	if burst <= 0 || rate <= 0 {
		return nil
	}
	const longest = float64(100 * 365 * 24 * time.Hour) // a Duration overflows at 292 years
	token := math.Ceil(min(float64(time.Second)/rate, longest))
	return &Limiter[K]{
		token: time.Duration(token),
		slack: time.Duration(min(token*float64(burst-1), longest)),
		full:  make(map[K]time.Time),
		sweep: minSweep,
	}
}

// minSweep is the number of keys below which none is forgotten.
const minSweep = 1024

// Take takes a token of key. If there is none it returns how long to wait for one, and takes
// nothing.
func (l *Limiter[K]) Take(key K, now time.Time) (wait time.Duration) {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// A bucket never takes longer than slack+token to fill. Only a clock that was set back
	// can say so, and must not make the wait longer.
	full := l.full[key]
	if full.Before(now) {
		full = now
	} else if latest := now.Add(l.slack + l.token); full.After(latest) {
		full = latest
	}
	if wait := full.Sub(now) - l.slack; wait > 0 {
		return wait
	}
	l.full[key] = full.Add(l.token)
	if len(l.full) > l.sweep {
		maps.DeleteFunc(l.full, func(_ K, full time.Time) bool { return !full.After(now) })
		l.sweep = max(minSweep, 2*len(l.full))
	}
	return 0
}
