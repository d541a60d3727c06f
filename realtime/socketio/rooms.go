package socketio

import (
	"maps"
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
	mu      sync.RWMutex // guards what follows; both hold the same pairs
	members map[string]map[*Socket]struct{}
	joined  map[*Socket]map[string]uint64 // with the offset that the journal had reached then
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
		if _, in := x.joined[s][room]; in {
			continue
		}
		moves = append(moves, move{room, x.members[room] == nil})
		enter(&x.members, room, s, struct{}{})
		enter(&x.joined, s, room, offset)
	}
	return moves
}

func (x *roomIndex) leave(s *Socket, rooms ...string) (moves []move) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, room := range rooms {
		if _, in := x.joined[s][room]; in {
			remove(x.joined, s, room)
			remove(x.members, room, s)
			moves = append(moves, move{room, x.members[room] == nil})
		}
	}
	return moves
}

// rooms returns the rooms of s, in no order, with the offsets at which it joined.
func (x *roomIndex) rooms(s *Socket) map[string]uint64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return maps.Clone(x.joined[s])
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
		if _, in := x.joined[s][room]; in || room == s.id {
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
		for s := range x.members[room] {
			if !x.inAnyLocked(s, rooms[:i]) && !x.inAnyLocked(s, except) {
				all = append(all, s)
			}
		}
	}
	return all
}

func enter[K, L comparable, V any](m *map[K]map[L]V, k K, l L, v V) {
	if *m == nil {
		*m = make(map[K]map[L]V)
	}
	if (*m)[k] == nil {
		(*m)[k] = make(map[L]V, 1)
	}
	(*m)[k][l] = v
}

func remove[K, L comparable, V any](m map[K]map[L]V, k K, l L) {
	delete(m[k], l)
	if len(m[k]) == 0 {
		delete(m, k)
	}
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
