package feed

import (
	"context"
	"errors"
	"sync"

	"roomline/realtime/chat"
)

// Follower is one client's cursor into one room.
type Follower[E any] struct {
	// set once
	hub  *Hub[E]
	room *room[E]
	sink Sink[E]

	mu       sync.Mutex // guards what follows; held during a delivery, which keeps the order
	cursor   int64      // everything up to and including this rev was delivered
	lagging  bool       // the sink had no room; Resume goes on
	catching bool       // catchUp runs and has the cursor
	stopped  bool
}

// Stop ends delivery: after it returned nothing more reaches the sink.
func (f *Follower[E]) Stop() {
	f.mu.Lock()
	f.stopped = true
	f.mu.Unlock()
	f.hub.drop(f)
}

// Resume tells that the sink has room again.
func (f *Follower[E]) Resume() {
	f.mu.Lock()
	was := f.lagging
	f.lagging = false
	f.mu.Unlock()
	if was {
		f.advance()
	}
}

// advance delivers what the ring has after the cursor, and turns to the store for what it has not.
func (f *Follower[E]) advance() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for !f.stopped && !f.lagging && !f.catching {
		e, where := f.room.next(f.cursor)
		switch where {
		case atHead:
			return
		case inStore:
			f.catching = f.hub.start(f.catchUp)
			return
		case inRing:
			if !e.superseded && !f.sink.Deliver(e.payload) {
				f.lagging = true
				return
			}
			f.cursor = e.rev
		}
	}
}

// catchUp delivers from the store until there is nothing more, or the sink is full. It
// runs on a goroutine of its own; catching is true meanwhile.
func (f *Follower[E]) catchUp() {
	for f.readOnce() {
	}
	f.mu.Lock()
	f.catching = false
	f.mu.Unlock()
	f.advance() // what was published since is in the ring
}

// readOnce delivers one read of the store. It reports whether there may be more.
func (f *Follower[E]) readOnce() bool {
	h := f.hub
	select {
	case h.slots <- struct{}{}:
	case <-h.ctx.Done():
		return false
	}
	f.mu.Lock()
	from, stopped := f.cursor, f.stopped
	f.mu.Unlock()
	if stopped {
		<-h.slots
		return false
	}
	changes, err := h.cfg.Source.Changes(h.ctx, f.room.id, from, readLimit)
	<-h.slots
	if err != nil {
		f.fail(err)
		return false
	}
	if !f.deliver(changes) {
		return false
	}
	if len(changes) == readLimit {
		return true
	}
	f.mu.Lock()
	cursor := f.cursor
	f.mu.Unlock()
	f.room.known(cursor)
	return false
}

// deliver reports whether all went out.
func (f *Follower[E]) deliver(changes []chat.Message) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range changes {
		payload, err := f.hub.cfg.Encode(m)
		if err != nil {
			f.failLocked(err)
			return false
		}
		if f.stopped {
			return false
		}
		if !f.sink.Deliver(payload) {
			f.lagging = true
			return false
		}
		f.cursor = m.Rev
	}
	return true
}

func (f *Follower[E]) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failLocked(err)
}

// failLocked ends a follower that cannot go on: going on would be a silent hole.
func (f *Follower[E]) failLocked(err error) {
	if f.stopped || errors.Is(err, context.Canceled) {
		return
	}
	f.stopped = true
	f.hub.cfg.Logger.Error("feed: read", "room", f.room.id, "cursor", f.cursor, "error", err)
	f.sink.Broken()
}
