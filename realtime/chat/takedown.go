package chat

import (
	"context"
	"errors"
	"time"
)

// TakeDown deletes all messages of a member, in every room, and returns how many. BringBack undoes it. It is
// done a little at a time; when it is cut short, doing it again goes on.
func (s *Service) TakeDown(ctx context.Context, a Actor, user, reason string) (Member, int, error) {
	reason, err := cleanReason(reason)
	if err != nil {
		return Member{}, 0, err
	}
	total, err := s.standing(ctx, a, user)
	if err != nil {
		return Member{}, 0, err
	}
	after := ""
	return s.inSteps(ctx, "delete all messages", a, user, func(w Writer, in scene, first bool) (n int, more bool, err error) {
		sent, err := w.SentBy(user, after, purgeStep)
		if err != nil {
			return 0, false, err
		}
		for _, one := range sent {
			after = one.ClientID
			deleted, err := s.takeDown(w, in, one)
			if err != nil {
				return 0, false, err
			}
			if deleted {
				n++
			}
		}
		if first {
			err = s.record(w, in, Entry{Act: "member:purge", Target: &in.target, Reason: reason, After: state("messages", total)})
		}
		return n, len(sent) == purgeStep, err
	})
}

// standing counts the messages of a member that are not deleted.
func (s *Service) standing(ctx context.Context, a Actor, user string) (n int, err error) {
	err = s.cfg.Store.Read(ctx, func(r Reader) error {
		if _, err := s.aimed(r, toSanction, a, user); err != nil {
			return err
		}
		for after := ""; ; {
			sent, err := r.SentBy(user, after, purgeStep)
			if err != nil {
				return err
			}
			for _, one := range sent {
				after = one.ClientID
				m, err := r.Message(one.RoomID, one.Seq)
				if err == nil && !m.Deleted() {
					n++
				} else if err != nil && !errors.Is(err, ErrMissing) {
					return err
				}
			}
			if len(sent) < purgeStep {
				return nil
			}
		}
	})
	return n, fault("count messages", err)
}

// takeDown deletes what was sent if it stands.
func (s *Service) takeDown(w Writer, in scene, sent Sent) (deleted bool, err error) {
	if sent.Seq == 0 {
		return false, nil // it is held
	}
	m, err := w.Message(sent.RoomID, sent.Seq)
	if errors.Is(err, ErrMissing) || err == nil && m.Deleted() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if m, err = s.bury(w, in, m, true); err != nil {
		return false, err
	}
	return true, s.noteChange(w, in, m)
}

// noteChange notes a changed message of any room as news.
func (s *Service) noteChange(w Writer, in scene, m Message) error {
	room, err := w.Room(m.Room)
	if err != nil {
		return err
	}
	one := []Message{m}
	if err := s.fill(w, one, in.user, in.target); err != nil {
		return err
	}
	in.news.messages = append(in.news.messages, committed{room, one[0]})
	return nil
}

// BringBack restores what TakeDown deleted, and returns how many messages.
func (s *Service) BringBack(ctx context.Context, a Actor, user, reason string) (Member, int, error) {
	reason, err := cleanReason(reason)
	if err != nil {
		return Member{}, 0, err
	}
	return s.inSteps(ctx, "bring messages back", a, user, func(w Writer, in scene, first bool) (n int, more bool, err error) {
		last, total, err := w.Purged(user, purgeStep)
		if err != nil {
			return 0, false, err
		}
		for _, revision := range last {
			m, err := w.Message(revision.RoomID, revision.Seq)
			if err != nil {
				return 0, false, err
			}
			if m, err = s.restore(w, in, m, revision); err != nil {
				return 0, false, err
			}
			if err := s.noteChange(w, in, m); err != nil {
				return 0, false, err
			}
		}
		if first {
			err = s.record(w, in, Entry{Act: "member:restore", Target: &in.target, Reason: reason, After: state("messages", total)})
		}
		return len(last), total > len(last), err
	})
}

// inSteps runs step in transactions until there is no more, on a member whom the actor may sanction. Others
// write between them as long as each took.
func (s *Service) inSteps(ctx context.Context, doing string, a Actor, user string,
	step func(w Writer, in scene, first bool) (n int, more bool, err error),
) (m Member, total int, err error) {
	for first, more := true, true; more; first = false {
		begun, n := time.Now(), 0
		m, err = s.act(ctx, doing, toSanction, a, user, func(w Writer, in scene) error {
			var err error
			n, more, err = step(w, in, first)
			return err
		})
		if err != nil {
			return m, total, err
		}
		total += n
		if more {
			select {
			case <-time.After(time.Since(begun)):
			case <-ctx.Done():
				return m, total, fault(doing, ctx.Err())
			}
		}
	}
	return m, total, nil
}
