package transport

import (
	"slices"
	"time"

	"roomline/realtime/engineio"
)

// batchBytes is about how much one write carries, so that a slow client is told of by the
// write deadline before much is lost.
const batchBytes = 64 << 10

// keptBuffer is the largest buffer that goes back to the pool.
const keptBuffer = 4 * batchBytes

// turns is how many writes who wakes a socket does itself; a goroutine does what is left.
const turns = 2

// scratch is the memory of one who writes.
type scratch struct {
	attempt
	packets []engineio.Packet
	frames  []byte
}

func newScratch() *scratch {
	s := new(scratch)
	s.init()
	return s
}

func (t *Transport) putScratch(s *scratch) {
	clear(s.packets)
	if cap(s.frames) <= keptBuffer {
		t.scratch.Put(s)
	}
}

// Wake implements engineio.Puller: what the connection takes without waiting is written at
// once, by the caller. For the rest there is a goroutine.
func (k *socket) Wake() {
	k.mu.Lock()
	mine := k.claimLocked()
	k.mu.Unlock()
	k.startWriting(mine)
}

// answerProbe writes a ready-made frame beside the session's packets. Like a pong it
// replaces one that still waits: who does not read makes nothing grow.
func (k *socket) answerProbe(frame []byte) {
	k.mu.Lock()
	k.probe = frame
	mine := k.claimLocked()
	k.mu.Unlock()
	k.startWriting(mine)
}

// answerPing is called by the reader for a WebSocket ping.
func (k *socket) answerPing(data []byte) {
	k.mu.Lock()
	k.pong = appendHeader(k.pong[:0], opPong, len(data))
	k.pong = append(k.pong, data...)
	mine := k.claimLocked()
	k.mu.Unlock()
	k.startWriting(mine)
}

// claimLocked notes that there is something to write, and reports whether the caller is the
// writer now: then it calls startWriting when it has unlocked mu.
func (k *socket) claimLocked() bool {
	k.dirty = true
	if k.writing {
		return false
	}
	k.writing = true
	k.writers.Add(1)
	return true
}

func (k *socket) startWriting(mine bool) {
	switch {
	case !mine:
	case k.raw != nil:
		k.writeNow()
	default:
		go k.write()
	}
}

// writeNow is the writer for as long as nothing makes it wait.
func (k *socket) writeNow() {
	s := k.transport.scratch.Get().(*scratch)
	defer k.transport.putScratch(s)
	for range turns {
		next := k.gather(s)
		if len(s.frames) == 0 {
			if k.rest() {
				return
			}
			continue
		}
		if !k.mayWrite() {
			return
		}
		n, err := s.tryWrite(k.raw, s.frames)
		switch {
		case err != nil:
			k.kill() // wakes the reader, which ends the session
			k.writers.Done()
			return
		case n < len(s.frames):
			k.unsent, k.last = slices.Clone(s.frames[n:]), next != engineio.Stay
			go k.write()
			return
		case next != engineio.Stay:
			k.awaitClose()
			return
		}
	}
	go k.write()
}

// write is the writer where it has to wait: it ends when nothing is left.
func (k *socket) write() {
	if unsent, last := k.unsent, k.last; len(unsent) > 0 {
		k.unsent = nil
		if !k.flush(unsent) {
			return
		}
		if last {
			k.awaitClose()
			return
		}
	}
	s := k.transport.scratch.Get().(*scratch)
	defer k.transport.putScratch(s)
	for {
		next := k.gather(s)
		switch {
		case len(s.frames) == 0:
			if k.rest() {
				return
			}
		case !k.flush(s.frames):
			return
		case next != engineio.Stay:
			k.awaitClose()
			return
		}
	}
}

// gather puts the frames of one write into s, and says what to do after it.
func (k *socket) gather(s *scratch) engineio.Next {
	k.mu.Lock()
	k.dirty = false
	s.frames = append(append(s.frames[:0], k.probe...), k.pong...)
	k.probe, k.pong = nil, nil
	k.mu.Unlock()

	var next engineio.Next
	clear(s.packets)
	s.packets, next = k.session.Take(k, s.packets[:0], batchBytes)
	for _, p := range s.packets {
		s.frames = appendFrame(s.frames, p)
	}
	if next != engineio.Stay {
		s.frames = appendClose(s.frames, closeNormal)
	}
	return next
}

// rest ends the writer, unless it was woken since it looked last.
func (k *socket) rest() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dirty {
		return false
	}
	k.writing = k.leaving
	k.writers.Done()
	return true
}

// mayWrite ends the writer if the connection is over.
func (k *socket) mayWrite() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead || k.leaving {
		k.writers.Done()
		return false
	}
	return true
}

// flush writes whole frames in one write. False means that the writer has ended: the
// connection is over, or has just been cut off because it failed.
func (k *socket) flush(frames []byte) bool {
	k.mu.Lock()
	if k.dead || k.leaving {
		k.mu.Unlock()
		k.writers.Done()
		return false
	}
	if timeout := k.transport.cfg.WriteTimeout; timeout > 0 {
		_ = k.conn.SetWriteDeadline(time.Now().Add(timeout)) // a broken connection fails in Write
	}
	k.mu.Unlock()
	if _, err := k.conn.Write(frames); err != nil {
		k.kill() // wakes the reader, which ends the session
		k.writers.Done()
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.raw != nil && !k.dead && !k.leaving {
		_ = k.conn.SetWriteDeadline(time.Time{}) // or a write that does not wait would heed it
	}
	return true
}

// awaitClose follows the close frame: the reader waits a little for the client's. The
// writer has ended and no other starts.
func (k *socket) awaitClose() {
	k.mu.Lock()
	k.closeSent = true
	k.mu.Unlock()
	k.setReadDeadline(time.Now().Add(closeGrace))
	k.ready(false)
	k.writers.Done()
}

// setReadDeadline bounds the reader, unless something has ended it already; the zero time lifts
// the bound.
func (k *socket) setReadDeadline(at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.dead || k.closeSent && at.IsZero():
	case !k.parks:
		_ = k.conn.SetReadDeadline(at) // a broken connection fails in Read
	default:
		stop(k.deadline)
		k.bounds++
		if bound := k.bounds; !at.IsZero() {
			k.deadline = time.AfterFunc(time.Until(at), func() { k.expire(bound) })
		}
	}
}

// expire ends the wait of a parked reader, unless it has another bound by now, or none.
func (k *socket) expire(bound uint8) {
	k.mu.Lock()
	over := bound == k.bounds
	if over {
		_ = k.conn.SetReadDeadline(time.Now()) // as above
	}
	k.mu.Unlock()
	if over {
		k.ready(false)
	}
}

// kill cuts the connection off: a blocked reader and writer return at once.
func (k *socket) kill() {
	k.mu.Lock()
	k.dead = true
	_ = k.conn.SetDeadline(time.Now()) // a broken connection needs no deadline
	k.mu.Unlock()
	k.ready(false)
}

// closeNow writes a close frame if none was written. No writer may run.
func (k *socket) closeNow(code int) {
	k.mu.Lock()
	over := k.closeSent || k.dead
	k.mu.Unlock()
	if over {
		return
	}
	_ = k.conn.SetWriteDeadline(time.Now().Add(closeGrace)) // as flush
	_, _ = k.conn.Write(appendClose(nil, code))             // a courtesy: the connection ends anyway
}
