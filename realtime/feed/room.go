package feed

import (
	"maps"
	"slices"
	"sync"
)

// entry is one change, encoded.
type entry[E any] struct {
	rev, seq   int64
	payload    E
	superseded bool // a later entry of the ring holds the same message's newer state
}

// room is the ring of a followed room and its followers.
type room[E any] struct {
	id int64 // set once

	mu        sync.RWMutex // guards what follows
	ring      []entry[E]   // the entries first … head; of rev at index rev % ringSize
	first     int64        // head+1 when the ring is empty
	head      int64        // 0: not known yet, the store has to be asked
	pumped    int64        // head that the pump has seen
	pumping   bool
	followers map[*Follower[E]]struct{}
	list      []*Follower[E] // of followers, nil when it has to be made again
}

// append puts the newest entry into the ring.
func (r *room[E]) append(e entry[E]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.head == 0 || e.rev > r.head+1: // nothing known before it, or a gap that only the store can fill
		r.first = e.rev
		r.ring = nil
	case e.rev <= r.head:
		return
	}
	if r.ring == nil {
		r.ring = make([]entry[E], ringSize)
	}
	if e.rev != e.seq {
		r.supersedeLocked(e.seq)
	}
	r.ring[e.rev%ringSize] = e
	r.head = e.rev
	r.first = max(r.first, r.head-ringSize+1)
}

// supersedeLocked empties the entries of a message that has changed: whoever lags must get its
// new state only. This is what keeps a deleted text from being delivered late.
func (r *room[E]) supersedeLocked(seq int64) {
	for rev := r.first; rev <= r.head; rev++ {
		if old := &r.ring[rev%ringSize]; old.seq == seq {
			*old = entry[E]{rev: rev, superseded: true}
		}
	}
}

// where tells how a follower at cursor gets on.
type where int

const (
	atHead  where = iota // nothing to deliver
	inRing               // the next entry is in the ring
	inStore              // only the store knows
)

// next returns the entry that follows cursor.
func (r *room[E]) next(cursor int64) (entry[E], where) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	switch rev := cursor + 1; {
	case r.head == 0 || rev < r.first:
		return entry[E]{}, inStore
	case rev > r.head:
		return entry[E]{}, atHead
	default:
		return r.ring[rev%ringSize], inRing
	}
}

// known says that the store, asked while the room was followed, had nothing after cursor.
func (r *room[E]) known(cursor int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.head == 0 {
		r.first, r.head = cursor+1, cursor
	}
}

func (r *room[E]) add(f *Follower[E]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.followers[f] = struct{}{}
	r.list = nil
}

// remove reports whether the room is empty now.
func (r *room[E]) remove(f *Follower[E]) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.followers, f)
	r.list = nil
	return len(r.followers) == 0
}

// beginPump reports whether the caller has to start the pump.
func (r *room[E]) beginPump() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pumping {
		return false
	}
	r.pumping = true
	return true
}

// nextPump returns whom the pump has to visit, and false when it may end.
func (r *room[E]) nextPump() ([]*Follower[E], bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pumped == r.head {
		r.pumping = false
		return nil, false
	}
	r.pumped = r.head
	if r.list == nil {
		r.list = slices.Collect(maps.Keys(r.followers))
	}
	return r.list, true
}
