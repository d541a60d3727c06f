package engineio

import "sync"

// state is how far a session has come. It only moves forward.
type state uint8

const (
	stateOpen    state = iota
	stateClosing       // ended by the server: what waits is still flushed, nothing is added
	stateClosed        // nothing is taken or received any more
)

const noDrain = -1

// Session is one client, over whatever transport. The layer above uses the methods of this
// file; pull.go and receive.go have the transports' side. All may be called concurrently.
type Session struct {
	// set once
	id        string
	server    *Server
	handshake Handshake
	ended     func()

	// mu guards what follows
	mu       sync.Mutex
	data     any
	state    state
	started  bool          // Handler.Open has returned
	upgraded bool          // it is on a WebSocket, from the start or since an upgrade
	reason   Reason        // why it ended
	closeBy  moment        // stateClosing ends at the latest
	puller   Puller        // takes packets now; nil between polls
	probe    Puller        // a WebSocket that wants to take over
	probed   chan struct{} // and has said so; closed when that is decided; else nil
	nudged   bool          // the poll that waits is to end; see Probe
	posting  chan struct{} // closed when the POST that is being received ends; nil if none
	parted   chan struct{} // closed when a poll heard of the client's own close; nil if none waits
	out      outbox
	taken    bool // what the puller took last may still be on its way
	farewell Next // what the puller hears once the session is closed
	drainAt  int  // call Drain when no more bytes than this wait; noDrain: nobody asked
	rung     bool // unlock is to wake the transports
	heart    heart
	alarm    moment // when tick is run; 0 for never
}

// ID returns the sid: 128 random bits in base64url.
func (s *Session) ID() string { return s.id }

// Handshake returns what is kept of the first request. It must not be changed.
func (s *Session) Handshake() *Handshake { return &s.handshake }

// OpenPacket returns the packet that answers the handshake.
func (s *Session) OpenPacket() Packet {
	if s.TransportName() == Polling {
		return openPacket(s.server.cfg, s.id, WebSocket)
	}
	return openPacket(s.server.cfg, s.id)
}

// SetData attaches the layer above's own state.
func (s *Session) SetData(data any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = data
}

// Data returns what SetData attached last, or nil.
func (s *Session) Data() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data
}

// TransportName returns Polling or WebSocket.
func (s *Session) TransportName() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.upgraded {
		return WebSocket
	}
	return Polling
}

// Send queues packets, contiguous and in order, and never blocks. The error is ErrClosed.
// When that makes more wait than Config.OutboxBytes the session closes as Slow and the
// error is ErrClosed too; but what meets an empty outbox is taken whatever its size.
func (s *Session) Send(packets ...Packet) error {
	s.mu.Lock()
	defer s.unlock()
	return s.sendLocked(packets)
}

// Enqueue is Send without telling the transport: who sends to many in one order holds a lock
// meanwhile, and calls Flush for each of them behind it.
func (s *Session) Enqueue(packets ...Packet) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sendLocked(packets)
}

// Flush tells the transport of what was enqueued.
func (s *Session) Flush() {
	s.mu.Lock()
	s.unlock()
}

func (s *Session) sendLocked(packets []Packet) error {
	if s.state != stateOpen {
		return ErrClosed
	}
	bound := s.server.cfg.OutboxBytes
	if bound > 0 && !s.out.empty() && s.out.bytes+size(packets...) > bound {
		s.endLocked(Slow, End)
		return ErrClosed
	}
	s.pushLocked(packets...)
	return nil
}

// TrySend queues packets, contiguous, if nothing waits or at most room bytes would wait
// then, and reports whether it did. After a false, Handler.Drain is called once no more
// than half of room waits, unless the session was or gets closed.
func (s *Session) TrySend(room int, packets ...Packet) bool {
	s.mu.Lock()
	defer s.unlock()
	if s.state != stateOpen {
		return false
	}
	if !s.out.empty() && s.out.bytes+size(packets...) > room {
		s.notifyDrainLocked(room / 2)
		return false
	}
	s.pushLocked(packets...)
	return true
}

// NotifyDrain asks that Handler.Drain be called once no more than below bytes wait, as
// Queued counts them; where others ask for less, they are waited for too. It reports false,
// and nothing is called, when that is so already or the session is not open.
func (s *Session) NotifyDrain(below int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != stateOpen || s.out.bytes <= below {
		return false
	}
	s.notifyDrainLocked(below)
	return true
}

func (s *Session) notifyDrainLocked(below int) {
	below = max(below, 0)
	if s.drainAt == noDrain || below < s.drainAt {
		s.drainAt = below
	}
}

// Writable reports whether a transport stands ready and nothing waits or is on its way:
// what is sent now leaves now.
func (s *Session) Writable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == stateOpen && s.puller != nil && s.out.empty() && !s.taken
}

// Queued returns how much waits for a transport; each packet counts 40 bytes on top of
// its data.
func (s *Session) Queued() (packets, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.out.packets), s.out.bytes
}

// Close ends the session from the server's side: nothing more is received or queued,
// Handler.Close is called with reason, and what waits is flushed before the transport is
// closed, or dropped if no transport takes it in time. It never blocks; only the first
// reason counts.
func (s *Session) Close(reason Reason) {
	s.mu.Lock()
	defer s.unlock()
	if s.state != stateOpen {
		return
	}
	s.state = stateClosing
	s.farewell = End
	s.closeBy = s.server.now().add(s.server.linger())
	s.server.alarms.set(s, s.closeBy)
	s.hearCloseLocked(reason)
	s.rung = true
}

// Abort ends the session at once and drops what waits: for transports that failed and
// clients that broke the protocol.
func (s *Session) Abort(reason Reason) { s.end(reason, End) }

func (s *Session) end(reason Reason, farewell Next) {
	s.mu.Lock()
	defer s.unlock()
	s.endLocked(reason, farewell)
}

// endLocked moves to stateClosed.
func (s *Session) endLocked(reason Reason, farewell Next) {
	if s.state == stateClosed {
		return
	}
	s.hearCloseLocked(reason)
	s.state = stateClosed
	s.farewell = farewell
	s.out.clear()
	s.server.alarms.drop(s)
	s.rung = true
	s.settleLocked()
	if s.parted != nil {
		close(s.parted)
		s.parted = nil
	}
	s.server.forget(s)
}

// hearCloseLocked has Handler.Close called, now or when Handler.Open has returned.
func (s *Session) hearCloseLocked(reason Reason) {
	if s.reason != "" {
		return
	}
	s.reason = reason
	s.server.noteClosed(reason)
	if s.started {
		s.runCloseLocked()
	}
}

// runCloseLocked calls Handler.Close on its own goroutine: whoever ends the session may hold
// locks that the handler needs. Server.Close waits for it: the count is raised under the
// session's lock, which Server.Close takes before it waits.
func (s *Session) runCloseLocked() {
	reason := s.reason
	s.server.running.Go(func() {
		s.server.guard(s, func() { s.server.handler.Close(s, reason) })
	})
}

// start follows Handler.Open: the heart begins to beat.
func (s *Session) start(now moment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started = true
	if s.reason != "" {
		s.runCloseLocked()
	}
	if s.state == stateOpen {
		s.heart.next = now.add(s.server.cfg.PingInterval)
		s.setAlarmLocked()
	}
}

// pushLocked queues packets, and has the puller woken if it had nothing to do.
func (s *Session) pushLocked(packets ...Packet) {
	s.rung = s.rung || s.out.empty() && len(packets) > 0
	s.out.push(packets...)
}

// unlock unlocks mu and then wakes the transports if that is due: they may write at once.
func (s *Session) unlock() {
	if !s.rung {
		s.mu.Unlock()
		return
	}
	puller, probe := s.puller, s.probe
	s.rung = false
	s.mu.Unlock()
	if puller != nil {
		puller.Wake()
	}
	if probe != nil {
		probe.Wake()
	}
}
