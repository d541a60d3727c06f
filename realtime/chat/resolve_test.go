package chat_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// decide resolves a report by a moderator.
func (w *world) decide(user string, d chat.Decision) (chat.Report, bool, error) {
	return w.Resolve(w.Context(), mod(user), d)
}

// queued makes a report of each kind about a message of ned's in the lobby, and returns it: reported by mia, flagged,
// or held.
func (w *world) queued(kind chat.ReportKind) chat.Report {
	w.Helper()
	switch kind {
	case chat.ReportMember:
		w.reported(mia, w.says(ned, "hello").Seq, "rude")
	case chat.ReportFlag:
		w.rule(chat.Rule{Name: "Rude", Kind: chat.RuleWords, Action: chat.RuleFlag, Words: []string{"fool"}})
		w.says(ned, "hello fool")
	case chat.ReportHeld:
		w.rule(noSpam)
		w.says(ned, "hello spam")
	}
	reports, _, err := w.Reports(w.Context(), mod(moss), chat.ReportQuery{})
	w.ok(err)
	return reports[0]
}

func TestEachKindOfReportHasItsResolutions(t *testing.T) {
	type outcome struct {
		stands, muted bool
		told          []string // besides the report, and its entry
	}
	const spoken, held = "of a message that is in the room", "of one that is held"
	for of, resolutions := range map[string]map[chat.Resolution]*outcome{
		spoken: {
			chat.AgreeDelete: {false, false, []string{"audit message:delete"}},
			chat.AgreeMute:   {false, true, []string{"audit message:delete", "audit member:mute", "mute ned"}},
			chat.Keep:        {true, false, nil},
			chat.Ignore:      {true, false, nil},
			chat.Approve:     nil, chat.Reject: nil, chat.RejectMute: nil, "": nil, "burn": nil,
		},
		held: {
			chat.Approve:     {true, false, []string{"held ned draft-0001 approved"}},
			chat.Reject:      {false, false, []string{"held ned draft-0001 rejected"}},
			chat.RejectMute:  {false, true, []string{"audit member:mute", "held ned draft-0001 rejected", "mute ned"}},
			chat.AgreeDelete: nil, chat.AgreeMute: nil, chat.Keep: nil, chat.Ignore: nil, "": nil,
		},
	} {
		kinds := []chat.ReportKind{chat.ReportMember, chat.ReportFlag}
		if of == held {
			kinds = []chat.ReportKind{chat.ReportHeld}
		}
		for _, kind := range kinds {
			for action, want := range resolutions {
				w := newWorld(t, noLimits())
				r := w.queued(kind)
				if want == nil {
					w.unchanged(func() {
						_, _, err := w.decide(moss, chat.Decision{Report: r.ID, Action: action, Note: "so be it"})
						if refusal := w.refused(err, chat.CodeInvalid); refusal.Field != "action" {
							t.Errorf("a %s that is resolved by %q is wrong about %q", kind, action, refusal.Field)
						}
					})
					continue
				}
				w.quiet()
				w.pass(time.Minute)
				got, already, err := w.decide(moss, chat.Decision{Report: r.ID, Action: action, Note: "so be it"})
				w.ok(err)
				if already || got.State != chat.ReportResolved || got.Action != action || got.Note != "so be it" ||
					got.ResolvedBy == nil || got.ResolvedBy.Name != "Moss" || !got.ResolvedAt.Equal(w.clock) {
					t.Errorf("a %s that is resolved by %s is %+v", kind, action, got)
				}
				if card := w.card(r); card.Report == nil || card.Report.State != chat.ReportResolved || card.Rev < 2 {
					t.Errorf("the card of a %s that is resolved by %s is %+v", kind, action, card)
				}
				slices.Sort(w.notes)
				told := append([]string{"audit report:resolve", "report 1 resolved 1"}, want.told...)
				slices.Sort(told)
				w.noted(told...)
				last := w.latest()
				if stands := len(last) == 1 && !last[0].Deleted(); stands != want.stands {
					t.Errorf("after %s of a %s the lobby is %+v", action, kind, last)
				}
				restricted, err := w.Restrictions(t.Context(), ned)
				w.ok(err)
				if muted := restricted.Mute.ID != 0; muted != want.muted ||
					muted && (restricted.Mute.Reason != "so be it" || !restricted.Mute.Until.Equal(w.clock.Add(time.Hour))) {
					t.Errorf("after %s of a %s the author has %+v", action, kind, restricted.Mute)
				}
			}
		}
	}
}

func TestAMuteOfAReportLastsAsLongAsIsSaid(t *testing.T) {
	w := newWorld(t, noLimits())
	r := w.queued(chat.ReportMember)
	for _, span := range []time.Duration{-1, 11 * 365 * 24 * time.Hour} {
		_, _, err := w.decide(moss, chat.Decision{Report: r.ID, Action: chat.AgreeMute, For: span})
		w.refused(err, chat.CodeInvalid)
	}
	_, _, err := w.decide(moss, chat.Decision{Report: r.ID, Action: chat.AgreeMute, For: time.Minute, Note: " \n"})
	w.ok(err)
	held, err := w.Restrictions(t.Context(), ned)
	w.ok(err)
	// What was reported, and so who did, is not told to whom it is about.
	if held.Mute.Left(w.clock) != time.Minute || held.Mute.Reason != "One of your messages was reported." {
		t.Errorf("the mute is %+v", held.Mute)
	}
	_, _, err = w.decide(moss, chat.Decision{Report: r.ID, Action: chat.Keep, Note: "be\xffll"})
	w.refused(err, chat.CodeInvalid)
	_, _, err = w.decide(moss, chat.Decision{Report: 99, Action: chat.Keep})
	w.refused(err, chat.CodeNotFound)
}

func TestOfTwoModeratorsWhoDecideAtOnceOneDoesAndTheOtherLearnsWhat(t *testing.T) {
	w := newWorld(t, noLimits())
	r := w.queued(chat.ReportMember)
	w.quiet()
	users, actions := []string{moss, reed}, []chat.Resolution{chat.AgreeDelete, chat.Keep}
	got, already := make([]chat.Report, 2), make([]bool, 2)
	var done sync.WaitGroup
	for i := range users {
		done.Go(func() {
			var err error
			if got[i], already[i], err = w.decide(users[i], chat.Decision{Report: r.ID, Action: actions[i]}); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if already[0] == already[1] {
		t.Fatalf("the first hears already %v, the second %v", already[0], already[1])
	}
	winner := slices.Index(already, false)
	for i := range users {
		if got[i].Action != actions[winner] || got[i].ResolvedBy.ID != users[winner] {
			t.Errorf("%s hears of %+v, want the decision of %s", users[i], got[i], users[winner])
		}
	}
	if deleted := w.latest()[0].Deleted(); deleted != (winner == 0) {
		t.Errorf("after %s the message is deleted: %v", actions[winner], deleted)
	}
	w.unchanged(func() {
		_, again, err := w.decide(users[winner], chat.Decision{Report: r.ID, Action: actions[winner]})
		w.ok(err)
		if again {
			t.Error("a retry hears that somebody else has decided")
		}
		_, again, err = w.decide(users[winner], chat.Decision{Report: r.ID, Action: chat.Ignore})
		w.ok(err)
		if !again {
			t.Error("who decides otherwise later does not hear that it was decided already")
		}
	})
}

func TestAReportedModeratorSeesNothingOfTheReport(t *testing.T) {
	for _, reported := range []string{moss, olive} {
		w := newWorld(t, noLimits())
		m := w.says(reported, "hello")
		w.reported(mia, m.Seq, "rude zzmarker")
		w.reported(ned, m.Seq, "rude, too")
		card := w.announced[len(w.announced)-1].message
		sees := func(user string) (seen []string) {
			t.Helper()
			a := mod(user)
			reports, _, err := w.Reports(t.Context(), a, chat.ReportQuery{})
			w.ok(err)
			n, err := w.OpenReports(t.Context(), a)
			w.ok(err)
			view, err := w.Room(t.Context(), a, "admin")
			w.ok(err)
			counts, err := w.UnreadIn(t.Context(), view.ID, []string{user})
			w.ok(err)
			for what, there := range map[string]bool{
				"list": len(reports) > 0, "count": n > 0, "unread": view.Unread > 0 || view.FirstUnread > 0,
				"live count": counts.Users[user].Unread.Messages > 0,
			} {
				if there {
					seen = append(seen, what)
				}
			}
			read := func(what string, value any, err error) {
				t.Helper()
				if err != nil {
					w.refused(err, chat.CodeNotFound)
				}
				if text, _ := json.Marshal(value); strings.Contains(string(text), "reported") || strings.Contains(string(text), "zzmarker") {
					seen = append(seen, what)
				}
			}
			one, err := w.OneReport(t.Context(), a, 1)
			read("report", one.Reasons, err)
			joined, err := w.Join(t.Context(), a, "admin", nil)
			read("join", joined.Messages, err)
			replay, err := w.Join(t.Context(), a, "admin", &chat.Position{Epoch: view.Epoch})
			read("replay", replay.Messages, err)
			page, err := w.History(t.Context(), a, "admin", chat.HistoryQuery{Around: card.Seq})
			read("history", page.Messages, err)
			message, err := w.Message(t.Context(), a, "admin", card.Seq)
			read("permalink", message, err)
			some, err := w.Messages(t.Context(), a, "admin", []int64{card.Seq})
			read("get", some, err)
			original, err := w.Original(t.Context(), a, "admin", card.Seq)
			read("original", original, err)
			found, err := w.Search(t.Context(), a, chat.SearchQuery{Query: "reported"})
			read("search", found.Messages, err)
			reacted, err := w.React(t.Context(), a, "admin", card.Seq, "👍", true)
			read("reaction", reacted, err)
			entries, _, err := w.Audit(t.Context(), a, chat.AuditQuery{Act: "report:"})
			w.ok(err)
			if len(entries) > 0 {
				seen = append(seen, "audit")
			}
			return seen
		}
		if seen := sees(reported); len(seen) > 0 {
			t.Errorf("%s sees the report in %q", reported, seen)
		}
		if seen := sees(reed); len(seen) != 13 {
			t.Errorf("another moderator sees the report in %q only", seen)
		}
		for _, action := range []chat.Resolution{chat.AgreeDelete, chat.AgreeMute, chat.Keep, chat.Ignore} {
			w.unchanged(func() {
				r, _, err := w.decide(reported, chat.Decision{Report: 1, Action: action})
				w.refused(err, chat.CodeNotFound)
				if r.ID != 0 {
					t.Errorf("%s gets the report %+v", reported, r)
				}
			})
		}
		_, _, err := w.decide(reed, chat.Decision{Report: 1, Action: chat.Keep})
		w.ok(err)
		if seen := sees(reported); len(seen) > 0 {
			t.Errorf("once it is resolved, %s sees the report in %q", reported, seen)
		}
	}
}

func TestAModeratorDoesNotActOnAnotherByAReport(t *testing.T) {
	for action, want := range map[chat.Resolution]chat.Code{
		chat.AgreeDelete: chat.CodeForbidden, chat.AgreeMute: chat.CodeForbidden, chat.Keep: "", chat.Ignore: "",
	} {
		for _, author := range []string{reed, olive} {
			w := newWorld(t, noLimits())
			w.reported(mia, w.says(author, "hello").Seq, "rude")
			_, _, err := w.decide(moss, chat.Decision{Report: 1, Action: action})
			w.refused(err, want)
			if (w.report(1).State == chat.ReportOpen) != (want != "") || w.latest()[0].Deleted() {
				t.Errorf("after %s on %s's message the report is %+v", action, author, w.report(1))
			}
		}
	}
	w := newWorld(t, noLimits())
	w.reported(mia, w.says(reed, "hello").Seq, "rude")
	_, _, err := w.decide(olive, chat.Decision{Report: 1, Action: chat.AgreeMute})
	w.ok(err)
	// What was held of somebody who moderates by now is above another moderator, too.
	r := w.queued(chat.ReportHeld)
	w.store.SetUser(chat.User{ID: ned, Name: "Ned", Role: chat.RoleModerator})
	_, _, err = w.decide(moss, chat.Decision{Report: r.ID, Action: chat.RejectMute})
	w.refused(err, chat.CodeForbidden)
}

func TestAfterADecisionANewReportIsANewItem(t *testing.T) {
	w := newWorld(t, noLimits())
	r := w.queued(chat.ReportMember)
	_, _, err := w.decide(moss, chat.Decision{Report: r.ID, Action: chat.Keep})
	w.ok(err)
	w.unchanged(func() { w.reported(mia, r.Seq, "still rude") }) // they have been heard
	w.reported(reed, r.Seq, "it is rude")
	again := w.report(2)
	if again.State != chat.ReportOpen || again.Count != 1 || again.Message == r.Message || w.card(again).ID != "report-2" {
		t.Errorf("the new item is %+v", again)
	}
	if old := w.report(1); old.State != chat.ReportResolved || old.Count != 1 {
		t.Errorf("the old item is %+v", old)
	}
}

func TestAReportOfAMessageThatIsNotKeptAnyMoreCanBeResolved(t *testing.T) {
	for _, action := range resolutionsOf(chat.ReportMember) {
		w := newWorld(t, noLimits())
		r := w.queued(chat.ReportMember)
		if _, err := w.Purge(t.Context(), w.clock.Add(time.Hour)); err != nil { // its card goes, too
			t.Fatal(err)
		}
		if r := w.report(r.ID); r.Text != "" {
			t.Errorf("of a message that is purged the report keeps %q", r.Text)
		}
		w.quiet()
		got, _, err := w.decide(moss, chat.Decision{Report: r.ID, Action: action, Note: "late"})
		w.ok(err)
		if got.State != chat.ReportResolved || len(w.reports) != 1 || w.reports[0].State != chat.ReportResolved {
			t.Errorf("after %s it is %+v, told as %+v", action, got, w.reports)
		}
		if held, err := w.Restrictions(t.Context(), ned); err != nil || (held.Mute.ID != 0) != (action == chat.AgreeMute) {
			t.Errorf("after %s the author has %+v (%v)", action, held, err)
		}
	}
}

func resolutionsOf(kind chat.ReportKind) []chat.Resolution {
	if kind == chat.ReportHeld {
		return []chat.Resolution{chat.Approve, chat.Reject, chat.RejectMute}
	}
	return []chat.Resolution{chat.AgreeDelete, chat.AgreeMute, chat.Keep, chat.Ignore}
}

func TestAReportIsResolvedWhoeverIsLeft(t *testing.T) {
	for _, kind := range []chat.ReportKind{chat.ReportMember, chat.ReportFlag, chat.ReportHeld} {
		for _, action := range resolutionsOf(kind) {
			w := newWorld(t, noLimits())
			r := w.queued(kind)
			if r.Seq > 0 {
				w.deletes(ned, r.Seq)
			}
			w.store.RemoveUser(ned)
			got, _, err := w.decide(moss, chat.Decision{Report: r.ID, Action: action, Note: "late"})
			w.ok(err)
			if got.State != chat.ReportResolved || got.Author.Name != "Former member" {
				t.Errorf("after %s of a %s it is %+v", action, kind, got)
			}
			if held, err := w.Restrictions(t.Context(), ned); err != nil || held.Mute.ID != 0 {
				t.Errorf("somebody without an account is muted: %+v (%v)", held, err)
			}
		}
	}
}
