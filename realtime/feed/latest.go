package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"roomline/realtime/chat"
)

// warmTries bounds how often the end of a log is read again because it was outdated meanwhile.
const warmTries = 3

var errUnsettled = errors.New("feed: the room does not come to rest")

// Snapshot is what a ring knows of a room at one moment.
type Snapshot[E any] struct {
	Epoch    string
	Head     int64 // rev of the latest change; Follow from here goes on without a hole or a double
	Posts    int64 // messages ever posted
	Entries  []E   // shared: not to be changed; the same slice for all who ask alike while nothing changes
	HasOlder bool  // of a page: there are messages below its lowest seq
}

// page is what Latest says, until something changes.
type page[E any] struct {
	limit    int
	entries  []E
	hasOlder bool
	whole    bool // else the ring does not hold enough
}

// replay is what Since says after a rev, until something changes.
type replay[E any] struct {
	rev     int64
	entries []E
}

// flight is a read of the store that others wait for.
type flight struct {
	done chan struct{}
	err  error
}

// Latest returns the last limit messages of a room in their current states, by seq. False: the
// ring does not know, ask the store. The first to ask reads the end of the log from the store
// into the ring, and others wait for it.
func (h *Hub[E]) Latest(ctx context.Context, of chat.Room, limit int) (Snapshot[E], bool) {
	r := h.use(of.ID)
	if err := h.warm(ctx, r, of.Slug); err != nil {
		return Snapshot[E]{}, false
	}
	return r.latest(limit)
}

// Since returns every message that has changed after rev, by rev, each once in its current state.
// False: the ring does not reach back that far, or rev is ahead of it. It waits as Latest does.
func (h *Hub[E]) Since(ctx context.Context, of chat.Room, rev int64) (Snapshot[E], bool) {
	r := h.use(of.ID)
	if err := h.warm(ctx, r, of.Slug); err != nil {
		return Snapshot[E]{}, false
	}
	return r.since(rev)
}

func (r *room[E]) latest(limit int) (Snapshot[E], bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.warm {
		return Snapshot[E]{}, false
	}
	if r.page == nil || r.page.limit != limit {
		r.page = r.pageLocked(limit)
	}
	s := r.snapshotLocked()
	s.Entries, s.HasOlder = r.page.entries, r.page.hasOlder
	return s, r.page.whole
}

func (r *room[E]) pageLocked(limit int) *page[E] {
	var found []*entry[E]
	for rev := r.first; rev <= r.head; rev++ {
		if e := r.atLocked(rev); !e.superseded && e.seq >= r.first {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *entry[E]) int { return cmp.Compare(a.seq, b.seq) })
	found = found[max(0, len(found)-limit):]
	p := &page[E]{limit: limit, entries: make([]E, len(found)), whole: r.posts == r.purged}
	for i, e := range found {
		p.entries[i] = e.payload
	}
	if len(found) > 0 {
		p.hasOlder = found[0].post > r.purged+1
		p.whole = len(found) == limit || !p.hasOlder
	}
	return p
}

func (r *room[E]) since(rev int64) (Snapshot[E], bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.warm || rev > r.head || rev < r.first-1 {
		return Snapshot[E]{}, false
	}
	if r.replay == nil || r.replay.rev != rev {
		r.replay = &replay[E]{rev, r.changesLocked(rev)}
	}
	s := r.snapshotLocked()
	s.Entries = r.replay.entries
	return s, true
}

func (r *room[E]) changesLocked(rev int64) []E {
	entries := make([]E, 0, r.head-rev)
	for rev++; rev <= r.head; rev++ {
		if e := r.atLocked(rev); !e.superseded {
			entries = append(entries, e.payload)
		}
	}
	return entries
}

func (r *room[E]) snapshotLocked() Snapshot[E] {
	return Snapshot[E]{Epoch: r.epoch, Head: r.head, Posts: r.posts}
}

// warm sees to it that the ring has the end of the log.
func (h *Hub[E]) warm(ctx context.Context, r *room[E], slug string) error {
	r.mu.Lock()
	if r.warm {
		r.mu.Unlock()
		return nil
	}
	w := r.warming
	first := w == nil
	if first {
		w = &flight{done: make(chan struct{}), err: errUnsettled}
		r.warming = w
	}
	r.mu.Unlock()
	if first {
		defer r.landed(w)
		w.err = h.load(r, slug)
		return w.err
	}
	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *room[E]) landed(w *flight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.warming = nil
	close(w.done)
}

// load reads the end of the log. Who waits for it must not depend on one caller's context.
func (h *Hub[E]) load(r *room[E], slug string) error {
	for range warmTries {
		turn := r.turnNow()
		tail, err := h.cfg.Source.Tail(h.ctx, slug, min(h.cfg.Page, ringSize), ringSize)
		if err == nil && tail.Room.ID != r.id {
			err = fmt.Errorf("it is now that of room %d", tail.Room.ID)
		}
		entries := make([]entry[E], 0, len(tail.Messages))
		for i := 0; i < len(tail.Messages) && err == nil; i++ {
			e := entry[E]{rev: tail.Messages[i].Rev, seq: tail.Messages[i].Seq, post: tail.Messages[i].Post}
			e.payload, err = h.cfg.Encode(tail.Messages[i])
			entries = append(entries, e)
		}
		if err != nil {
			if h.ctx.Err() == nil {
				h.cfg.Logger.Error("feed: read the end of a log", "room", slug, "error", err)
			}
			return err
		}
		if r.install(turn, tail, entries) {
			h.ring(r)
			return nil
		}
	}
	return errUnsettled
}

func (r *room[E]) turnNow() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.turn
}

// install puts the end of a log below what was published since it was read. It refuses one
// that is outdated.
func (r *room[E]) install(turn int64, tail chat.Tail, entries []entry[E]) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	head, posts := tail.Room.Head, tail.Room.Posts
	if r.turn != turn || r.known && r.first > head+1 {
		return false
	}
	var later []entry[E]
	if r.known && r.head > head {
		posts = r.posts
		for rev := head + 1; rev <= r.head; rev++ {
			later = append(later, *r.atLocked(rev))
		}
	}
	r.emptyLocked(tail.After + 1)
	for rev := tail.After + 1; rev <= head; rev++ {
		e := entry[E]{rev: rev, superseded: true}
		if len(entries) > 0 && entries[0].rev == rev {
			e, entries = entries[0], entries[1:]
		}
		r.appendLocked(e, posts)
	}
	for _, e := range later {
		r.appendLocked(e, posts)
	}
	r.warm, r.epoch, r.posts, r.purged = true, tail.Room.Epoch, posts, tail.Room.Purged
	return true
}

// cool empties the ring, which is then not warm.
func (r *room[E]) cool() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn++
	r.warm = false
	if r.known {
		r.emptyLocked(r.head + 1)
	}
}
