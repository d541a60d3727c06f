package feed

import (
	"slices"
	"sync"
	"sync/atomic"
)

const (
	ringSize  = 256     // entries of a room that are kept encoded, at most
	ringBytes = 1 << 20 // bytes of them, at most, but for the newest
	ringStart = 16      // entries that a ring has room for at first
)

// entry is one change, encoded.
type entry[E any] struct {
	rev        int64
	seq, post  int64 // of its message
	payload    E
	superseded bool // a later entry of the ring holds the same message's newer state
}

// room is the ring of a room and its followers.
//
// A message whose seq is not below first has its newest state in the ring: whatever changed it
// has a rev above its seq.
type room[E any] struct {
	id   int64       // set once
	size func(E) int // set once
	idle bool        // nobody follows; guarded by Hub.mu

	edits atomic.Int64 // raised with mu held, by what empties entries

	mu        sync.Mutex // guards what follows
	ring      []entry[E] // the entries first … head; of rev at index rev % len(ring)
	bytes     int        // of the entries
	first     int64      // head+1 when the ring is empty
	head      int64
	known     bool  // head is; else the store has to be asked
	pumped    int64 // head that the pump has seen
	pumping   bool
	followers []*Follower[E] // each knows its place

	// of Latest and Since
	warm    bool // epoch and posts are known, and the store need not be asked for what the ring lacks
	epoch   string
	posts   int64 // messages ever posted, as of head
	purged  int64 // of them, those that are kept no more; who purges has the rings emptied
	turn    int64 // raised by cool: what was read before does not count
	warming *flight
	page    *page[E]   // as of head; nil: it has to be made
	replay  *replay[E] // likewise
}

// append puts the newest entry into the ring; posts is the room's as of then.
func (r *room[E]) append(e entry[E], posts int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.appendLocked(e, posts)
}

func (r *room[E]) appendLocked(e entry[E], posts int64) {
	switch {
	case r.known && e.rev <= r.head:
		return
	case !r.known || e.rev > r.head+1: // nothing known before it, or a gap that only the store can fill
		r.emptyLocked(e.rev)
	}
	if e.rev != e.seq {
		r.supersedeLocked(e.seq)
	}
	r.growLocked()
	if r.head-r.first+1 == ringSize {
		r.dropLocked()
	}
	r.ring[e.rev%int64(len(r.ring))] = e
	r.head, r.posts, r.page, r.replay = e.rev, posts, nil, nil
	r.bytes += r.sizeOf(e)
	for r.bytes > ringBytes && r.first < r.head {
		r.dropLocked()
	}
}

// emptyLocked begins a ring whose first entry will be of rev.
func (r *room[E]) emptyLocked(rev int64) {
	r.ring, r.bytes, r.page, r.replay = nil, 0, nil, nil
	r.first, r.head, r.known = rev, rev-1, true
	r.edits.Add(1)
}

// growLocked makes room for one entry more, up to ringSize.
func (r *room[E]) growLocked() {
	if n := r.head - r.first + 1; n < int64(len(r.ring)) || n >= ringSize {
		return
	}
	wider := make([]entry[E], max(ringStart, 2*len(r.ring)))
	for rev := r.first; rev <= r.head; rev++ {
		wider[rev%int64(len(wider))] = *r.atLocked(rev)
	}
	r.ring = wider
}

// dropLocked forgets the oldest entry.
func (r *room[E]) dropLocked() {
	oldest := r.atLocked(r.first)
	r.bytes -= r.sizeOf(*oldest)
	*oldest = entry[E]{}
	r.first++
}

func (r *room[E]) atLocked(rev int64) *entry[E] { return &r.ring[rev%int64(len(r.ring))] }

func (r *room[E]) sizeOf(e entry[E]) int {
	if e.superseded {
		return 0
	}
	return r.size(e.payload)
}

// supersedeLocked empties the entries of a message that has changed: whoever lags must get its
// new state only. This is what keeps a deleted text from being delivered late.
func (r *room[E]) supersedeLocked(seq int64) {
	for rev := r.first; rev <= r.head; rev++ {
		if old := r.atLocked(rev); old.seq == seq && !old.superseded {
			r.bytes -= r.sizeOf(*old)
			*old = entry[E]{rev: rev, superseded: true}
			r.edits.Add(1)
		}
	}
}

// where tells how a follower at a cursor gets on.
type where int

const (
	atHead  where = iota // nothing to deliver
	inRing               // the next entry is in the ring
	inStore              // only the store knows
)

// run is a stretch of the log: what followers at from are to get. It is one pass's, and
// handed to many sinks.
type run[E any] struct {
	from, to int64
	revs     []int64 // of payloads
	payloads []E
	edits    int64 // room.edits when it was made
}

// fill makes the run from a cursor to the head.
func (r *room[E]) fill(b *run[E], cursor int64) where {
	r.mu.Lock()
	defer r.mu.Unlock()
	b.clear()
	switch {
	case !r.known || cursor+1 < r.first && cursor < r.head:
		return inStore
	case cursor >= r.head:
		return atHead
	}
	b.from, b.to, b.edits = cursor, r.head, r.edits.Load()
	for rev := cursor + 1; rev <= r.head; rev++ {
		if e := r.atLocked(rev); !e.superseded {
			b.revs = append(b.revs, rev)
			b.payloads = append(b.payloads, e.payload)
		}
	}
	return inRing
}

// fresh reports whether nothing of b was emptied since.
func (r *room[E]) fresh(b *run[E]) bool { return b.edits == r.edits.Load() }

// clear makes it the run of nobody, that keeps nothing alive.
func (b *run[E]) clear() {
	clear(b.payloads)
	b.from, b.to, b.revs, b.payloads = 0, 0, b.revs[:0], b.payloads[:0]
}

// after returns what of the run comes after a cursor in it.
func (b *run[E]) after(cursor int64) ([]int64, []E) {
	if cursor == b.from {
		return b.revs, b.payloads
	}
	i, _ := slices.BinarySearch(b.revs, cursor+1)
	return b.revs[i:], b.payloads[i:]
}

// knows says that the store, asked while the room was followed, had nothing after cursor.
func (r *room[E]) knows(cursor int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.known {
		r.emptyLocked(cursor + 1)
	}
}

func (r *room[E]) add(f *Follower[E]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f.place = len(r.followers)
	r.followers = append(r.followers, f)
}

// at returns the head, 0 if it is not known, and appends the followers to dst.
func (r *room[E]) at(dst []*Follower[E]) (head int64, followers []*Follower[E]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known {
		head = r.head
	}
	return head, append(dst, r.followers...)
}

// remove takes a follower out, once. It reports whether the room has become empty by it.
func (r *room[E]) remove(f *Follower[E]) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f.place < 0 {
		return false
	}
	last := len(r.followers) - 1
	r.followers[f.place] = r.followers[last]
	r.followers[f.place].place = f.place
	r.followers[last] = nil
	r.followers = r.followers[:last]
	f.place = -1
	if last == 0 {
		r.followers = nil
	}
	return last == 0
}
