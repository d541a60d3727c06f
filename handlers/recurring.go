package handlers

import (
	"log/slog"
	"sync"
	"time"
)

// recurringEvery is the least time between two log lines about one recurring condition.
const recurringEvery = time.Minute

// recurring logs a condition that may occur many times a second: when it begins, and then at
// most once a minute with the number of occurrences since the last line. Its methods may be
// called concurrently.
type recurring struct {
	log     *slog.Logger
	message string

	mu    sync.Mutex // guards what follows
	last  time.Time
	count int
}

// note records one occurrence; attrs describe it if it is logged.
func (r *recurring) note(attrs ...any) {
	r.mu.Lock()
	r.count++
	if time.Since(r.last) < recurringEvery {
		r.mu.Unlock()
		return
	}
	count := r.count
	r.last, r.count = time.Now(), 0
	r.mu.Unlock()
	r.log.Warn(r.message, append(attrs, "times", count)...)
}
