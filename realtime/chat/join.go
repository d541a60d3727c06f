package chat

import (
	"context"
	"math"
)

// The reasons why a position cannot be continued.
const (
	resetEpoch  = "epoch"  // it is of another log: a backup was restored
	resetFuture = "future" // it is ahead of the log
	resetCap    = "cap"    // more lies after it than Limits.ReplayCap
	resetPurged = "purged" // some of what lies after it is not kept any more
)

// Join returns a room with its latest page, or with every change after since. All of it is
// one snapshot: what comes later has a rev above Room.Head.
func (s *Service) Join(ctx context.Context, a Actor, slug string, since *Position) (Joined, error) {
	if since != nil && since.Rev < 0 {
		return Joined{}, Errorf(CodeInvalid, "A position is not below 0.")
	}
	var j Joined
	arrived := false
	err := s.read(ctx, "join room", a, slug, func(r Reader, in scene) error {
		var err error
		if j.Room, err = s.viewed(r, &in); err != nil {
			return err
		}
		arrived = in.standing.arrived(in.room)
		if since != nil {
			if j.Messages, j.Reset, err = s.replay(r, in.room, *since); err != nil {
				return err
			}
		}
		if since == nil || j.Reset != "" {
			page, err := s.before(r, in.room, math.MaxInt64, s.PageSize(in.room))
			if err != nil {
				return err
			}
			j.Messages, j.HasOlder = page.Messages, page.HasOlder
		}
		j.Messages, err = s.fillFor(r, in, j.Messages)
		return err
	})
	if err != nil {
		return Joined{}, err
	}
	if !arrived {
		s.arrive(ctx, a, slug)
	}
	return j, nil
}

// replay returns all changes after a position, or why it cannot: never a part of them.
func (s *Service) replay(r Reader, room Room, since Position) (changes []Message, reset string, err error) {
	if since.Epoch != room.Epoch {
		return nil, resetEpoch, nil
	}
	if since.Rev > room.Head {
		return nil, resetFuture, nil
	}
	if since.Rev < room.Floor {
		return nil, resetPurged, nil
	}
	if since.Rev == room.Head {
		return []Message{}, "", nil
	}
	limit := int(room.Head - since.Rev) // there are no more; a message changed twice comes once
	most := s.cfg.Limits.ReplayCap
	if most > 0 {
		limit = min(limit, most+1)
	}
	changes, err = r.Changes(room.ID, since.Rev, limit)
	if err != nil {
		return nil, "", err
	}
	if most > 0 && len(changes) > most {
		return nil, resetCap, nil
	}
	return keep(changes), "", nil
}

// Changes returns the first limit messages of a room with a rev above rev, ascending by rev,
// tombstones included, each once in its current state. It is the live feed's read and
// asks for nobody's rights: the feed has its own followers checked with Access.
func (s *Service) Changes(ctx context.Context, room, rev int64, limit int) ([]Message, error) {
	var changes []Message
	err := s.cfg.Store.Read(ctx, func(r Reader) error {
		var err error
		if changes, err = r.Changes(room, rev, limit); err != nil {
			return err
		}
		return s.fill(r, changes)
	})
	if err != nil {
		return nil, fault("read changes", err)
	}
	return keep(changes), nil
}

// Tail is the end of a room's log: Messages are those with a rev above After, ascending by rev,
// each in its current state.
type Tail struct {
	Room     Room
	After    int64
	Messages []Message
}

// tailSlack is how many revs more than the messages of a page Tail reads at first: some are edits.
const tailSlack = 14

// Tail returns the end of a room's log: so much that the latest page of that size is in it, but
// no more than most revs. As Changes it is the feed's, and asks for nobody's rights.
func (s *Service) Tail(ctx context.Context, slug string, page, most int) (Tail, error) {
	var t Tail
	err := s.cfg.Store.Read(ctx, func(r Reader) error {
		var err error
		if t.Room, err = r.Room(slug); err != nil {
			return found(err, noRoom())
		}
		n := min(page+tailSlack, most)
		for {
			t.After = max(0, t.Room.Head-int64(n))
			if t.Messages, err = r.Changes(t.Room.ID, t.After, n); err != nil {
				return err
			}
			if n >= most || t.After == 0 || t.posted() >= page {
				return s.fill(r, t.Messages)
			}
			n = most
		}
	})
	if err != nil {
		return Tail{}, fault("read the end of a log", err)
	}
	return t, nil
}

// posted counts the messages that were posted in that part of the log.
func (t Tail) posted() int {
	n := 0
	for _, m := range t.Messages {
		if m.Seq > t.After {
			n++
		}
	}
	return n
}
