// Package feed carries a room's changes to those who follow it. A room is a log, a
// follower is a cursor into it: live delivery and catching up are the same read, "what
// lies between my cursor and the head".
//
// Publish is only a doorbell that brings the newest entry along. Entries are encoded once
// and kept in the room's ring; a follower that has fallen out of the ring reads from the
// store. A follower whose client is slow holds no queue, it just lags.
package feed

import (
	"context"
	"log/slog"
	"sync"

	"roomline/realtime/chat"
)

const (
	ringSize  = 256 // entries of a room that are kept encoded
	readLimit = 100 // changes read from the store at a time
	readers   = 4   // followers that read from the store at once, in all rooms
)

// Source reads changes from the store: at most limit messages with a rev above rev,
// ascending, each once in its current state.
type Source interface {
	Changes(ctx context.Context, room, rev int64, limit int) ([]chat.Message, error)
}

// Sink is where a follower's entries go.
type Sink[E any] interface {
	// Deliver queues an entry for the client. False means not now: Follower.Resume is to
	// be called when there is room. It must not block or call the Follower.
	Deliver(entry E) bool
	// Broken says that the follower cannot go on and has stopped; its client has to come
	// back and join anew. The same restrictions as for Deliver.
	Broken()
}

// Config makes a Hub. All fields are required.
type Config[E any] struct {
	Source Source
	Encode func(chat.Message) (E, error)
	Logger *slog.Logger
}

// Hub holds the rooms that are followed. Its methods may be called concurrently.
type Hub[E any] struct {
	// set once
	cfg    Config[E]
	ctx    context.Context
	cancel context.CancelFunc
	slots  chan struct{}  // taken by who reads from the store
	work   sync.WaitGroup // pumps and catch-ups

	mu     sync.Mutex // guards what follows
	rooms  map[int64]*room[E]
	closed bool
}

// NewHub makes a Hub.
func NewHub[E any](cfg Config[E]) *Hub[E] {
	h := &Hub[E]{cfg: cfg, rooms: make(map[int64]*room[E]), slots: make(chan struct{}, readers)}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// Publish tells that m was committed: the newest change of its room. Calls for one room
// come in order of rev. It does not block.
func (h *Hub[E]) Publish(m chat.Message) {
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
	r.append(entry[E]{rev: m.Rev, seq: m.Seq, payload: payload})
	h.ring(r)
}

// Follow delivers to sink every change of the room after cursor, in order, once, until Stop.
func (h *Hub[E]) Follow(roomID, cursor int64, sink Sink[E]) *Follower[E] {
	h.mu.Lock()
	r := h.rooms[roomID]
	if r == nil {
		r = &room[E]{id: roomID, followers: make(map[*Follower[E]]struct{})}
		h.rooms[roomID] = r
	}
	f := &Follower[E]{hub: h, room: r, sink: sink, cursor: cursor}
	r.add(f)
	h.mu.Unlock()
	f.advance()
	return f
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

// ring sees to it that the room's pump runs.
func (h *Hub[E]) ring(r *room[E]) {
	if r.beginPump() {
		h.start(func() {
			for followers, more := r.nextPump(); more; followers, more = r.nextPump() {
				for _, f := range followers {
					f.advance()
				}
			}
		})
	}
}

// drop forgets a room that nobody follows.
func (h *Hub[E]) drop(f *Follower[E]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.room.remove(f) && h.rooms[f.room.id] == f.room {
		delete(h.rooms, f.room.id)
	}
}
