package socketio

import (
	"cmp"
	"sync"
	"time"
)

// startRecovery opens the store, and has it trimmed from time to time.
func (s *Server) startRecovery() {
	if err := s.cfg.Recovery.Store.Start(s.ctx, time.Now()); err != nil {
		s.cfg.Logger.Error("socket.io: open the recovery store", "error", err)
	}
	s.mu.Lock() // which trim takes first
	defer s.mu.Unlock()
	s.trimming = time.AfterFunc(s.maxDisconnection()/2, s.trim)
}

func (s *Server) trim() {
	if !s.beginWork() {
		return
	}
	defer s.work.Done()
	now := time.Now()
	before, left := offsetOf(now.Add(-s.retention())), now.Add(-s.maxDisconnection())
	if err := s.cfg.Recovery.Store.Trim(s.ctx, before, left); err != nil && s.ctx.Err() == nil {
		s.cfg.Logger.Error("socket.io: trim the recovery store", "error", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.trimming.Reset(s.maxDisconnection() / 2)
	}
}

func (s *Server) maxDisconnection() time.Duration {
	return cmp.Or(s.cfg.Recovery.MaxDisconnection, defaultMaxDisconnection)
}

// retention is how long an event may be missed: what a client is known to have received is
// two heartbeats old at most when it is last heard of.
func (s *Server) retention() time.Duration {
	return s.maxDisconnection() + 2*(s.cfg.Engine.PingInterval+s.cfg.Engine.PingTimeout)
}

// journal gives the events of a namespace their offsets, and sends them in that order.
type journal struct {
	// set once
	server    *Server
	store     RecoveryStore
	namespace string

	mu   sync.Mutex // held from an event's offset until its last receiver has it queued; guards what follows
	last uint64     // everything up to here is queued
	hole bool       // what was sent last is missing from the store
}

func newJournal(s *Server, namespace string) *journal {
	j := &journal{server: s, store: s.cfg.Recovery.Store, namespace: namespace}
	head, err := j.store.Head(s.ctx, namespace)
	j.report("read the journal", err)
	j.last = max(head, offsetOf(time.Now()))
	return j
}

func offsetOf(t time.Time) uint64 { return uint64(t.UnixMicro()) }

// report logs what went wrong with the store, and whether anything did.
func (j *journal) report(what string, err error) bool {
	if err != nil {
		j.server.count("recovery store")
		j.server.cfg.Logger.Error("socket.io: "+what, "namespace", j.namespace, "error", err)
	}
	return err != nil
}

// emit gives an event its offset, keeps it and has it sent.
func (j *journal) emit(b Broadcast, p Prepared, send func(Prepared)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	offset := max(j.last+1, offsetOf(time.Now()))
	p = p.withOffset(offset)
	e := Entry{Offset: offset, Rooms: b.in, Except: b.out, Hole: j.hole}
	for _, packet := range p.packets {
		e.Packet = append(e.Packet, packet.Data)
	}
	// It is sent even so. Who misses it starts anew, rather than being recovered over a hole.
	j.hole = j.report("keep an event", j.store.Append(j.server.ctx, j.namespace, e))
	send(p)
	j.last = offset
}

// mark returns an offset: what is sent from now on has a greater one.
func (j *journal) mark() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.markLocked()
}

func (j *journal) markLocked() uint64 {
	j.last = max(j.last, offsetOf(time.Now()))
	return j.last
}

// holds reports whether an event has that offset: one from a future that was lost has none.
func (j *journal) holds(offset uint64) bool {
	entries, err := j.store.Between(j.server.ctx, j.namespace, offset-1, offset)
	return !j.report("read the journal", err) && len(entries) == 1
}

// missed returns, as it is sent, what was for the socket with that state after an offset and
// up to end. It is false if that is not known for sure.
func (j *journal) missed(st *State, offset, end uint64) (Prepared, bool) {
	entries, err := j.store.Between(j.server.ctx, j.namespace, offset, end)
	if j.report("read the journal", err) {
		return Prepared{}, false
	}
	var missed Prepared
	for _, e := range entries {
		if e.Hole {
			return Prepared{}, false
		}
		if !e.concerns(st) {
			continue
		}
		p, err := j.server.wire(prepare(e.Packet))
		if j.report("encode an event", err) {
			return Prepared{}, false
		}
		missed.packets = append(missed.packets, p.packets...)
	}
	return missed, true
}

// complete reports whether the journal still has everything behind an offset.
func (j *journal) complete(offset uint64) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return !j.hole && offset >= offsetOf(time.Now().Add(-j.server.retention()))
}
