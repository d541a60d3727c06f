package socketio

import (
	"encoding/json"
	"errors"
	"time"

	"roomline/realtime/engineio"
)

// ConnectError refuses a socket; on the wire it is CONNECT_ERROR with {message, data}.
type ConnectError struct {
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

// Error implements error.
func (e *ConnectError) Error() string { return "socketio: refused: " + e.Message }

// connect handles CONNECT, which came too soon if wait is not 0. It runs on the connection's worker;
// matchers, recovery and middleware run beside it, so that they delay their own namespace only.
// Namespaces without them are answered in the order of their CONNECTs.
// Socket.IO protocol v5, "Connection to a namespace".
func (c *conn) connect(name string, auth json.RawMessage, wait time.Duration) {
	c.mu.Lock()
	again := c.socketLocked(name) != nil
	count, deciding, ended := len(c.sockets), len(c.inbox.connecting), c.ended
	c.mu.Unlock()
	switch limit := c.server.cfg.MaxNamespaces; {
	case ended:
		return
	case again:
		c.server.count("malformed packet")
		c.session.Close(reasonParse)
		return
	case wait > 0:
		c.refuse(name, "event rate", &ConnectError{Message: "Too many requests"})
		return
	case limit > 0 && count >= limit:
		c.refuse(name, "namespaces of a connection", &ConnectError{Message: "Too many namespaces"})
		return
	case limit > 0 && count+deciding >= limit: // one may be refused, or be left by the packet behind its CONNECT
		c.hold(name, func() { c.connect(name, auth, wait) })
		return
	}
	var s *Socket
	var err error
	decision := func() {
		n := c.server.enter(name, auth, c.session.Handshake())
		if n == nil {
			return
		}
		s = &Socket{id: newID(), namespace: n, conn: c, auth: auth}
		s.begin()
		err = n.admit(s)
	}
	finish := func() {
		switch {
		case s == nil:
			c.refuse(name, "unknown namespace", &ConnectError{Message: "Invalid namespace"})
			return
		case err == nil && c.welcome(s):
			return
		}
		s.abandon()
		c.server.exit(s.namespace)
		if err != nil {
			c.refuse(name, "middleware", err)
		}
	}
	if c.server.quick(name) {
		decision()
		finish()
		return
	}
	c.decide(name, decision, finish)
}

// welcome makes s a socket of the connection, answers CONNECT and runs the handlers. False: the
// connection had ended before.
func (c *conn) welcome(s *Socket) bool {
	n := s.namespace
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return false
	}
	c.sockets = append(c.sockets, s)
	delete(c.left, n.name)
	stop(c.connectTimer)
	c.connectTimer = nil
	c.mu.Unlock()
	if !s.resume() {
		return true // it has ended meanwhile, and leaves in its turn
	}
	for _, fn := range n.onConnect {
		s.protect("connect", func() { fn(c.server.ctx, s) })
	}
	return true
}

// enter answers CONNECT, and says and joins what middleware wanted. What packets begin with is
// the reply: nobody's broadcast may come before it, and who has read it finds the socket in its
// namespace and its rooms.
//
// offset is that of the journal. The caller tells of the rooms.
func (s *Socket) enter(offset uint64, packets ...engineio.Packet) (joined []move, ok bool) {
	n := s.namespace
	greeting, rooms := s.admit()
	n.mu.Lock()
	if s.conn.session.Enqueue(append(packets, greeting...)...) != nil {
		n.mu.Unlock()
		return nil, false
	}
	s.connected.Store(true)
	n.sockets[s.id] = s
	joined = n.rooms.join(s, offset, rooms...)
	n.mu.Unlock()
	s.conn.session.Flush()
	return joined, true
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
func (c *conn) refuse(namespace, why string, err error) {
	c.server.count(why)
	var refusal *ConnectError
	if !errors.As(err, &refusal) {
		if !errors.Is(err, errPanic) {
			c.server.cfg.Logger.Error("socket.io: connect", "namespace", namespace, "error", err)
		}
		refusal = &ConnectError{Message: "internal error"}
	}
	reply, err := c.server.control(PacketConnectError, namespace, refusal)
	if err != nil {
		c.server.cfg.Logger.Error("socket.io: encode refusal", "namespace", namespace, "error", err)
		return
	}
	_ = c.session.Send(reply...) // closed meanwhile: nobody left to tell
}

var errPanic = errors.New("socketio: a handler panicked")
