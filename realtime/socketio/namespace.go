package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
)

// Namespace is a set of sockets with handlers of their own. Register middleware and
// handlers before clients connect; the methods that send may be called at any time.
type Namespace struct {
	// set once, before clients connect
	server       *Server
	name         string
	adapter      Adapter
	middleware   []func(context.Context, *Socket) error
	onConnect    []func(context.Context, *Socket)
	onDisconnect []func(context.Context, *Socket, Reason)
	onDrain      func(*Socket)
	handlers     map[string]EventHandler
	fallback     func(event string) EventHandler

	eventMiddleware []EventMiddleware

	mu      sync.RWMutex // guards what follows
	sockets map[string]*Socket
}

func newNamespace(s *Server, name string) *Namespace {
	return &Namespace{
		server: s, name: name, adapter: NewMemoryAdapter(),
		handlers: make(map[string]EventHandler), sockets: make(map[string]*Socket),
	}
}

// Name begins with "/".
func (n *Namespace) Name() string { return n.name }

// Use adds a middleware: it runs once for each socket, in the order of the calls, before
// the socket is connected. An error refuses it: a *ConnectError is told to the client as it
// is, any other is logged and told as "internal error".
func (n *Namespace) Use(fn func(context.Context, *Socket) error) {
	n.middleware = append(n.middleware, fn)
}

// UseEvent adds a middleware that runs before the handler of every event, in the order of
// the calls.
func (n *Namespace) UseEvent(fn EventMiddleware) {
	n.eventMiddleware = append(n.eventMiddleware, fn)
}

// OnConnect adds a handler that runs for each new socket before its first event.
func (n *Namespace) OnConnect(fn func(context.Context, *Socket)) {
	n.onConnect = append(n.onConnect, fn)
}

// OnDisconnect adds a handler that runs once for each socket after its last event, while
// it is still in its rooms.
func (n *Namespace) OnDisconnect(fn func(context.Context, *Socket, Reason)) {
	n.onDisconnect = append(n.onDisconnect, fn)
}

// OnDrain sets what is called when a socket's connection, whose TrySend was refused, has
// room again. It must not block.
func (n *Namespace) OnDrain(fn func(*Socket)) { n.onDrain = fn }

// OnAny sets where the handler of an event comes from that has none of its own; nil from fn,
// or no fn: such events are ignored and get no acknowledgement.
func (n *Namespace) OnAny(fn func(event string) EventHandler) { n.fallback = fn }

// Handle registers the handler of an event. It panics if the name is reserved.
func (n *Namespace) Handle(event string, h EventHandler) {
	if reserved(event) {
		panic(fmt.Sprintf("socketio: the event name %q is reserved", event))
	}
	n.handlers[event] = h
}

func (n *Namespace) handler(event string) EventHandler {
	if h, ok := n.handlers[event]; ok {
		return h
	}
	if n.fallback != nil {
		return n.fallback(event)
	}
	return nil
}

// Socket returns the connected socket with that id, or nil.
func (n *Namespace) Socket(id string) *Socket {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.sockets[id]
}

// Sockets returns all connected sockets, in no order.
func (n *Namespace) Sockets() []*Socket {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return slices.Collect(maps.Values(n.sockets))
}

// Prepare encodes an event once, for Socket.TrySend to any number of sockets of n.
func (n *Namespace) Prepare(event string, args ...any) (Prepared, error) {
	return encodeEvent(n.name, event, false, 0, args)
}

// ConnectError refuses a socket; on the wire it is CONNECT_ERROR with {message, data}.
type ConnectError struct {
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

// Error implements error.
func (e *ConnectError) Error() string { return "socketio: refused: " + e.Message }

// connect handles CONNECT. It runs on the connection's worker.
// Socket.IO protocol v5, "Connection to a namespace".
func (c *conn) connect(name string, auth json.RawMessage) {
	n := c.server.lookup(name)
	c.mu.Lock()
	_, again := c.sockets[name]
	count, ended := len(c.sockets), c.ended
	c.mu.Unlock()
	switch {
	case ended:
		return
	case again:
		c.session.Close(reasonParse)
		return
	case n == nil:
		c.refuse(name, &ConnectError{Message: "Invalid namespace"})
		return
	case c.server.cfg.MaxNamespaces > 0 && count >= c.server.cfg.MaxNamespaces:
		c.refuse(name, &ConnectError{Message: "Too many namespaces"})
		return
	}
	s := &Socket{id: newID(), namespace: n, conn: c, auth: auth}
	if err := n.admit(s); err != nil {
		c.refuse(name, err)
		return
	}
	c.welcome(s)
}

// welcome makes s a socket of the connection, answers CONNECT and runs the handlers.
func (c *conn) welcome(s *Socket) {
	n := s.namespace
	reply, err := encodeControl(PacketConnect, n.name, map[string]string{"sid": s.id})
	if err != nil {
		c.refuse(n.name, err)
		return
	}
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return
	}
	c.sockets[n.name] = s
	delete(c.left, n.name)
	c.mu.Unlock()
	stop(c.connectTimer)
	// First the reply, then the namespace: nobody's broadcast may come before it.
	if c.session.Send(reply) != nil {
		return
	}
	s.connected.Store(true)
	n.mu.Lock()
	n.sockets[s.id] = s
	n.mu.Unlock()
	for _, fn := range n.onConnect {
		s.protect("connect", func() { fn(c.server.ctx, s) })
	}
}

// admit runs the middleware.
func (n *Namespace) admit(s *Socket) (err error) {
	for _, fn := range n.middleware {
		err = errPanic
		s.protect("middleware", func() { err = fn(n.server.ctx, s) })
		if err != nil {
			return err
		}
	}
	return nil
}

// refuse answers CONNECT with an error. The connection lives on.
func (c *conn) refuse(namespace string, err error) {
	var refusal *ConnectError
	if !errors.As(err, &refusal) {
		if !errors.Is(err, errPanic) {
			c.server.cfg.Logger.Error("socket.io: connect", "namespace", namespace, "error", err)
		}
		refusal = &ConnectError{Message: "internal error"}
	}
	reply, err := encodeControl(PacketConnectError, namespace, refusal)
	if err != nil {
		c.server.cfg.Logger.Error("socket.io: encode refusal", "namespace", namespace, "error", err)
		return
	}
	_ = c.session.Send(reply) // closed meanwhile: nobody left to tell
}

var errPanic = errors.New("socketio: a handler panicked")

// protect runs code of the host: a panic is logged and ends there.
func (s *Socket) protect(what string, fn func()) {
	defer func() {
		if p := recover(); p != nil {
			s.namespace.server.cfg.Logger.Error("socket.io: panic", "in", what, "namespace", s.namespace.name,
				"panic", p, "stack", string(debug.Stack()))
		}
	}()
	fn()
}
