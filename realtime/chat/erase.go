package chat

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Export is all that is kept of a user. Its JSON form is for people: times are RFC 3339, rooms are slugs.
type Export struct {
	User      string             `json:"user"` // id
	At        time.Time          `json:"at"`
	Messages  []ExportedMessage  `json:"messages"`
	Held      []Held             `json:"held"` // messages that wait for review, or were not approved
	Reactions []ExportedReaction `json:"reactions"`
	Reports   []ExportedReport   `json:"reports"` // that they made
	Sanctions []Sanction         `json:"sanctions"`
	Read      map[string]int64   `json:"read"` // seq of the last message read, by room
}

// ExportedMessage is a message that the user wrote. One that is deleted has no text.
type ExportedMessage struct {
	Room      string    `json:"room"`
	Seq       int64     `json:"seq"`
	Text      string    `json:"text"`
	ReplyTo   int64     `json:"replyTo,omitempty"`
	SentAt    time.Time `json:"sentAt"`
	EditedAt  time.Time `json:"editedAt,omitzero"`
	DeletedAt time.Time `json:"deletedAt,omitzero"`
}

// ExportedReaction is a reaction that the user set.
type ExportedReaction struct {
	Room  string `json:"room"`
	Seq   int64  `json:"seq"`
	Emoji string `json:"emoji"`
}

// ExportedReport is what the user said of somebody's message.
type ExportedReport struct {
	Room   string    `json:"room"`
	Seq    int64     `json:"seq"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Export returns all that is kept of a user, of one snapshot. It is a host's: nobody's rights are asked for.
func (s *Service) Export(ctx context.Context, user string) (Export, error) {
	var e Export
	err := s.cfg.Store.Read(ctx, func(r Reader) error {
		e = Export{
			User: user, At: s.now(),
			Messages: []ExportedMessage{}, Held: []Held{}, Reactions: []ExportedReaction{}, Reports: []ExportedReport{},
		}
		if err := s.exportMessages(r, &e); err != nil {
			return err
		}
		if err := exportReactions(r, &e); err != nil {
			return err
		}
		return s.exportRest(r, &e)
	})
	return e, fault("export user", err)
}

func (s *Service) exportMessages(r Reader, e *Export) error {
	for after := ""; ; {
		sent, err := r.SentBy(e.User, after, purgeStep)
		if err != nil {
			return err
		}
		var page []Message
		for _, one := range sent {
			after = one.ClientID
			if one.Seq == 0 {
				if err := exportHeld(r, e, one); err != nil {
					return err
				}
				continue
			}
			m, err := r.Message(one.RoomID, one.Seq)
			if errors.Is(err, ErrMissing) {
				continue // not kept any more
			}
			if err != nil {
				return err
			}
			page = append(page, m)
		}
		if err := s.fill(r, page); err != nil {
			return err
		}
		for _, m := range page {
			e.Messages = append(e.Messages, ExportedMessage{m.Room, m.Seq, m.Text, m.ReplyTo, m.SentAt, m.EditedAt, m.DeletedAt})
		}
		if len(sent) < purgeStep {
			break
		}
	}
	slices.SortFunc(e.Messages, func(a, b ExportedMessage) int { return a.SentAt.Compare(b.SentAt) })
	return nil
}

// exportHeld adds what waits for review, or was not approved.
func exportHeld(r Reader, e *Export, sent Sent) error {
	report, err := r.HeldAs(sent.UserID, sent.ClientID)
	if errors.Is(err, ErrMissing) || err == nil && report.Text == "" {
		return nil // it is erased
	}
	state := HeldWaiting
	if report.State == ReportResolved {
		state = HeldRejected
	}
	e.Held = append(e.Held, Held{Room: report.Room, ID: report.ClientID, Text: report.Text, State: state, At: report.At})
	return err
}

func exportReactions(r Reader, e *Export) error {
	for at := (Place{}); ; {
		page, err := r.ReactedBy(e.User, at, purgeStep)
		if err != nil {
			return err
		}
		for _, m := range page {
			at = Place{m.RoomID, m.Seq}
			for _, reaction := range m.Reactions {
				if slices.ContainsFunc(reaction.Users, func(u User) bool { return u.ID == e.User }) {
					e.Reactions = append(e.Reactions, ExportedReaction{m.Room, m.Seq, reaction.Emoji})
				}
			}
		}
		if len(page) < purgeStep {
			return nil
		}
	}
}

func (s *Service) exportRest(r Reader, e *Export) error {
	reports, err := r.ReportedBy(e.User)
	if err != nil {
		return err
	}
	for _, report := range reports {
		for _, why := range report.Reasons {
			if why.User.ID == e.User {
				e.Reports = append(e.Reports, ExportedReport{report.Room, report.Seq, why.Text, why.At})
			}
		}
	}
	if e.Sanctions, err = r.Sanctions(e.User); err != nil {
		return err
	}
	e.Sanctions = append([]Sanction{}, e.Sanctions...)
	if err := s.nameSanctions(r, e.Sanctions); err != nil {
		return err
	}
	read, err := r.ReadsOf(e.User)
	if err != nil {
		return err
	}
	rooms, err := allRooms(r)
	if err != nil {
		return err
	}
	e.Read = make(map[string]int64, len(read))
	for _, room := range rooms {
		if p, ok := read[room.Room.ID]; ok {
			e.Read[room.Room.Slug] = p
		}
	}
	return nil
}

// Erase takes away all that a user wrote and set, and all that is kept of them: their messages become tombstones
// without a past, wherever they are. The log keeps its numbers, and the audit log its entries, which name the user's id;
// what they wrote as a moderator, why they acted and the settings of rooms and rules, stays what it is. It is done a
// little at a time, and done again where it was cut short. The host deletes or renames the account itself, before or
// after. It is a host's: nobody's rights are asked for.
//
// A database may hold bytes of what it has deleted in places that no table uses any more, until it needs them again:
// SQLite's VACUUM gives them up.
func (s *Service) Erase(ctx context.Context, user string) error {
	if user == "" {
		return noMember()
	}
	defer s.Forget(user)
	after := ""
	err := s.repeat(ctx, "erase messages", func(w Writer, in scene) (more bool, commit func(), err error) {
		sent, err := w.SentBy(user, after, purgeStep)
		for _, one := range sent {
			if err == nil && one.Seq != 0 {
				err = s.eraseMessage(w, in, one)
			}
		}
		return len(sent) == purgeStep, func() {
			if len(sent) > 0 {
				after = sent[len(sent)-1].ClientID
			}
		}, err
	})
	if err != nil {
		return err
	}
	if err := s.eraseReactions(ctx, user); err != nil {
		return err
	}
	err = s.write(ctx, "erase user", func(w Writer, n *news) error {
		in := scene{actor: AsHost(), now: s.now(), news: n}
		if err := w.EraseUser(user, in.now); err != nil {
			return err
		}
		return s.record(w, in, Entry{Act: "user:erase", Target: &User{ID: user}})
	})
	if err != nil {
		return err
	}
	for complete := false; !complete && err == nil; { // the words of what is gone
		complete, err = s.cfg.Store.CatchUp(ctx, "")
	}
	if err == nil {
		err = s.cfg.Store.Write(ctx, func(w Writer) error { return w.DropWords() }, nil)
	}
	return fault("erase words", err)
}

// repeat runs fn in transactions until there is no more; others write between them. commit is called when what fn
// did is durable.
func (s *Service) repeat(ctx context.Context, doing string, fn func(Writer, scene) (more bool, commit func(), err error)) error {
	for more := true; more; {
		begun, commit := time.Now(), func() {}
		err := s.write(ctx, doing, func(w Writer, n *news) error {
			var err error
			more, commit, err = fn(w, scene{actor: AsHost(), now: s.now(), news: n})
			return err
		})
		if err != nil {
			return err
		}
		commit()
		if !more {
			return nil
		}
		select {
		case <-time.After(time.Since(begun)):
		case <-ctx.Done():
			return fault(doing, ctx.Err())
		}
	}
	return nil
}

func (s *Service) eraseMessage(w Writer, in scene, sent Sent) error {
	if err := w.DropRevisions(sent.RoomID, sent.Seq); err != nil {
		return err
	}
	m, err := w.Message(sent.RoomID, sent.Seq)
	if errors.Is(err, ErrMissing) || err == nil && m.Deleted() {
		return nil
	}
	if err != nil {
		return err
	}
	return s.changeAs(w, in, m.buried(in))
}

// eraseReactions takes a user's reactions away. They are looked for beside the writer: it takes long where there are
// many messages.
func (s *Service) eraseReactions(ctx context.Context, user string) error {
	for at, more := (Place{}), true; more; {
		var page []Message
		err := s.cfg.Store.Read(ctx, func(r Reader) error {
			var err error
			page, err = r.ReactedBy(user, at, purgeStep)
			return err
		})
		if err != nil {
			return fault("find reactions", err)
		}
		err = s.write(ctx, "erase reactions", func(w Writer, n *news) error {
			in := scene{actor: AsHost(), now: s.now(), news: n}
			for _, found := range page {
				m, err := w.Message(found.RoomID, found.Seq)
				if errors.Is(err, ErrMissing) {
					continue // not kept any more
				}
				if err == nil {
					err = s.unreact(w, in, m, user)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if more = len(page) == purgeStep; more {
			at = Place{page[len(page)-1].RoomID, page[len(page)-1].Seq}
		}
	}
	return nil
}

// unreact takes a user's reactions from a message.
func (s *Service) unreact(w Writer, in scene, m Message, user string) error {
	if !slices.ContainsFunc(m.Reactions, func(r Reaction) bool {
		return slices.ContainsFunc(r.Users, func(u User) bool { return u.ID == user })
	}) {
		return nil
	}
	reactions := make([]Reaction, 0, len(m.Reactions))
	for _, reaction := range m.Reactions {
		users := slices.DeleteFunc(slices.Clone(reaction.Users), func(u User) bool { return u.ID == user })
		if len(users) > 0 {
			reactions = append(reactions, Reaction{reaction.Emoji, users})
		}
	}
	m.Reactions = reactions
	return s.changeAs(w, in, m)
}

// changeAs stores a changed message of any room as its next change, and notes it as news.
func (s *Service) changeAs(w Writer, in scene, m Message) error {
	var err error
	if m.Rev, _, err = w.Advance(m.RoomID, false); err != nil {
		return err
	}
	if err := w.UpdateMessage(m); err != nil {
		return err
	}
	return s.noteChange(w, in, m)
}
