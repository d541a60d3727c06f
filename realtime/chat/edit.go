package chat

import (
	"context"
	"fmt"
)

// Edit replaces the text of one's own message, within Limits.EditWindow. The text that it
// already has changes nothing. Anybody else's message gets CodeForbidden, a deleted one
// CodeNotFound.
func (s *Service) Edit(ctx context.Context, a Actor, slug string, seq int64, text string) (Message, error) {
	text, err := s.cleanText(text)
	if err != nil {
		return Message{}, err
	}
	out, decided := Outgoing{User: a.ID, Room: slug, Text: text, Edit: true}, Decided{}
	if s.cfg.BeforeSend != nil && !a.host() {
		// The host is not asked of what is refused anyway.
		err := s.read(ctx, "look at message", a, slug, func(r Reader, in scene) error {
			_, err := s.own(r, toEdit, in, seq)
			return err
		})
		if err != nil {
			return Message{}, err
		}
		if decided, err = s.ask(ctx, out); err != nil {
			return Message{}, err
		}
	}
	verdict, err := s.readText(ctx, out, decided)
	if err != nil {
		return Message{}, err
	}
	m, err := s.change(ctx, "edit message", a, slug, func(w Writer, in scene) (Message, bool, error) {
		m, err := s.own(w, toEdit, in, seq)
		if err != nil {
			return m, false, err
		}
		was := m
		if err := s.compose(w, in, &m, verdict.text); err != nil || m.Text == was.Text {
			return m, false, err
		}
		matches, err := s.judgeEdit(in, verdict)
		if err != nil {
			return m, false, err
		}
		if err := w.KeepRevision(revision(was, in)); err != nil {
			return m, false, err
		}
		m.EditedAt = in.now
		m, changed, err := s.update(w, in, m)
		if err != nil {
			return m, false, err
		}
		if err := s.mentionAnew(w, in, &m, was.Mentions); err != nil {
			return m, false, err
		}
		return m, changed, s.flag(w, in, m, matches)
	})
	return m, s.flooded(ctx, a, fmt.Sprint("edit ", slug, seq), err)
}

// own returns the message if the user of the scene may do that to it.
func (s *Service) own(r Reader, act action, in scene, seq int64) (Message, error) {
	if err := checkSeq(seq); err != nil {
		return Message{}, err
	}
	m, err := r.Message(in.room.ID, seq)
	if err != nil {
		return Message{}, found(err, noMessage())
	}
	switch hidden, err := hides(r, m, in.user.ID); {
	case err != nil:
		return Message{}, err
	case hidden:
		return Message{}, noMessage()
	}
	in.message = m
	if err := s.authorize(act, in); err != nil || act == toDelete {
		return m, err
	}
	return m, permit(r, in, PermitWrite)
}

// checkSeq refuses what cannot be the number of a message.
func checkSeq(seq int64) error {
	if seq < 1 {
		return Errorf(CodeInvalid, "A message number is above 0.")
	}
	return nil
}

// update stores a changed message as the room's next change. Changes are paced as sends
// are, and counted apart: each goes to everybody in the room too.
func (s *Service) update(w Writer, in scene, m Message) (Message, bool, error) {
	clock := s.cfg.Now()
	pace := s.changes
	if in.actor.host() {
		pace = nil
	}
	if wait := pace.wait(in.user.ID, clock); wait > 0 {
		return Message{}, false, tooFast(wait)
	}
	rev, _, err := w.Advance(m.RoomID, false)
	if err != nil {
		return Message{}, false, err
	}
	m.Rev = rev
	if err := w.UpdateMessage(m); err != nil {
		return Message{}, false, err
	}
	in.news.spend(pace, in.user.ID, clock)
	return m, true, nil
}
