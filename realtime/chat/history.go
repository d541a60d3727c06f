package chat

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"
)

// History returns a page of a room. Before and After exclude the seq they name. Around gives
// half a page on each side of that message, or of the nearest to it if there is none.
func (s *Service) History(ctx context.Context, a Actor, slug string, q HistoryQuery) (Page, error) {
	if err := s.checkQuery(q); err != nil {
		return Page{}, err
	}
	var page Page
	err := s.read(ctx, "read history", a, slug, func(r Reader, in scene) error {
		limit := q.Limit
		if limit == 0 {
			limit = s.PageSize(in.room)
		}
		var err error
		if !q.At.IsZero() {
			if q.Around, _, err = sentAt(r, in.room, q.At); err != nil {
				return err
			}
		}
		switch {
		case q.After > 0:
			page, err = s.after(r, in.room, q.After, limit)
		case q.Around > 0:
			page, err = s.around(r, in.room, q.Around, limit)
		case q.Before > 0:
			page, err = s.before(r, in.room, q.Before, limit)
		default:
			page, err = s.before(r, in.room, math.MaxInt64, limit)
		}
		if err != nil {
			return err
		}
		page.Messages, err = s.fillFor(r, in, page.Messages)
		return err
	})
	if err != nil {
		return Page{}, err
	}
	return page, nil
}

// maxMessages is how many messages Messages is asked for at the most.
const maxMessages = 50

// Messages returns those of the named messages that exist, tombstones too, in order of seq.
func (s *Service) Messages(ctx context.Context, a Actor, slug string, seqs []int64) ([]Message, error) {
	if len(seqs) > maxMessages {
		return nil, Errorf(CodeInvalid, "Ask for at most %d messages.", maxMessages)
	}
	seqs = slices.Compact(slices.Sorted(slices.Values(seqs)))
	var messages []Message
	err := s.read(ctx, "read messages", a, slug, func(r Reader, in scene) error {
		messages = []Message{}
		for _, seq := range seqs {
			m, err := r.Message(in.room.ID, seq)
			switch {
			case err == nil:
				messages = append(messages, m)
			case !errors.Is(err, ErrMissing):
				return err
			}
		}
		var err error
		messages, err = s.fillFor(r, in, messages)
		return err
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}

// Message returns one message, or its tombstone.
func (s *Service) Message(ctx context.Context, a Actor, slug string, seq int64) (Message, error) {
	one := make([]Message, 1)
	err := s.read(ctx, "read message", a, slug, func(r Reader, in scene) error {
		m, err := r.Message(in.room.ID, seq)
		if err != nil {
			return found(err, noMessage())
		}
		one[0] = m
		if one, err = s.fillFor(r, in, one); err == nil && len(one) == 0 {
			return noMessage()
		}
		return err
	})
	if err != nil {
		return Message{}, err
	}
	return one[0], nil
}

func (s *Service) checkQuery(q HistoryQuery) error {
	set := 0
	for _, seq := range []int64{q.Before, q.After, q.Around} {
		if seq < 0 {
			return Errorf(CodeInvalid, "A message number is above 0.")
		}
		if seq > 0 {
			set++
		}
	}
	if !q.At.IsZero() {
		set++
	}
	most := s.cfg.Limits.MaxPageSize
	switch {
	case set > 1:
		return Errorf(CodeInvalid, "Name only one of before, after, around and at.")
	case q.Limit < 0:
		return Errorf(CodeInvalid, "A page has at least one message.")
	case most > 0 && q.Limit > most:
		return Errorf(CodeInvalid, "A page has at most %d messages.", most)
	}
	return nil
}

// PageSize is how long a page is when the caller does not say: without any limit, the room.
func (s *Service) PageSize(room Room) int {
	if s.cfg.Limits.PageSize > 0 {
		return s.cfg.Limits.PageSize
	}
	if s.cfg.Limits.MaxPageSize > 0 {
		return s.cfg.Limits.MaxPageSize
	}
	return int(max(1, room.Posts))
}

// before returns the page that ends below seq. One message more than is asked for tells
// whether there are older ones.
func (s *Service) before(r Reader, room Room, seq int64, limit int) (Page, error) {
	seq, limit = min(seq, room.Head+1), bounded(limit, room)
	older, err := r.Before(room.ID, seq, limit+1)
	if err != nil {
		return Page{}, err
	}
	var newer []Message
	if seq <= room.Head {
		if newer, err = r.After(room.ID, seq-1, 1); err != nil {
			return Page{}, err
		}
	}
	extra := max(0, len(older)-limit)
	return Page{Messages: keep(older[extra:]), HasOlder: extra > 0, HasNewer: len(newer) > 0}, nil
}

// after returns the page that begins above seq.
func (s *Service) after(r Reader, room Room, seq int64, limit int) (Page, error) {
	seq, limit = min(seq, room.Head), bounded(limit, room)
	newer, err := r.After(room.ID, seq, limit+1)
	if err != nil {
		return Page{}, err
	}
	older, err := r.Before(room.ID, seq+1, 1)
	if err != nil {
		return Page{}, err
	}
	n := min(limit, len(newer))
	return Page{Messages: keep(newer[:n]), HasOlder: len(older) > 0, HasNewer: len(newer) > n}, nil
}

// around returns the page with the message nearest to seq in its middle.
func (s *Service) around(r Reader, room Room, seq int64, limit int) (Page, error) {
	centre, err := nearest(r, room, min(seq, room.Head+1))
	if err != nil {
		return Page{}, err
	}
	half := bounded(limit/2, room)
	limit = half + bounded(limit-limit/2, room)
	older, err := r.Before(room.ID, centre, half+1)
	if err != nil {
		return Page{}, err
	}
	newer, err := r.After(room.ID, centre-1, limit-half+1)
	if err != nil {
		return Page{}, err
	}
	extra, n := max(0, len(older)-half), min(limit-half, len(newer))
	return Page{
		Messages: keep(slices.Concat(older[extra:], newer[:n])),
		HasOlder: extra > 0,
		HasNewer: len(newer) > n,
	}, nil
}

// nearest returns the seq of the message at seq, or else of the closest one; seq itself in an
// empty room.
func nearest(r Reader, room Room, seq int64) (int64, error) {
	at, err := r.After(room.ID, seq-1, 1)
	if err != nil {
		return 0, err
	}
	if len(at) == 1 && at[0].Seq == seq {
		return seq, nil
	}
	below, err := r.Before(room.ID, seq, 1)
	if err != nil {
		return 0, err
	}
	switch {
	case len(below) == 1 && (len(at) == 0 || seq-below[0].Seq <= at[0].Seq-seq):
		return below[0].Seq, nil
	case len(at) == 1:
		return at[0].Seq, nil
	}
	return seq, nil
}

// sentAt returns the seq of the first message sent at that time or later; false if there is none, and
// the seq after the last message's. Messages are sent in order of seq, so it halves the room until one is left.
func sentAt(r Reader, room Room, at time.Time) (seq int64, found bool, err error) {
	low, high := room.Floor+1, room.Head+1
	for low < high {
		middle := low + (high-low)/2
		next, err := r.After(room.ID, middle-1, 1)
		if err != nil {
			return 0, false, err
		}
		if len(next) == 0 || !next[0].SentAt.Before(at) {
			high = middle
		} else {
			low = next[0].Seq + 1
		}
	}
	next, err := r.After(room.ID, low-1, 1)
	if err != nil || len(next) == 0 {
		return low, false, err
	}
	return next[0].Seq, true, nil
}

// bounded keeps a limit that nobody bounds from reserving more than there can be.
func bounded(limit int, room Room) int { return int(min(int64(limit), max(1, room.Posts))) }

// keep makes an empty page an empty list, as it stands on the wire.
func keep(messages []Message) []Message {
	if messages == nil {
		return []Message{}
	}
	return messages
}
