package engineio

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// drainPace is the longest pause between the ends of two sessions: a few storm nobody,
	// and need not wait for each other.
	drainPace = 10 * time.Millisecond
	// farewell is how long Close waits for clients to hear of it.
	farewell = time.Second
	// farewellPoll is how often it looks whether they have.
	farewellPoll = 5 * time.Millisecond
)

// Drain has Open refuse new sessions from now on; those that are there go on.
func (s *Server) Drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
}

// Draining reports whether Drain or Close was called.
func (s *Server) Draining() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.draining
}

// Close refuses new sessions and closes all that are there as "server shutting down": in
// random order, one after another, within Config.DrainTime, so that what takes their
// clients over is not stormed. Then it waits for clients that poll to come and hear the
// end, for a second or DrainTime if that is shorter, and until every handler has heard of
// it. When ctx ends before, the rest is closed at once and the error is ctx's. Transports
// flush and end on their own goroutines: close them afterwards.
func (s *Server) Close(ctx context.Context) error {
	s.Drain()
	defer s.crew.close()
	s.closeAll(ctx)
	s.awaitFarewells(ctx)

	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close engine.io: %w", ctx.Err())
	}
}

// closeAll closes every session, each somewhere in its own part of the time.
func (s *Server) closeAll(ctx context.Context) {
	var all []*Session
	s.Each(func(sess *Session) { all = append(all, sess) })
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	pause := min(drainPace, s.cfg.DrainTime/time.Duration(max(len(all), 1)))
	begun := time.Now()
	for i, sess := range all {
		at := begun.Add(time.Duration(i)*pause + rand.N(pause+1))
		select {
		case <-time.After(time.Until(at)):
		case <-ctx.Done(): // the rest at once
		}
		sess.Close(ServerShuttingDown)
	}
}

// awaitFarewells gives clients that poll the moment that it takes to come and hear the end.
func (s *Server) awaitFarewells(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, min(farewell, s.cfg.DrainTime))
	defer cancel()
	for s.count() > 0 {
		select {
		case <-time.After(farewellPoll):
		case <-ctx.Done():
			return
		}
	}
}

func (s *Server) count() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.sessions)
}
