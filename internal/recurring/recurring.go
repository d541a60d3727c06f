// Package recurring logs conditions that may occur many times a second without filling the log.
package recurring

import (
	"log/slog"
	"sync"
	"time"
)

// The pauses between two lines about one condition: doubled from the first to the last while
// it goes on.
const (
	firstPause = time.Minute
	lastPause  = time.Hour
)

// Log logs each condition when it begins, and while it goes on at growing intervals with the
// number of occurrences since its last line ("times"). A condition that has not occurred for
// lastPause begins anew. Its methods may be called concurrently.
type Log struct {
	log *slog.Logger
	now func() time.Time

	mu         sync.Mutex // guards what follows
	conditions map[string]*condition
}

type condition struct {
	line  time.Time     // when it was last logged
	last  time.Time     // when it last occurred
	pause time.Duration // after line
	count int           // occurrences since line
}

// New returns a Log that writes to log.
func New(log *slog.Logger) *Log {
	return &Log{log: log, now: time.Now, conditions: make(map[string]*condition)}
}

// Warn records one occurrence of the condition that message names; attrs describe it if it is
// logged. Messages must be constants: each one is remembered.
func (l *Log) Warn(message string, attrs ...any) {
	if count := l.record(message); count > 0 {
		l.log.Warn(message, append(attrs, "times", count)...)
	}
}

// record returns how many occurrences to log, 0 if the condition is to stay silent now.
func (l *Log) record(message string) int {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.conditions[message]
	if c == nil || now.Sub(c.last) > lastPause {
		c = &condition{}
		l.conditions[message] = c
	}
	c.last = now
	c.count++
	if now.Sub(c.line) < c.pause {
		return 0
	}
	count := c.count
	c.line, c.count, c.pause = now, 0, min(max(2*c.pause, firstPause), lastPause)
	return count
}
