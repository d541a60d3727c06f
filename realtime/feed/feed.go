// Package feed carries a room's changes to those who follow it. A room is a log, a
// follower is a cursor into it: live delivery and catching up are the same read, "what
// lies between my cursor and the head".
//
// Publish is only a doorbell that brings the newest entry along. Entries are encoded once
// and kept in the room's ring; a follower that has fallen out of the ring reads from the
// store. A follower whose client is slow holds no queue, it just lags. The ring also answers
// who comes (back): Latest and Since.
package feed

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"roomline/realtime/chat"
)

const (
	readLimit = 100 // changes read from the store at a time
	readers   = 4   // followers that read from the store at once, in all rooms

	// keptRooms is how many rooms keep their ring without being followed, those used last, so that
	// a crowd that has lost its connections finds it as it was. With ringBytes it bounds their memory.
	keptRooms = 64
)

// Source reads changes from the store.
type Source interface {
	// Changes returns at most limit messages with a rev above rev, ascending, each once in its
	// current state.
	Changes(ctx context.Context, room, rev int64, limit int) ([]chat.Message, error)
	// Tail returns the end of a room's log: see chat.Service.Tail.
	Tail(ctx context.Context, slug string, page, most int) (chat.Tail, error)
}

// Sink is where a follower's entries go.
type Sink[E any] interface {
	// Deliver queues entries for the client, as many as it can take, from the first on, and
	// returns how many. Fewer than all means not now: Follower.Resume is to be called when there
	// is room. It must not block, call the Follower, or keep or change the slice, which others get too.
	Deliver(entries []E) int
	// Broken says that the follower cannot go on and has stopped; its client has to come
	// back and join anew. The same restrictions as for Deliver.
	Broken()
}

// Config makes a Hub. All fields are required.
type Config[E any] struct {
	Source Source
	Encode func(chat.Message) (E, error)
	Size   func(E) int // bytes
	Page   int         // messages that Latest is asked for, mostly
	Logger *slog.Logger
}

// Hub holds the rooms that are followed, and some that were. Its methods may be called concurrently.
type Hub[E any] struct {
	// set once
	cfg    Config[E]
	ctx    context.Context
	cancel context.CancelFunc
	slots  chan struct{}  // taken by who reads from the store
	work   sync.WaitGroup // pumps and catch-ups
	runs   sync.Pool      // of *run[E]

	mu     sync.Mutex // guards what follows
	rooms  map[int64]*room[E]
	idle   []*room[E] // of rooms, those that nobody follows; the one used last is at the end
	closed bool
}

// NewHub makes a Hub.
func NewHub[E any](cfg Config[E]) *Hub[E] {
	h := &Hub[E]{cfg: cfg, rooms: make(map[int64]*room[E]), slots: make(chan struct{}, readers)}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.runs.New = func() any { return new(run[E]) }
	return h
}

// release gives a run back.
func (h *Hub[E]) release(b *run[E]) {
	b.clear()
	h.runs.Put(b)
}

// Publish tells that m was committed, the newest change of its room, and how the room is since.
// Calls for one room come in order of rev. It does not block.
func (h *Hub[E]) Publish(of chat.Room, m chat.Message) {
	h.mu.Lock()
	r := h.rooms[m.RoomID]
	h.mu.Unlock()
	if r == nil {
		return // nobody follows: the store has it
	}
	payload, err := h.cfg.Encode(m)
	if err != nil {
		// Left out of the ring, it makes a gap: followers will try it again from the store.
		h.cfg.Logger.Error("feed: encode", "room", m.Room, "rev", m.Rev, "error", err)
		return
	}
	r.append(entry[E]{rev: m.Rev, seq: m.Seq, post: m.Post, payload: payload}, of.Posts)
	h.ring(r)
}

// Follow delivers to sink every change of the room after cursor, in order, once, until Stop.
func (h *Hub[E]) Follow(roomID, cursor int64, sink Sink[E]) *Follower[E] {
	h.mu.Lock()
	r := h.roomLocked(roomID)
	h.unidleLocked(r)
	f := &Follower[E]{hub: h, room: r, sink: sink, cursor: cursor}
	r.add(f)
	h.mu.Unlock()
	f.advance()
	return f
}

// Forget drops all entries: what they say of their authors may not hold any more. Nothing is lost,
// it is read from the store again.
func (h *Hub[E]) Forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.rooms {
		r.cool()
	}
}

// Lag returns how many revs the follower that is furthest behind is behind its room. One that is
// being delivered to just now is left out: nobody waits for anybody.
func (h *Hub[E]) Lag() int64 {
	h.mu.Lock()
	rooms := make([]*room[E], 0, len(h.rooms))
	for _, r := range h.rooms {
		if !r.idle {
			rooms = append(rooms, r)
		}
	}
	h.mu.Unlock()
	var lag int64
	var followers []*Follower[E]
	for _, r := range rooms {
		var head int64
		head, followers = r.at(followers[:0])
		for _, f := range followers {
			lag = max(lag, f.behind(head))
		}
	}
	return lag
}

// Close stops delivery and waits for all that runs. Followers need not be stopped before.
func (h *Hub[E]) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.cancel()
	h.work.Wait()
}

// start runs fn on a goroutine that Close waits for, unless the hub is closed.
func (h *Hub[E]) start(fn func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.work.Go(fn)
	return true
}

// use returns a room, which counts as used.
func (h *Hub[E]) use(id int64) *room[E] {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.roomLocked(id)
	if r.idle {
		h.unidleLocked(r)
		h.idleLocked(r)
	}
	return r
}

// roomLocked returns a room, made and idle if it was not there.
func (h *Hub[E]) roomLocked(id int64) *room[E] {
	r := h.rooms[id]
	if r == nil {
		r = &room[E]{id: id, size: h.cfg.Size}
		h.rooms[id] = r
		h.idleLocked(r)
	}
	return r
}

// idleLocked says that nobody follows the room. The one that was used longest ago goes when
// there are too many.
func (h *Hub[E]) idleLocked(r *room[E]) {
	if len(h.idle) == keptRooms {
		delete(h.rooms, h.idle[0].id)
		h.idle = slices.Delete(h.idle, 0, 1)
	}
	r.idle = true
	h.idle = append(h.idle, r)
}

func (h *Hub[E]) unidleLocked(r *room[E]) {
	if r.idle {
		r.idle = false
		i := slices.Index(h.idle, r)
		h.idle = slices.Delete(h.idle, i, i+1)
	}
}

// drop takes a follower out of its room.
func (h *Hub[E]) drop(f *Follower[E]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.room.remove(f) {
		h.idleLocked(f.room)
	}
}
