package chat

import (
	"context"
	"time"
)

// maxSlow is the longest wait of slow mode in seconds: six hours.
const maxSlow = 6 * 60 * 60

// Freeze lets only moderators write in a room, or everybody again.
func (s *Service) Freeze(ctx context.Context, a Actor, slug string, on bool, reason string) (RoomView, error) {
	return s.regulate(ctx, "freeze room", a, slug, reason, func(_ Writer, in *scene) (Entry, error) {
		if in.room.Frozen == on {
			return Entry{}, nil
		}
		e := Entry{Act: "room:freeze", Before: state("frozen", in.room.Frozen), After: state("frozen", on)}
		in.room.Frozen = on
		return e, nil
	})
}

// Slow makes members wait so many seconds between two messages in a room: 0 for none, 21,600 at most.
func (s *Service) Slow(ctx context.Context, a Actor, slug string, seconds int, reason string) (RoomView, error) {
	if seconds < 0 || seconds > maxSlow {
		return RoomView{}, wrong("seconds", "Slow mode is 0 to %d seconds.", maxSlow)
	}
	return s.regulate(ctx, "set slow mode", a, slug, reason, func(w Writer, in *scene) (Entry, error) {
		was := in.room.SlowMode
		if was == seconds {
			return Entry{}, nil
		}
		if was < seconds {
			// So far nobody noted who posted that long ago.
			from, _, err := sentAt(w, in.room, in.now.Add(-time.Duration(seconds)*time.Second))
			if err != nil {
				return Entry{}, err
			}
			if err := w.KeepLastPosts(in.room.ID, from); err != nil {
				return Entry{}, err
			}
		}
		in.room.SlowMode = seconds
		return Entry{Act: "room:slow", Before: state("seconds", was), After: state("seconds", seconds)}, nil
	})
}

// regulate changes the rules of a room of the general space for a moderator. fn returns the entry of the audit
// log, the zero Entry if it changes nothing.
func (s *Service) regulate(ctx context.Context, doing string, a Actor, slug, reason string,
	fn func(Writer, *scene) (Entry, error),
) (RoomView, error) {
	reason, err := cleanReason(reason)
	if err != nil {
		return RoomView{}, err
	}
	var view RoomView
	err = s.write(ctx, doing, func(w Writer, n *news) error {
		in, err := s.lookOver(w, a, slug)
		if err != nil {
			return err
		}
		if in.room.Space != SpaceGeneral {
			return Errorf(CodeInvalid, "Only moderators are in this room.")
		}
		in.news = n
		e, err := fn(w, &in)
		if err != nil {
			return err
		}
		if e.Act != "" {
			if err := w.UpdateRoom(in.room); err != nil {
				return err
			}
			e.Room, e.Reason = in.room.Slug, reason
			if err := s.record(w, in, e); err != nil {
				return err
			}
			n.rooms = append(n.rooms, in.room)
		}
		view, err = s.viewed(w, &in)
		return err
	})
	return view, err
}
