package socketio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
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

func (n *Namespace) strict() bool { return n.server.cfg.StrictRequests }

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

var emptyObject = rawMessages("{}")

func defaultAckError(s *Socket, event string, err error) any {
	var bad *RequestError
	if errors.As(err, &bad) {
		return map[string]string{"error": bad.Error()}
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

// guarded is h behind a check.
func guarded(check EventMiddleware, event string, h EventHandler) EventHandler {
	return func(ctx context.Context, s *Socket, args Args) ([]any, error) {
		if err := check(ctx, s, event, args); err != nil {
			return nil, err
		}
		return h(ctx, s, args)
	}
}

// handle runs the handler of an event and acknowledges. It runs on the worker.
func (s *Socket) handle(event string, args Args, p Packet) {
	h := s.namespace.handler(event)
	if h == nil {
		return
	}
	for _, check := range slices.Backward(s.namespace.eventMiddleware) {
		h = guarded(check, event, h)
	}
	scope := &eventScope{Context: s.namespace.server.ctx}
	var reply []any
	err := errPanic
	s.protect(event, func() { reply, err = h(scope, s, args) })
	if err != nil {
		reply = []any{s.namespace.server.cfg.AckError(s, event, err)}
	}
	if p.HasID && reply != nil {
		s.acknowledge(event, p.ID, reply)
	}
	for _, fn := range scope.after {
		s.protect(event, fn)
	}
}

// refuseDeep answers an event whose arguments nobody wants to parse.
func (s *Socket) refuseDeep(p Packet) {
	if p.HasID {
		err := &RequestError{Err: errors.New("nested too deep")}
		s.acknowledge("", p.ID, []any{s.namespace.server.cfg.AckError(s, "", err)})
	}
}

func (s *Socket) acknowledge(event string, id uint64, reply []any) {
	ack, err := encodeAck(s.namespace.name, id, reply)
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
