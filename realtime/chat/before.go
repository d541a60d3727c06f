package chat

import (
	"context"
	"fmt"
	"time"
)

// BeforeSend asks a host what becomes of a message before it is stored, or of its new text before it is edited.
// It is asked before any transaction, again for each retry, and never for what a host posts itself.
type BeforeSend struct {
	// Decide is called with a context that ends after Within.
	Decide func(ctx context.Context, d Outgoing) (Decided, error)
	// Within is how long it may take; 0: a second.
	Within time.Duration
	// FailOpen lets messages pass when Decide fails or takes too long; else their senders are told to come back
	// (CodeUnavailable).
	FailOpen bool
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

// decideWithin is how long Decide may take when nothing is said.
const decideWithin = time.Second

// ask returns what the host has decided of a text.
func (b *BeforeSend) ask(ctx context.Context, out Outgoing) (Decided, error) {
	if b == nil || b.Decide == nil {
		return Decided{}, nil
	}
	within := b.Within
	if within <= 0 {
		within = decideWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	type answer struct {
		Decided
		err error
	}
	answered := make(chan answer, 1)
	go func() { // it ends when the host lets it: nobody waits for it any longer
		defer func() {
			if p := recover(); p != nil {
				answered <- answer{err: fmt.Errorf("panic: %v", p)}
			}
		}()
		decided, err := b.Decide(ctx, out)
		answered <- answer{decided, err}
	}()
	var a answer
	select {
	case a = <-answered:
	case <-ctx.Done():
		a.err = ctx.Err()
	}
	switch {
	case a.err == nil && a.Reject != "":
		return a.Decided, Errorf(CodeForbidden, "%s", a.Reject)
	case a.err == nil:
		return a.Decided, nil
	case b.FailOpen:
		return Decided{}, nil
	}
	return Decided{}, Errorf(CodeUnavailable, "Your message cannot be checked now. It is not sent; try again in a moment.")
}
