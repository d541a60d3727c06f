package chat

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
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
	d.Text = text
	return s.change(ctx, "send message", a, d.Room, func(w Writer, in scene) (Message, bool, error) {
		hash := d.hash(in.room.ID)
		sent, err := w.Sent(in.user.ID, d.ID)
		if err == nil {
			m, err := repeat(w, sent, hash)
			return m, false, err
		}
		if !errors.Is(err, ErrMissing) {
			return Message{}, false, err
		}
		m, err := s.post(w, in, d, hash)
		return m, true, err
	})
}

// repeat answers a retry. It comes before every other rule: what was stored stays
// acknowledged, even if the room is frozen by now or the author too fast.
func repeat(r Reader, sent Sent, hash [16]byte) (Message, error) {
	if sent.Hash != hash {
		return Message{}, Errorf(CodeIDReused, "This message id was used for another message.")
	}
	m, err := r.Message(sent.RoomID, sent.Seq)
	return m, found(err, noMessage())
}

// post stores a new message. A token is spent last, so that what is refused costs none.
func (s *Service) post(w Writer, in scene, d Draft, hash [16]byte) (Message, error) {
	if in.room.SlowMode > 0 {
		var err error
		if in.lastPost, err = w.LastPost(in.room.ID, in.user.ID); err != nil {
			return Message{}, err
		}
	}
	if err := s.authorize(toPost, in); err != nil {
		return Message{}, err
	}
	clock := s.cfg.Now()
	if wait := s.sends.wait(in.user.ID, clock); wait > 0 {
		return Message{}, tooFast(wait)
	}
	if d.ReplyTo != 0 {
		if _, err := w.Message(in.room.ID, d.ReplyTo); err != nil {
			return Message{}, found(err, Errorf(CodeNotFound, "The message you answer does not exist."))
		}
	}
	rev, posts, err := w.Advance(in.room.ID, true)
	if err != nil {
		return Message{}, err
	}
	m := Message{
		RoomID: in.room.ID, Room: in.room.Slug, Seq: rev, Rev: rev, Post: posts,
		ID: d.ID, Kind: KindText, Author: in.user, ReplyTo: d.ReplyTo, SentAt: in.now,
	}
	if err := s.compose(w, in, &m, d.Text); err != nil {
		return Message{}, err
	}
	if err := w.InsertMessage(m); err != nil {
		return Message{}, err
	}
	if m.notify, err = s.notified(w, m); err != nil {
		return Message{}, err
	}
	sent := Sent{UserID: in.user.ID, ClientID: d.ID, RoomID: in.room.ID, Seq: rev, Hash: hash}
	if err := w.RecordSent(sent); err != nil {
		return Message{}, err
	}
	if in.room.SlowMode > 0 {
		if err := w.SetLastPost(in.room.ID, in.user.ID, in.now); err != nil {
			return Message{}, err
		}
	}
	s.sends.spend(in.user.ID, clock)
	return m, nil
}

// hash tells a retry from another message: it covers everything that the author chose.
func (d Draft) hash(room int64) [16]byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 16+len(d.Text)), uint64(room))
	b = binary.BigEndian.AppendUint64(b, uint64(d.ReplyTo))
	sum := sha256.Sum256(append(b, d.Text...))
	return [16]byte(sum[:16])
}

func tooFast(wait time.Duration) *Error {
	return &Error{Code: CodeRateLimited, Message: "You are too fast. Wait a moment.", RetryAfter: wait}
}
