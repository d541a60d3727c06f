package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

const (
	adminRoom   = "admin" // the slug of the room where the cards of reports stand
	cardPrefix  = "report-"
	maxReasons  = 20 // kept of one report
	maxWaiting  = 20 // messages of one author in one room that wait for review
	flaggedText = "A rule marked a message in %s."
	heldText    = "A message for %s waits for review."
	reportText  = "A message in %s was reported."
)

// Report puts somebody else's message into the queue of the moderators, with a reason of 1 to 500 characters. A
// message is one item of the queue, however many report it; reporting it again changes nothing.
func (s *Service) Report(ctx context.Context, a Actor, slug string, seq int64, reason string) error {
	reason, err := cleanReason(reason)
	if err != nil {
		return err
	}
	if err := checkSeq(seq); err != nil {
		return err
	}
	return s.write(ctx, "report message", func(w Writer, n *news) error {
		in, err := s.look(w, a, slug)
		if err != nil {
			return err
		}
		in.news = n
		if in.message, err = w.Message(in.room.ID, seq); err != nil && !errors.Is(err, ErrMissing) {
			return err
		}
		if err := s.authorize(toReport, in); err != nil {
			return err
		}
		if err := permit(w, in, PermitWrite); err != nil {
			return err
		}
		clock := s.cfg.Now()
		if wait := s.reports.wait(in.user.ID, clock); wait > 0 {
			return &Error{Code: CodeRateLimited, Message: "You report very much. Wait a little.", RetryAfter: wait}
		}
		first, err := w.RecordReporter(in.room.ID, seq, in.user.ID)
		if err != nil || !first {
			return err
		}
		n.spend(s.reports, in.user.ID, clock)
		return s.tell(w, in, in.message, ReportMember, Reason{User: in.user, Text: reason, At: in.now})
	})
}

// tell puts a message into the queue, or one more reason to the item that is open.
func (s *Service) tell(w Writer, in scene, m Message, kind ReportKind, why Reason) error {
	r, err := w.OpenReport(m.RoomID, m.Seq)
	switch {
	case err == nil && kind == ReportFlag && slices.ContainsFunc(r.Reasons, why.sameRule):
		return nil // an edit that the rule lets pass as it did the text before
	case err == nil:
		r.Count++
		if len(r.Reasons) < maxReasons {
			r.Reasons = append(slices.Clone(r.Reasons), why)
		}
		return s.updateReport(w, in, r)
	case !errors.Is(err, ErrMissing):
		return err
	}
	text, err := s.plainText(w, m)
	if err != nil {
		return err
	}
	return s.insertReport(w, in, Report{
		Kind: kind, RoomID: m.RoomID, Room: m.Room, Seq: m.Seq, Author: User{ID: m.Author.ID}, Text: text,
		Count: 1, Reasons: []Reason{why},
	})
}

// sameRule reports whether both reasons are of one rule.
func (r Reason) sameRule(other Reason) bool { return other.User.ID == "" && r.Text == other.Text }

// plainText is what a message says, with the names of now.
func (s *Service) plainText(r Reader, m Message) (string, error) {
	one := []Message{{Author: m.Author, Text: m.Text, Mentions: m.Mentions}}
	err := s.fill(r, one)
	return one[0].Text, err
}

// flag puts a message into the queue for each rule that let it pass.
func (s *Service) flag(w Writer, in scene, m Message, matches []Match) error {
	for _, match := range matches {
		if match.Rule.Action != RuleFlag {
			continue
		}
		if err := s.tell(w, in, m, ReportFlag, Reason{Text: match.Rule.Name, At: in.now}); err != nil {
			return err
		}
	}
	return nil
}

// hold stores a message that waits for review instead of posting it.
func (s *Service) hold(w Writer, in scene, m Message, text string, hash [16]byte, match Match) (Message, error) {
	waiting, err := w.HeldIn(in.room.ID, in.user.ID)
	if err != nil {
		return m, err
	}
	if len(waiting) >= maxWaiting {
		return m, Errorf(CodeForbidden, "Several of your messages wait for review. Wait until a moderator has looked at them.")
	}
	m.Held, m.Text, m.HTML, m.Mentions = true, text, "", nil
	return m, s.insertReport(w, in, Report{
		Kind: ReportHeld, RoomID: m.RoomID, Room: m.Room, Author: User{ID: m.Author.ID}, Text: text, Count: 1,
		Reasons: []Reason{{Text: match.Rule.Name, At: in.now}}, ClientID: m.ID, ReplyTo: m.ReplyTo, Hash: hash,
	})
}

// heldAgain answers a retry of what was held.
func heldAgain(r Reader, in scene, sent Sent) (Message, error) {
	report, err := r.HeldAs(sent.UserID, sent.ClientID)
	if err != nil {
		return Message{}, found(err, noMessage())
	}
	if report.State == ReportResolved {
		refusal := Errorf(CodeForbidden, "A moderator did not approve this message.")
		if report.Note != "" {
			refusal.Message += " Reason: " + report.Note
		}
		return Message{}, refusal
	}
	return Message{
		RoomID: report.RoomID, Room: report.Room, ID: report.ClientID, Kind: KindText, Author: in.user,
		Text: report.Text, ReplyTo: report.ReplyTo, SentAt: report.At, Held: true,
	}, nil
}

// HeldOf returns what of the actor waits for review in a room, the oldest first.
func (s *Service) HeldOf(ctx context.Context, a Actor, slug string) ([]Held, error) {
	var list []Held
	err := s.read(ctx, "read what is held", a, slug, func(r Reader, in scene) error {
		list = []Held{}
		reports, err := r.HeldIn(in.room.ID, in.user.ID)
		for _, report := range reports {
			list = append(list, Held{Room: report.Room, ID: report.ClientID, Text: report.Text, State: HeldWaiting, At: report.At})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// insertReport stores a new report and posts its card in the admin room.
func (s *Service) insertReport(w Writer, in scene, r Report) error {
	r.State, r.At = ReportOpen, in.now
	if err := w.InsertReport(&r); err != nil {
		return err
	}
	text := map[ReportKind]string{ReportMember: reportText, ReportFlag: flaggedText, ReportHeld: heldText}[r.Kind]
	card, err := s.postCard(w, in, Message{
		ID: cardPrefix + strconv.FormatInt(r.ID, 10), Kind: KindReport, Text: fmt.Sprintf(text, r.Room),
	})
	if err != nil {
		return err
	}
	r.Message = card.Seq
	if err := w.UpdateReport(r); err != nil {
		return err
	}
	return s.noteReport(w, in, r, card)
}

// postCard posts a message of the server itself in the admin room; it is not news yet.
func (s *Service) postCard(w Writer, in scene, m Message) (Message, error) {
	room, err := w.Room(adminRoom)
	if err != nil {
		return m, err
	}
	rev, posts, err := w.Advance(room.ID, true)
	if err != nil {
		return m, err
	}
	m.RoomID, m.Room, m.Seq, m.Rev, m.Post, m.SentAt = room.ID, room.Slug, rev, rev, posts, in.now
	return m, w.InsertMessage(m)
}

// postNotice posts what the server has to say in the admin room; the text holds placeholders of those it names.
func (s *Service) postNotice(w Writer, in scene, text string, users ...string) error {
	entry, err := w.LastEntry()
	if err != nil {
		return err
	}
	m := Message{ID: "notice-" + strconv.FormatInt(entry.ID, 10), Kind: KindSystem, Text: text}
	for _, id := range users {
		m.Mentions = append(m.Mentions, User{ID: id})
	}
	if m, err = s.postCard(w, in, m); err != nil {
		return err
	}
	return s.noteChange(w, in, m)
}

// updateReport stores a changed report; its card changes with it.
func (s *Service) updateReport(w Writer, in scene, r Report) error {
	if err := w.UpdateReport(r); err != nil {
		return err
	}
	room, err := w.Room(adminRoom)
	if err != nil {
		return err
	}
	card, err := w.Message(room.ID, r.Message)
	if errors.Is(err, ErrMissing) { // it is older than what is kept
		if err := s.fillReports(w, &r); err != nil {
			return err
		}
		in.news.reports = append(in.news.reports, r)
		return nil
	}
	if err != nil {
		return err
	}
	if card.Rev, _, err = w.Advance(room.ID, false); err != nil {
		return err
	}
	if err := w.UpdateMessage(card); err != nil {
		return err
	}
	return s.noteReport(w, in, r, card)
}

// noteReport notes a report and its card as news.
func (s *Service) noteReport(w Writer, in scene, r Report, card Message) error {
	if err := s.fillReports(w, &r); err != nil {
		return err
	}
	in.news.reports = append(in.news.reports, r)
	return s.noteChange(w, in, card)
}

// fillCard gives a card its report as it is now.
func (s *Service) fillCard(r Reader, m *Message) error {
	report, err := reportOf(r, *m)
	if errors.Is(err, ErrMissing) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.fillReports(r, &report); err != nil {
		return err
	}
	m.Report = &report
	return nil
}

// fillReports completes the people of reports in place.
func (s *Service) fillReports(r Reader, reports ...*Report) error {
	who := newNames(r)
	for _, report := range reports {
		who.ask(report.Author.ID)
		for _, reason := range report.Reasons {
			who.ask(reason.User.ID)
		}
		if report.ResolvedBy != nil {
			who.ask(report.ResolvedBy.ID)
		}
	}
	if err := who.read(); err != nil {
		return err
	}
	for _, report := range reports {
		report.Author = who.find(report.Author.ID)
		report.Reasons = slices.Clone(report.Reasons)
		for i := range report.Reasons {
			report.Reasons[i].User = who.find(report.Reasons[i].User.ID)
		}
		if report.ResolvedBy != nil {
			by := who.find(report.ResolvedBy.ID)
			report.ResolvedBy = &by
		}
	}
	return nil
}

// Reports returns a page of the queue, the latest first, and whether there are older ones.
func (s *Service) Reports(ctx context.Context, a Actor, q ReportQuery) ([]Report, bool, error) {
	limit, err := pageOf(q.Limit)
	if err != nil {
		return nil, false, err
	}
	if q.Before < 0 || q.State != "" && q.State != ReportOpen && q.State != ReportResolved {
		return nil, false, Errorf(CodeInvalid, "A report is open or resolved, and its number above 0.")
	}
	var reports []Report
	older := false
	err = s.moderated(ctx, "list reports", a, func(r Reader, in scene) error {
		reports = []Report{}
		found, err := r.Reports(q.State, q.Before, limit+1, in.user.ID)
		if err != nil {
			return err
		}
		older = len(found) > limit
		reports = append(reports, found[:min(limit, len(found))]...)
		all := make([]*Report, len(reports))
		for i := range reports {
			all[i] = &reports[i]
		}
		return s.fillReports(r, all...)
	})
	return reports, older, err
}

// OpenReports counts the reports that are open, up to 100.
func (s *Service) OpenReports(ctx context.Context, a Actor) (int, error) {
	n := 0
	err := s.moderated(ctx, "count reports", a, func(r Reader, in scene) error {
		open, err := r.Reports(ReportOpen, 0, maxList, in.user.ID)
		n = len(open)
		return err
	})
	return n, err
}

// OneReport returns a report.
func (s *Service) OneReport(ctx context.Context, a Actor, id int64) (Report, error) {
	var report Report
	err := s.moderated(ctx, "read report", a, func(r Reader, in scene) error {
		var err error
		if report, err = r.Report(id); err != nil {
			return found(err, noReport())
		}
		if report.isAbout(in.user.ID) {
			return noReport()
		}
		return s.fillReports(r, &report)
	})
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

func noReport() *Error { return Errorf(CodeNotFound, "There is no such report.") }
