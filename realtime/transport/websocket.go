package transport

import (
	"errors"
	"io"
	"net"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
)

const (
	// readBuffer is small because most connections are quiet, and each that is not parked has
	// one; long messages bypass it.
	readBuffer = 256
	// closeGrace is how long a client has to answer a close frame.
	closeGrace = 2 * time.Second
	// readStep is how much memory a message gets before its data has come.
	readStep = 4 << 10
	// admissionKey is under which the admission reaches the handler behind the 101.
	admissionKey = "roomline/realtime/transport"
)

// socket is one WebSocket connection. Whoever wakes it writes what the connection takes at
// once; a writer is spawned for what it does not, and joined before the socket ends. Reading
// is done by the goroutine of the handler, or, parked, by one that is spawned when something
// has come.
type socket struct {
	// set before the first Wake
	transport *Transport
	session   *engineio.Session
	id        uint64          // in the transport and its lot
	conn      net.Conn        // frames are written to it whole
	raw       syscall.RawConn // of conn; nil: no attempts can be made on it
	kept      bool            // it outlives the handler, and is ours to close
	parks     bool            // no goroutine waits for what comes

	// owned by the reader
	frames  *frameReader // nil while it is parked between two messages
	probing bool         // the session is still polling, and this connection wants to take over
	deaf    bool         // the session wants no more: only the client's close is awaited

	// owned by the writer
	unsent  []byte // the rest of a write
	last    bool   // it ends with the close frame
	writers sync.WaitGroup

	mu        sync.Mutex // guards what follows
	writing   bool       // a writer runs, or none may start any more
	dirty     bool       // it must look again before it ends
	probe     []byte     // a frame that answers the client's probe
	pong      []byte     // a frame that answers its latest WebSocket ping, the only one that counts
	closeSent bool
	leaving   bool        // the reader has ended: no further write begins
	dead      bool        // cut off
	reading   bool        // parked: a reader runs, or none may start any more
	more      bool        // it must look again before it ends
	hungUp    bool        // the client has closed its end
	deadline  *time.Timer // parked: runs expire
	bounds    uint8       // that there were; deadline is of the last one
}

// hijack answers a WebSocket request; serveWebSocket goes on after the 101. When the client
// has left before, it never does: nothing that must be given back may be taken earlier.
func (t *Transport) hijack(c *fiber.Ctx, adm *admission) error {
	if adm.protocol != "" {
		c.Set("Sec-WebSocket-Protocol", adm.protocol) // the upgrade keeps it
	}
	if adm.kept = c.App().Server().KeepHijackedConns; adm.kept {
		t.watchHost(c.Context().Done()) // also for polls that come later
	}
	c.Locals(admissionKey, adm)
	// The library looks at one line of each; the gate has read them as lists.
	c.Request().Header.Set(fiber.HeaderConnection, "Upgrade")
	c.Request().Header.Set(fiber.HeaderUpgrade, "websocket")
	// They would be kept for as long as the connection lives.
	c.Request().Header.DelAllCookies()
	return t.upgrade(c)
}

// serveWebSocket is the handler of one connection. The frames are read and written here: the
// library behind ws does not tell how many fragments a message has. What is parked goes on
// after it has returned, without anything of ws.
func (t *Transport) serveWebSocket(ws *websocket.Conn) {
	adm, _ := ws.Locals(admissionKey).(*admission)
	conn := ws.NetConn() // through it come the bytes that fasthttp has read already
	k := &socket{transport: t, conn: rawConn(conn), kept: adm.kept}
	k.raw = rawOf(k.conn)
	lot := (*lot)(nil)
	if k.kept && k.raw != nil {
		lot = t.openLot()
	}
	k.parks, k.reading = lot != nil, lot != nil
	if !t.add(k) {
		k.closeNow(closeGoingAway)
		k.release()
		return
	}
	defer k.rescue()
	switch {
	case !k.begin(adm):
		k.leave()
	case k.parks:
		k.park(lot, conn)
	default:
		frames := k.newFrames()
		frames.in = conn
		frames.use(make([]byte, readBuffer))
		k.frames = &frames
		k.end(k.read())
	}
}

// rescue ends a connection whose reader has panicked.
func (k *socket) rescue() {
	if v := recover(); v != nil {
		k.transport.cfg.Logger.Error("websocket handler panicked", "panic", v, "stack", string(debug.Stack()))
		k.kill()
		k.end(errPanicked)
	}
}

var errPanicked = errors.New("the handler panicked")

// begin gives the connection to its session, new or old. It reports false, and has closed
// the connection, if there is none.
func (k *socket) begin(adm *admission) bool {
	if adm.session == nil {
		s, r := k.transport.open(adm, engineio.WebSocket)
		if r != nil {
			k.transport.count(r.why)
			k.hangUp(closeTryLater)
			return false
		}
		k.session = s
		s.Attach(k)
		return true
	}
	k.session, k.probing = adm.session, true
	if !k.session.BeginUpgrade(k) {
		k.hangUp(closeNormal)
		return false
	}
	if timeout := k.transport.engine.Config().UpgradeTimeout; timeout > 0 {
		k.setReadDeadline(time.Now().Add(timeout))
	}
	return true
}

// read handles messages until there is nothing more to read, and returns why: errAgain, or how
// the connection fails or ends. After the session has ended it only waits for the client's
// close frame.
func (k *socket) read() error {
	for {
		opcode, data, err := k.frames.next()
		if err != nil {
			return err
		}
		k.deaf = k.deaf || !k.receive(opcode, data)
	}
}

// end is the end of the connection: err is why reading has ended.
func (k *socket) end(err error) {
	k.stopWriting()
	k.session.Leave(k, leaveReason(err))
	k.finish(err)
	k.leave()
}

// leave gives the connection back.
func (k *socket) leave() {
	k.release()
	k.transport.remove(k)
}

func (k *socket) release() {
	k.mu.Lock()
	k.reading = true
	stop(k.deadline)
	k.mu.Unlock()
	if k.kept {
		_ = k.conn.Close() // it is over, however that ends
	}
}

func stop(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}

// receive handles one message and reports whether more are wanted.
func (k *socket) receive(opcode byte, data []byte) bool {
	packet := engineio.Packet{Type: engineio.Message, Binary: true, Data: data}
	if opcode == opText {
		var err error
		if packet, err = engineio.DecodeText(data); err != nil {
			return k.refuse(engineio.ParseError)
		}
	}
	if k.probing {
		return k.receiveProbe(packet)
	}
	return k.session.Receive(packet)
}

// receiveProbe handles a message before the upgrade is complete ("Upgrade").
func (k *socket) receiveProbe(packet engineio.Packet) bool {
	switch {
	case packet.Type == engineio.Ping && string(packet.Data) == "probe" && k.session.Probe(k):
		k.answerProbe(appendFrame(nil, engineio.Packet{Type: engineio.Pong, Data: packet.Data}))
		return true
	case packet.Type == engineio.Upgrade && k.session.FinishUpgrade(k):
		k.probing = false
		k.setReadDeadline(time.Time{})
		return true
	}
	return k.refuse(engineio.TransportError)
}

// refuse ends the connection for what the client sent on it. On a probe the session stays.
func (k *socket) refuse(reason engineio.Reason) bool {
	if k.probing {
		k.session.Leave(k, reason)
		k.Wake() // the writer learns that there is nothing for it here, and closes
	} else {
		k.session.Abort(reason)
	}
	return false
}

// stopWriting lets no further write begin.
func (k *socket) stopWriting() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.writing, k.leaving = true, true
}

// finish joins the writer, and closes as err, why reading ended, asks for.
func (k *socket) finish(err error) {
	var closed *closeError
	told := errors.As(err, &closed)
	if told || k.probing {
		_ = k.conn.SetWriteDeadline(time.Now().Add(closeGrace)) // the one that runs must end
	} else {
		k.kill()
	}
	k.writers.Wait()
	switch {
	case told && closed.byClient:
		k.closeNow(closed.code)
	case told:
		k.hangUp(closed.code)
	case k.probing:
		k.closeNow(closeNormal)
	}
}

// hangUp closes a connection whose client does not expect it: what it has sent must be
// read, or the system resets the connection and the close frame is lost.
func (k *socket) hangUp(code int) {
	k.closeNow(code)
	if half, ok := k.conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		_ = k.conn.SetReadDeadline(time.Now().Add(closeGrace)) // a broken connection fails in Read
		_, _ = io.Copy(io.Discard, k.conn)                     // until the client leaves
	}
}

// leaveReason names the end of a connection as the reference does.
func leaveReason(err error) engineio.Reason {
	var closed *closeError
	switch {
	case !errors.As(err, &closed) || closed.byClient:
		return engineio.TransportClose
	case closed.code == closeNotUTF8:
		return engineio.ParseError
	}
	return engineio.TransportError // no WebSocket frames, or too large a message
}

// add counts k in, unless the transport is closed.
func (t *Transport) add(k *socket) bool {
	if !t.begin() {
		return false
	}
	t.mu.Lock()
	t.latest++
	k.id = t.latest
	t.sockets[k.id] = k
	t.mu.Unlock()
	return true
}

func (t *Transport) remove(k *socket) {
	t.mu.Lock()
	delete(t.sockets, k.id)
	t.mu.Unlock()
	t.running.Done()
}

// rawConn returns the connection under fasthttp's pooled wrapper.
func rawConn(conn net.Conn) net.Conn {
	if wrapper, ok := conn.(interface{ UnsafeConn() net.Conn }); ok {
		return wrapper.UnsafeConn()
	}
	return conn
}
