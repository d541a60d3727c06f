package chat

import (
	"context"
	"errors"
	"time"
)

// purgeStep is how many messages one transaction deletes: senders wait for it.
const purgeStep = 200

// Purge deletes the messages of all rooms that were sent before a time, with their reactions,
// mentions and words, a little at a time, and returns how many. The log keeps its numbers: seq, rev and
// posts go on, and who comes back to a position before what was deleted gets a reset. It asks for
// nobody's rights, and tells nobody: it is the operator's.
func (s *Service) Purge(ctx context.Context, before time.Time) (n int, err error) {
	var rooms []Room
	err = s.cfg.Store.Read(ctx, func(r Reader) error {
		for _, space := range []Space{SpaceGeneral, SpaceAdmin} {
			some, err := r.Rooms(space)
			if err != nil {
				return err
			}
			rooms = append(rooms, some...)
		}
		return nil
	})
	for i := 0; i < len(rooms) && err == nil; i++ {
		var some int
		some, err = s.purge(ctx, rooms[i].Slug, before)
		n += some
	}
	return n, fault("purge", err)
}

func (s *Service) purge(ctx context.Context, slug string, before time.Time) (n int, err error) {
	for {
		begun, some := time.Now(), 0
		err := s.cfg.Store.Write(ctx, func(w Writer) error {
			room, err := w.Room(slug)
			if err != nil {
				return err
			}
			first, _, err := sentAt(w, room, before)
			if err != nil {
				return err
			}
			some, err = w.Purge(room.ID, first-1, purgeStep)
			return err
		}, nil)
		if errors.Is(err, ErrMissing) {
			return n, nil // the room is gone
		}
		n += some
		if err != nil || some < purgeStep {
			return n, err
		}
		// Others write as long as this did.
		select {
		case <-time.After(time.Since(begun)):
		case <-ctx.Done():
			return n, ctx.Err()
		}
	}
}
