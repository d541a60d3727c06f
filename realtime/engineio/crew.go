package engineio

import "sync"

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
	select {
	case c.work <- f:
		return
	default:
	}
	c.mu.Lock()
	mate := !c.closed && c.size < crewSize
	if mate {
		c.size++
	}
	c.mu.Unlock()
	if mate {
		go c.join(f)
	} else {
		go f()
	}
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
