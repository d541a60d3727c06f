package engineio

import (
	"container/heap"
	"sync"
	"time"
)

// sweepPause is the shortest sleep between two sweeps: it turns a crowd of deadlines that
// lie close together into one wake-up.
const sweepPause = 2 * time.Millisecond

// deadlines holds the next moment at which each session wants to be looked at. One
// goroutine serves all of them.
type deadlines struct {
	wake chan struct{} // holds at most one: an earlier deadline was set

	mu    sync.Mutex // guards what follows, and slot and due of every session
	queue queue
}

// set moves the deadline of s to at.
func (d *deadlines) set(s *Session, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s.due = at
	if s.slot == noSlot {
		heap.Push(&d.queue, s)
	} else {
		heap.Fix(&d.queue, s.slot)
	}
	if s.slot == 0 {
		select {
		case d.wake <- struct{}{}:
		default:
		}
	}
}

// drop forgets s.
func (d *deadlines) drop(s *Session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.slot != noSlot {
		heap.Remove(&d.queue, s.slot)
	}
}

// pop appends to dst the sessions whose deadline has come, and says how long until the
// next one; forever false if there is none.
func (d *deadlines) pop(dst []*Session, now time.Time) (due []*Session, pause time.Duration, any bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.queue) > 0 && !d.queue[0].due.After(now) {
		dst = append(dst, heap.Pop(&d.queue).(*Session))
	}
	if len(d.queue) == 0 {
		return dst, 0, false
	}
	return dst, max(d.queue[0].due.Sub(now), sweepPause), true
}

// run looks at every session when its deadline comes, until stop is closed. tick returns
// the session's next deadline, or the zero time for none.
func (d *deadlines) run(stop <-chan struct{}, tick func(*Session, time.Time) time.Time) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var due []*Session
	for {
		select {
		case <-stop:
			return
		case <-d.wake:
		case <-timer.C:
		}
		now := time.Now()
		var pause time.Duration
		var any bool
		due, pause, any = d.pop(due[:0], now)
		for _, s := range due {
			if next := tick(s, now); !next.IsZero() {
				// Through wake the loop comes back at once if this is the earliest.
				d.set(s, next)
			}
		}
		clear(due)
		if any {
			timer.Reset(pause)
		}
	}
}

const noSlot = -1

// queue is a heap.Interface: the session with the earliest deadline comes first.
type queue []*Session

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].slot, q[j].slot = i, j
}

// Push implements heap.Interface.
func (q *queue) Push(x any) {
	s := x.(*Session)
	s.slot = len(*q)
	*q = append(*q, s)
}

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	last := len(*q) - 1
	s := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	s.slot = noSlot
	return s
}
