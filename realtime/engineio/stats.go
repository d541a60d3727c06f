package engineio

import (
	"maps"
	"sync"
)

// Other counts sessions closed with a reason beyond the first maxReasons that were heard.
const (
	Other      Reason = "other"
	maxReasons        = 32
)

// Stats counts sessions: those that are there now, and all that ever were.
type Stats struct {
	Polling   int // now
	WebSocket int // now

	Opened   uint64
	Upgraded uint64 // from polling to WebSocket
	Closed   map[Reason]uint64
}

// Stats counts the sessions. What it returns is the caller's.
func (s *Server) Stats() Stats {
	n := s.counts.snapshot()
	s.Each(func(sess *Session) {
		if sess.TransportName() == WebSocket {
			n.WebSocket++
		} else {
			n.Polling++
		}
	})
	return n
}

// counts is what Stats says of the past. It may be used with any lock held.
type counts struct {
	mu    sync.Mutex // guards what follows
	stats Stats
}

func (c *counts) opened() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Opened++
}

func (c *counts) upgraded() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Upgraded++
}

func (c *counts) closed(reason Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stats.Closed == nil {
		c.stats.Closed = make(map[Reason]uint64)
	}
	if _, known := c.stats.Closed[reason]; !known && len(c.stats.Closed) >= maxReasons {
		reason = Other
	}
	c.stats.Closed[reason]++
}

func (c *counts) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.stats
	n.Closed = maps.Clone(n.Closed)
	return n
}
