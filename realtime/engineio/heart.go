package engineio

import "time"

// moment is a time since the server was made, and a third of the size of a time.Time. It is
// never 0, which stands for none.
type moment time.Duration

func (s *Server) now() moment { return moment(time.Since(s.made)) + 1 }

func (m moment) add(d time.Duration) moment { return m + moment(d) }

// heart is a session's heartbeat ("Heartbeat"): the server pings, and any packet of the
// client proves that it lives. Its session's lock guards it.
type heart struct {
	next   moment // of the next ping, while none is unanswered
	pinged moment // when the unanswered ping was due; 0 if there is none

	handling int // messages being handled; until they are, nothing behind them is read

	asked int // pings without a pong of their own, which other signs of life do not replace
}

// beatLocked notes a sign of life.
func (s *Session) beatLocked(now moment) {
	if h := &s.heart; h.pinged != 0 {
		h.pinged = 0
		h.next = now.add(s.server.cfg.PingInterval)
		s.setAlarmLocked()
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
func (h *heart) ping(cfg Config, now moment) {
	h.asked++
	if cfg.PingTimeout == 0 {
		h.next = now.add(cfg.PingInterval)
		return
	}
	h.pinged = h.next
	if now-h.next > moment(cfg.PingTimeout/4) {
		h.pinged = now
	}
}

// dead reports whether a ping went unanswered for too long. While a message is being handled the
// answer may be unread behind it.
func (h *heart) dead(cfg Config, now moment) bool {
	return h.handling == 0 && h.pinged != 0 && now >= h.pinged.add(cfg.PingTimeout)
}

// due returns when the heart wants to be looked at next.
func (h *heart) due(cfg Config) moment {
	if h.pinged == 0 {
		return h.next
	}
	return h.pinged.add(cfg.PingTimeout)
}

func (s *Session) setAlarmLocked() {
	if cfg := s.server.cfg; cfg.PingInterval > 0 {
		s.server.alarms.set(s, s.heart.due(cfg))
	}
}

// tick is what the alarm of a moment rings for.
func (s *Session) tick(at moment) {
	cfg, now := s.server.cfg, s.server.now()
	s.mu.Lock()
	defer s.unlock()
	switch {
	case s.alarm != at: // it was put off as it rang
	case s.state == stateClosing && now >= s.closeBy:
		s.endLocked(s.reason, End) // nobody came for what was left
	case s.state != stateOpen:
	case s.heart.dead(cfg, now):
		s.endLocked(PingTimeout, End)
	default:
		if s.heart.handling > 0 && s.heart.pinged != 0 && now >= s.heart.pinged.add(cfg.PingTimeout) {
			s.heart.pinged, s.heart.next = 0, now // the client goes on being pinged: it has a timeout, too
		}
		if s.heart.pinged == 0 && now >= s.heart.next {
			s.heart.ping(cfg, now)
			s.pushLocked(Packet{Type: Ping})
		}
		s.setAlarmLocked()
	}
}

// gone reports whether the session has ended. It ends one whose client has been silent for
// too long: the alarm may be late, and what a client is told must not depend on that.
func (s *Session) gone(now moment) bool {
	s.mu.Lock()
	defer s.unlock()
	if s.state == stateOpen && s.heart.dead(s.server.cfg, now) {
		s.endLocked(PingTimeout, End)
	}
	return s.state == stateClosed
}
