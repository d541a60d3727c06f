package handlers

import (
	"net/netip"
	"strings"
	"sync"
	"time"
)

// How the site slows guessing down. A wait is never so long that failing on purpose could
// keep the owner of an account out for good.
const (
	freeGuessesPerName    = 10
	freeGuessesPerAddress = 50
	longestWait           = 5 * time.Minute
	forgetAfter           = time.Hour // without a try
	throttleSize          = 20_000    // keys remembered
)

// throttle counts the failed tries of each key; after some free ones every further failure
// doubles the wait before the next try. Its methods may be called concurrently.
type throttle struct {
	free int
	now  func() time.Time

	mu   sync.Mutex
	keys map[string]tries
}

type tries struct {
	failed int
	last   time.Time
	until  time.Time // no try before
}

func newThrottle(free int, now func() time.Time) *throttle {
	return &throttle{free: free, now: now, keys: map[string]tries{}}
}

// begin takes a try, or returns how long to wait for one. A try counts as failed from the
// start, so that a hundred at once are not all judged by the same count.
func (t *throttle) begin(key string) (wait time.Duration) {
	now := t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.keys[key]
	if e.last.After(now) { // the clock was set back: how long ago that was is unknown
		e.last, e.until = now, time.Time{}
	}
	if now.Before(e.until) {
		return e.until.Sub(now)
	}
	if now.Sub(e.last) > forgetAfter {
		e = tries{}
	}
	e.failed++
	e.last = now
	if over := e.failed - t.free; over > 0 {
		e.until = now.Add(min(longestWait, time.Second<<min(over-1, 16)))
	}
	if _, known := t.keys[key]; !known && len(t.keys) >= throttleSize {
		t.shrinkLocked(now)
	}
	t.keys[key] = e
	return 0
}

// succeed takes back a try that begin took. With forget all failures of the key go: whoever
// knows the password was no guesser.
func (t *throttle) succeed(key string, forget bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e, known := t.keys[key]
	if !known {
		return
	}
	e.failed--
	e.until = time.Time{}
	if forget || e.failed <= 0 {
		delete(t.keys, key)
		return
	}
	t.keys[key] = e
}

// shrinkLocked makes room: first goes what is over, then what need not wait, then anything.
func (t *throttle) shrinkLocked(now time.Time) {
	for _, dispensable := range []func(tries) bool{
		func(e tries) bool { return now.Sub(e.last) > forgetAfter },
		func(e tries) bool { return !now.Before(e.until) },
		func(tries) bool { return true },
	} {
		for key, e := range t.keys {
			if len(t.keys) <= throttleSize/2 {
				return
			}
			if dispensable(e) {
				delete(t.keys, key)
			}
		}
		if len(t.keys) < throttleSize {
			return
		}
	}
}

// quota allows each key so many takes in a period, refilled evenly. Its methods may be
// called concurrently.
type quota struct {
	limit  int // 0 for none
	period time.Duration
	now    func() time.Time

	mu   sync.Mutex
	full map[string]time.Time // when the key's takes will all have been refilled
}

func newQuota(limit int, period time.Duration, now func() time.Time) *quota {
	return &quota{limit: limit, period: period, now: now, full: map[string]time.Time{}}
}

// take uses one up, or returns how long to wait for one.
func (q *quota) take(key string) (wait time.Duration) {
	if q.limit == 0 {
		return 0
	}
	now, each := q.now(), q.period/time.Duration(q.limit)
	q.mu.Lock()
	defer q.mu.Unlock()
	full := q.full[key]
	if full.Before(now) || full.After(now.Add(q.period)) { // refilled, or from before the clock was set back
		full = now
	}
	full = full.Add(each)
	if wait := full.Sub(now) - q.period; wait > 0 {
		return wait
	}
	if len(q.full) >= throttleSize {
		for k, f := range q.full {
			if f.Before(now) || len(q.full) >= throttleSize {
				delete(q.full, k)
			}
		}
	}
	q.full[key] = full
	return 0
}

// giveBack returns what take took.
func (q *quota) giveBack(key string) {
	if q.limit == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if full, known := q.full[key]; known {
		q.full[key] = full.Add(-q.period / time.Duration(q.limit))
	}
}

// addressKey is what counts as one address: an IPv4 address or an IPv6 /64. It outlives the
// request that ip is of.
func addressKey(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return strings.Clone(ip)
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return addr.String()
	}
	return prefix.String()
}
