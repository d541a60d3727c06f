package chattest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"roomline/realtime/chat"
)

func (t *transaction) AddSanction(s *chat.Sanction) error {
	err := t.LiftSanction(s.User, s.Kind, s.At, s.By.ID, "")
	t.lastSanction++
	s.ID = t.lastSanction
	kept := *s
	kept.By = chat.User{ID: s.By.ID}
	t.sanctions[s.User] = append(slices.Clip(t.sanctions[s.User]), kept)
	return err
}

func (t *transaction) LiftSanction(user string, kind chat.SanctionKind, at time.Time, by, reason string) error {
	sanctions := slices.Clone(t.sanctions[user])
	for i, s := range sanctions {
		if s.Kind == kind && s.LiftedAt.IsZero() {
			sanctions[i].LiftedAt, sanctions[i].LiftedBy, sanctions[i].LiftReason = at, by, reason
		}
	}
	t.sanctions[user] = sanctions
	return nil
}

func (t *transaction) SetRole(user string, role chat.Role) error {
	account, err := row(t.users, user)
	if err != nil {
		return err
	}
	account.Role = role
	t.users[user] = account
	return nil
}

func (t *transaction) KeepRevision(r chat.Revision) error {
	if _, err := t.Message(r.RoomID, r.Seq); err != nil {
		return fmt.Errorf("keep revision of message %d of room %d: %w", r.Seq, r.RoomID, err)
	}
	at := place{r.RoomID, r.Seq}
	revisions := slices.Clone(t.revisions[at])
	i, taken := slices.BinarySearchFunc(revisions, r.Rev, func(r chat.Revision, rev int64) int { return int(r.Rev - rev) })
	if taken {
		return fmt.Errorf("keep revision: rev %d of message %d of room %d is kept", r.Rev, r.Seq, r.RoomID)
	}
	r.Mentions, r.Reactions = bare(r.Mentions), bareReactions(r.Reactions)
	t.revisions[at] = slices.Insert(revisions, i, r)
	return nil
}

func (t *transaction) DropRevision(room, seq, rev int64) error {
	at := place{room, seq}
	t.revisions[at] = slices.DeleteFunc(slices.Clone(t.revisions[at]), func(r chat.Revision) bool { return r.Rev == rev })
	if len(t.revisions[at]) == 0 {
		delete(t.revisions, at)
	}
	return nil
}

func (t *transaction) InsertReport(r *chat.Report) error {
	for _, other := range t.reports {
		held := other.Kind == chat.ReportHeld
		if held == (r.Kind == chat.ReportHeld) && (held && other.Author.ID == r.Author.ID && other.ClientID == r.ClientID ||
			!held && other.State == chat.ReportOpen && r.State == chat.ReportOpen && other.RoomID == r.RoomID && other.Seq == r.Seq) {
			return fmt.Errorf("insert report: report %d is of the same message", other.ID)
		}
	}
	t.lastReport++
	r.ID = t.lastReport
	t.reports[r.ID] = bareReport(*r)
	return nil
}

func (t *transaction) UpdateReport(r chat.Report) error {
	old, err := row(t.reports, r.ID)
	if err != nil {
		return err
	}
	r = bareReport(r)
	old.State, old.Seq, old.Count, old.Reasons, old.Message = r.State, r.Seq, r.Count, r.Reasons, r.Message
	old.Action, old.Note, old.ResolvedBy, old.ResolvedAt = r.Action, r.Note, r.ResolvedBy, r.ResolvedAt
	t.reports[r.ID] = old
	return nil
}

// bareReport returns a report as a Store keeps it.
func bareReport(r chat.Report) chat.Report {
	r.Author, r.Reasons = chat.User{ID: r.Author.ID}, slices.Clone(r.Reasons)
	for i, reason := range r.Reasons {
		r.Reasons[i].User = chat.User{ID: reason.User.ID}
	}
	if r.ResolvedBy != nil {
		r.ResolvedBy = &chat.User{ID: r.ResolvedBy.ID}
	}
	return r
}

func (t *transaction) RecordReporter(room, seq int64, user string) (first bool, err error) {
	at := place{room, seq}
	if slices.Contains(t.reporters[at], user) {
		return false, nil
	}
	t.reporters[at] = append(slices.Clip(t.reporters[at]), user)
	return true, nil
}

func (t *transaction) PutRule(r *chat.Rule) error {
	if r.ID == 0 {
		t.lastRule++
		r.ID = t.lastRule
	} else if _, err := row(t.rules, r.ID); err != nil {
		return err
	}
	kept := *r
	kept.Words = slices.Clone(r.Words)
	t.rules[r.ID] = kept
	return nil
}

func (t *transaction) DeleteRule(id int64) error {
	_, err := row(t.rules, id)
	delete(t.rules, id)
	return err
}

func (t *transaction) InsertEntry(e chat.Entry) error {
	last, err := t.LastEntry()
	if err != nil && !errors.Is(err, chat.ErrMissing) {
		return err
	}
	if e.ID != last.ID+1 {
		return fmt.Errorf("insert entry: id %d is not the next", e.ID)
	}
	e = wholeEntry(e)
	e.Actor = chat.User{ID: e.Actor.ID}
	t.audit = append(t.audit, e) // what earlier states see of the array ends before this place
	return nil
}

func (t *transaction) UpdateSent(s chat.Sent) error {
	sent, err := t.Sent(s.UserID, s.ClientID)
	if err != nil {
		return err
	}
	sent.Seq = s.Seq
	own := maps.Clone(t.sent[s.UserID])
	own[s.ClientID] = sent
	t.sent[s.UserID] = own
	return nil
}

func (t *transaction) KeepLastPosts(room, fromSeq int64) error {
	for _, m := range t.logs[room].messages {
		if m.Seq >= fromSeq && m.Author.ID != "" {
			t.posted[reader{room, m.Author.ID}] = m.SentAt
		}
	}
	return nil
}

// purge forgets what is kept of messages that are purged.
func (t *transaction) purge(room, upTo int64, sentAt time.Time) {
	gone := func(at place) bool { return at.room == room && at.seq <= upTo }
	maps.DeleteFunc(t.revisions, func(at place, _ []chat.Revision) bool { return gone(at) })
	maps.DeleteFunc(t.reporters, func(at place, _ []string) bool { return gone(at) })
	for id, r := range t.reports {
		rejected := r.Seq == 0 && r.RoomID == room && r.State == chat.ReportResolved && !r.At.After(sentAt)
		if r.Seq > 0 && gone(place{r.RoomID, r.Seq}) || rejected {
			r.Text = ""
			t.reports[id] = r
		}
	}
}
