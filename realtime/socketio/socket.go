package socketio

import (
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"

	"roomline/realtime/engineio"
)

// Reason says why a socket was disconnected, in the words of the reference server:
// the reasons of Engine.IO, and those below.
type Reason = engineio.Reason

// The reasons of a disconnect that leaves the connection open.
const (
	ReasonServerDisconnect Reason = "server namespace disconnect"
	ReasonClientDisconnect Reason = "client namespace disconnect"
)

// ErrDisconnected is returned by what cannot be done on a socket that is gone.
var ErrDisconnected = errors.New("socketio: the socket is disconnected")

// Socket is one client in one namespace. Its methods may be called concurrently, before
// the connect handlers only by the middleware.
type Socket struct {
	// set once
	id        string
	namespace *Namespace
	conn      *conn
	auth      json.RawMessage

	connected atomic.Bool // in the namespace's set
	gone      atomic.Bool // leave was called

	mu      sync.Mutex // guards what follows
	data    any
	acks    map[uint64]chan<- Args
	nextAck uint64
}

// ID is the socket's id in its namespace, known to its client. It is also a room that
// holds only this socket.
func (s *Socket) ID() string { return s.id }

// Namespace is where the socket is.
func (s *Socket) Namespace() *Namespace { return s.namespace }

// Handshake is that of the connection.
func (s *Socket) Handshake() *engineio.Handshake { return s.conn.session.Handshake() }

// Session is the connection that carries the socket.
func (s *Socket) Session() *engineio.Session { return s.conn.session }

// Auth is the object that the client sent with CONNECT, nil if none.
func (s *Socket) Auth() json.RawMessage { return s.auth }

// Connected reports whether the socket is in its namespace.
func (s *Socket) Connected() bool { return s.connected.Load() && !s.gone.Load() }

// SetData keeps something of the host's with the socket.
func (s *Socket) SetData(v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = v
}

// Data returns what SetData kept.
func (s *Socket) Data() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data
}

// Emit sends an event. The error is ErrDisconnected, or says what cannot be encoded.
func (s *Socket) Emit(event string, args ...any) error {
	p, err := encodeEvent(s.namespace.name, event, false, 0, args)
	if err != nil {
		return err
	}
	return s.send(p)
}

// EmitVolatile sends an event if the client can take it now, and forgets it otherwise.
func (s *Socket) EmitVolatile(event string, args ...any) error {
	if !s.conn.session.Writable() {
		return nil
	}
	return s.Emit(event, args...)
}

func (s *Socket) send(p Prepared) error {
	if !s.Connected() {
		return ErrDisconnected
	}
	if s.conn.session.Send(p.packets...) != nil {
		return ErrDisconnected
	}
	return nil
}

// TrySend sends a prepared event unless more than room bytes would then wait for the
// client. After a refusal the namespace's OnDrain tells when to try again.
func (s *Socket) TrySend(p Prepared, room int) bool {
	return s.Connected() && s.conn.session.TrySend(room, p.packets...)
}

// Join puts the socket in rooms.
func (s *Socket) Join(rooms ...string) {
	if !s.gone.Load() {
		s.namespace.adapter.Join(s, rooms...)
	}
	if s.gone.Load() { // left meanwhile: no adapter keeps a dead socket
		s.namespace.adapter.LeaveAll(s)
	}
}

// Leave takes the socket out of a room.
func (s *Socket) Leave(room string) { s.namespace.adapter.Leave(s, room) }

// Rooms returns the rooms the socket has joined, in no order.
func (s *Socket) Rooms() []string { return s.namespace.adapter.Rooms(s) }

// Disconnect takes the socket out of its namespace; with closeConn it ends the whole
// connection, and with it the client's sockets in other namespaces. What was sent before
// still arrives. A client does not come back by itself after a Disconnect(false).
func (s *Socket) Disconnect(closeConn bool) {
	if closeConn {
		s.conn.session.Close("forced server close")
		return
	}
	if s.gone.Load() {
		return
	}
	if p, err := encodeControl(PacketDisconnect, s.namespace.name, nil); err == nil {
		_ = s.conn.session.Send(p)
	}
	s.leave(ReasonServerDisconnect)
}

// leave ends the socket, once: it hears nothing more from here on. The disconnect handlers
// run on the worker, after the events received before; then it leaves its rooms.
func (s *Socket) leave(reason Reason) {
	if !s.gone.CompareAndSwap(false, true) {
		return
	}
	n, c := s.namespace, s.conn
	n.mu.Lock()
	delete(n.sockets, s.id)
	n.mu.Unlock()
	s.failAcks()

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sockets[n.name] == s {
		delete(c.sockets, n.name)
		if c.left == nil {
			c.left = make(map[string]struct{}, 1)
		}
		c.left[n.name] = struct{}{}
	}
	c.pushLocked(func() {
		if s.connected.Load() {
			for _, fn := range n.onDisconnect {
				s.protect("disconnect", func() { fn(c.server.ctx, s, reason) })
			}
		}
		n.adapter.LeaveAll(s)
	})
}
