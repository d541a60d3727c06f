package chat

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// Send posts a message and returns it once it is durable. It may be called again with the
// same draft, at any time: the message is stored once, and every call returns it, as it then
// is. Another draft under the same id gets CodeIDReused; too many get CodeRateLimited.
// Sending does not move the author's read pointer.
func (s *Service) Send(ctx context.Context, a Actor, d Draft) (Message, error) {
	if !validID(d.ID) {
		return Message{}, Errorf(CodeInvalid, "A message id is 8 to 64 letters, digits, _ or -.")
	}
	if d.ReplyTo != 0 {
		if err := checkSeq(d.ReplyTo); err != nil {
			return Message{}, err
		}
	}
	text, err := s.cleanText(d.Text)
	if err != nil {
		return Message{}, err
	}
	d.ID, d.Text = strings.Clone(d.ID), text
	if a.host() {
		return s.Post(ctx, Post{Room: d.Room, Text: d.Text, ReplyTo: d.ReplyTo, ID: d.ID})
	}
	verdict, err := s.consider(ctx, a, d)
	if err != nil {
		return Message{}, s.flooded(ctx, a, d.ID, err)
	}
	m, err := s.change(ctx, "send message", a, d.Room, func(w Writer, in scene) (Message, bool, error) {
		hash := d.hash(in.room.ID)
		sent, err := w.Sent(in.user.ID, d.ID)
		if err == nil {
			m, err := repeat(w, in, sent, hash)
			return m, false, err
		}
		if !errors.Is(err, ErrMissing) {
			return Message{}, false, err
		}
		m, err := s.post(w, in, d, hash, verdict)
		return m, !m.Held, err
	})
	var refusal *Error
	if errors.As(err, &refusal) && refusal.priced {
		s.sends.spend(a.ID, s.cfg.Now())
	}
	return m, s.flooded(ctx, a, d.ID, err)
}

// consider asks the host, where it has a say, and the rules about texts of a draft. The host is not asked of what was
// sent before, nor of what is refused anyway; nobody is asked of what comes too fast, which may be a retry still.
func (s *Service) consider(ctx context.Context, a Actor, d Draft) (verdict, error) {
	if wait := s.sends.wait(a.ID, s.cfg.Now()); wait > 0 {
		return verdict{wait: wait}, nil
	}
	out := Outgoing{User: a.ID, Room: d.Room, Text: d.Text, ReplyTo: d.ReplyTo}
	if s.cfg.BeforeSend == nil {
		return s.readText(ctx, out, Decided{})
	}
	known := false
	err := s.read(ctx, "look at draft", a, d.Room, func(r Reader, in scene) error {
		_, err := r.Sent(in.user.ID, d.ID)
		if known = err == nil; known {
			return nil
		}
		if !errors.Is(err, ErrMissing) {
			return err
		}
		_, err = s.mayPost(r, in)
		return err
	})
	if err != nil {
		return verdict{}, err
	}
	var decided Decided
	if !known {
		if decided, err = s.ask(ctx, out); err != nil {
			return verdict{}, err
		}
	}
	return s.readText(ctx, out, decided)
}

// mayPost decides whether the scene's user may post a message now, and returns when that is.
func (s *Service) mayPost(r Reader, in scene) (clock time.Time, err error) {
	if in.room.SlowMode > 0 {
		if in.lastPost, err = r.LastPost(in.room.ID, in.user.ID); err != nil {
			return clock, err
		}
	}
	if err := s.authorize(toPost, in); err != nil {
		return clock, err
	}
	if err := permit(r, in, PermitWrite); err != nil {
		return clock, err
	}
	clock = s.cfg.Now()
	if wait := s.sends.wait(in.user.ID, clock); wait > 0 {
		return clock, tooFast(wait)
	}
	return clock, nil
}

// repeat answers a retry. It comes before every other rule: what was stored stays
// acknowledged, even if the room is frozen by now or the author too fast.
func repeat(r Reader, in scene, sent Sent, hash [16]byte) (Message, error) {
	if sent.Hash != hash {
		return Message{}, Errorf(CodeIDReused, "This message id was used for another message.")
	}
	if sent.Seq == 0 {
		return heldAgain(r, in, sent)
	}
	m, err := r.Message(sent.RoomID, sent.Seq)
	return m, found(err, noMessage())
}

// post stores a new message, or holds it back. A token is spent last, so that what is refused
// costs none but what the filter blocks.
func (s *Service) post(w Writer, in scene, d Draft, hash [16]byte, v verdict) (Message, error) {
	clock, err := s.mayPost(w, in)
	if err == nil && v.wait > 0 { // a token has come meanwhile; it is there for the next try
		err = tooFast(v.wait)
	}
	if err != nil {
		return Message{}, err
	}
	if d.ReplyTo != 0 {
		if _, err := w.Message(in.room.ID, d.ReplyTo); err != nil {
			return Message{}, found(err, Errorf(CodeNotFound, "The message you answer does not exist."))
		}
	}
	m := Message{
		RoomID: in.room.ID, Room: in.room.Slug, ID: d.ID, Kind: KindText, Author: in.user, ReplyTo: d.ReplyTo, SentAt: in.now,
	}
	if err := s.compose(w, in, &m, v.text); err != nil {
		return Message{}, err
	}
	matches, err := s.judge(in, v, len(m.Mentions))
	if err != nil {
		return Message{}, err
	}
	sent := Sent{UserID: in.user.ID, ClientID: d.ID, RoomID: in.room.ID, Hash: hash}
	if len(matches) > 0 && matches[0].Rule.Action == RuleHold {
		m, err = s.hold(w, in, m, v.text, hash, matches[0])
	} else {
		m, err = s.insert(w, in, m)
		if err == nil {
			err = s.flag(w, in, m, matches)
		}
	}
	if err != nil {
		return Message{}, err
	}
	sent.Seq = m.Seq
	if err := w.RecordSent(sent); err != nil {
		return Message{}, err
	}
	if in.room.SlowMode > 0 {
		if err := w.SetLastPost(in.room.ID, in.user.ID, in.now); err != nil {
			return Message{}, err
		}
	}
	in.news.spend(s.sends, in.user.ID, clock)
	in.news.sent = accepted{v.filter, in.user.ID, d.Text, len(m.Mentions)}
	return m, nil
}

// insert gives a composed message the room's next place and stores it.
func (s *Service) insert(w Writer, in scene, m Message) (Message, error) {
	rev, posts, err := w.Advance(in.room.ID, true)
	if err != nil {
		return Message{}, err
	}
	m.Seq, m.Rev, m.Post = rev, rev, posts
	if err := w.InsertMessage(m); err != nil {
		return Message{}, err
	}
	m.notify, err = s.notified(w, m)
	return m, err
}

// hash tells a retry from another message: it covers everything that the author chose.
func (d Draft) hash(room int64) [16]byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 16+len(d.Text)), uint64(room))
	b = binary.BigEndian.AppendUint64(b, uint64(d.ReplyTo))
	sum := sha256.Sum256(append(b, d.Text...))
	return [16]byte(sum[:16])
}

func tooFast(wait time.Duration) *Error {
	return &Error{Code: CodeRateLimited, Message: "You are too fast. Wait a moment.", RetryAfter: wait, flood: true}
}
