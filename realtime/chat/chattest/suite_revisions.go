package chattest

import (
	"errors"
	"fmt"
	"slices"

	"roomline/realtime/chat"
)

// revise keeps the state of m, as far as rev tells it, and changes the message. It returns both.
func (f *fixture) revise(m chat.Message, purge bool) (chat.Revision, chat.Message) {
	f.Helper()
	r := chat.Revision{
		RoomID: m.RoomID, Seq: m.Seq, Rev: m.Rev, Text: m.Text, HTML: "<b>" + m.Text + "</b>",
		Mentions:  []chat.User{{ID: f.bob.ID}},
		Reactions: []chat.Reaction{{Emoji: "👍", Users: []chat.User{{ID: f.bob.ID}, {ID: f.ada.ID}}}, {Emoji: "🎉", Users: []chat.User{{ID: f.ada.ID}}}},
		At:        m.SentAt, EndedAt: ms(int(m.Rev)), EndedBy: f.ada.ID, Purge: purge,
	}
	named := r
	named.Mentions = []chat.User{f.bob} // what is not to be kept
	f.write(func(w chat.Writer) error { return w.KeepRevision(named) })
	if purge {
		return r, f.remove(m)
	}
	return r, f.edit(m)
}

// revisions reports other revisions of a message than these.
func (f *fixture) revisions(m chat.Message, want ...chat.Revision) {
	f.Helper()
	f.read(func(r chat.Reader) error {
		got, err := r.Revisions(m.RoomID, m.Seq)
		equal(f, fmt.Sprintf("revisions of message %d", m.Seq), got, want)
		return err
	})
}

func keptRevisions(f *fixture) {
	m, other := f.post(f.lobby, f.bob), f.post(f.lobby, f.bob)
	f.revisions(m)
	first, m := f.revise(m, false)
	others, _ := f.revise(other, false)
	second, m := f.revise(m, false)
	plain := chat.Revision{RoomID: m.RoomID, Seq: m.Seq, Rev: m.Rev, Text: m.Text, At: m.EditedAt, EndedAt: ms(9), EndedBy: f.bob.ID}
	f.write(func(w chat.Writer) error { return w.KeepRevision(plain) })
	f.revisions(m, first, second, plain)
	f.revisions(other, others)
	f.revisions(chat.Message{RoomID: f.admin.ID, Seq: m.Seq})
}

func droppedRevision(f *fixture) {
	m := f.post(f.lobby, f.bob)
	first, m := f.revise(m, false)
	second, m := f.revise(m, false)
	third, m := f.revise(m, false)
	f.write(func(w chat.Writer) error {
		return errors.Join(w.DropRevision(m.RoomID, m.Seq, second.Rev), w.DropRevision(f.admin.ID, m.Seq, first.Rev))
	})
	f.revisions(m, first, third)
	f.write(func(w chat.Writer) error { return w.KeepRevision(second) })
	f.revisions(m, first, second, third)
}

func wrongRevision(f *fixture) {
	m := f.post(f.lobby, f.bob)
	kept, _ := f.revise(m, false)
	for what, wrong := range map[string]chat.Revision{
		"the same again":    kept,
		"no such message":   {RoomID: m.RoomID, Seq: m.Seq + 100, Rev: 1},
		"of no such room":   {RoomID: 999, Seq: m.Seq, Rev: 1},
		"of the other room": {RoomID: f.admin.ID, Seq: m.Seq, Rev: 1},
	} {
		if err := f.store.Write(f.Context(), func(w chat.Writer) error { return w.KeepRevision(wrong) }, nil); err == nil {
			f.Errorf("%s: it is kept", what)
		}
	}
	f.revisions(m, kept)
}

// purged reports that a purge took down others than these, in pages of two.
func (f *fixture) purged(author chat.User, want ...chat.Revision) {
	f.Helper()
	f.read(func(r chat.Reader) error {
		got, total, err := r.Purged(author.ID, 2)
		if total != len(want) {
			f.Errorf("%d messages were purged, want %d", total, len(want))
		}
		equal(f, "purged messages", slices.Clip(got), slices.Clip(want[:min(2, len(want))]))
		return err
	})
}

func purgedRevisions(f *fixture) {
	f.purged(f.bob)
	_, m := f.revise(f.post(f.admin, f.bob), false) // it has another one
	third, m := f.revise(m, true)
	first, deleted := f.revise(f.post(f.lobby, f.bob), true)
	second, _ := f.revise(f.post(f.lobby, f.bob), true)
	adas, _ := f.revise(f.post(f.lobby, f.ada), true)
	f.revise(f.post(f.lobby, f.bob), false)
	f.purged(f.bob, first, second, third)
	f.purged(f.ada, adas)
	f.write(func(w chat.Writer) error { return w.DropRevision(first.RoomID, first.Seq, first.Rev) })
	f.purged(f.bob, second, third)
	f.write(func(w chat.Writer) error { // what came later has its own way back
		return errors.Join(w.KeepRevision(first), w.KeepRevision(chat.Revision{RoomID: deleted.RoomID, Seq: deleted.Seq, Rev: deleted.Rev}))
	})
	f.purged(f.bob, second, third)
	f.write(func(w chat.Writer) error { return w.DropRevision(m.RoomID, m.Seq, third.Rev) })
	f.purged(f.bob, second)
}

func purgedTexts(f *fixture) {
	gone, stays := f.post(f.lobby, f.bob), f.post(f.lobby, f.bob)
	other := f.post(f.admin, f.bob)
	f.revise(gone, true)
	kept, _ := f.revise(stays, true)
	others, _ := f.revise(other, true)
	reports := []chat.Report{f.report(gone), f.report(stays), f.report(other), f.hold(f.lobby, f.bob, "client-id")}
	early := f.insert(chat.Report{
		Kind: chat.ReportHeld, State: chat.ReportOpen, RoomID: f.lobby.ID, Room: f.lobby.Slug, Author: chat.User{ID: f.bob.ID},
		Text: "held early", At: gone.SentAt, ClientID: "early-id",
	})
	reports = append(reports, f.resolve(early, chat.Reject), f.resolve(f.hold(f.lobby, f.bob, "later-id"), chat.Reject))
	f.write(func(w chat.Writer) error {
		_, err := w.RecordReporter(gone.RoomID, gone.Seq, f.ada.ID)
		_, err2 := w.RecordReporter(stays.RoomID, stays.Seq, f.ada.ID)
		n, err3 := w.Purge(f.lobby.ID, gone.Seq, 10)
		equal(f, "messages purged", n, 1)
		return errors.Join(err, err2, err3)
	})
	f.revisions(gone)
	f.revisions(stays, kept)
	f.revisions(other, others)
	f.purged(f.bob, kept, others)
	reports[0].Text, reports[4].Text = "", "" // what was rejected by then has no place, and goes too
	f.read(func(r chat.Reader) error {
		got, err := r.Reports("", 0, 10, "")
		slices.Reverse(got)
		equal(f, "reports", got, reports)
		return err
	})
	f.write(func(w chat.Writer) error {
		old, err := w.RecordReporter(gone.RoomID, gone.Seq, f.ada.ID)
		young, err2 := w.RecordReporter(stays.RoomID, stays.Seq, f.ada.ID)
		if !old || young {
			f.Errorf("new reporters: %t of what is purged, %t of what stays", old, young)
		}
		return errors.Join(err, err2)
	})
}
