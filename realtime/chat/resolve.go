package chat

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// What a mute of Resolve is when nothing is said. What somebody reported is nothing that its author is told.
const (
	muteOfReport   = time.Hour
	reasonReported = "One of your messages was reported."
	reasonOfMember = "It was reported."
	reasonRejected = "One of your messages was not approved."
)

// resolutions are what can be decided of a report.
var resolutions = map[ReportKind][]Resolution{
	ReportMember: {AgreeDelete, AgreeMute, Keep, Ignore},
	ReportFlag:   {AgreeDelete, AgreeMute, Keep, Ignore},
	ReportHeld:   {Approve, Reject, RejectMute},
}

// harsh are the resolutions that act on the author, and so are above the author's rank only.
var harsh = []Resolution{AgreeDelete, AgreeMute, Reject, RejectMute}

// Resolve decides a report. If somebody else had decided before, it changes nothing, already is true, and the
// report says who and what. What is decided has taken effect when Resolve returns.
func (s *Service) Resolve(ctx context.Context, a Actor, d Decision) (r Report, already bool, err error) {
	if d.Note, err = cleanRemark(d.Note); err != nil {
		return r, false, err
	}
	if d.For < 0 || d.For > maxSanction {
		return r, false, wrong("minutes", "A sanction lasts up to ten years.")
	}
	err = s.write(ctx, "resolve report", func(w Writer, n *news) error {
		in, err := s.moderator(w, a)
		if err != nil {
			return err
		}
		in.news = n
		if r, err = w.Report(d.Report); err != nil {
			return found(err, noReport())
		}
		if r.isAbout(in.user.ID) {
			return noReport()
		}
		if r.State == ReportResolved {
			already = r.ResolvedBy == nil || r.ResolvedBy.ID != in.user.ID || r.Action != d.Action
			return s.fillReports(w, &r)
		}
		if err := s.resolve(w, &in, &r, d); err != nil {
			return err
		}
		if err := s.updateReport(w, in, r); err != nil {
			return err
		}
		return s.fillReports(w, &r)
	})
	if err != nil {
		return Report{}, false, err
	}
	return r, already, nil
}

// resolve does what is decided of an open report.
func (s *Service) resolve(w Writer, in *scene, r *Report, d Decision) error {
	if !slices.Contains(resolutions[r.Kind], d.Action) {
		return wrong("action", "This report cannot be resolved so.")
	}
	if err := in.aim(w, r.Author.ID); err != nil {
		return err
	}
	if r.Author.ID == in.user.ID && in.user.Role != RoleOwner { // there may be nobody above an owner
		return Errorf(CodeForbidden, "This is your message. Leave it to another moderator.")
	}
	if slices.Contains(harsh, d.Action) && in.target.ID != "" {
		if err := s.authorize(toSanction, *in); err != nil {
			return err
		}
	}
	reason := d.Note
	if reason == "" && len(r.Reasons) > 0 {
		reason = r.Reasons[0].Text // the name of a rule
		if r.Reasons[0].User.ID != "" {
			reason = reasonOfMember // the audit log forgets nothing, and what a member wrote can be erased
		}
	}
	if err := s.enact(w, *in, r, d, reason); err != nil {
		return err
	}
	r.State, r.Action, r.Note, r.ResolvedBy, r.ResolvedAt = ReportResolved, d.Action, d.Note, &User{ID: in.user.ID}, in.now
	target := in.targetOf(Message{Author: r.Author})
	return s.record(w, *in, Entry{
		Act: "report:resolve", Target: target, Room: r.Room, Seq: r.Seq, Reason: reason,
		After: state("report", r.ID, "action", d.Action),
	})
}

// enact does to message and author what a resolution says.
func (s *Service) enact(w Writer, in scene, r *Report, d Decision, reason string) error {
	switch d.Action {
	case AgreeDelete, AgreeMute:
		if err := s.dismissReported(w, in, *r, reason); err != nil {
			return err
		}
	case Approve:
		return s.approve(w, in, r)
	case Reject, RejectMute:
		in.news.held = append(in.news.held, heldNews{r.Author.ID, Held{
			Room: r.Room, ID: r.ClientID, State: HeldRejected, At: in.now, Reason: d.Note,
		}})
	case Keep, Ignore:
	}
	if d.Action != AgreeMute && d.Action != RejectMute || in.target.ID == "" {
		return nil
	}
	if d.For == 0 {
		d.For = muteOfReport
	}
	why := cmp.Or(d.Note, reasonReported)
	if d.Action == RejectMute {
		why = cmp.Or(d.Note, reasonRejected)
	}
	held, err := w.Restrictions(in.target.ID)
	if err != nil {
		return err
	}
	return s.sanction(w, in, held.Mute, Sanction{
		User: in.target.ID, Kind: SanctionMute, Reason: why, By: in.user, At: in.now, Until: in.now.Add(d.For),
	})
}

// dismissReported deletes the message of a report, also in a private room: whoever reported it has shown it.
func (s *Service) dismissReported(w Writer, in scene, r Report, reason string) error {
	var err error
	in.message, err = w.Message(r.RoomID, r.Seq)
	if errors.Is(err, ErrMissing) {
		return nil // not kept any more
	}
	if err != nil || in.message.Deleted() {
		return err
	}
	if err := s.authorize(toDismiss, in); err != nil {
		return err
	}
	m, err := s.dismiss(w, in, reason)
	if err != nil {
		return err
	}
	return s.noteChange(w, in, m)
}

// approve posts what was held: its place in the log, and its time, are those of now.
func (s *Service) approve(w Writer, in scene, r *Report) error {
	room, err := w.Room(r.Room)
	if err != nil {
		return found(err, noRoom())
	}
	author := in
	author.actor, author.user, author.room = Actor{r.Author.ID, room.Space}, User{ID: r.Author.ID}, room
	m := Message{
		RoomID: room.ID, Room: room.Slug, ID: r.ClientID, Kind: KindText, Author: author.user, ReplyTo: r.ReplyTo, SentAt: in.now,
	}
	if err := s.compose(w, author, &m, r.Text); err != nil {
		return err
	}
	if m, err = s.insert(w, author, m); err != nil {
		return err
	}
	r.Seq = m.Seq
	if err := w.UpdateSent(Sent{UserID: r.Author.ID, ClientID: r.ClientID, RoomID: room.ID, Seq: m.Seq, Hash: r.Hash}); err != nil {
		return err
	}
	in.news.held = append(in.news.held, heldNews{r.Author.ID, Held{Room: r.Room, ID: r.ClientID, State: HeldApproved, At: in.now}})
	return s.noteChange(w, in, m)
}
