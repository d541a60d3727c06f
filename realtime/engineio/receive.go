package engineio

import "time"

// BeginPost admits a POST until EndPost; one at a time. The error is ErrClosed,
// ErrTransport or ErrOverlap.
func (s *Session) BeginPost() error {
	s.mu.Lock()
	defer s.unlock()
	switch {
	case s.state == stateClosed:
		return ErrClosed
	case s.upgraded:
		return ErrTransport
	case s.posting != nil:
		s.endLocked(TransportError, End)
		return ErrOverlap
	}
	s.posting = make(chan struct{})
	return nil
}

// EndPost ends what BeginPost began.
func (s *Session) EndPost() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.posting)
	s.posting = nil
}

// Receive handles one packet of the client and reports whether to go on; false means that
// the session has ended. Only a POST between BeginPost and EndPost, or the reader of the
// session's WebSocket, may call it. A message's Data becomes the handler's.
func (s *Session) Receive(p Packet) bool {
	s.mu.Lock()
	if s.state != stateOpen {
		s.mu.Unlock()
		return false
	}
	s.beatLocked(s.server.now())
	proof := p.Type == Pong && s.heart.pong()
	if p.Type == Message {
		s.heart.handling++
	}
	s.mu.Unlock()

	switch p.Type {
	case Message:
		s.server.guard(s, func() { s.server.handler.Message(s, p.Data, p.Binary) })
		s.mu.Lock()
		defer s.mu.Unlock()
		s.heart.handling--
		s.beatLocked(s.server.now())
		return s.state == stateOpen
	case Pong:
		if proof {
			s.server.guard(s, func() { s.server.handler.Pong(s) })
		}
		return s.open()
	case Close:
		s.part()
		return false
	case Ping:
		// "Heartbeat": in v4 only the server pings.
		s.Abort(TransportError)
		return false
	}
	return true // the reference ignores the rest
}

// part ends the session because the client said so: its poll is released, not refused. A
// client that closes as it polls cannot know which of the two requests is served first.
func (s *Session) part() {
	s.mu.Lock()
	if s.state != stateOpen || s.upgraded || s.puller != nil {
		s.endLocked(TransportClose, Release)
		s.unlock()
		return
	}
	s.state = stateClosing
	s.farewell = Release
	s.out.clear()
	s.hearCloseLocked(TransportClose)
	parted := make(chan struct{})
	s.parted = parted
	s.mu.Unlock()

	grace := time.NewTimer(raceGrace)
	defer grace.Stop()
	select {
	case <-parted:
	case <-grace.C:
	}
	s.end(TransportClose, Release)
}

func (s *Session) open() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == stateOpen
}
