package chat

import (
	"context"
	"time"
)

// Revision is a state of a message that it had before an edit or a deletion. Only moderators see it.
type Revision struct {
	RoomID    int64
	Seq       int64
	Rev       int64 // that the message had with it
	Text      string
	HTML      string
	Mentions  []User
	Reactions []Reaction
	At        time.Time // when it was written: sent, or edited
	EndedAt   time.Time // when it was edited, or deleted
	EndedBy   string    // by whom: user id
	Purge     bool      // it was deleted together with all of its author's
}

// Original is what a message said, for moderators.
type Original struct {
	Message   Message         // as everybody sees it
	Text      string          // as it is, or before it was deleted
	Revisions []PlainRevision // before that, the oldest first
}

// PlainRevision is a text that a message had. Its JSON form is the wire's.
type PlainRevision struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// revision is the state of a message that is about to be replaced by the scene's user.
func revision(m Message, in scene) Revision {
	at := m.EditedAt
	if at.IsZero() {
		at = m.SentAt
	}
	return Revision{
		RoomID: m.RoomID, Seq: m.Seq, Rev: m.Rev, Text: m.Text, HTML: m.HTML, Mentions: m.Mentions, Reactions: m.Reactions,
		At: at, EndedAt: in.now, EndedBy: in.user.ID,
	}
}

// Dismiss deletes a message of a member, for moderators, who name rooms of both spaces in the admin space. One
// that is deleted already stays as it is. One's own needs no reason.
func (s *Service) Dismiss(ctx context.Context, a Actor, slug string, seq int64, reason string) (Message, error) {
	return s.oversee(ctx, "delete message", a, slug, seq, func(w Writer, in scene) (Message, error) {
		clean := cleanReason
		if in.message.Author.ID == in.user.ID {
			clean = cleanRemark
		}
		reason, err := clean(reason)
		if err != nil {
			return Message{}, err
		}
		return s.dismiss(w, in, reason)
	})
}

// Restore brings back a message that a moderator deleted; one that its author deleted stays so, and nobody brings
// back his own. One that stands stays as it is.
func (s *Service) Restore(ctx context.Context, a Actor, slug string, seq int64, reason string) (Message, error) {
	reason, err := cleanReason(reason)
	if err != nil {
		return Message{}, err
	}
	return s.oversee(ctx, "restore message", a, slug, seq, func(w Writer, in scene) (Message, error) {
		m := in.message
		if !m.Deleted() {
			return m, nil
		}
		switch m.Author.ID {
		case m.DeletedBy:
			return m, Errorf(CodeForbidden, "Its author deleted this message.")
		case in.user.ID: // it was somebody above them
			return m, Errorf(CodeForbidden, "You cannot do this to yourself.")
		}
		revisions, err := w.Revisions(m.RoomID, m.Seq)
		if err != nil {
			return m, err
		}
		if len(revisions) == 0 {
			return m, Errorf(CodeNotFound, "What this message said is not kept any more.")
		}
		if m, err = s.restore(w, in, m, revisions[len(revisions)-1]); err != nil {
			return m, err
		}
		return m, s.record(w, in, Entry{Act: "message:restore", Target: in.targetOf(m), Room: m.Room, Seq: m.Seq, Reason: reason})
	})
}

// oversee runs fn on a message of anybody that the actor may delete, and announces it if it has changed.
func (s *Service) oversee(ctx context.Context, doing string, a Actor, slug string, seq int64,
	fn func(Writer, scene) (Message, error),
) (Message, error) {
	if err := checkSeq(seq); err != nil {
		return Message{}, err
	}
	var m Message
	err := s.write(ctx, doing, func(w Writer, n *news) error {
		in, err := s.lookOver(w, a, slug)
		if err != nil {
			return err
		}
		in.news = n
		if in.message, err = w.Message(in.room.ID, seq); err != nil {
			return found(err, noMessage())
		}
		if err := in.aim(w, in.message.Author.ID); err != nil {
			return err
		}
		if err := s.authorize(toDismiss, in); err != nil {
			return err
		}
		if m, err = fn(w, in); err != nil {
			return err
		}
		m, err = s.settle(w, in, m, m.Rev != in.message.Rev)
		return err
	})
	if err != nil {
		return Message{}, err
	}
	return m, nil
}

// targetOf is whose message it is, for the audit log, also if they have no account any more.
func (in scene) targetOf(m Message) *User {
	switch m.Author.ID {
	case "": // the server's own
		return nil
	case in.target.ID:
		return &in.target
	}
	return &User{ID: m.Author.ID, Name: formerMember, Role: RoleMember}
}

// dismiss deletes the scene's message, with its entry in the audit log.
func (s *Service) dismiss(w Writer, in scene, reason string) (Message, error) {
	m := in.message
	if m.Deleted() {
		return m, nil
	}
	m, err := s.bury(w, in, m, false)
	if err != nil {
		return m, err
	}
	return m, s.record(w, in, Entry{Act: "message:delete", Target: in.targetOf(m), Room: m.Room, Seq: m.Seq, Reason: reason})
}

// bury makes a message a tombstone, and keeps what it said.
func (s *Service) bury(w Writer, in scene, m Message, purge bool) (Message, error) {
	last := revision(m, in)
	last.Purge = purge
	if err := w.KeepRevision(last); err != nil {
		return m, err
	}
	m = m.buried(in)
	var err error
	if m.Rev, _, err = w.Advance(m.RoomID, false); err != nil {
		return m, err
	}
	return m, w.UpdateMessage(m)
}

// restore gives a message back what it said. Those it mentions are not told again, but have it counted.
func (s *Service) restore(w Writer, in scene, m Message, last Revision) (Message, error) {
	m.Text, m.HTML, m.Mentions, m.Reactions = last.Text, last.HTML, last.Mentions, last.Reactions
	m.DeletedAt, m.DeletedBy = time.Time{}, ""
	var err error
	if m.Rev, _, err = w.Advance(m.RoomID, false); err != nil {
		return m, err
	}
	if err := w.UpdateMessage(m); err != nil {
		return m, err
	}
	if err := w.DropRevision(m.RoomID, m.Seq, last.Rev); err != nil {
		return m, err
	}
	mentioned, err := s.notified(w, m)
	in.news.recount(m, mentioned...)
	return m, err
}

// Original returns what a message said, before edits and before it was deleted. Moderators see it of all rooms
// that they may read.
func (s *Service) Original(ctx context.Context, a Actor, slug string, seq int64) (Original, error) {
	if err := checkSeq(seq); err != nil {
		return Original{}, err
	}
	var o Original
	err := s.cfg.Store.Read(ctx, func(r Reader) error {
		in, err := s.lookOver(r, a, slug)
		if err != nil {
			return err
		}
		m, err := r.Message(in.room.ID, seq)
		if err != nil {
			return found(err, noMessage())
		}
		if hidden, err := hides(r, m, in.user.ID); err != nil {
			return err
		} else if hidden {
			return noMessage()
		}
		revisions, err := r.Revisions(in.room.ID, seq)
		if err != nil {
			return err
		}
		states := make([]Message, 0, len(revisions)+1)
		for _, last := range revisions {
			states = append(states, Message{Author: m.Author, Text: last.Text, HTML: last.HTML, Mentions: last.Mentions, SentAt: last.At})
		}
		states = append(states, m)
		if err := s.fill(r, states); err != nil {
			return err
		}
		o = original(states)
		return nil
	})
	return o, fault("read an original", err)
}

// original splits the states of a message, the last of them the one of now.
func original(states []Message) Original {
	now := len(states) - 1
	o := Original{Message: states[now], Text: states[now].Text, Revisions: []PlainRevision{}}
	before := states[:now]
	if o.Message.Deleted() && now > 0 {
		o.Text, before = before[now-1].Text, before[:now-1]
	}
	for _, m := range before {
		o.Revisions = append(o.Revisions, PlainRevision{Text: m.Text, At: m.SentAt})
	}
	return o
}
