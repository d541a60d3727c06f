package engineio

import "time"

// heart is a session's heartbeat ("Heartbeat"): the server pings, and any packet of the
// client proves that it lives. Its session's lock guards it.
type heart struct {
	next   time.Time // of the next ping, while none is unanswered
	pinged time.Time // when the unanswered ping was due; zero if there is none

	asked    int  // pings without a pong of their own, which other signs of life do not replace
	overtook bool // the latest was taken before what had been queued before it
}

// beat notes a sign of life.
func (h *heart) beat(cfg Config, now time.Time) {
	if !h.pinged.IsZero() {
		h.pinged = time.Time{}
		h.next = now.Add(cfg.PingInterval)
	}
}

// pong notes a pong and reports whether it proves that all has arrived that was queued
// before the latest ping.
func (h *heart) pong() bool {
	if h.asked == 0 {
		return false
	}
	h.asked--
	return h.asked == 0 && !h.overtook
}

// ping notes that a ping is sent now. The wait for its answer counts from when it was due,
// so that a sweep that is a little late does not make the bound late; a process that was
// stopped for long gives its clients the whole time.
func (h *heart) ping(cfg Config, now time.Time) {
	h.asked++
	h.overtook = false
	if cfg.PingTimeout == 0 {
		h.next = now.Add(cfg.PingInterval)
		return
	}
	h.pinged = h.next
	if now.Sub(h.next) > cfg.PingTimeout/4 {
		h.pinged = now
	}
}

// dead reports whether a ping went unanswered for too long.
func (h *heart) dead(cfg Config, now time.Time) bool {
	return !h.pinged.IsZero() && !now.Before(h.pinged.Add(cfg.PingTimeout))
}

// due returns when the heart wants to be looked at next; zero if there is no heartbeat.
// A pong does not move a deadline that was set already, so it must not be later than the
// ping that a pong could make due.
func (h *heart) due(cfg Config) time.Time {
	switch {
	case cfg.PingInterval == 0:
		return time.Time{}
	case h.pinged.IsZero():
		return h.next
	}
	return h.pinged.Add(min(cfg.PingTimeout, cfg.PingInterval))
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// tick serves the session's deadlines and returns the next one, zero for none.
func (s *Session) tick(now time.Time) time.Time {
	cfg := s.server.cfg
	s.mu.Lock()
	var forget func()
	var next time.Time
	switch {
	case s.state == stateClosing && now.Before(s.closeBy):
		next = s.closeBy
	case s.state == stateClosing:
		forget = s.endLocked(s.reason, End) // nobody came for what was left
	case s.state == stateClosed:
	case s.heart.dead(cfg, now):
		forget = s.endLocked(PingTimeout, End)
	default:
		if s.heart.pinged.IsZero() && !now.Before(s.heart.next) {
			s.heart.ping(cfg, now)
			s.pushLocked(Packet{Type: Ping})
		}
		next = s.heart.due(cfg)
		if !next.After(now) {
			next = earliest(now.Add(cfg.PingInterval), s.heart.pinged.Add(cfg.PingTimeout))
		}
	}
	s.mu.Unlock()
	if forget != nil {
		forget()
	}
	return next
}

// gone reports whether the session has ended. It ends one whose client has been silent for
// too long: the sweep may be late, and what a client is told must not depend on that.
func (s *Session) gone(now time.Time) bool {
	s.mu.Lock()
	if s.state == stateOpen && s.heart.dead(s.server.cfg, now) {
		forget := s.endLocked(PingTimeout, End)
		s.mu.Unlock()
		forget()
		return true
	}
	defer s.mu.Unlock()
	return s.state == stateClosed
}
