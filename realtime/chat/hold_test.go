package chat_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// holds sends a text that a rule holds back, and returns what it was sent as.
func (w *world) holds(user, text string) (chat.Draft, chat.Message) {
	w.Helper()
	d := w.draft(text)
	m, err := w.Send(w.Context(), in(user), d)
	w.ok(err)
	if !m.Held {
		w.Fatalf("%q was posted as %+v", text, m)
	}
	return d, m
}

func TestWhatIsHeldIsTheAuthorsAndTheModeratorsOnly(t *testing.T) {
	w := newWorld(t, noLimits())
	w.rule(noSpam)
	first := w.says(mia, "hello")
	before, err := w.Rooms(t.Context(), in(mia))
	w.ok(err)
	w.quiet()
	d, m := w.holds(ned, "spam for <@mia> and @Mia *now*")
	if m.Seq != 0 || m.Rev != 0 || m.Post != 0 || m.ID != d.ID || m.Text != d.Text || m.Room != "lobby" ||
		m.Author.Name != "Ned" || m.HTML != "" || m.Mentions != nil || !m.SentAt.Equal(w.clock) {
		t.Errorf("what is held is acknowledged as %+v", m)
	}
	w.noted("report 1 open 1")
	for _, a := range w.announced {
		if a.room.Slug != "admin" {
			t.Errorf("announced is %+v", a)
		}
	}
	_, err = w.store.CatchUp(t.Context(), "")
	w.ok(err)
	// For everybody, its author too, it is nowhere among the messages.
	for _, user := range []string{mia, ned, moss, olive} {
		for name, read := range w.reads(user, "lobby") {
			got, err := read()
			w.ok(err)
			if text, err := json.Marshal(got); err != nil || strings.Contains(string(text), "spam") || strings.Contains(string(text), d.ID) {
				t.Errorf("%s of %s has %s (%v)", name, user, text, err)
			}
		}
	}
	if latest := w.latest(); len(latest) != 1 || latest[0].Seq != first.Seq {
		t.Errorf("the lobby is %+v", latest)
	}
	after, err := w.Rooms(t.Context(), in(mia))
	w.ok(err)
	if !reflect.DeepEqual(before, after) {
		t.Errorf("the rooms are %+v, where they were %+v", after, before)
	}
	// Its author sees it as such, in that room.
	want := []chat.Held{{Room: "lobby", ID: d.ID, Text: d.Text, State: chat.HeldWaiting, At: m.SentAt}}
	for user, want := range map[string][]chat.Held{ned: want, mia: {}, moss: {}} {
		got, err := w.HeldOf(t.Context(), in(user), "lobby")
		w.ok(err)
		view, err := w.Room(t.Context(), in(user), "lobby")
		w.ok(err)
		if !reflect.DeepEqual(got, want) || view.Held != (len(want) > 0) {
			t.Errorf("%s has held %+v, flag %v, want %+v", user, got, view.Held, want)
		}
	}
	r := w.report(1)
	if r.Kind != chat.ReportHeld || r.Seq != 0 || r.Text != d.Text || r.Reasons[0].Text != "No spam" || r.Author.ID != ned {
		t.Errorf("the report is %+v", r)
	}
}

// reads are all the ways in which somebody gets to see messages of a room.
func (w *world) reads(user, room string) map[string]func() (any, error) {
	a, ctx := in(user), w.Context()
	view, err := w.Room(ctx, a, room)
	w.ok(err)
	return map[string]func() (any, error){
		"join":       func() (any, error) { return w.Join(ctx, a, room, nil) },
		"join since": func() (any, error) { return w.Join(ctx, a, room, &chat.Position{Epoch: view.Epoch}) },
		"history":    func() (any, error) { return w.History(ctx, a, room, chat.HistoryQuery{Around: 1}) },
		"messages":   func() (any, error) { return w.Messages(ctx, a, room, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9}) },
		"changes":    func() (any, error) { return w.Changes(ctx, view.Room.ID, 0, 100) },
		"tail":       func() (any, error) { return w.Tail(ctx, room, 50, 100) },
		"search spam": func() (any, error) {
			page, err := w.Search(ctx, a, chat.SearchQuery{Query: "spam"})
			return page.Messages, err
		},
		"search mia": func() (any, error) {
			page, err := w.Search(ctx, a, chat.SearchQuery{Query: "now"})
			return page.Messages, err
		},
		"rooms": func() (any, error) { return w.Rooms(ctx, a) },
		"room":  func() (any, error) { return w.Room(ctx, a, room) },
	}
}

func TestARetryOfWhatIsHeldIsAnsweredAsBefore(t *testing.T) {
	w := newWorld(t, noLimits())
	w.rule(noSpam)
	d, first := w.holds(ned, "spam for @Mia")
	w.pass(time.Minute)
	w.unchanged(func() {
		again, err := w.Send(t.Context(), in(ned), d)
		w.ok(err)
		if !reflect.DeepEqual(again, first) {
			t.Errorf("a retry gets %+v, want %+v", again, first)
		}
		other := d
		other.Text = "no spam"
		_, err = w.Send(t.Context(), in(ned), other)
		w.refused(err, chat.CodeIDReused)
		other = d
		other.ReplyTo = 7
		_, err = w.Send(t.Context(), in(ned), other)
		w.refused(err, chat.CodeIDReused)
	})
	w.mutes(ned, time.Hour)
	if again, err := w.Send(t.Context(), in(ned), d); err != nil || !again.Held {
		t.Errorf("who is muted meanwhile gets %+v (%v)", again, err)
	}
}

func TestWhatIsApprovedGetsItsPlaceThen(t *testing.T) {
	w := newWorld(t, noLimits())
	w.rule(noSpam)
	first := w.says(mia, "hello")
	d := w.draft("spam for @Mia *now*")
	d.ReplyTo = first.Seq
	_, err := w.Send(t.Context(), in(ned), d)
	w.ok(err)
	for range 3 {
		w.pass(time.Minute)
		w.says(mia, "meanwhile")
	}
	w.quiet()
	w.pass(time.Minute)
	r, _, err := w.decide(moss, chat.Decision{Report: 1, Action: chat.Approve})
	w.ok(err)
	w.noted("mention lobby 5 [mia]", "report 1 resolved 1", "audit report:resolve", "held ned "+d.ID+" approved")
	if want := (chat.Held{Room: "lobby", ID: d.ID, State: chat.HeldApproved, At: w.clock}); w.held[0] != want {
		t.Errorf("its author hears %+v, want %+v", w.held[0], want)
	}
	m, err := w.Message(t.Context(), in(mia), "lobby", 5)
	w.ok(err)
	want := chat.Message{
		RoomID: first.RoomID, Room: "lobby", Seq: 5, Rev: 5, Post: 5, ID: d.ID, Kind: chat.KindText,
		Author: chat.User{ID: ned, Name: "Ned", Role: chat.RoleMember}, Text: "spam for @Mia *now*", HTML: "<b>spam for @Mia *now*</b>",
		Mentions: []chat.User{{ID: mia, Name: "Mia", Role: chat.RoleMember}}, ReplyTo: first.Seq, SentAt: w.clock,
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("it is posted as\n     %+v\nwant %+v", m, want)
	}
	if r.Seq != 5 || w.entries[0].Seq != 5 || w.entries[0].Room != "lobby" {
		t.Errorf("the report is %+v, its entry %+v", r, w.entries[0])
	}
	if told := w.announced[0]; told.room.Slug != "lobby" || told.message.Seq != 5 || told.room.Head != 5 || told.room.Posts != 5 {
		t.Errorf("it is announced as %+v", told)
	}
	view, err := w.Room(t.Context(), in(mia), "lobby")
	w.ok(err)
	if view.Mentions != 1 || view.Posts != 5 {
		t.Errorf("mia's room is %+v", view)
	}
	w.pass(time.Minute)
	w.unchanged(func() {
		again, err := w.Send(t.Context(), in(ned), d)
		w.ok(err)
		if !reflect.DeepEqual(again, want) {
			t.Errorf("a retry gets %+v", again)
		}
	})
	if held, err := w.HeldOf(t.Context(), in(ned), "lobby"); err != nil || len(held) > 0 {
		t.Errorf("after it was approved there waits %+v (%v)", held, err)
	}
	// Of what stands then, its author does as with every other.
	if _, err := w.Edit(t.Context(), in(ned), "lobby", 5, "hello @Mia"); err != nil {
		t.Error(err)
	}
}

func TestWhatIsRejectedNeverAppears(t *testing.T) {
	for note, want := range map[string]string{
		"":         "A moderator did not approve this message.",
		"not here": "A moderator did not approve this message. Reason: not here",
	} {
		w := newWorld(t, noLimits())
		w.rule(noSpam)
		d, _ := w.holds(ned, "spam")
		w.quiet()
		_, _, err := w.decide(moss, chat.Decision{Report: 1, Action: chat.Reject, Note: note})
		w.ok(err)
		if want := (chat.Held{Room: "lobby", ID: d.ID, State: chat.HeldRejected, At: w.clock, Reason: note}); w.held[0] != want {
			t.Errorf("its author hears %+v, want %+v", w.held[0], want)
		}
		for range 2 {
			w.unchanged(func() {
				_, err := w.Send(t.Context(), in(ned), d)
				if refusal := w.refused(err, chat.CodeForbidden); refusal.Message != want {
					t.Errorf("a retry is refused with %q, want %q", refusal.Message, want)
				}
			})
		}
		if latest := w.latest(); len(latest) > 0 {
			t.Errorf("the lobby is %+v", latest)
		}
		held, err := w.HeldOf(t.Context(), in(ned), "lobby")
		w.ok(err)
		if len(held) > 0 {
			t.Errorf("after it was rejected there waits %+v", held)
		}
	}
}

func TestAtMostTwentyMessagesOfAnAuthorWait(t *testing.T) {
	w := newWorld(t, noLimits())
	w.rule(noSpam)
	for i := range 20 {
		w.holds(ned, fmt.Sprint("spam ", i))
	}
	d := w.draft("spam 20")
	w.unchanged(func() {
		_, err := w.Send(t.Context(), in(ned), d)
		w.refused(err, chat.CodeForbidden)
	})
	w.holds(mia, "spam of another")
	w.says(ned, "something else")
	_, _, err := w.decide(moss, chat.Decision{Report: 7, Action: chat.Reject})
	w.ok(err)
	m, err := w.Send(t.Context(), in(ned), d)
	w.ok(err)
	if !m.Held {
		t.Errorf("the next one is %+v", m)
	}
}

func TestModeratorsAreExemptFromTheFilter(t *testing.T) {
	w := newWorld(t, noLimits())
	for _, action := range []chat.RuleAction{chat.RuleFlag, chat.RuleHold, chat.RuleBlock} {
		w.rule(chat.Rule{Name: "No " + string(action), Kind: chat.RuleWords, Action: action, Words: []string{"spam"}})
	}
	w.quiet()
	for _, user := range []string{moss, olive} {
		m := w.says(user, "spam")
		_, err := w.Edit(t.Context(), in(user), "lobby", m.Seq, "more spam")
		w.ok(err)
	}
	w.noted()
}

func TestWhatIsHeldWaitsForSlowModeAsWhatIsSent(t *testing.T) {
	limits := noLimits()
	limits.SendBurst, limits.SendRate = 2, 0.001
	w := newWorld(t, limits)
	w.rule(noSpam)
	w.setLobby(func(room *chat.Room) { room.SlowMode = 10 })
	w.holds(ned, "spam")
	_, err := w.Send(t.Context(), in(ned), w.draft("hello"))
	if refusal := w.refused(err, chat.CodeRateLimited); refusal.RetryAfter != 10*time.Second {
		t.Errorf("they are told to wait %v", refusal.RetryAfter)
	}
	w.pass(10 * time.Second)
	w.holds(ned, "spam")
	w.pass(10 * time.Second)
	_, err = w.Send(t.Context(), in(ned), w.draft("hello"))
	if refusal := w.refused(err, chat.CodeRateLimited); refusal.RetryAfter < time.Minute {
		t.Errorf("what is held costs no token: they are told to wait %v", refusal.RetryAfter)
	}
}

func TestRulesShowNoPrivateTextToModerators(t *testing.T) {
	const text = "look @Moss https://shop.example zzmarker"
	for _, rule := range []chat.Rule{
		{Kind: chat.RuleWords, Words: []string{"zzmarker"}},
		{Kind: chat.RulePattern, Pattern: "."},
		{Kind: chat.RuleLinks, Words: []string{"shop.example"}},
		{Kind: chat.RuleRepeats, Most: 2, Seconds: 60},
		{Kind: chat.RuleMentions, Most: 1, Seconds: 60},
	} {
		for _, action := range []chat.RuleAction{chat.RuleHold, chat.RuleFlag, chat.RuleBlock} {
			w := newWorld(t, noLimits())
			slug := w.cellar().Slug
			plain, err := w.Send(t.Context(), in(mia), w.draftFor(slug, "plain"))
			w.ok(err)
			rule.Name, rule.Action = "A rule", action
			w.rule(rule)
			send := func() error {
				m, err := w.Send(t.Context(), in(mia), w.draftFor(slug, text))
				if m.Held {
					t.Errorf("%s %s: a private text is held", rule.Kind, action)
				}
				return err
			}
			_ = send()
			err = send() // again, for the rules about habits
			if want := map[bool]chat.Code{true: chat.CodeForbidden}[action != chat.RuleFlag]; chat.ErrorCode(err) != want && (err != nil || want != "") {
				t.Errorf("%s %s: %v, want %q", rule.Kind, action, err, want)
			}
			_, _ = w.Edit(t.Context(), in(mia), slug, plain.Seq, text) // whatever comes of it, no report does
			reports, _, err := w.Reports(t.Context(), mod(reed), chat.ReportQuery{})
			w.ok(err)
			page, err := w.History(t.Context(), mod(reed), "admin", chat.HistoryQuery{})
			w.ok(err)
			entries, _, err := w.Audit(t.Context(), mod(reed), chat.AuditQuery{Act: "message:"})
			w.ok(err)
			profile, err := w.Profile(t.Context(), mod(reed), mia)
			w.ok(err)
			if len(reports)+len(page.Messages)+len(entries)+len(profile.Recent) > 0 {
				t.Errorf("%s %s: moderators see %+v, %+v, %+v, %+v", rule.Kind, action, reports, page.Messages, entries, profile.Recent)
			}
			w.ok(w.Report(t.Context(), in(moss), slug, plain.Seq, "look at this"))
			if reports, _, err = w.Reports(t.Context(), mod(reed), chat.ReportQuery{}); err != nil || len(reports) != 1 || reports[0].Text == "" {
				t.Errorf("%s %s: once a member reports, moderators see %+v (%v)", rule.Kind, action, reports, err)
			}
		}
	}
}
