package feed

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	share     = 64                     // followers that a goroutine of a shared pass takes at a time
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
	for workers := runtime.GOMAXPROCS(0); ; workers = 1 {
		var from, to int64
		var more bool
		if followers, from, to, more = r.nextPass(followers); !more {
			return
		}
		begun := time.Now()
		r.fill(b, from)
		pass(followers, to, b, workers)
		if !h.rest(restAfter(time.Since(begun))) {
			return
		}
	}
}

// pass brings the followers to a head, with as many goroutines at once as are worth it.
//
// The first pass after a quiet time is shared by all processors, so that a text is with the last
// member of a large room sooner. In a storm one goroutine writes, and leaves the other processors
// to what makes the storm.
func pass[E any](followers []*Follower[E], to int64, b *run[E], workers int) {
	workers = min(workers, len(followers)/share)
	if workers < 2 {
		for _, f := range followers {
			f.advanceTo(to, b)
		}
		return
	}
	var taken atomic.Int64
	work := func() {
		for {
			from := int(taken.Add(share)) - share
			if from >= len(followers) {
				return
			}
			for _, f := range followers[from:min(from+share, len(followers))] {
				f.advanceTo(to, b)
			}
		}
	}
	var others sync.WaitGroup
	for range workers - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
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
