package feed

import (
	"context"
	"errors"
	"math"
	"sync"

	"roomline/realtime/chat"
)

// Follower is one client's cursor into one room.
type Follower[E any] struct {
	// set once
	hub  *Hub[E]
	room *room[E]
	sink Sink[E]

	place int // in room.followers, -1 when it is out; guarded by room.mu

	mu       sync.Mutex // guards what follows; held during a delivery, which keeps the order
	lagging  bool       // the sink had no room; Resume goes on
	catching bool       // catchUp runs and has the cursor
	stopped  bool
	cursor   int64 // everything up to and including this rev was delivered
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

// behind returns how many revs the follower is behind a head, 0 if a delivery is under way.
func (f *Follower[E]) behind(head int64) int64 {
	if !f.mu.TryLock() {
		return 0
	}
	defer f.mu.Unlock()
	if f.stopped {
		return 0
	}
	return head - f.cursor
}

// advance delivers everything up to the head.
func (f *Follower[E]) advance() {
	b := f.hub.runs.Get().(*run[E])
	defer f.hub.release(b)
	f.advanceTo(math.MaxInt64, b)
}

// advanceTo delivers what the ring has after the cursor, up to a head at least, and turns to
// the store for what the ring has not. What others are to get is in shared, if the cursor is.
func (f *Follower[E]) advanceTo(head int64, shared *run[E]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var own *run[E]
	for !f.stopped && !f.lagging && !f.catching && f.cursor < head {
		b := shared
		if f.cursor < b.from || f.cursor >= b.to || !f.room.fresh(b) {
			if own == nil {
				own = f.hub.runs.Get().(*run[E])
				defer f.hub.release(own)
			}
			switch b = own; f.room.fill(b, f.cursor) {
			case atHead:
				return
			case inStore:
				f.catching = f.hub.start(f.catchUp)
				return
			}
		}
		f.deliverLocked(b)
	}
}

// deliverLocked delivers what a run has after the cursor.
func (f *Follower[E]) deliverLocked(b *run[E]) {
	revs, payloads := b.after(f.cursor)
	taken := 0
	if len(payloads) > 0 {
		taken = f.sink.Deliver(payloads)
	}
	switch {
	case taken == len(payloads):
		f.cursor = b.to
		return
	case taken > 0:
		f.cursor = revs[taken-1]
	}
	f.lagging = true
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
	f.room.knows(cursor)
	return false
}

// deliver reports whether all went out.
func (f *Follower[E]) deliver(changes []chat.Message) bool {
	if len(changes) == 0 {
		return true
	}
	b := f.hub.runs.Get().(*run[E])
	defer f.hub.release(b)
	b.to = changes[len(changes)-1].Rev
	for _, m := range changes {
		payload, err := f.hub.cfg.Encode(m)
		if err != nil {
			f.fail(err)
			return false
		}
		b.revs, b.payloads = append(b.revs, m.Rev), append(b.payloads, payload)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return false
	}
	b.from = f.cursor
	f.deliverLocked(b)
	return !f.lagging
}

func (f *Follower[E]) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped || errors.Is(err, context.Canceled) {
		return
	}
	// Going on would be a silent hole.
	f.stopped = true
	f.hub.cfg.Logger.Error("feed: read", "room", f.room.id, "cursor", f.cursor, "error", err)
	f.sink.Broken()
}
