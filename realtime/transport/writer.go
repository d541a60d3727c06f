package transport

import (
	"time"

	"roomline/realtime/engineio"
)

// batchBytes is about how much one write carries, so that a slow client is told of by the
// write deadline before much is lost.
const batchBytes = 64 << 10

// keptBuffer is the largest buffer that goes back to the pool.
const keptBuffer = 4 * batchBytes

// Wake implements engineio.Puller.
func (k *socket) Wake() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wakeLocked()
}

func (k *socket) wakeLocked() {
	k.dirty = true
	if !k.writing {
		k.writing = true
		k.writers.Go(k.write)
	}
}

// answerProbe writes a ready-made frame beside the session's packets. Like a pong it
// replaces one that still waits: who does not read makes nothing grow.
func (k *socket) answerProbe(frame []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.probe = frame
	k.wakeLocked()
}

// answerPing is called by the reader for a WebSocket ping.
func (k *socket) answerPing(data []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pong = appendHeader(k.pong[:0], opPong, len(data))
	k.pong = append(k.pong, data...)
	k.wakeLocked()
}

// write is the writer: it writes until nothing waits, then ends.
func (k *socket) write() {
	scratch := k.transport.buffers.Get().(*[]byte)
	defer func() {
		if cap(*scratch) <= keptBuffer {
			k.transport.buffers.Put(scratch)
		}
	}()
	var packets []engineio.Packet
	for {
		k.mu.Lock()
		k.dirty = false
		buf := (*scratch)[:0]
		buf = append(buf, k.probe...)
		buf = append(buf, k.pong...)
		k.probe, k.pong = nil, nil
		k.mu.Unlock()

		var next engineio.Next
		packets, next = k.session.Take(k, packets[:0], batchBytes)
		for _, p := range packets {
			buf = appendFrame(buf, p)
		}
		clear(packets)
		if next != engineio.Stay {
			buf = appendClose(buf, closeNormal)
		}
		*scratch = buf
		if len(buf) == 0 {
			if k.rest() {
				return
			}
			continue
		}
		if !k.flush(buf) {
			return
		}
		if next != engineio.Stay {
			k.awaitClose()
			return
		}
	}
}

// rest ends the writer, unless it was woken since it looked last.
func (k *socket) rest() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.writing = k.dirty
	return !k.dirty
}

// flush writes whole frames in one write. False means that the writer must end: the
// connection is over, or has just been cut off because it failed.
func (k *socket) flush(frames []byte) bool {
	k.mu.Lock()
	if k.dead || k.leaving {
		k.mu.Unlock()
		return false
	}
	if timeout := k.transport.cfg.WriteTimeout; timeout > 0 {
		_ = k.conn.SetWriteDeadline(time.Now().Add(timeout)) // a broken connection fails in Write
	}
	k.mu.Unlock()
	if _, err := k.conn.Write(frames); err != nil {
		k.kill() // wakes the reader, which ends the session
		return false
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
}

// setReadDeadline bounds the reader, unless something has ended it already.
func (k *socket) setReadDeadline(at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.dead && (!k.closeSent || !at.IsZero()) {
		_ = k.conn.SetReadDeadline(at) // a broken connection fails in Read
	}
}

// kill cuts the connection off: a blocked reader and writer return at once.
func (k *socket) kill() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dead = true
	_ = k.conn.SetDeadline(time.Now()) // a broken connection needs no deadline
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
