package models

import (
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"

	"roomline/realtime/chat"
)

// health is whether writes, or reads, succeed. A change is logged once with its cause, however many fail meanwhile: people hear only that
// the server is unavailable. Its methods may be called concurrently.
type health struct {
	// set once
	logger *slog.Logger
	path   string
	what   string // "writes", "reads"

	failing atomic.Bool // cause is not nil
	mu      sync.Mutex  // guards what follows
	cause   error       // nil: they do
}

// failed records that one failed for a reason that concerns all.
func (h *health) failed(cause error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cause == nil {
		h.logger.Error("the database takes no "+h.what, "path", h.path, "cause", reason(cause))
	}
	h.cause = cause
	h.failing.Store(true)
}

// works records that one succeeded.
func (h *health) works() {
	if !h.failing.Load() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cause != nil {
		h.logger.Info("the database takes "+h.what+" again", "path", h.path)
	}
	h.cause = nil
	h.failing.Store(false)
}

// err returns why they fail, nil if they do not.
func (h *health) err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cause
}

// reason is a fault without the sentence for people.
func reason(err error) string {
	var refusal *chat.Error
	for errors.As(err, &refusal) {
		next := errors.Unwrap(err)
		if several, ok := err.(interface{ Unwrap() []error }); ok {
			causes := several.Unwrap()
			next = causes[len(causes)-1] // behind the sentence
		}
		if next == nil {
			break
		}
		err = next
	}
	return err.Error()
}
