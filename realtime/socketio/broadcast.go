package socketio

import (
	"context"
	"slices"
	"time"
)

// Broadcast is sockets of a namespace, on all nodes, and what can be done to them at once. Its
// flags last for one call. A Namespace is the Broadcast to all its sockets.
type Broadcast struct {
	namespace *Namespace
	in, out   []string // rooms
	socket    *Socket  // the only receiver
	volatile  bool
	local     bool
	plain     bool
	timeout   time.Duration
}

// To adds rooms: the sockets in any of them are meant, each once. A socket's id is a room too.
func (b Broadcast) To(rooms ...string) Broadcast {
	b.in = append(slices.Clip(b.in), rooms...)
	return b
}

// In is To.
func (b Broadcast) In(rooms ...string) Broadcast { return b.To(rooms...) }

// Except leaves out the sockets in any of rooms, even where To names them.
func (b Broadcast) Except(rooms ...string) Broadcast {
	b.out = append(slices.Clip(b.out), rooms...)
	return b
}

// Volatile skips clients that cannot take the event now.
func (b Broadcast) Volatile() Broadcast {
	b.volatile = true
	return b
}

// Local means the sockets of this node only.
func (b Broadcast) Local() Broadcast {
	b.local = true
	return b
}

// Compress says whether the event is worth compressing, on this node, for transports that do: see
// transport.Config.CompressOver. It is unless this says otherwise.
func (b Broadcast) Compress(worth bool) Broadcast {
	b.plain = !worth
	return b
}

// Timeout bounds EmitWithAck, FetchSockets and ServerSideEmitWithAck.
func (b Broadcast) Timeout(d time.Duration) Broadcast {
	b.timeout = d
	return b
}

// Broadcast begins a broadcast to all sockets of the namespace but this one.
func (s *Socket) Broadcast() Broadcast { return s.namespace.Except(s.id) }

// To begins a broadcast to rooms from which this socket is left out.
func (s *Socket) To(rooms ...string) Broadcast { return s.Broadcast().To(rooms...) }

// In is To.
func (s *Socket) In(rooms ...string) Broadcast { return s.To(rooms...) }

// Except begins a broadcast to all sockets that are in none of rooms, from which this one is left out.
func (s *Socket) Except(rooms ...string) Broadcast { return s.Broadcast().Except(rooms...) }

// Emit encodes the event once and queues it for every receiver. The error says what cannot be
// encoded, or is the adapter's: then other nodes may not have it.
func (b Broadcast) Emit(event string, args ...any) error {
	for _, n := range b.namespace.family() {
		p, err := encodeEvent(n.name, event, args)
		if err != nil {
			return err
		}
		b.namespace = n
		if err := b.deliver(p); err != nil {
			return err
		}
		if err := b.publish(request{Op: opEmit, Packet: p.bytes()}); err != nil {
			return err
		}
	}
	return nil
}

// deliver sends an event to the receivers on this node. All of them get the broadcasts of a
// namespace in one order.
func (b Broadcast) deliver(event Prepared) (err error) {
	n := b.namespace
	var receivers []*Socket
	enqueue := func(p Prepared) {
		if p, err = n.server.wire(p); err != nil {
			return
		}
		if b.plain {
			p = p.plain()
		}
		if b.socket == nil {
			n.order.Lock()
			defer n.order.Unlock()
		}
		receivers = b.Sockets()
		for _, s := range receivers {
			if b.volatile && !s.conn.session.Writable() {
				n.server.count("volatile")
				continue
			}
			if e := s.enqueue(p); b.socket != nil { // in a broadcast, one that has gone is no receiver
				err = e
			}
		}
	}
	if n.journal != nil && !b.volatile {
		n.journal.emit(b, event, enqueue)
	} else {
		enqueue(event)
	}
	for _, s := range receivers {
		s.conn.session.Flush()
	}
	n.tellOutgoing(receivers, event)
	return err
}

// tellOutgoing calls the listeners of what goes out.
func (n *Namespace) tellOutgoing(receivers []*Socket, p Prepared) {
	if len(n.onAnyOutgoing) == 0 {
		return
	}
	event, args, err := p.event()
	if err != nil {
		return // not sent either
	}
	for _, s := range receivers {
		for _, fn := range n.onAnyOutgoing {
			s.protect("outgoing", func() { fn(s, event, args) })
		}
	}
}

// Sockets returns the sockets on this node.
func (b Broadcast) Sockets() []*Socket {
	if b.socket != nil {
		return []*Socket{b.socket}
	}
	var all []*Socket
	for _, n := range b.namespace.family() {
		all = append(all, b.sockets(n)...)
	}
	return all
}

func (b Broadcast) sockets(n *Namespace) []*Socket {
	if len(b.in) == 0 {
		return slices.DeleteFunc(n.all(), func(s *Socket) bool { return n.rooms.inAny(s, b.out) })
	}
	found := n.rooms.receivers(b.in, b.out)
	for i, id := range b.in { // a socket's own id is a room that the index does not hold
		s := n.Socket(id)
		if s != nil && !slices.Contains(b.in[:i], id) && !slices.Contains(found, s) && !n.rooms.inAny(s, b.out) {
			found = append(found, s)
		}
	}
	return found
}

// SocketsJoin puts the sockets in rooms. The error is the adapter's.
func (b Broadcast) SocketsJoin(rooms ...string) error {
	return b.do(request{Op: opJoin, Move: rooms})
}

// SocketsLeave takes the sockets out of rooms. The error is the adapter's.
func (b Broadcast) SocketsLeave(rooms ...string) error {
	return b.do(request{Op: opLeave, Move: rooms})
}

// DisconnectSockets disconnects the sockets, as Socket.Disconnect does. The error is the adapter's.
func (b Broadcast) DisconnectSockets(closeConn bool) error {
	return b.do(request{Op: opDisconnect, Close: closeConn})
}

// do has something done here and on other nodes.
func (b Broadcast) do(r request) error {
	for _, n := range b.namespace.family() {
		b.namespace = n
		b.apply(r)
		if err := b.publish(r); err != nil {
			return err
		}
	}
	return nil
}

func (b Broadcast) apply(r request) {
	for _, s := range b.Sockets() {
		switch r.Op {
		case opJoin:
			s.Join(r.Move...)
		case opLeave:
			s.Leave(r.Move...)
		case opDisconnect:
			s.Disconnect(r.Close)
		}
	}
}

// bounded is ctx with the broadcast's timeout, or else Config.RequestTimeout if ctx has none.
func (b Broadcast) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	timeout := b.timeout
	if _, has := ctx.Deadline(); !has && timeout == 0 {
		timeout = b.namespace.server.cfg.RequestTimeout
	}
	if timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, timeout)
}
