package engineio

import (
	"errors"
	"time"
)

// raceGrace is how long a client's close waits for the poll that it sent with it, over
// another connection.
const raceGrace = 200 * time.Millisecond

const (
	// probeLead is how often a poll that waits is ended during an upgrade, as the reference's.
	probeLead = 100 * time.Millisecond
	// upgradeGrace is how long a poll waits for the upgrade packet that it may have overtaken.
	upgradeGrace = 10 * time.Millisecond
)

// Puller is a transport that takes packets out of a session.
type Puller interface {
	// Wake says that Take may have something to tell. It is called without locks of the
	// session by whoever sends, also by several at once: it may Take and write what can be
	// written without waiting, but must not block. It may still come after EndPoll or Leave.
	Wake()
}

// Next is what Take tells the puller to do after it has written the packets.
type Next uint8

const (
	// Stay with it: more comes with the next Take, or after the next Wake if this one
	// brought nothing.
	Stay Next = iota
	// Release the connection in peace: the session goes on elsewhere, or the client itself
	// has ended it.
	Release
	// End the connection: the server has closed the session.
	End
)

// Why a request cannot take part in a session.
var (
	// ErrOverlap is returned for a second GET or POST beside a first one; it has closed
	// the session.
	ErrOverlap = errors.New("engineio: overlapping request")
	// ErrTransport is returned for a poll of a session that has left polling.
	ErrTransport = errors.New("engineio: the session uses another transport")
)

// Attach makes p, the WebSocket that a session was opened on, its puller until Leave, and
// wakes it.
func (s *Session) Attach(p Puller) {
	s.mu.Lock()
	defer s.unlock()
	s.puller, s.rung = p, true
}

// BeginPoll makes p, a GET that waits, the session's puller until EndPoll. During an
// upgrade it blocks for a moment. The error is ErrClosed, ErrTransport or ErrOverlap.
func (s *Session) BeginPoll(p Puller) error {
	s.awaitUpgrade()
	s.mu.Lock()
	defer s.unlock()
	switch {
	case s.state == stateClosed:
		return ErrClosed
	case s.upgraded:
		return ErrTransport
	case s.puller != nil:
		s.endLocked(TransportError, End)
		return ErrOverlap
	}
	s.puller = p
	return nil
}

// EndPoll says that p takes no more.
func (s *Session) EndPoll(p Puller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.puller == p {
		s.puller = nil
		s.taken, s.nudged = false, false
	}
}

// Take appends to dst what p is to write now, about limit bytes of it (0: everything that
// waits), and says what p is to do then. When Drain was asked for and there is room again, it
// has Handler.Drain called: a transport that stops taking costs nothing.
func (s *Session) Take(p Puller, dst []Packet, limit int) ([]Packet, Next) {
	s.mu.Lock()
	defer s.unlock()
	s.taken = s.taken && s.puller != p
	switch {
	case s.state == stateClosed:
		return dst, s.farewell
	case s.probe == p && (s.state == stateOpen || s.probed != nil):
		// Even a session that closes lets a probe finish that is past its answer: the
		// client has stopped polling, and what waits can reach it only there.
		return dst, Stay
	case s.puller != p:
		return dst, Release
	case s.state == stateClosing && !s.upgraded && s.farewell == End && !s.out.empty():
		// The close packet goes with the next poll, as the reference's: official clients drop
		// what shares an answer with it.
		return s.out.take(dst, 0), Stay
	case s.state == stateClosing:
		// One last write, so that it takes one write deadline at most. Who is told to end has
		// no use for being woken.
		dst = s.out.take(dst, 0)
		s.endLocked(s.reason, s.farewell)
		s.rung = s.probe != nil
		return dst, s.farewell
	case s.nudged:
		return s.out.take(dst, 0), Release
	}
	before := len(dst)
	dst = s.out.take(dst, limit)
	s.taken = len(dst) > before
	s.drainLocked()
	return dst, Stay
}

// drainLocked calls Handler.Drain if that is due: on a goroutine of its own, as whoever takes may
// hold locks that the handler needs.
func (s *Session) drainLocked() {
	if s.drainAt == noDrain || s.out.bytes > s.drainAt {
		return
	}
	s.drainAt = noDrain
	s.server.running.Go(func() {
		s.server.guard(s, func() { s.server.handler.Drain(s) })
	})
}

// BeginUpgrade lets p, a WebSocket, try to take over from polling ("Upgrade"). It reports
// false if the session is no longer polling, or another one is trying.
func (s *Session) BeginUpgrade(p Puller) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != stateOpen || s.upgraded || s.probe != nil {
		return false
	}
	s.probe = p
	return true
}

// Probe follows p's probe packet: from now on no poll waits for long, because the client waits
// for its last one to end before it sends the upgrade packet. It reports false if p is not the
// session's probe.
func (s *Session) Probe(p Puller) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != stateOpen || s.probe != p {
		return false
	}
	if s.probed == nil {
		probed := make(chan struct{})
		s.probed = probed
		time.AfterFunc(probeLead, func() { s.nudgePoll(probed) })
	}
	return true
}

// nudgePoll ends the poll that waits, again and again for as long as that probe is undecided.
func (s *Session) nudgePoll(probed chan struct{}) {
	s.mu.Lock()
	defer s.unlock()
	if s.probed != probed {
		return
	}
	if s.puller != nil {
		s.nudged, s.rung = true, true
	}
	time.AfterFunc(probeLead, func() { s.nudgePoll(probed) })
}

// FinishUpgrade follows p's upgrade packet: p is the session's puller now. It waits for a
// POST that is still being received, so that messages stay in order. The client need not
// have probed; the reference server does not ask for it either. It reports false if p is not
// the session's probe.
func (s *Session) FinishUpgrade(p Puller) bool {
	s.mu.Lock()
	if s.state == stateClosed || s.probe != p {
		s.mu.Unlock()
		return false
	}
	poll := s.puller
	s.upgraded = true
	s.server.noteUpgraded()
	s.puller = p
	s.probe, s.taken = nil, false
	s.settleLocked()
	s.rung = true
	posting := s.posting
	s.unlock()
	if poll != nil {
		poll.Wake()
	}
	if posting != nil {
		<-posting
	}
	return true
}

// awaitUpgrade gives a probe that is under way a moment: the client may have finished it
// before it sent the poll that came in first.
func (s *Session) awaitUpgrade() {
	s.mu.Lock()
	probed := s.probed
	s.mu.Unlock()
	if probed == nil {
		return
	}
	grace := time.NewTimer(upgradeGrace)
	defer grace.Stop()
	select {
	case <-probed:
	case <-grace.C:
	}
}

// settleLocked says that the upgrade is decided.
func (s *Session) settleLocked() {
	if s.probed != nil {
		close(s.probed)
		s.probed, s.nudged = nil, false
	}
}

// Leave says that p, a WebSocket, is gone. If the session was p's, it ends with reason; if
// p was only trying, the session stays with polling.
func (s *Session) Leave(p Puller, reason Reason) {
	s.mu.Lock()
	defer s.unlock()
	switch {
	case s.probe == p:
		s.probe = nil
		s.settleLocked()
		s.rung = true
	case s.puller == p:
		s.puller = nil
		s.endLocked(reason, End)
	}
}
