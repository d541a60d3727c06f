package socketio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// ErrTooManyAcks is returned when a socket already owes Config.MaxAcks answers.
var ErrTooManyAcks = errors.New("socketio: too many acknowledgements are pending")

// gathering is one question and the answers that are still to come.
type gathering struct {
	done chan struct{} // closed when none is missing any more
	each func(Args)    // hears every answer at once; nil: they are only kept

	mu      sync.Mutex // guards what follows
	missing int
	answers []Args
	err     error
}

func newGathering() *gathering { return &gathering{done: make(chan struct{})} }

// await adds one answer that is missing.
func (g *gathering) await() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.missing++
}

// add takes an answer beside the awaited ones.
func (g *gathering) add(args Args) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answers = append(g.answers, args)
	if g.each != nil {
		g.each(args)
	}
}

// settle says that one of the awaited answers will not come (any more).
func (g *gathering) settle(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err == nil {
		g.err = err
	}
	if g.missing--; g.missing == 0 {
		close(g.done)
	}
}

// wait returns the answers when all are there, or when ctx ends with an error that says how
// many are missing.
func (g *gathering) wait(ctx context.Context) ([]Args, error) {
	select {
	case <-g.done:
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	err := g.err
	if g.missing > 0 {
		err = fmt.Errorf("socketio: %d acknowledgements are missing: %w", g.missing, ctx.Err())
	}
	return slices.Clone(g.answers), err
}

// EmitWithAck sends an event and waits for the client's acknowledgement. It fails with
// ErrDisconnected when the socket goes, and with ctx's error when ctx ends: give it a
// deadline, clients do not always answer.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) (Args, error) {
	p, err := encodeEvent(s.namespace.name, event, args)
	if err != nil {
		return Args{}, err
	}
	g := newGathering()
	g.await()
	id := s.namespace.ackID.Add(1) - 1
	if err := s.ask(p, id, g); err != nil {
		return Args{}, err
	}
	defer s.forget(id)
	answers, err := g.wait(ctx)
	switch {
	case len(answers) > 0:
		return answers[0], nil
	case err == nil:
		err = ErrDisconnected
	}
	return Args{}, err
}

// EmitWithTimeout is EmitWithAck with a bound of its own.
func (s *Socket) EmitWithTimeout(timeout time.Duration, event string, args ...any) (Args, error) {
	ctx, cancel := context.WithTimeout(s.namespace.server.ctx, timeout)
	defer cancel()
	return s.EmitWithAck(ctx, event, args...)
}

// ask sends an event whose answer g gets, or is told that it will not come.
func (s *Socket) ask(event Prepared, id uint64, g *gathering) error {
	p, err := event.withID(id)
	if err == nil {
		p, err = s.namespace.server.wire(p)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	limit := s.namespace.server.cfg.MaxAcks
	switch {
	case s.gone.Load():
		err = ErrDisconnected
	case limit > 0 && len(s.acks) >= limit:
		err = ErrTooManyAcks
	case s.acks == nil:
		s.acks = make(map[uint64]*gathering, 1)
	}
	if err == nil {
		s.acks[id] = g
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := s.send(p); err != nil && s.forget(id) {
		return err // otherwise who ended the socket has told g
	}
	s.namespace.tellOutgoing([]*Socket{s}, event)
	return nil
}

// forget says whether the answer was still awaited.
func (s *Socket) forget(id uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, awaited := s.acks[id]
	delete(s.acks, id)
	return awaited
}

// acknowledged hands an answer to who waits for it. A late or unknown one is ignored.
func (s *Socket) acknowledged(id uint64, args Args) {
	s.mu.Lock()
	g := s.acks[id]
	delete(s.acks, id)
	s.mu.Unlock()
	if g != nil {
		g.add(args)
		g.settle(nil)
	}
}

// failAcks ends all waiting.
func (s *Socket) failAcks() {
	s.mu.Lock()
	acks := s.acks
	s.acks = nil
	s.mu.Unlock()
	for _, g := range acks {
		g.settle(nil)
	}
}

// EmitWithAck sends an event to all receivers and returns the acknowledgement of each, in no
// order. A socket that goes is not waited for. When ctx, Timeout or Config.RequestTimeout ends
// first, the answers that are there come with an error.
func (b Broadcast) EmitWithAck(ctx context.Context, event string, args ...any) ([]Args, error) {
	ctx, cancel := b.bounded(ctx)
	defer cancel()
	g := newGathering()
	g.await()                 // for as long as it asks
	var asking sync.WaitGroup // ends with ctx
	for _, n := range b.namespace.family() {
		p, err := encodeEvent(n.name, event, args)
		if err != nil {
			return nil, err
		}
		b.namespace = n
		defer b.ask(p, g)()
		if b.local {
			continue
		}
		g.await()
		asking.Go(func() { g.settle(b.gather(ctx, request{Op: opAsk, Packet: p.bytes()}, g.add)) })
	}
	g.settle(nil)
	answers, err := g.wait(ctx)
	cancel()
	asking.Wait()
	return answers, err
}

// ask asks the receivers on this node, with one packet id. What it returns is to be called when
// nobody waits any more.
func (b Broadcast) ask(p Prepared, g *gathering) (forget func()) {
	id := b.namespace.ackID.Add(1) - 1
	receivers := b.Sockets()
	for _, s := range receivers {
		if b.volatile && !s.conn.session.Writable() {
			continue
		}
		g.await()
		if err := s.ask(p, id, g); errors.Is(err, ErrDisconnected) {
			g.settle(nil)
		} else if err != nil {
			g.settle(err)
		}
	}
	return func() {
		for _, s := range receivers {
			s.forget(id)
		}
	}
}
