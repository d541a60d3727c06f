package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// ErrTooManyAcks is returned when a socket already owes Config.MaxAcks answers.
var ErrTooManyAcks = errors.New("socketio: too many acknowledgements are pending")

// EmitWithAck sends an event and waits for the client's acknowledgement. It fails with
// ErrDisconnected when the socket goes, and with ctx's error when ctx ends: give it a
// deadline, clients do not always answer.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) (Args, error) {
	answer := make(chan Args, 1)
	id, err := s.expect(answer)
	if err != nil {
		return Args{}, err
	}
	defer s.forget(id)
	p, err := encodeEvent(s.namespace.name, event, true, id, args)
	if err != nil {
		return Args{}, err
	}
	if err := s.send(p); err != nil {
		return Args{}, err
	}
	select {
	case a, ok := <-answer:
		if !ok {
			return Args{}, ErrDisconnected
		}
		return a, nil
	case <-ctx.Done():
		return Args{}, ctx.Err()
	}
}

// EmitWithTimeout is EmitWithAck with a bound of its own.
func (s *Socket) EmitWithTimeout(timeout time.Duration, event string, args ...any) (Args, error) {
	ctx, cancel := context.WithTimeout(s.namespace.server.ctx, timeout)
	defer cancel()
	return s.EmitWithAck(ctx, event, args...)
}

func (s *Socket) expect(answer chan<- Args) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone.Load() {
		return 0, ErrDisconnected
	}
	if limit := s.namespace.server.cfg.MaxAcks; limit > 0 && len(s.acks) >= limit {
		return 0, ErrTooManyAcks
	}
	if s.acks == nil {
		s.acks = make(map[uint64]chan<- Args, 1)
	}
	id := s.nextAck
	s.nextAck++
	s.acks[id] = answer
	return id, nil
}

func (s *Socket) forget(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.acks, id)
}

// acknowledged hands an answer to who waits for it. A late or unknown one is ignored.
func (s *Socket) acknowledged(id uint64, args Args) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if answer, ok := s.acks[id]; ok {
		delete(s.acks, id)
		answer <- args // buffered, and sent to once
	}
}

// failAcks ends all waiting with ErrDisconnected.
func (s *Socket) failAcks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, answer := range s.acks {
		delete(s.acks, id)
		close(answer)
	}
}

func rawMessages(texts ...string) []json.RawMessage {
	all := make([]json.RawMessage, len(texts))
	for i, t := range texts {
		all[i] = json.RawMessage(t)
	}
	return all
}
