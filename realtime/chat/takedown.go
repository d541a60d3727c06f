package chat

import (
	"context"
	"errors"
	"fmt"
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
	return s.inSteps(ctx, "delete all messages", "deleted", a, user, func(w Writer, in scene, at step) (step, error) {
		sent, err := w.SentBy(user, at.after, purgeStep)
		if err != nil {
			return at, err
		}
		for _, one := range sent {
			deleted, err := s.takeDown(w, in, one)
			if err != nil {
				return at, err
			}
			if deleted {
				at.done++
			}
			at.after = one.ClientID
		}
		if at.first {
			err = s.record(w, in, Entry{Act: "member:purge", Target: &in.target, Reason: reason, After: state("messages", total)})
		}
		at.more = len(sent) == purgeStep
		return at, err
	})
}

// BanAndDelete bans a member and deletes all their messages, in every room; it returns how many. The ban comes first:
// a banned member can write nothing that the deletion would miss. If the deletion fails the ban stands, and the error
// says so and how many messages were deleted; the Member is returned also then.
func (s *Service) BanAndDelete(ctx context.Context, a Actor, r SanctionRequest) (Member, int, error) {
	banned, err := s.Ban(ctx, a, r)
	if err != nil {
		return banned, 0, err
	}
	m, n, err := s.TakeDown(ctx, a, r.User, r.Reason)
	if err != nil {
		return banned, n, partly(err, "%s is banned, but an error occurred while deleting their messages: %s. Delete the rest with \"Delete all messages\".",
			banned.Name, counted(n, "deleted"))
	}
	return m, n, nil
}

// standing counts the messages of a member that are not deleted.
func (s *Service) standing(ctx context.Context, a Actor, user string) (n int, err error) {
	err = s.cfg.Store.Read(ctx, func(r Reader) error {
		n = 0
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
	return s.inSteps(ctx, "bring messages back", "restored", a, user, func(w Writer, in scene, at step) (step, error) {
		last, total, err := w.Purged(user, purgeStep)
		if err != nil {
			return at, err
		}
		for _, revision := range last {
			m, err := w.Message(revision.RoomID, revision.Seq)
			if err != nil {
				return at, err
			}
			if m, err = s.restore(w, in, m, revision); err != nil {
				return at, err
			}
			if err := s.noteChange(w, in, m); err != nil {
				return at, err
			}
		}
		if at.first {
			err = s.record(w, in, Entry{Act: "member:restore", Target: &in.target, Reason: reason, After: state("messages", total)})
		}
		at.done, at.more = at.done+len(last), total > len(last)
		return at, err
	})
}

// step is how far inSteps has come.
type step struct {
	first bool
	after string // client id
	done  int    // messages
	more  bool
}

// inSteps runs fn in transactions until there is no more, on a member whom the actor may sanction. Others write
// between them as long as each took. If it fails half way, the error says with verb ("deleted") how many messages
// were changed.
func (s *Service) inSteps(ctx context.Context, doing, verb string, a Actor, user string,
	fn func(Writer, scene, step) (step, error),
) (m Member, messages int, err error) {
	at := step{first: true, more: true}
	for ; at.more; at.first = false {
		begun, next := time.Now(), at
		m, err = s.act(ctx, doing, toSanction, a, user, func(w Writer, in scene) error {
			var err error
			next, err = fn(w, in, at)
			return err
		})
		if err != nil {
			return m, at.done, stopped(at.done, verb, err)
		}
		if at = next; at.more {
			select {
			case <-time.After(time.Since(begun)):
			case <-ctx.Done():
				return m, at.done, stopped(at.done, verb, fault(doing, ctx.Err()))
			}
		}
	}
	return m, at.done, nil
}

// stopped returns the error of work in steps: what people read says how much of it was committed
// before cause.
func stopped(done int, verb string, cause error) error {
	if done == 0 {
		return cause
	}
	return partly(cause, "An error occurred after %s. Repeat the action to continue.", counted(done, verb))
}

// counted writes "1 message was deleted" or "0 messages were deleted".
func counted(n int, verb string) string {
	if n == 1 {
		return "1 message was " + verb
	}
	return fmt.Sprintf("%d messages were %s", n, verb)
}

// partly returns the error of an operation of which a part has taken effect. The message says which;
// the code and the wait are those of cause, which is kept for the log.
func partly(cause error, format string, args ...any) error {
	refusal := Errorf(CodeUnavailable, format, args...)
	var inner *Error
	if errors.As(cause, &inner) {
		refusal.Code, refusal.RetryAfter = inner.Code, inner.RetryAfter
	}
	return fmt.Errorf("%w: %w", refusal, cause)
}
