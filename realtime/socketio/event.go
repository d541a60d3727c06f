package socketio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// EventHandler handles one event. What it returns is the acknowledgement, sent if the
// client asked for one: the replies as its arguments, none for a nil reply (an empty one
// acknowledges without arguments), or with an error what Config.AckError makes of it. The
// context ends when the server closes.
type EventHandler func(ctx context.Context, s *Socket, args Args) (reply []any, err error)

// EventMiddleware decides whether an event gets to its handler. Its error is the event's.
type EventMiddleware func(ctx context.Context, s *Socket, event string, args Args) error

// Registrar is where handlers are registered: a Namespace.
type Registrar interface {
	Handle(event string, h EventHandler)
	strict() bool
}

// RequestError is the error of a typed handler whose argument does not fit its type.
type RequestError struct {
	Event string
	Err   error
}

// Error implements error.
func (e *RequestError) Error() string { return fmt.Sprintf("bad argument of %q: %v", e.Event, e.Err) }

// Unwrap returns what the decoder said.
func (e *RequestError) Unwrap() error { return e.Err }

// On registers a typed handler: the event's first argument is decoded into T, by the rules
// of encoding/json with binary as []byte, and what h returns is the acknowledgement's one
// argument. No argument decodes as {}. An argument that does not fit is a *RequestError.
func On[T, R any](r Registrar, event string, h func(context.Context, *Socket, T) (R, error)) {
	strict := r.strict()
	r.Handle(event, func(ctx context.Context, s *Socket, args Args) ([]any, error) {
		if args.Len() == 0 {
			args = Args{raw: emptyObject}
		}
		var request T
		if err := args.decode(0, &request, strict); err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("empty")
			}
			return nil, &RequestError{Event: event, Err: err}
		}
		reply, err := h(ctx, s, request)
		if err != nil {
			return nil, err
		}
		return []any{reply}, nil
	})
}

var emptyObject = []json.RawMessage{json.RawMessage("{}")}

func defaultAckError(s *Socket, event string, err error) any {
	var bad *RequestError
	var often *RateError
	switch {
	case errors.As(err, &bad):
		return map[string]string{"error": bad.Error()}
	case errors.As(err, &often):
		return map[string]any{"error": often.Error(), "retryAfter": often.RetryAfter.Seconds()}
	}
	s.namespace.server.cfg.Logger.Error("socket.io: event", "event", event, "error", err)
	return map[string]string{"error": "internal error"}
}

// afterAckKey finds the eventScope in a handler's context.
type afterAckKey struct{}

type eventScope struct {
	context.Context
	after []func()
}

// Value lets AfterAck find the scope through contexts derived from it.
func (e *eventScope) Value(key any) any {
	if _, ok := key.(afterAckKey); ok {
		return e
	}
	return e.Context.Value(key)
}

// AfterAck runs fn after the acknowledgement of the event that ctx belongs to has been
// queued, or would have been, had the client asked for one. What fn sends is on the wire
// behind the acknowledgement. Without an event in ctx fn runs at once.
func AfterAck(ctx context.Context, fn func()) {
	if scope, ok := ctx.Value(afterAckKey{}).(*eventScope); ok {
		scope.after = append(scope.after, fn)
		return
	}
	fn()
}

// handle runs the handler of an event and acknowledges. wait is not 0 if the connection sends
// too much. It runs on the worker.
func (s *Socket) handle(event string, args Args, p Packet, wait time.Duration) {
	n := s.namespace
	h := n.handler(event)
	if !p.TooDeep && h == nil && len(n.onAny) == 0 {
		return
	}
	var begun time.Time
	if n.server.cfg.Handled != nil {
		begun = time.Now()
	}
	scope := &eventScope{Context: n.server.ctx}
	var reply []any
	err := s.check(scope, event, args, p, wait)
	if err == nil {
		for _, fn := range n.onAny {
			s.protect("any", func() { fn(scope, s, event, args) })
		}
		if h != nil {
			err = errPanic
			s.protect(event, func() { reply, err = h(scope, s, args) })
		}
	}
	if err != nil {
		reply = []any{n.server.cfg.AckError(s, event, err)}
	}
	if p.HasID && reply != nil {
		s.acknowledge(event, p.ID, reply)
	}
	if n.server.cfg.Handled != nil {
		n.server.cfg.Handled(event, time.Since(begun), err)
	}
	for _, fn := range scope.after {
		s.protect(event, fn)
	}
}

// check decides whether an event gets to its handler.
func (s *Socket) check(ctx context.Context, event string, args Args, p Packet, wait time.Duration) error {
	n := s.namespace
	if wait == 0 {
		wait = s.conn.spend(n, event)
	}
	switch {
	case wait > 0:
		n.server.count("event rate")
		return &RateError{Event: event, RetryAfter: wait}
	case p.TooDeep:
		n.server.count("nested too deep")
		return &RequestError{Event: event, Err: errors.New("nested too deep")}
	}
	s.mu.Lock()
	own := s.middleware
	s.mu.Unlock()
	for _, list := range [][]EventMiddleware{n.eventMiddleware, own} {
		for _, fn := range list {
			err := errPanic
			s.protect(event, func() { err = fn(ctx, s, event, args) })
			if err != nil {
				n.server.count("event middleware")
				return err
			}
		}
	}
	return nil
}

func (s *Socket) acknowledge(event string, id uint64, reply []any) {
	if ack, ok := s.tailedAck(id, reply); ok {
		_ = s.send(ack) // as below
		return
	}
	ack, err := encodeAck(s.namespace.name, id, reply)
	if err == nil {
		ack, err = s.namespace.server.wire(ack)
	}
	if err != nil {
		s.namespace.server.cfg.Logger.Error("socket.io: encode acknowledgement", "event", event, "error", err)
		return
	}
	_ = s.send(ack) // disconnected meanwhile: nobody left to tell
}

// IsObject reports whether argument i is a JSON object.
func (a Args) IsObject(i int) bool {
	raw, err := a.json(i)
	return err == nil && bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{"))
}
