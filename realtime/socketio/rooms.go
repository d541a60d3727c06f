package socketio

import (
	"slices"
	"sync"
)

// RoomHooks hear of rooms that come and go and of who is in them, on this node. They may do
// whatever a handler may; a nil one is not called. A socket's id is a room nobody is told of.
type RoomHooks struct {
	Created, Deleted func(room string)            // the first socket joined; the last one left
	Joined, Left     func(room string, s *Socket) // after Created; before Deleted
}

// roomIndex is who is in which room of one namespace on this node.
type roomIndex struct {
	mu      sync.RWMutex // guards what follows, and joined of every socket; both hold the same pairs
	members map[string]members
}

// members are the sockets in a room. Many rooms have one: those of a user, or of a device.
type members struct {
	only *Socket              // of a room that never had two
	many map[*Socket]struct{} // of any other
}

func (m members) has(s *Socket) bool {
	_, in := m.many[s]
	return in || m.only == s
}

func (m members) with(s *Socket) members {
	switch {
	case m.only == nil && m.many == nil:
		return members{only: s}
	case m.many == nil:
		m.many = map[*Socket]struct{}{m.only: {}}
		m.only = nil
	}
	m.many[s] = struct{}{}
	return m
}

func (m members) without(s *Socket) members {
	delete(m.many, s)
	if m.only == s {
		m.only = nil
	}
	return m
}

func (m members) empty() bool { return m.only == nil && len(m.many) == 0 }

func (m members) each(visit func(*Socket)) {
	if m.only != nil {
		visit(m.only)
	}
	for s := range m.many {
		visit(s)
	}
}

// membership is one room of a socket.
type membership struct {
	room   string
	offset uint64 // that the journal had reached when it joined
}

// move is one socket that joined or left one room.
type move struct {
	room string
	edge bool // the room was made or is gone
}

func (x *roomIndex) join(s *Socket, offset uint64, rooms ...string) (moves []move) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, room := range rooms {
		all := x.members[room]
		if all.has(s) {
			continue
		}
		moves = append(moves, move{room, all.empty()})
		if x.members == nil {
			x.members = make(map[string]members)
		}
		x.members[room] = all.with(s)
		s.joined = append(s.joined, membership{room, offset})
	}
	return moves
}

func (x *roomIndex) leave(s *Socket, rooms ...string) (moves []move) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, room := range rooms {
		all := x.members[room]
		if !all.has(s) {
			continue
		}
		if all = all.without(s); all.empty() {
			delete(x.members, room)
		} else {
			x.members[room] = all
		}
		s.joined = slices.DeleteFunc(s.joined, func(m membership) bool { return m.room == room })
		moves = append(moves, move{room, all.empty()})
	}
	return moves
}

// rooms returns the rooms of s, in the order in which it joined them.
func (x *roomIndex) rooms(s *Socket) []membership {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return slices.Clone(s.joined)
}

// inAny reports whether s is in one of rooms at least; its id is one of its rooms.
func (x *roomIndex) inAny(s *Socket, rooms []string) bool {
	if len(rooms) == 0 {
		return false
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.inAnyLocked(s, rooms)
}

func (x *roomIndex) inAnyLocked(s *Socket, rooms []string) bool {
	for _, room := range rooms {
		if room == s.id || x.members[room].has(s) {
			return true
		}
	}
	return false
}

// receivers returns the sockets that are in one of rooms at least and in none of except,
// each once, in no order.
func (x *roomIndex) receivers(rooms, except []string) (all []*Socket) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for i, room := range rooms {
		x.members[room].each(func(s *Socket) {
			if !x.inAnyLocked(s, rooms[:i]) && !x.inAnyLocked(s, except) {
				all = append(all, s)
			}
		})
	}
	return all
}

// tellJoined calls the hooks, without locks.
func (s *Socket) tellJoined(moves []move) {
	for h, i := s.namespace.hooks, 0; i < len(moves); i++ {
		if moves[i].edge && h.Created != nil {
			s.protect("room created", func() { h.Created(moves[i].room) })
		}
		if h.Joined != nil {
			s.protect("room joined", func() { h.Joined(moves[i].room, s) })
		}
	}
}

func (s *Socket) tellLeft(moves []move) {
	for h, i := s.namespace.hooks, 0; i < len(moves); i++ {
		if h.Left != nil {
			s.protect("room left", func() { h.Left(moves[i].room, s) })
		}
		if moves[i].edge && h.Deleted != nil {
			s.protect("room deleted", func() { h.Deleted(moves[i].room) })
		}
	}
}
