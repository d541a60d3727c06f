package transport

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

// glanceBuffer is how much is read at once of a connection that was parked.
const glanceBuffer = 4 << 10

// glance is what is needed to read what has come on a connection, without waiting. It is an
// io.Reader whose error is errAgain when that was all.
type glance struct {
	attempt
	room   []byte
	frames frameReader // for a connection that has none of its own

	// of the connection that is looked at
	raw     syscall.RawConn
	toEnd   bool // the client has closed its end: read until that shows
	drained bool // the last read has emptied it
}

func newGlance() *glance {
	g := &glance{room: make([]byte, glanceBuffer)}
	g.init()
	return g
}

// Read implements io.Reader.
func (g *glance) Read(p []byte) (int, error) {
	if g.drained {
		return 0, errAgain
	}
	n, err := g.tryRead(g.raw, p)
	// With less than it asked for, all has been read; what comes later rings anew (epoll(7)).
	g.drained = n < len(p) && !g.toEnd
	return n, err
}

// park leaves the reading to those who are spawned when something has come. What fasthttp has
// read ahead through conn comes first. The caller is the first of them: reading is true.
func (k *socket) park(lot *lot, conn net.Conn) {
	err := k.readAhead(conn)
	if err == nil {
		err = lot.watch(k.raw, k.id)
	}
	if err != nil {
		k.end(err)
		return
	}
	k.look()
}

func (k *socket) newFrames() frameReader {
	return frameReader{limit: k.transport.engine.Config().MaxPayload, ping: k.answerPing}
}

// readAhead takes over what lies in the buffer of fasthttp's reader.
func (k *socket) readAhead(conn net.Conn) error {
	ahead, err := readAhead(conn, k.conn)
	if err != nil {
		return err
	}
	if len(ahead) > 0 {
		frames := k.newFrames()
		frames.ahead = ahead
		k.frames = &frames
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead {
		return os.ErrDeadlineExceeded
	}
	return k.conn.SetReadDeadline(time.Time{})
}

// readAhead reads what conn, whose reads come from a buffer first, has of it. The connection
// underneath is not read, and cannot be until its deadline is set again.
func readAhead(conn, underneath net.Conn) (ahead []byte, err error) {
	if err := underneath.SetReadDeadline(time.Now()); err != nil {
		return nil, err
	}
	for buf := make([]byte, readBuffer); ; {
		n, err := conn.Read(buf)
		ahead = append(ahead, buf[:n]...)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return ahead, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// ready is told by the lot: something has happened to a connection.
func (t *Transport) ready(id uint64, hungUp bool) {
	t.mu.Lock()
	k, h := t.sockets[id], t.polls[id]
	t.mu.Unlock()
	switch {
	case k != nil:
		k.ready(hungUp)
	case h != nil:
		h.ready(hungUp)
	}
}

// ready has a parked connection looked at.
func (k *socket) ready(hungUp bool) {
	k.mu.Lock()
	start := k.parks && !k.reading
	k.more = k.reading
	k.hungUp = k.hungUp || hungUp
	k.reading = k.reading || start
	k.mu.Unlock()
	if start {
		k.transport.engine.Run(k.look)
	}
}

// look reads what has come, and parks the connection again or ends it. There is one at a time,
// and Transport.Close waits for it as it waits for the connection.
func (k *socket) look() {
	defer k.rescue()
	g := k.transport.glances.Get().(*glance)
	err := k.glance(g)
	g.raw, g.frames = nil, frameReader{}
	k.transport.glances.Put(g)
	if !errors.Is(err, errAgain) {
		k.end(err)
	}
}

// glance reads until there is nothing more. With errAgain the connection is parked.
func (k *socket) glance(g *glance) error {
	g.raw = k.raw
	if k.frames == nil {
		g.frames = k.newFrames()
		k.frames = &g.frames
	}
	k.frames.in = g
	k.frames.use(g.room)
	for {
		k.mu.Lock()
		k.more = false
		g.toEnd, g.drained = k.hungUp, false
		k.mu.Unlock()

		if err := k.read(); !errors.Is(err, errAgain) {
			return err
		}
		k.mu.Lock()
		if !k.more {
			break
		}
		k.mu.Unlock()
	}
	// From here on somebody else may look.
	defer k.mu.Unlock()
	k.frames.release()
	k.frames.in = nil
	switch {
	case k.frames.idle():
		k.frames = nil
	case k.frames == &g.frames: // in the midst of something
		own := g.frames
		k.frames = &own
	}
	k.reading = false
	return errAgain
}
