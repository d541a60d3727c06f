package chat

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

// BeforeSend asks a host what becomes of a message before it is stored, or of its new text before it is edited.
// It is asked before any transaction, of what the author may send, and never of what was stored before or of what a
// host posts itself.
type BeforeSend struct {
	// Decide is called with a context that ends after Within. It may be called concurrently; while a hundred calls
	// have not returned, further ones fail.
	Decide func(ctx context.Context, d Outgoing) (Decided, error)
	// Within is how long it may take; 0: a second.
	Within time.Duration
	// FailOpen lets messages pass when Decide fails or takes too long; else their senders are told to come back
	// (CodeUnavailable).
	FailOpen bool
	// Failed hears why Decide gave no answer: its error, its panic, the end of its time, or a text that no message can
	// have. Nil: nobody does.
	Failed func(Outgoing, error)
}

// Outgoing is a text on its way.
type Outgoing struct {
	User    string // id of its author
	Room    string // slug; the author may turn out not to have access to it
	Text    string
	ReplyTo int64
	Edit    bool // it is to replace the text of a message
}

// Decided is what a host has decided of a text. The zero value lets it pass.
type Decided struct {
	Text   string // what is stored instead, "" for the text itself
	Hold   string // why a moderator has to look at it first, "" for no reason; an edit is refused
	Reject string // what its author is told, "" if it is not rejected
}

const (
	decideWithin = time.Second // how long Decide may take when nothing is said
	mostDeciding = 100         // calls of Decide that have not returned
)

// ask returns what the host has decided of a text.
func (s *Service) ask(ctx context.Context, out Outgoing) (Decided, error) {
	b := s.cfg.BeforeSend
	within := b.Within
	if within <= 0 {
		within = decideWithin
	}
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	decided, err := s.decide(limited, out)
	switch {
	case err == nil && decided.Reject != "":
		return decided, Errorf(CodeForbidden, "%s", decided.Reject)
	case err == nil && decided.Text != "":
		decided.Text, err = s.cleanText(decided.Text)
	}
	switch {
	case err == nil:
		return decided, nil
	case ctx.Err() != nil:
		return Decided{}, ctx.Err() // nobody waits for it
	case b.Failed != nil:
		b.Failed(out, err)
	}
	if b.FailOpen {
		return Decided{}, nil
	}
	return Decided{}, Errorf(CodeUnavailable, "Your message cannot be checked now. It is not sent; try again in a moment.")
}

// decide calls Decide, and waits for it until ctx ends. What comes later is not waited for.
func (s *Service) decide(ctx context.Context, out Outgoing) (Decided, error) {
	select {
	case s.deciding <- struct{}{}:
	case <-ctx.Done():
		return Decided{}, fmt.Errorf("%d calls have not returned: %w", mostDeciding, ctx.Err())
	}
	type answer struct {
		decided Decided
		err     error
	}
	answered := make(chan answer, 1)
	go func() { // it ends when the host lets it
		defer func() { <-s.deciding }()
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a = answer{err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
			}
			answered <- a
		}()
		a.decided, a.err = s.cfg.BeforeSend.Decide(ctx, out)
	}()
	select {
	case a := <-answered:
		return a.decided, a.err
	case <-ctx.Done():
		return Decided{}, ctx.Err()
	}
}
