package engineio

import "time"

// heart is a session's heartbeat ("Heartbeat"): the server pings, and any packet of the
// client proves that it lives. Its session's lock guards it.
type heart struct {
	next   time.Time // of the next ping, while none is unanswered
	pinged time.Time // when the unanswered ping was due; zero if there is none

	asked int // pings without a pong of their own, which other signs of life do not replace
}

// beatLocked notes a sign of life.
func (s *Session) beatLocked(now time.Time) {
	if h := &s.heart; !h.pinged.IsZero() {
		h.pinged = time.Time{}
		h.next = now.Add(s.server.cfg.PingInterval)
		s.setAlarmLocked(now)
	}
}

// pong notes a pong and reports whether it proves that all has arrived that was queued
// before the latest ping.
func (h *heart) pong() bool {
	if h.asked == 0 {
		return false
	}
	h.asked--
	return h.asked == 0
}

// ping notes that a ping is sent now. The wait for its answer counts from when it was due,
// so that an alarm that is a little late does not make the bound late; a process that was
// stopped for long gives its clients the whole time.
func (h *heart) ping(cfg Config, now time.Time) {
	h.asked++
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

// due returns when the heart wants to be looked at next.
func (h *heart) due(cfg Config) time.Time {
	if h.pinged.IsZero() {
		return h.next
	}
	return h.pinged.Add(cfg.PingTimeout)
}

func (s *Session) setAlarmLocked(now time.Time) {
	if cfg := s.server.cfg; cfg.PingInterval > 0 {
		s.alarm.Reset(s.heart.due(cfg).Sub(now))
	}
}

// tick is what the alarm rings for. It may ring late, for what has been put off since.
func (s *Session) tick() {
	cfg, now := s.server.cfg, time.Now()
	s.mu.Lock()
	defer s.unlock()
	switch {
	case s.state == stateClosing && !now.Before(s.closeBy):
		s.endLocked(s.reason, End) // nobody came for what was left
	case s.state != stateOpen:
	case s.heart.dead(cfg, now):
		s.endLocked(PingTimeout, End)
	default:
		if s.heart.pinged.IsZero() && !now.Before(s.heart.next) {
			s.heart.ping(cfg, now)
			s.pushLocked(Packet{Type: Ping})
		}
		s.setAlarmLocked(now)
	}
}

// gone reports whether the session has ended. It ends one whose client has been silent for
// too long: the alarm may be late, and what a client is told must not depend on that.
func (s *Session) gone(now time.Time) bool {
	s.mu.Lock()
	defer s.unlock()
	if s.state == stateOpen && s.heart.dead(s.server.cfg, now) {
		s.endLocked(PingTimeout, End)
	}
	return s.state == stateClosed
}
