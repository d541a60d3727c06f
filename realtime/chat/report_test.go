package chat_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// report returns a report as moderators see it.
func (w *world) report(id int64) chat.Report {
	w.Helper()
	r, err := w.OneReport(w.Context(), mod(moss), id)
	w.ok(err)
	return r
}

// card returns the card of a report, as it is in the admin room now.
func (w *world) card(r chat.Report) chat.Message {
	w.Helper()
	m, err := w.Message(w.Context(), mod(moss), "admin", r.Message)
	w.ok(err)
	return m
}

// reported has somebody report a message of the lobby.
func (w *world) reported(user string, seq int64, reason string) {
	w.Helper()
	w.ok(w.Report(w.Context(), in(user), "lobby", seq, reason))
}

func TestAReportIsACardInTheAdminRoom(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(ned, "hello @Mia *you*")
	w.quiet()
	w.pass(time.Minute)
	w.reported(mia, m.Seq, " rude\nwords ")
	w.noted("report 1 open 1")

	want := chat.Report{
		ID: 1, Kind: chat.ReportMember, State: chat.ReportOpen, RoomID: m.RoomID, Room: "lobby", Seq: m.Seq,
		Author: chat.User{ID: ned, Name: "Ned", Role: chat.RoleMember}, Text: "hello @Mia *you*", Count: 1,
		Reasons: []chat.Reason{{User: chat.User{ID: mia, Name: "Mia", Role: chat.RoleMember}, Text: "rude words", At: w.clock}},
		Message: 1, At: w.clock,
	}
	got := w.report(1)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the report is\n     %+v\nwant %+v", got, want)
	}
	if !reflect.DeepEqual(w.reports, []chat.Report{want}) {
		t.Errorf("the report is announced as %+v", w.reports)
	}
	card := w.card(got)
	if card.ID != "report-1" || card.Kind != chat.KindReport || card.Author != (chat.User{Name: "Roomline", Role: chat.RoleMember}) ||
		card.Seq != 1 || card.Rev != 1 || card.Text != "A message in lobby was reported." || !reflect.DeepEqual(card.Report, &want) {
		t.Errorf("the card is %+v", card)
	}
	w.heard(card)
	admin, err := w.Room(t.Context(), mod(moss), "admin")
	w.ok(err)
	if admin.Head != 1 || admin.Posts != 1 {
		t.Errorf("the admin room is %+v", admin.Room)
	}
}

func TestManyReportsOfAMessageAreOneItem(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(ned, "hello")
	for i := range 25 {
		user := fmt.Sprintf("member%02d", i)
		w.store.SetUser(chat.User{ID: user, Name: user, Role: chat.RoleMember})
		w.reported(user, m.Seq, fmt.Sprint("reason ", i+1))
	}
	r := w.report(1)
	if r.Count != 25 || len(r.Reasons) != 20 || r.Reasons[0].Text != "reason 1" || r.Reasons[19].User.Name != "member19" {
		t.Errorf("the report counts %d, with the reasons %+v", r.Count, r.Reasons)
	}
	if card := w.card(r); card.Seq != 1 || card.Rev != 25 || card.Report.Count != 25 {
		t.Errorf("the card is %+v", card)
	}
	changes, err := w.Changes(t.Context(), w.card(r).RoomID, 24, 10)
	w.ok(err)
	if len(changes) != 1 || changes[0].Rev != 25 {
		t.Errorf("after a report the changes of the admin room are %+v", changes)
	}
	w.unchanged(func() { w.reported("member07", m.Seq, "again") })
}

func TestAReportKeepsWhatTheMessageSaid(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(ned, "you fool")
	w.reported(mia, m.Seq, "rude")
	_, err := w.Edit(t.Context(), in(ned), "lobby", m.Seq, "you friend")
	w.ok(err)
	w.reported(reed, m.Seq, "was rude")
	w.deletes(ned, m.Seq)
	if r := w.report(1); r.Text != "you fool" || r.Count != 2 {
		t.Errorf("the report is %+v", r)
	}
	w.store.RemoveUser(ned)
	w.store.RemoveUser(mia)
	r := w.report(1)
	if r.Text != "you fool" || r.Author.Name != "Former member" || r.Reasons[0].User.Name != "Former member" {
		t.Errorf("when the author is gone the report is %+v", r)
	}
}

func TestOnlyWhatSomebodyElseWroteAndStandsIsReported(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(ned, "hello")
	was := w.says(ned, "hello again")
	w.deletes(ned, was.Seq)
	w.reported(mia, m.Seq, "rude")
	for _, c := range []struct {
		by   chat.Actor
		room string
		seq  int64
		want chat.Code
	}{
		{in(ned), "lobby", m.Seq, chat.CodeInvalid},
		{in(mia), "lobby", was.Seq, chat.CodeNotFound},
		{in(mia), "lobby", 99, chat.CodeNotFound},
		{in(mia), "lobby", 0, chat.CodeInvalid},
		{in(mia), "lobby", -1, chat.CodeInvalid},
		{mod(moss), "admin", 1, chat.CodeInvalid}, // a card
		{in(mia), "admin", 1, chat.CodeNotFound},
		{in(mia), "", 1, chat.CodeInvalid},
	} {
		w.unchanged(func() { w.refused(w.Report(t.Context(), c.by, c.room, c.seq, "rude"), c.want) })
	}
}

func TestAReportInAPrivateRoomShowsItsTextAndNotTheRoom(t *testing.T) {
	w := newWorld(t, noLimits())
	slug := w.cellar().Slug
	m := w.posts(moss, slug, "you fool")
	w.ok(w.Report(t.Context(), in(mia), slug, m.Seq, "rude"))
	other := w.posts(moss, slug, "nothing to see")

	hidden := w.refused(w.Report(t.Context(), in(ned), slug, m.Seq, "rude"), chat.CodeNotFound)
	absent := w.refused(w.Report(t.Context(), in(ned), "attic", m.Seq, "rude"), chat.CodeNotFound)
	if hidden != absent {
		t.Errorf("a private room is refused as %+v, an absent one as %+v", hidden, absent)
	}
	r, err := w.OneReport(t.Context(), mod(reed), 1)
	w.ok(err)
	if r.Text != "you fool" || r.Room != slug {
		t.Errorf("a moderator sees the report %+v", r)
	}
	for name, look := range map[string]func() error{
		"room":     func() error { _, err := w.Room(t.Context(), in(reed), slug); return err },
		"message":  func() error { _, err := w.Message(t.Context(), in(reed), slug, other.Seq); return err },
		"original": func() error { _, err := w.Original(t.Context(), mod(reed), slug, m.Seq); return err },
		"dismiss":  func() error { _, err := w.Dismiss(t.Context(), mod(reed), slug, other.Seq, why); return err },
		"restore":  func() error { _, err := w.Restore(t.Context(), mod(reed), slug, m.Seq, why); return err },
		"freeze":   func() error { _, err := w.Freeze(t.Context(), mod(reed), slug, true, why); return err },
		"slow":     func() error { _, err := w.Slow(t.Context(), mod(reed), slug, 5, why); return err },
	} {
		if refusal := w.refused(look(), chat.CodeNotFound); refusal.Message != "There is no such room." {
			t.Errorf("%s of a private room gets %q", name, refusal.Message)
		}
	}
	// The message that was reported goes, and no other can.
	_, _, err = w.Resolve(t.Context(), mod(olive), chat.Decision{Report: 1, Action: chat.AgreeDelete})
	w.ok(err)
	messages, err := w.Messages(t.Context(), in(mia), slug, []int64{m.Seq, other.Seq})
	w.ok(err)
	if !messages[0].Deleted() || messages[1].Deleted() {
		t.Errorf("the room has %+v", messages)
	}
}

func TestReportsArePaced(t *testing.T) {
	limits := noLimits()
	limits.ReportBurst, limits.ReportRate = 2, 0.1
	w := newWorld(t, limits)
	for range 4 {
		w.says(ned, "hello")
	}
	w.reported(mia, 1, "rude")
	w.reported(mia, 1, "rude") // costs nothing
	w.refused(w.Report(t.Context(), in(mia), "lobby", 9, "rude"), chat.CodeNotFound)
	w.reported(mia, 2, "rude")
	w.unchanged(func() {
		refusal := w.refused(w.Report(t.Context(), in(mia), "lobby", 3, "rude"), chat.CodeRateLimited)
		if refusal.RetryAfter != 10*time.Second {
			t.Errorf("they are told to come back in %v", refusal.RetryAfter)
		}
	})
	w.reported(moss, 3, "rude")
	w.pass(10 * time.Second)
	w.reported(mia, 3, "rude")
}

func TestWhatIsFlaggedAndReportedIsOneItem(t *testing.T) {
	w := newWorld(t, noLimits())
	w.rule(chat.Rule{Name: "Rude", Kind: chat.RuleWords, Action: chat.RuleFlag, Words: []string{"fool"}})
	w.rule(chat.Rule{Name: "Address", Kind: chat.RuleWords, Action: chat.RuleFlag, Words: []string{"you"}})
	w.quiet()
	m := w.says(ned, "you fool")
	w.noted("report 1 open 1", "report 1 open 2")
	r := w.report(1)
	if r.Kind != chat.ReportFlag || r.Count != 2 || r.Reasons[0].Text != "Rude" || r.Reasons[0].User.Name != "Roomline" || r.Reasons[1].Text != "Address" {
		t.Errorf("the report is %+v", r)
	}
	if card := w.card(r); card.Text != "A rule marked a message in lobby." {
		t.Errorf("the card is %+v", card)
	}
	w.reported(mia, m.Seq, "rude")
	if r = w.report(1); r.Count != 3 || r.Reasons[2].User.ID != mia {
		t.Errorf("the report is %+v", r)
	}
	reports, _, err := w.Reports(t.Context(), mod(moss), chat.ReportQuery{})
	w.ok(err)
	if len(reports) != 1 {
		t.Errorf("the queue is %+v", reports)
	}
	// The other way round, and an edit.
	m = w.says(ned, "hello")
	w.reported(mia, m.Seq, "sounds wrong")
	for _, text := range []string{"hello fool", "fool, hello"} {
		_, err = w.Edit(t.Context(), in(ned), "lobby", m.Seq, text)
		w.ok(err)
	}
	if r = w.report(2); r.Kind != chat.ReportMember || r.Text != "hello" || r.Count != 2 || r.Reasons[1].Text != "Rude" {
		t.Errorf("the report is %+v", r)
	}
}

// rule stores a rule.
func (w *world) rule(r chat.Rule) chat.Rule {
	w.Helper()
	r, err := w.PutRule(w.Context(), mod(moss), r, why)
	w.ok(err)
	return r
}

func TestTheQueueIsReadInPages(t *testing.T) {
	w := newWorld(t, noLimits())
	for i := range 5 {
		m := w.says(ned, fmt.Sprint("hello ", i))
		w.reported(mia, m.Seq, "rude")
	}
	_, _, err := w.Resolve(t.Context(), mod(moss), chat.Decision{Report: 4, Action: chat.Keep})
	w.ok(err)
	for _, c := range []struct {
		query chat.ReportQuery
		ids   []int64
		older bool
	}{
		{chat.ReportQuery{}, []int64{5, 4, 3, 2, 1}, false},
		{chat.ReportQuery{Limit: 2}, []int64{5, 4}, true},
		{chat.ReportQuery{Before: 4, Limit: 3}, []int64{3, 2, 1}, false},
		{chat.ReportQuery{State: chat.ReportOpen, Limit: 2}, []int64{5, 3}, true},
		{chat.ReportQuery{State: chat.ReportResolved}, []int64{4}, false},
		{chat.ReportQuery{Before: 1}, nil, false},
	} {
		reports, older, err := w.Reports(t.Context(), mod(moss), c.query)
		w.ok(err)
		var ids []int64
		for _, r := range reports {
			ids = append(ids, r.ID)
		}
		if !reflect.DeepEqual(ids, c.ids) || older != c.older || reports == nil {
			t.Errorf("%+v gets %v, older %v, want %v, %v", c.query, ids, older, c.ids, c.older)
		}
	}
	n, err := w.OpenReports(t.Context(), mod(moss))
	w.ok(err)
	if n != 4 {
		t.Errorf("%d reports are open, want 4", n)
	}
	for _, q := range []chat.ReportQuery{{Limit: -1}, {Limit: 101}, {Before: -1}, {State: "lost"}} {
		_, _, err := w.Reports(t.Context(), mod(moss), q)
		w.refused(err, chat.CodeInvalid)
	}
	_, err = w.OneReport(t.Context(), mod(moss), 99)
	w.refused(err, chat.CodeNotFound)
}
