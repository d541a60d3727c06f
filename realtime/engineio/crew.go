package engineio

import (
	"runtime"
	"sync"
)

// crewSize is how many goroutines wait for work at the most. More work than that at once gets
// goroutines of its own.
const crewSize = 64

// crew runs functions on goroutines that have run others before: their stacks have grown to
// what such work needs, which costs more than most of the work does.
type crew struct {
	work chan func() // unbuffered: who takes it waits already
	done chan struct{}

	mu     sync.Mutex // guards what follows
	size   int
	closed bool
}

func newCrew() *crew { return &crew{work: make(chan func()), done: make(chan struct{})} }

// run runs f on another goroutine. The caller knows when f has ended.
func (c *crew) run(f func()) {
	switch {
	case c.hand(f):
	case c.grow():
		go c.join(f)
	default:
		// In a burst most of them only wait for a processor.
		if runtime.Gosched(); !c.hand(f) {
			go f()
		}
	}
}

// hand gives f to one who waits, and reports whether there is one.
func (c *crew) hand(f func()) bool {
	select {
	case c.work <- f:
		return true
	default:
		return false
	}
}

// grow reports whether there may be one more.
func (c *crew) grow() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	more := !c.closed && c.size < crewSize
	if more {
		c.size++
	}
	return more
}

// join is a goroutine of the crew.
func (c *crew) join(f func()) {
	for {
		f()
		select {
		case f = <-c.work:
		case <-c.done:
			return
		}
	}
}

// close ends those who wait, now or when they have done what they do. What is run afterwards
// runs all the same.
func (c *crew) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		close(c.done)
	}
}
