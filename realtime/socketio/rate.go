package socketio

import (
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is a token bucket. The zero value bounds nothing.
type Rate struct {
	PerSecond float64
	Burst     int // at once; at least 1
}

func (r Rate) limiter() *rate.Limiter {
	return rate.NewLimiter(rate.Limit(r.PerSecond), max(r.Burst, 1))
}

// full is how long it takes an empty bucket to be full again.
func (r Rate) full() time.Duration {
	return time.Duration(float64(max(r.Burst, 1)) / r.PerSecond * float64(time.Second))
}

// RateError is the error of an event that came too soon.
type RateError struct {
	Event      string
	RetryAfter time.Duration
}

// Error implements error.
func (e *RateError) Error() string { return fmt.Sprintf("too many events: %q", e.Event) }

// take spends a token; otherwise it says how long until there is one.
func take(l *rate.Limiter) time.Duration {
	r := l.Reserve()
	wait := r.Delay()
	if wait > 0 {
		r.Cancel()
	}
	return wait
}

// pace bounds what a connection sends, whatever it is; acknowledgements and goodbyes are free.
// The reader holds reading.
func (c *conn) pace(t PacketType) time.Duration {
	bound := c.server.cfg.EventRate
	if bound.PerSecond == 0 || t.plain() != PacketEvent && t != PacketConnect {
		return 0
	}
	if c.limiter == nil {
		c.limiter = bound.limiter()
	}
	return take(c.limiter)
}

// quotas are what each user may still send. A user's connections share one, and it outlives
// them for as long as it is not full.
type quotas struct {
	mu    sync.Mutex // guards what follows, and conns and left of every quota
	users map[string]*quota
}

type quota struct {
	user  string // "": of one connection alone
	conns int
	left  time.Time // when the last one ended

	mu       sync.Mutex // guards what follows
	limiters map[quotaKey]*rate.Limiter
	kept     time.Duration // what the slowest of limiters needs to be full
}

type quotaKey struct {
	of    *bindings // of a dynamic namespace and all its children
	event string
}

func (q *quotas) get(user string) *quota {
	q.mu.Lock()
	defer q.mu.Unlock()
	one := q.users[user]
	if one == nil {
		one = &quota{user: user}
		if user != "" {
			q.users[user] = one
		}
	}
	one.conns++
	return one
}

func (q *quotas) put(one *quota) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if one.conns--; one.conns > 0 || one.user == "" {
		return
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.kept == 0 {
		delete(q.users, one.user)
		return
	}
	kept := one.kept
	one.left = time.Now()
	time.AfterFunc(kept, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		// Who was back meanwhile has a later alarm.
		if one.conns == 0 && time.Since(one.left) >= kept && q.users[one.user] == one {
			delete(q.users, one.user)
		}
	})
}

// spend takes one event of the connection's user; otherwise it says how long until there is
// one. The connection's worker calls it.
func (c *conn) spend(n *Namespace, event string) time.Duration {
	if n.rates[event].PerSecond == 0 {
		return 0
	}
	return c.userQuota(true).take(n, event)
}

// userQuota returns what bounds the connection's user; nil if nothing does yet, unless needed.
func (c *conn) userQuota(needed bool) *quota {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.quota == nil && needed {
		c.quota = c.server.quotas.get(c.session.Handshake().Identity.User)
	}
	return c.quota
}

// take spends one event; otherwise it says how long until there is one.
func (q *quota) take(n *Namespace, event string) time.Duration {
	bound := n.rates[event]
	q.mu.Lock()
	defer q.mu.Unlock()
	key := quotaKey{n.bindings, event}
	l := q.limiters[key]
	if l == nil {
		l = bound.limiter()
		if q.limiters == nil {
			q.limiters = make(map[quotaKey]*rate.Limiter, 1)
		}
		q.limiters[key] = l
		q.kept = max(q.kept, bound.full())
	}
	return take(l)
}
