package socketio

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
)

// Namespace is a set of sockets with handlers of their own. It is the Broadcast to all of
// them, here and on other nodes: what Broadcast can do, it can. Register middleware and
// handlers before clients connect; what sends may be called at any time.
type Namespace struct {
	Broadcast
	*bindings

	// set once
	name    string
	match   Matcher // of a dynamic namespace: it has children and no sockets
	parent  *Namespace
	journal *journal // nil without Config.Recovery

	rooms roomIndex
	ackID atomic.Uint64
	order sync.Mutex // held while a broadcast is queued for its receivers

	users    int                   // sockets that are in it, come or leave; guarded by Server.mu
	children map[string]*Namespace // guarded by Server.mu

	mu       sync.RWMutex // guards what follows
	sockets  map[string]*Socket
	sessions map[string]*Socket // by pid, until the session's last state is saved; nil without Config.Recovery
}

// bindings are what was registered on a namespace. Those of a dynamic one are its children's.
type bindings struct {
	server          *Server
	middleware      []func(context.Context, *Socket) error
	onConnect       []func(context.Context, *Socket)
	onDisconnect    []func(context.Context, *Socket, Reason)
	onDrain         func(*Socket)
	handlers        map[string]EventHandler
	unknown         func(event string) EventHandler
	eventMiddleware []EventMiddleware
	rates           map[string]Rate
	onAny           []func(ctx context.Context, s *Socket, event string, args Args)
	onAnyOutgoing   []func(s *Socket, event string, args Args)
	onServerSide    map[string]ServerSideHandler
	hooks           RoomHooks
}

func newNamespace(name string, b *bindings) *Namespace {
	n := &Namespace{name: name, bindings: b, sockets: make(map[string]*Socket)}
	n.namespace = n
	if b.server.cfg.Recovery != nil && name != "" {
		n.journal = newJournal(b.server, name)
		n.sessions = make(map[string]*Socket)
	}
	return n
}

func newBindings(s *Server) *bindings {
	return &bindings{
		server: s, handlers: make(map[string]EventHandler),
		onServerSide: make(map[string]ServerSideHandler), rates: make(map[string]Rate),
	}
}

// Name begins with "/". That of a dynamic namespace is empty.
func (n *Namespace) Name() string { return n.name }

// Use adds a middleware: it runs once for each socket, in the order of the calls, before
// the socket is connected. An error refuses it: a *ConnectError is told to the client as it
// is, any other is logged and told as "internal error".
func (b *bindings) Use(fn func(context.Context, *Socket) error) {
	b.middleware = append(b.middleware, fn)
}

// UseEvent adds a middleware that runs before the handler of every event, in the order of
// the calls.
func (b *bindings) UseEvent(fn EventMiddleware) {
	b.eventMiddleware = append(b.eventMiddleware, fn)
}

// Limit bounds how often a user (Identity.User; a connection, if that is empty) may send an
// event in this namespace, or in all children of a dynamic one. What is too much is refused
// with a *RateError before any middleware.
func (b *bindings) Limit(event string, r Rate) { b.rates[event] = r }

// OnConnect adds a handler that runs for each new socket before its first event.
func (b *bindings) OnConnect(fn func(context.Context, *Socket)) {
	b.onConnect = append(b.onConnect, fn)
}

// OnDisconnect adds a handler that runs once for each socket after its last event, while
// it is still in its rooms.
func (b *bindings) OnDisconnect(fn func(context.Context, *Socket, Reason)) {
	b.onDisconnect = append(b.onDisconnect, fn)
}

// OnDrain sets what is called when a socket's connection has room again after TrySend had not
// taken all or Socket.NotifyDrain had asked. It must not block. It may run beside the TrySend that
// was refused: what it looks at is to be guarded by a lock that is held over that call.
func (b *bindings) OnDrain(fn func(*Socket)) { b.onDrain = fn }

// OnAny adds a listener to all events that pass the middleware. It runs before the handler.
func (b *bindings) OnAny(fn func(ctx context.Context, s *Socket, event string, args Args)) {
	b.onAny = append(b.onAny, fn)
}

// OnAnyOutgoing adds a listener to all events that are sent with an Emit…, once for each receiver.
func (b *bindings) OnAnyOutgoing(fn func(s *Socket, event string, args Args)) {
	b.onAnyOutgoing = append(b.onAnyOutgoing, fn)
}

// OnRooms sets what is told of rooms.
func (b *bindings) OnRooms(h RoomHooks) { b.hooks = h }

// Handle registers the handler of an event. It panics if the name is reserved.
func (b *bindings) Handle(event string, h EventHandler) {
	if reserved(event) {
		panic(fmt.Sprintf("socketio: the event name %q is reserved", event))
	}
	b.handlers[event] = h
}

// HandleUnknown sets where the handler of an event comes from that has none of its own; nil
// from fn, or no fn: such events are ignored and get no acknowledgement.
func (b *bindings) HandleUnknown(fn func(event string) EventHandler) { b.unknown = fn }

func (b *bindings) strict() bool { return b.server.cfg.StrictRequests }

func (b *bindings) handler(event string) EventHandler {
	if h, ok := b.handlers[event]; ok {
		return h
	}
	if b.unknown != nil {
		return b.unknown(event)
	}
	return nil
}

// Socket returns the connected socket with that id, or nil.
func (n *Namespace) Socket(id string) *Socket {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.sockets[id]
}

func (n *Namespace) all() []*Socket {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return slices.Collect(maps.Values(n.sockets))
}

// Prepare encodes an event once, for Socket.TrySend to any number of sockets of n.
func (n *Namespace) Prepare(event string, args ...any) (Prepared, error) {
	p, err := encodeEvent(n.name, event, args)
	if err != nil {
		return Prepared{}, err
	}
	return n.server.wire(p)
}

// protect runs code of the host: a panic is logged and ends there.
func (s *Socket) protect(what string, fn func()) { s.namespace.protect(what, fn) }

func (n *Namespace) protect(what string, fn func()) {
	defer func() {
		if p := recover(); p != nil {
			n.server.count("panic")
			n.server.cfg.Logger.Error("socket.io: panic", "in", what, "namespace", n.name,
				"panic", p, "stack", string(debug.Stack()))
		}
	}()
	fn()
}
