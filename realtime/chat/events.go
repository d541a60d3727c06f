package chat

import (
	"cmp"
	"context"
	"slices"
)

// Event is a change that a host hears of after it is durable: a message that is new or was changed, as it is now, or
// an entry of the audit log. One of the two is set.
type Event struct {
	Message  *Message
	Room     Room     // of the message, as it was when the event was read
	Position Position // of the message: its Rev in the epoch of its room. Of one room they ascend
	Entry    *Entry
}

// eventsPage is how many changes of a room are read at once.
const eventsPage = 100

// Deliver calls fn with every change that it was not called with yet, in order of rev within a room, each message in
// its current state: of several changes at once only the last is told. How far it has come is stored, so a change is
// told at least once, also after a restart; what was told twice has the same Position. The first call ever tells all
// that is there. It returns when there is no more; after an error of fn it goes on with other rooms, and returns the
// first error, and the next call begins anew with what failed. Only one call may run at a time.
func (s *Service) Deliver(ctx context.Context, fn func(context.Context, Event) error) error {
	failed := make(map[int64]error) // by room
	var first error
	for ctx.Err() == nil {
		var behind []Backlog
		err := s.cfg.Store.Read(ctx, func(r Reader) error {
			var err error
			behind, err = r.Undelivered(eventsPage)
			return err
		})
		if err != nil {
			return fault("look for events", err)
		}
		behind = slices.DeleteFunc(behind, func(b Backlog) bool { return failed[b.Room.ID] != nil })
		if len(behind) == 0 {
			return first
		}
		for _, b := range behind {
			to, err := s.deliverRoom(ctx, b, fn)
			if to > b.Delivered {
				// It is done, whether ctx has ended or not.
				noted := s.cfg.Store.Write(context.WithoutCancel(ctx), func(w Writer) error { return w.Delivered(b.Room.ID, to) }, nil)
				if noted != nil {
					return fault("note what was delivered", noted)
				}
			}
			if err != nil {
				failed[b.Room.ID] = err
				first = cmp.Or(first, err)
			}
			if ctx.Err() != nil {
				break
			}
		}
	}
	return cmp.Or(first, ctx.Err())
}

// deliverRoom tells a page of a room's changes, and returns up to which.
func (s *Service) deliverRoom(ctx context.Context, b Backlog, fn func(context.Context, Event) error) (to int64, err error) {
	to = b.Delivered
	if b.Room.ID == 0 {
		var entries []Entry
		err := s.cfg.Store.Read(ctx, func(r Reader) error {
			var err error
			if entries, err = r.EntriesAfter(to, eventsPage); err != nil {
				return err
			}
			return nameEntries(r, entries)
		})
		for i := 0; i < len(entries) && err == nil; i++ {
			if err = fn(ctx, Event{Entry: &entries[i]}); err == nil {
				to = entries[i].ID
			}
		}
		return to, err
	}
	changes, err := s.Changes(ctx, b.Room.ID, to, eventsPage)
	if err != nil {
		return to, err
	}
	for i := range changes {
		m := &changes[i]
		if err := fn(ctx, Event{Message: m, Room: b.Room, Position: Position{b.Room.Epoch, m.Rev}}); err != nil {
			return to, err
		}
		to = m.Rev
	}
	if len(changes) < eventsPage {
		to = max(to, b.Room.Head) // the last changes may be of messages that are not kept any more
	}
	return to, nil
}
