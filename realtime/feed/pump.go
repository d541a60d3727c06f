package feed

import "time"

const (
	shortPass = 200 * time.Microsecond // a pass that takes less is followed by no rest
	longRest  = 10 * time.Millisecond  // the longest rest
)

// restAfter is how long the pump of a room rests after a pass over its followers: as long as the
// pass took. In a storm half of the pump's time goes into writing, and what is committed in the
// other half goes out joined, several entries in one write to each follower. After a quiet time
// the pump is not running, so the first entry waits for nothing.
func restAfter(pass time.Duration) time.Duration {
	if pass < shortPass {
		return 0
	}
	return min(pass, longRest)
}

// ring sees to it that the room's pump runs.
func (h *Hub[E]) ring(r *room[E]) {
	if r.beginPump() {
		h.start(func() { h.pump(r) })
	}
}

// pump brings the followers of a room to its head until it moves no more.
func (h *Hub[E]) pump(r *room[E]) {
	b := h.runs.Get().(*run[E])
	defer h.release(b)
	var followers []*Follower[E]
	for {
		var from, to int64
		var more bool
		if followers, from, to, more = r.nextPass(followers); !more {
			return
		}
		begun := time.Now()
		r.fill(b, from)
		for _, f := range followers {
			f.advanceTo(to, b)
		}
		if !h.rest(restAfter(time.Since(begun))) {
			return
		}
	}
}

// rest waits. It reports false when the hub is closed.
func (h *Hub[E]) rest(d time.Duration) bool {
	if d == 0 {
		return h.ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-h.ctx.Done():
		return false
	}
}

// beginPump reports whether the caller has to start the pump.
func (r *room[E]) beginPump() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pumping || r.pumped == r.head {
		return false
	}
	r.pumping = true
	return true
}

// nextPass returns, in the memory of the last answer, whom the pump has to bring to which head,
// and where most of them are; false when it may end.
func (r *room[E]) nextPass(last []*Follower[E]) (followers []*Follower[E], from, to int64, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(last)
	if r.pumped == r.head {
		r.pumping = false
		return nil, 0, 0, false
	}
	from, to = max(r.pumped, r.first-1), r.head
	r.pumped = r.head
	return append(last[:0], r.followers...), from, to, true
}
