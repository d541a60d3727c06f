package transport

import (
	"cmp"
	"context"
	"runtime/debug"
	"slices"
	"time"

	"roomline/realtime/engineio"
)

const (
	// recheckWithin is how long one answer of Config.Recheck may take.
	recheckWithin = 10 * time.Second
	// recheckPause is how long the pauses of a round are about: to wake for each of ten thousand
	// sessions costs more than to ask.
	recheckPause = 100 * time.Millisecond
)

// forcedServerClose is what the reference calls it when the server sends a client away.
const forcedServerClose engineio.Reason = "forced server close"

// Recheck asks Config.Recheck about every open session, or about those of the users it is
// given (Identity.User), one after another, and ends those that are refused. It returns
// when it has asked or ctx has ended.
func (t *Transport) Recheck(ctx context.Context, users ...string) {
	t.recheck(ctx, 0, func(id engineio.Identity) bool {
		return users == nil || slices.Contains(users, id.User)
	})
}

// recheckForever asks about all sessions within each Config.RecheckEvery, at an even pace.
func (t *Transport) recheckForever(ctx context.Context) {
	for ctx.Err() == nil {
		t.recheck(ctx, t.cfg.RecheckEvery, func(engineio.Identity) bool { return true })
	}
}

// recheck asks about the sessions of certain identities, spread over a round. The order of
// the random ids gives each session its own moment in every round.
func (t *Transport) recheck(ctx context.Context, round time.Duration, of func(engineio.Identity) bool) {
	var all []*engineio.Session
	t.engine.Each(func(s *engineio.Session) {
		if of(s.Handshake().Identity) {
			all = append(all, s)
		}
	})
	slices.SortFunc(all, func(a, b *engineio.Session) int { return cmp.Compare(a.ID(), b.ID()) })
	pause := round / time.Duration(len(all)+1)
	for some := range slices.Chunk(all, int(max(recheckPause/max(pause, 1), 1))) {
		sleep(ctx, pause*time.Duration(len(some)))
		for _, s := range some {
			if ctx.Err() != nil {
				return
			}
			t.recheckOne(ctx, s)
		}
	}
	sleep(ctx, pause)
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// recheckOne ends s if it is refused. Who gives no answer in time has refused nobody.
func (t *Transport) recheckOne(ctx context.Context, s *engineio.Session) {
	if _, open := t.engine.Session(s.ID()); !open || t.cfg.Recheck == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, recheckWithin)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			t.cfg.Logger.Error("rechecking an identity panicked", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	switch err := t.cfg.Recheck(ctx, s.Handshake().Identity); {
	case err == nil:
	case ctx.Err() != nil:
		t.cfg.Logger.Warn("an identity could not be rechecked", "error", err)
	default:
		t.count("identity")
		s.Close(forcedServerClose)
	}
}
