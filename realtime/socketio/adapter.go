package socketio

import (
	"maps"
	"slices"
	"sync"
)

// Adapter keeps who is in which room of one namespace, and finds the receivers of a
// broadcast. Its methods may be called concurrently.
type Adapter interface {
	Join(s *Socket, rooms ...string)
	Leave(s *Socket, room string)
	LeaveAll(s *Socket)
	// Rooms returns the rooms that s has joined, in no order.
	Rooms(s *Socket) []string
	// Receivers returns the sockets that are in one of rooms at least and in none of except,
	// each once, in no order.
	Receivers(rooms, except []string) []*Socket
}

// NewMemoryAdapter makes the adapter of a server that is alone.
func NewMemoryAdapter() Adapter {
	return &memoryAdapter{
		members: make(map[string]map[*Socket]struct{}),
		joined:  make(map[*Socket]map[string]struct{}),
	}
}

type memoryAdapter struct {
	mu      sync.RWMutex // guards what follows; both hold the same pairs
	members map[string]map[*Socket]struct{}
	joined  map[*Socket]map[string]struct{}
}

func (a *memoryAdapter) Join(s *Socket, rooms ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, room := range rooms {
		if a.members[room] == nil {
			a.members[room] = make(map[*Socket]struct{})
		}
		if a.joined[s] == nil {
			a.joined[s] = make(map[string]struct{})
		}
		a.members[room][s] = struct{}{}
		a.joined[s][room] = struct{}{}
	}
}

func (a *memoryAdapter) Leave(s *Socket, room string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.leaveLocked(s, room)
	delete(a.joined[s], room)
	if len(a.joined[s]) == 0 {
		delete(a.joined, s)
	}
}

func (a *memoryAdapter) LeaveAll(s *Socket) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for room := range a.joined[s] {
		a.leaveLocked(s, room)
	}
	delete(a.joined, s)
}

func (a *memoryAdapter) leaveLocked(s *Socket, room string) {
	delete(a.members[room], s)
	if len(a.members[room]) == 0 {
		delete(a.members, room)
	}
}

func (a *memoryAdapter) Rooms(s *Socket) []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Collect(maps.Keys(a.joined[s]))
}

func (a *memoryAdapter) Receivers(rooms, except []string) []*Socket {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var all []*Socket
	for i, room := range rooms {
		for s := range a.members[room] {
			if !a.inLocked(s, rooms[:i]) && !a.inLocked(s, except) {
				all = append(all, s)
			}
		}
	}
	return all
}

func (a *memoryAdapter) inLocked(s *Socket, rooms []string) bool {
	for _, room := range rooms {
		if _, in := a.members[room][s]; in {
			return true
		}
	}
	return false
}
