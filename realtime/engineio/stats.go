package engineio

import "maps"

// maxReasons are counted apart, in case the layer above makes them up; then as Other.
const maxReasons = 32

// Other stands in Stats for all further reasons.
const Other Reason = "other"

// Stats counts sessions: those that are there now, and all that ever were.
type Stats struct {
	Polling   int // now
	WebSocket int // now

	Queued     int // bytes that wait now, for all of them: see Session.Queued
	MostQueued int // for the one that has the most

	Opened   uint64
	Upgraded uint64 // from polling to WebSocket
	Closed   map[Reason]uint64
}

// Stats counts the sessions. What it returns is the caller's.
func (s *Server) Stats() Stats {
	s.mu.RLock()
	n := s.past
	n.Closed = maps.Clone(n.Closed)
	s.mu.RUnlock()
	s.Each(func(sess *Session) {
		upgraded, queued := sess.weigh()
		if upgraded {
			n.WebSocket++
		} else {
			n.Polling++
		}
		n.Queued += queued
		n.MostQueued = max(n.MostQueued, queued)
	})
	return n
}

// weigh says whether the session is on a WebSocket, and how many bytes wait for it.
func (s *Session) weigh() (upgraded bool, queued int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.upgraded, s.out.bytes
}

func (s *Server) noteUpgraded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past.Upgraded++
}

func (s *Server) noteClosed(reason Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.past.Closed[reason]; !known && len(s.past.Closed) >= maxReasons {
		reason = Other
	}
	s.past.Closed[reason]++
}
