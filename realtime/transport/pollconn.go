package transport

import (
	"errors"
	"net"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"roomline/realtime/engineio"
)

// pollConn is an HTTP connection whose polls are held without a goroutine. The handler of a
// poll for which nothing waits gives the connection up ("hijack"); whoever wakes the session
// writes the answer; and when the next request comes the server is given the connection back.
// While the server has it, it is the net.Conn that the server reads and writes.
type pollConn struct {
	net.Conn

	// set once
	transport *Transport
	raw       syscall.RawConn // of Conn
	server    *fasthttp.Server

	// owned by who serves
	id     uint64 // in the transport and its lot; 0 before the first poll that is held
	ahead  []byte // was read, and comes before what Conn has
	taking bool   // nothing more is to be read

	mu       sync.Mutex // guards what follows
	state    pollState
	session  *engineio.Session // whose poll this is
	header   []byte            // of the answer, but for what depends on the body
	gzip     bool              // the client takes it
	rung     bool              // woken while no poll was held
	more     bool              // something has come while it was not at rest
	hungUp   bool              // the client has closed its end
	deadline *time.Timer
}

// pollState is who has a pollConn.
type pollState uint8

const (
	serving   pollState = iota // the server
	held                       // a poll, until something is to be told
	answering                  // who writes the answer
	resting                    // nobody, until the next request
	gone                       // closed
)

// pollConn returns the request's connection as one that can be held, nil if it cannot.
func (t *Transport) pollConn(c *fiber.Ctx) *pollConn {
	server, request := c.App().Server(), &c.Request().Header
	if !server.KeepHijackedConns || server.DisableKeepalive || !request.IsHTTP11() || request.ConnectionClose() {
		return nil
	}
	if ended(c.Context().Done()) || t.openLot() == nil {
		return nil
	}
	conn := rawConn(c.Context().Conn())
	if h, ok := conn.(*pollConn); ok {
		return h
	}
	raw := rawOf(conn)
	if raw == nil {
		return nil
	}
	t.watchHost(c.Context().Done())
	return &pollConn{Conn: conn, transport: t, raw: raw, server: server}
}

func ended(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// NetConn is the connection underneath.
func (h *pollConn) NetConn() net.Conn { return h.Conn }

// SyscallConn implements syscall.Conn.
func (h *pollConn) SyscallConn() (syscall.RawConn, error) { return h.raw, nil }

// Read implements net.Conn.
func (h *pollConn) Read(p []byte) (int, error) {
	switch {
	case len(h.ahead) > 0:
		n := copy(p, h.ahead)
		h.ahead = h.ahead[n:]
		return n, nil
	case h.taking:
		return 0, errAgain
	}
	return h.Conn.Read(p)
}

// CloseWrite closes the server's end alone, if the connection underneath can do that.
func (h *pollConn) CloseWrite() error {
	if half, ok := h.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Close implements net.Conn.
func (h *pollConn) Close() error {
	h.mu.Lock()
	h.state = gone
	stop(h.deadline)
	h.mu.Unlock()
	h.transport.forget(h)
	return h.Conn.Close()
}

// offer has the poll of a request held, whose handler returns next. The poll has begun.
func (h *pollConn) offer(c *fiber.Ctx, s *engineio.Session) {
	h.mu.Lock()
	h.session, h.gzip = s, c.Request().Header.HasAcceptEncoding("gzip")
	h.mu.Unlock()
	c.Set(fiber.HeaderContentType, pollType)
	ctx := c.Context()
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(conn net.Conn) {
		header := ctx.Response.Header.Header() // as the host's middleware has left it
		h.hold(conn, slices.Clone(header[:len(header)-len("\r\n")]))
	})
}

// hold begins to hold the poll. conn is what the server has read ahead with.
func (h *pollConn) hold(conn net.Conn, header []byte) {
	t := h.transport
	if !t.begin() {
		h.drop()
		return
	}
	err := h.takeBack(conn)
	if err == nil && h.id == 0 {
		t.remember(h)
		err = t.openLot().watch(h.raw, h.id)
	}
	if err != nil {
		h.drop()
		t.running.Done()
		return
	}
	h.mu.Lock()
	h.header = header
	h.mu.Unlock()
	h.settle(held)
}

// takeBack keeps what the server has read beyond the request.
func (h *pollConn) takeBack(conn net.Conn) error {
	if h.id == 0 {
		var err error
		h.ahead, err = readAhead(conn, h.Conn)
		return errors.Join(err, h.Conn.SetReadDeadline(time.Time{}))
	}
	var ahead []byte
	h.taking = true
	defer func() { h.taking, h.ahead = false, ahead }()
	g := h.transport.glances.Get().(*glance)
	defer h.transport.glances.Put(g)
	for {
		n, err := conn.Read(g.room)
		ahead = append(ahead, g.room[:n]...)
		if errors.Is(err, errAgain) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// drop ends the connection of a client that has left, and its session with it, as the reference
// does.
func (h *pollConn) drop() {
	h.mu.Lock()
	s := h.session
	h.session = nil
	h.mu.Unlock()
	if s != nil {
		s.Abort(engineio.TransportError)
	}
	_ = h.Close() // it is over, however that ends
}

// settle leaves the connection in a state, held or resting, unless there is something to do.
func (h *pollConn) settle(state pollState) {
	within := h.transport.hold()
	if state == resting {
		within = h.idleTimeout()
	}
	h.mu.Lock()
	next := state
	switch {
	case h.state == gone:
		h.mu.Unlock()
		h.transport.running.Done()
		return
	case state == held && (h.rung || h.hungUp):
		next, h.rung = answering, false
	case state == resting && (h.more || h.hungUp || len(h.ahead) > 0):
		next = serving
	case h.deadline == nil && within > 0:
		h.deadline = time.AfterFunc(within, h.expire)
	case within > 0:
		h.deadline.Reset(within)
	}
	h.state = next
	h.mu.Unlock()
	switch next {
	case answering:
		h.answer()
	case serving:
		h.transport.engine.Run(h.serve)
	case resting:
		if h.transport.closing() {
			h.expire()
		}
	}
}

// move takes the connection out of a state, for the caller to go on with it.
func (h *pollConn) move(from, to pollState) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state != from {
		return false
	}
	h.state = to
	stop(h.deadline)
	return true
}

// Wake implements engineio.Puller: the answer is written at once, by the caller.
func (h *pollConn) Wake() {
	h.mu.Lock()
	mine := h.state == held
	if mine {
		h.state = answering
	} else {
		h.rung = true
	}
	h.mu.Unlock()
	if mine {
		h.answer()
		// Who wakes many lets those who were answered ask again meanwhile: a pass over a busy room
		// takes as long as its polls do then, and so does the rest in which messages gather.
		runtime.Gosched()
	}
}

// ready is told by the lot.
func (h *pollConn) ready(hungUp bool) {
	h.mu.Lock()
	h.hungUp = h.hungUp || hungUp
	was := h.state
	switch {
	case was == resting:
		h.state = serving
		stop(h.deadline)
	case was == held && hungUp:
		h.state = answering
	default:
		h.more = true
	}
	h.mu.Unlock()
	switch {
	case was == resting:
		h.transport.engine.Run(h.serve)
	case was == held && hungUp:
		h.drop()
		h.transport.running.Done()
	}
}

// expire ends what has lasted too long: a poll that no heartbeat has ended, or the wait for the
// next request.
func (h *pollConn) expire() {
	if h.move(held, answering) {
		h.reply(engineio.Packet{Type: engineio.Noop})
	} else if h.move(resting, answering) {
		_ = h.Close() // nobody waits for anything
		h.transport.running.Done()
	}
}

// answer answers the poll, or holds it on if there is nothing to tell.
func (h *pollConn) answer() {
	h.mu.Lock()
	left := h.hungUp
	h.mu.Unlock()
	if left {
		h.drop()
		h.transport.running.Done()
		return
	}
	if packets, due := pollAnswer(h.session, h); due {
		h.reply(packets...)
		return
	}
	h.settle(held)
}

// reply writes the answer. The poll is over before the client can have read it.
func (h *pollConn) reply(packets ...engineio.Packet) {
	h.session.EndPoll(h)
	h.mu.Lock()
	header, gzip := h.header, h.gzip
	h.session, h.header = nil, nil
	h.mu.Unlock()

	s := h.transport.scratch.Get().(*scratch)
	defer h.transport.putScratch(s)
	body, encoding := h.transport.pollBody(packets, gzip)
	s.frames = append(append(s.frames[:0], header...), encoding...)
	s.frames = strconv.AppendInt(append(s.frames, "Content-Length: "...), int64(len(body)), 10)
	s.frames = append(append(s.frames, "\r\n\r\n"...), body...)
	n, err := s.tryWrite(h.raw, s.frames)
	switch {
	case err != nil:
		_ = h.Close() // as the write, which has failed
		h.transport.running.Done()
	case n < len(s.frames):
		go h.flush(slices.Clone(s.frames[n:]))
	default:
		h.settle(resting)
	}
}

// flush writes what the connection did not take at once.
func (h *pollConn) flush(rest []byte) {
	if timeout := h.transport.cfg.WriteTimeout; timeout > 0 {
		_ = h.SetWriteDeadline(time.Now().Add(timeout)) // a broken connection fails in Write
	}
	if _, err := h.Write(rest); err != nil || h.SetWriteDeadline(time.Time{}) != nil {
		_ = h.Close()
	}
	h.settle(resting)
}

// idleTimeout is the server's for the next request; 0 for none.
func (h *pollConn) idleTimeout() time.Duration {
	if h.server.IdleTimeout > 0 {
		return h.server.IdleTimeout
	}
	return h.server.ReadTimeout
}

// serve gives the server the connection back, with the request that has begun to come. What has
// been read already is enough for it: nothing is read on top, or a client that sends ahead would
// make it grow.
func (h *pollConn) serve() {
	var err error
	if len(h.ahead) == 0 {
		err = h.readSome()
	}
	switch {
	case len(h.ahead) > 0:
		h.transport.running.Done()
		_ = h.server.ServeConn(h) // it says what is wrong itself
	case errors.Is(err, errAgain):
		h.settle(resting)
	default:
		_ = h.Close() // the client has left
		h.transport.running.Done()
	}
}

// readSome reads what has come, or the beginning of it.
func (h *pollConn) readSome() error {
	h.mu.Lock()
	h.more = false
	h.mu.Unlock()
	g := h.transport.glances.Get().(*glance)
	defer h.transport.glances.Put(g)
	n, err := g.tryRead(h.raw, g.room)
	h.ahead = slices.Clone(g.room[:n])
	if n == len(g.room) { // the lot has told of the rest too, and does not do so again
		h.mu.Lock()
		h.more = true
		h.mu.Unlock()
	}
	return err
}
