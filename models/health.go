package models

import (
	"errors"
	"log/slog"
	"sync"

	"roomline/realtime/chat"
)

// health is whether writes succeed. A change is logged once, however many writes fail meanwhile. Its methods may be called
// concurrently.
type health struct {
	// set once
	logger *slog.Logger
	path   string

	mu    sync.Mutex // guards what follows
	cause error      // nil: they do
}

// failed records that a write failed for a reason that concerns every write.
func (h *health) failed(cause error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cause == nil {
		h.logger.Error("the database takes no writes", "path", h.path, "cause", reason(cause))
	}
	h.cause = cause
}

// works records that a write succeeded.
func (h *health) works() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cause != nil {
		h.logger.Info("the database takes writes again", "path", h.path)
	}
	h.cause = nil
}

// err returns why writes fail, nil if they do not.
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
