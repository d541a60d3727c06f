package socketio

import (
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"roomline/realtime/engineio"
)

// reasonParse closes a connection whose client does not speak the protocol.
const reasonParse = engineio.Reason("parse error")

// maxLeft bounds what is kept of clients that come and go in ever new dynamic namespaces.
const maxLeft = 64

// conn is one client's connection: the sockets it holds, one per namespace, and the queue of
// packets for its worker. The transport's reader decodes packets and fills the queue.
type conn struct {
	// set once
	server  *Server
	session *engineio.Session

	reading sync.Mutex // the reader; two transports may overlap for a moment in an upgrade
	pending *binaryPacket
	limiter *rate.Limiter // of Config.EventRate; nil until it is needed

	mu           sync.Mutex          // guards what follows
	connectTimer *time.Timer         // nil without Config.ConnectTimeout, and once a socket was connected
	sockets      []*Socket           // of one namespace each: they are few
	left         map[string]struct{} // namespaces it was in, up to maxLeft: late packets for them are ignored
	quota        *quota              // nil until it is needed
	inbox        inbox
	ended        bool
}

// socketLocked returns the socket in a namespace, or nil.
func (c *conn) socketLocked(namespace string) *Socket {
	for _, s := range c.sockets {
		if s.namespace.name == namespace {
			return s
		}
	}
	return nil
}

// binaryPacket is a packet whose attachments are still coming.
type binaryPacket struct {
	packet      Packet
	attachments [][]byte
	bytes       int
	timer       *time.Timer // nil without Config.AttachmentTimeout
}

func stop(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}

// receive takes one Engine.IO message. Called by the transport's reader, in order.
func (c *conn) receive(data []byte, binary bool) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.server.cfg.Codec != nil {
		c.receiveEncoded(data, binary)
		return
	}
	if binary {
		c.receiveAttachment(data)
		return
	}
	if c.pending != nil { // text amid the attachments
		c.fail("text instead of an attachment")
		return
	}
	p, err := decodePacket(data, c.server.cfg.MaxAttachments, c.server.cfg.MaxDepth)
	if err != nil {
		c.fail(err.Error())
		return
	}
	if p.Attachments > 0 {
		c.pending = &binaryPacket{packet: p, bytes: len(data)}
		if timeout := c.server.cfg.AttachmentTimeout; timeout > 0 {
			c.pending.timer = time.AfterFunc(timeout, func() {
				c.server.count("attachment timeout")
				c.session.Close(reasonParse)
			})
		}
		return
	}
	c.dispatch(p, nil, len(data))
}

func (c *conn) receiveAttachment(data []byte) {
	b := c.pending
	if b == nil {
		c.fail("binary that no packet announced")
		return
	}
	b.attachments = append(b.attachments, data)
	b.bytes += len(data)
	if limit := c.server.cfg.Engine.MaxPayload; limit > 0 && b.bytes > limit {
		c.fail("attachments larger than a payload")
		return
	}
	if len(b.attachments) == b.packet.Attachments {
		c.pending = nil
		stop(b.timer)
		c.dispatch(b.packet, b.attachments, b.bytes)
	}
}

// fail closes the connection of a client that broke the protocol. The reader holds reading.
func (c *conn) fail(why string) {
	c.dropPending()
	c.server.count("malformed packet")
	c.server.cfg.Logger.Debug("socket.io: parse error", "sid", c.session.ID(), "why", why)
	c.session.Close(reasonParse)
}

// dropPending forgets a packet that is not whole. The caller holds reading.
func (c *conn) dropPending() {
	if c.pending != nil {
		stop(c.pending.timer)
		c.pending = nil
	}
}

// dispatch queues a whole packet of size bytes for the worker. An acknowledgement goes to its
// waiter at once.
func (c *conn) dispatch(p Packet, attachments [][]byte, size int) {
	wait := c.pace(p.Type)
	switch p.Type {
	case PacketConnect:
		c.push(p.Namespace, size, func() { c.connect(p.Namespace, p.Data, wait) })
	case PacketDisconnect:
		c.push(p.Namespace, size, func() {
			if s := c.socket(p.Namespace); s != nil {
				s.leave(ReasonClientDisconnect)
			}
		})
	case PacketEvent, PacketBinaryEvent:
		var event string
		var args Args
		if !p.TooDeep {
			var err error
			if event, args, err = decodeEvent(p, attachments); err != nil {
				c.fail(err.Error())
				return
			}
		}
		c.push(p.Namespace, size, func() {
			if s := c.socket(p.Namespace); s != nil {
				s.handle(event, args, p, wait)
			}
		})
	case PacketAck, PacketBinaryAck:
		args, err := decodeAck(p, attachments)
		if err != nil {
			c.fail(err.Error())
			return
		}
		if s := c.socket(p.Namespace); s != nil {
			s.acknowledged(p.ID, args)
		}
	}
}

// socket returns the socket of a namespace. A packet for a namespace that was never
// joined closes the connection; for one that was left it is late, and ignored.
func (c *conn) socket(namespace string) *Socket {
	c.mu.Lock()
	s := c.socketLocked(namespace)
	_, late := c.left[namespace]
	late = late || c.ended // its CONNECT was not decided in time
	c.mu.Unlock()
	if s == nil && !late {
		c.server.count("packet before CONNECT")
		c.session.Close(reasonParse)
	}
	return s
}

// connectTimedOut closes a connection that is in no namespace.
func (c *conn) connectTimedOut() {
	c.mu.Lock()
	idle := len(c.sockets) == 0
	c.mu.Unlock()
	if idle {
		c.server.count("connect timeout")
		c.session.Abort(engineio.ForcedClose) // nothing waits that is worth keeping the session for
	}
}

// drained tells the sockets that the outbox has room again.
func (c *conn) drained() {
	for _, s := range c.all() {
		if s.namespace.onDrain != nil {
			s.namespace.onDrain(s)
		}
	}
}

func (c *conn) all() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sockets)
}

// pong is told by the session.
func (c *conn) pong() {
	for _, s := range c.all() {
		s.pong()
	}
}

// closed is told once by the session. Events that were received before still run; the
// disconnect handlers run after them.
func (c *conn) closed(reason engineio.Reason) {
	c.mu.Lock()
	stop(c.connectTimer)
	c.ended = true
	c.inbox.wakeReader()
	c.pushLocked(task{run: func() { // no event comes behind it
		c.release(nil)
		for _, s := range c.all() {
			s.leave(reason)
		}
		if q := c.userQuota(false); q != nil {
			c.server.quotas.put(q)
		}
	}})
	c.mu.Unlock()
	for _, s := range c.all() {
		s.failAcks()
	}
	c.reading.Lock()
	defer c.reading.Unlock()
	c.dropPending()
}
