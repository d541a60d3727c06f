package socketio

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"roomline/realtime/engineio"
)

// takeOverWithin bounds the wait for the old socket of a client that came back.
const takeOverWithin = 5 * time.Second

// session is the part of a socket that can be recovered.
type session struct {
	done    chan struct{} // closed when the last state is saved
	replied atomic.Bool   // the client may know that it has it

	// set before the socket is connected
	recovered bool
	replay    Prepared // what was missed up to read
	read      uint64

	mu    sync.Mutex // held while the state is being saved; guards what follows
	over  bool       // it was saved for the last time
	heard uint64     // the journal's mark at the last pong: the next one confirms it
	state State
}

// begin makes the session of a socket that comes: a new one, or the one that auth names.
func (s *Socket) begin() {
	n := s.namespace
	if n.journal == nil {
		return
	}
	s.session = &session{done: make(chan struct{})}
	var asked struct{ PID, Offset string }
	err := json.Unmarshal(s.auth, &asked) // auth is the host's too: its pid may be of any type
	if err == nil && asked.PID != "" && n.claim(asked.PID, s) {
		if s.recall(asked.PID, asked.Offset) {
			return
		}
		n.release(asked.PID, s)
	}
	s.session.state = State{PID: newID(), SID: s.id, Key: s.Handshake().Identity.Key}
	n.claim(s.session.state.PID, s)
}

// claim makes s the owner of a session. An owner whose client is back is a connection that
// broke unnoticed: it is ended and waited for, if it is of the same identity.
func (n *Namespace) claim(pid string, s *Socket) bool {
	giveUp := time.NewTimer(takeOverWithin)
	defer giveUp.Stop()
	for {
		n.mu.Lock()
		owner := n.sessions[pid]
		if owner == nil {
			n.sessions[pid] = s
		}
		n.mu.Unlock()
		switch {
		case owner == nil:
			return true
		case owner.conn == s.conn, !owner.session.replied.Load(), owner.Handshake().Identity.Key != s.Handshake().Identity.Key:
			return false
		}
		owner.conn.session.Abort(engineio.TransportClose)
		select {
		case <-owner.session.done:
		case <-giveUp.C:
			return false
		}
	}
}

// release ends the claim of s.
func (n *Namespace) release(pid string, s *Socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sessions[pid] == s {
		delete(n.sessions, pid)
	}
}

// recall loads a claimed session into s, if it can be recovered from offset.
func (s *Socket) recall(pid, offset string) bool {
	n, j := s.namespace, s.namespace.journal
	st, ok, err := j.store.Load(n.server.ctx, n.name, pid)
	if j.report("load a session", err) || !ok || st.Key != s.Handshake().Identity.Key ||
		!st.Left.IsZero() && time.Since(st.Left) > n.server.maxDisconnection() {
		return false
	}
	var from uint64 // the client has had no event yet
	if offset != "" {
		if from, err = parseOffset(offset); err != nil {
			return false
		}
	}
	if !j.complete(st.Received) || from > st.Received && !j.holds(from) {
		return false
	}
	s.session.read = j.mark()
	replay, ok := j.missed(&st, max(from, st.Received), s.session.read)
	if bound := n.server.cfg.Engine.OutboxBytes / 2; !ok || bound > 0 && replay.Size() > bound {
		return false
	}
	s.id, s.session.recovered, s.session.replay, s.session.state = st.SID, true, replay, st
	if st.Data != nil {
		s.data = n.server.cfg.Recovery.decode(st.Data)
	}
	return true
}

func (r *Recovery) decode(data json.RawMessage) any {
	var v any
	target := any(&v)
	if r.NewData != nil {
		target = r.NewData()
	}
	if json.Unmarshal(data, target) != nil {
		return nil
	}
	if r.NewData == nil {
		return v
	}
	return target
}

// abandon ends the session of a socket that was not let in. One that could have been recovered
// still can.
func (s *Socket) abandon() {
	s.admit() // for nobody
	if s.session != nil {
		s.namespace.release(s.session.state.PID, s)
	}
}

// resume makes s connected: it answers CONNECT, and sends what was missed.
func (s *Socket) resume() bool {
	n, r, j := s.namespace, s.session, s.namespace.journal
	reply := connected{sid: s.id}
	if r != nil {
		reply.pid = r.state.PID
	}
	packets, err := n.control(PacketConnect, reply)
	if err != nil {
		s.conn.session.Close(engineio.InternalError)
		return false
	}
	if r == nil {
		moves, ok := s.enter(0, packets...)
		s.tellJoined(moves)
		return ok
	}
	j.mu.Lock()
	r.heard = j.markLocked()
	if !r.recovered {
		r.state.Received = r.heard
	}
	missed, ok := Prepared{}, true
	if r.recovered {
		missed, ok = j.missed(&r.state, r.read, r.heard) // since recall
	}
	packets = append(append(packets, r.replay.packets...), missed.packets...)
	r.replay = Prepared{}
	var moves []move
	for room, since := range r.state.Rooms {
		moves = append(moves, n.rooms.join(s, since, room)...)
	}
	s.save(time.Time{})
	r.replied.Store(true)
	if ok {
		var more []move
		more, ok = s.enter(r.heard, packets...)
		moves = append(moves, more...)
	}
	j.mu.Unlock()
	s.tellJoined(moves)
	s.changed()
	if !ok {
		s.conn.session.Close(engineio.InternalError) // unless it has ended: it may try again
	}
	return ok
}

// connected answers CONNECT. Its ids are in base64url.
type connected struct{ sid, pid string }

// AppendJSON implements JSONAppender.
func (c connected) AppendJSON(b []byte) []byte {
	b = append(b, '{')
	if c.pid != "" {
		b = append(append(append(b, `"pid":"`...), c.pid...), `",`...)
	}
	return append(append(append(b, `"sid":"`...), c.sid...), `"}`...)
}

// save keeps the state of the socket: as connected, or as left then, for the last time.
func (s *Socket) save(left time.Time) {
	r, n := s.session, s.namespace
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	st := r.state
	st.Rooms, st.Left, r.over = make(map[string]uint64), left, !left.IsZero()
	for _, m := range n.rooms.rooms(s) {
		st.Rooms[m.room] = m.offset
	}
	if data := s.Data(); data != nil {
		var err error
		st.Data, err = json.Marshal(data)
		n.journal.report("encode the data of a socket", err)
	}
	n.journal.report("save a session", n.journal.store.Save(n.server.ctx, n.name, st))
}

// pong says that the client has answered a ping: it has what was sent before the pong before.
func (s *Socket) pong() {
	r := s.session
	if r == nil || !s.Connected() {
		return
	}
	mark := s.namespace.journal.mark()
	r.mu.Lock()
	r.state.Received, r.heard = r.heard, mark
	r.mu.Unlock()
	s.save(time.Time{})
}

// finish ends the session of a socket that has left: it can be recovered, or is forgotten.
func (s *Socket) finish(reason Reason) {
	r, n := s.session, s.namespace
	if r == nil {
		return
	}
	s.save(time.Now())
	if reason == ReasonServerDisconnect || reason == ReasonClientDisconnect {
		n.journal.report("forget a session", n.journal.store.Delete(n.server.ctx, n.name, r.state.PID))
	}
	n.release(r.state.PID, s)
	close(r.done)
}
