package socketio

import "slices"

// Broadcast is one event to many sockets of a namespace. Its flags last for one Emit.
type Broadcast struct {
	namespace *Namespace
	rooms     []string
	except    []string
	volatile  bool
}

// To begins a broadcast to the sockets in any of rooms, each once. A socket's id is a room too.
func (n *Namespace) To(rooms ...string) Broadcast { return Broadcast{namespace: n}.To(rooms...) }

// Except begins a broadcast to all sockets that are in none of rooms.
func (n *Namespace) Except(rooms ...string) Broadcast {
	return Broadcast{namespace: n}.Except(rooms...)
}

// Emit sends an event to all sockets of the namespace.
func (n *Namespace) Emit(event string, args ...any) error {
	return Broadcast{namespace: n}.Emit(event, args...)
}

// To begins a broadcast to rooms from which this socket is left out.
func (s *Socket) To(rooms ...string) Broadcast {
	return s.namespace.To(rooms...).Except(s.id)
}

// To adds rooms.
func (b Broadcast) To(rooms ...string) Broadcast {
	b.rooms = append(slices.Clip(b.rooms), rooms...)
	return b
}

// Except leaves out the sockets in any of rooms, even where To names them.
func (b Broadcast) Except(rooms ...string) Broadcast {
	b.except = append(slices.Clip(b.except), rooms...)
	return b
}

// Volatile skips clients that cannot take the event now.
func (b Broadcast) Volatile() Broadcast {
	b.volatile = true
	return b
}

// Emit encodes the event once and queues it for every receiver.
func (b Broadcast) Emit(event string, args ...any) error {
	p, err := b.namespace.Prepare(event, args...)
	if err != nil {
		return err
	}
	for _, s := range b.Sockets() {
		if !b.volatile || s.conn.session.Writable() {
			_ = s.send(p) // gone meanwhile: not a receiver any more
		}
	}
	return nil
}

// Sockets returns the receivers.
func (b Broadcast) Sockets() []*Socket {
	n := b.namespace
	if len(b.rooms) == 0 {
		return slices.DeleteFunc(n.Sockets(), b.excepted)
	}
	found := n.adapter.Receivers(b.rooms, b.except)
	n.mu.RLock()
	defer n.mu.RUnlock()
	for _, id := range b.rooms { // a socket's own id is a room that no adapter has to hold
		if s, ok := n.sockets[id]; ok && !slices.Contains(found, s) && !b.excepted(s) {
			found = append(found, s)
		}
	}
	return slices.DeleteFunc(found, func(s *Socket) bool { return slices.Contains(b.except, s.id) })
}

func (b Broadcast) excepted(s *Socket) bool {
	if len(b.except) == 0 {
		return false
	}
	return slices.Contains(b.except, s.id) ||
		slices.ContainsFunc(s.Rooms(), func(room string) bool { return slices.Contains(b.except, room) })
}

// Disconnect disconnects the receivers, as Socket.Disconnect does.
func (b Broadcast) Disconnect(closeConn bool) {
	for _, s := range b.Sockets() {
		s.Disconnect(closeConn)
	}
}
