package chattest

import (
	"errors"
	"fmt"
	"slices"

	"roomline/realtime/chat"
)

// report stores an open report of m by ada and returns it as it should come back.
func (f *fixture) report(m chat.Message) chat.Report {
	f.Helper()
	return f.insert(reportOf(m, chat.Reason{User: chat.User{ID: f.ada.ID}, Text: "<rude> é", At: ms(1)}))
}

// reportOf is an open report of m.
func reportOf(m chat.Message, reasons ...chat.Reason) chat.Report {
	return chat.Report{
		Kind: chat.ReportMember, State: chat.ReportOpen, RoomID: m.RoomID, Room: m.Room, Seq: m.Seq,
		Author: chat.User{ID: m.Author.ID}, Text: m.Text, Count: 1, At: ms(int(m.Seq)), Reasons: reasons,
	}
}

// hold stores a report of something held.
func (f *fixture) hold(room chat.Room, author chat.User, id string) chat.Report {
	f.Helper()
	return f.insert(chat.Report{
		Kind: chat.ReportHeld, State: chat.ReportOpen, RoomID: room.ID, Room: room.Slug,
		Author: chat.User{ID: author.ID}, Text: "held " + id, Count: 0, At: ms(2),
		Reasons:  []chat.Reason{{Text: "Links", At: ms(2)}},
		ClientID: id, ReplyTo: 7, Hash: [16]byte{1, 2, 15: 3},
	})
}

func (f *fixture) insert(r chat.Report) chat.Report {
	f.Helper()
	f.write(func(w chat.Writer) error { return w.InsertReport(&r) })
	if r.ID <= 0 {
		f.Errorf("the report got id %d", r.ID)
	}
	return r
}

// resolve resolves a report and returns it as it should come back.
func (f *fixture) resolve(r chat.Report, action chat.Resolution) chat.Report {
	f.Helper()
	r.State, r.Action, r.Note = chat.ReportResolved, action, "noted"
	r.ResolvedBy, r.ResolvedAt = &chat.User{ID: f.ada.ID}, ms(50)
	f.write(func(w chat.Writer) error { return w.UpdateReport(r) })
	return r
}

// reported reports a report that does not come back as it should.
func (f *fixture) reported(want chat.Report) {
	f.Helper()
	f.read(func(r chat.Reader) error {
		got, err := r.Report(want.ID)
		equal(f, "report", got, want)
		return err
	})
}

func storedReport(f *fixture) {
	f.report(f.post(f.lobby, f.bob))
	r := f.report(f.post(f.lobby, f.bob))
	f.reported(r)
	f.reported(f.hold(f.admin, f.bob, "client-id"))

	changed := r
	changed.Count, changed.Message = 21, 5
	for i := range 3 {
		changed.Reasons = append(changed.Reasons, chat.Reason{User: chat.User{ID: f.bob.ID}, Text: fmt.Sprint(i), At: ms(i)})
	}
	other := changed // what an update does not store
	other.Kind, other.RoomID, other.Room, other.Author = chat.ReportFlag, f.admin.ID, "admin", f.ada
	other.Text, other.At, other.ClientID, other.ReplyTo, other.Hash = "other", ms(99), "other", 9, [16]byte{9}
	f.write(func(w chat.Writer) error { return w.UpdateReport(other) })
	f.reported(changed)
	f.reported(f.resolve(changed, chat.AgreeDelete))
	server := changed
	server.State, server.ResolvedBy, server.ResolvedAt = chat.ReportResolved, &chat.User{}, ms(60)
	f.write(func(w chat.Writer) error { return w.UpdateReport(server) })
	f.reported(server)

	f.read(func(rd chat.Reader) error {
		_, err := rd.Report(r.ID + 100)
		f.missing("another report", err)
		return nil
	})
	f.write(func(w chat.Writer) error {
		f.missing("update of another report", w.UpdateReport(chat.Report{ID: r.ID + 100}))
		return nil
	})
}

func openReport(f *fixture) {
	m, other := f.post(f.lobby, f.bob), f.post(f.lobby, f.bob)
	open := func(want *chat.Report) {
		f.Helper()
		f.read(func(rd chat.Reader) error {
			got, err := rd.OpenReport(m.RoomID, m.Seq)
			if want == nil {
				f.missing("open report", err)
				return nil
			}
			equal(f, "open report", got, *want)
			return err
		})
	}
	f.report(other)
	f.report(f.post(f.admin, f.bob)) // of the same seq
	open(nil)
	first := f.report(m)
	open(&first)
	for _, kind := range []chat.ReportKind{chat.ReportMember, chat.ReportFlag} {
		again := first
		again.Kind = kind
		if err := f.store.Write(f.Context(), func(w chat.Writer) error { return w.InsertReport(&again) }, nil); err == nil {
			f.Errorf("a second report is open, a %s", kind)
		}
	}
	f.resolve(first, chat.Keep)
	open(nil)
	flag := first
	flag.Kind = chat.ReportFlag
	flag = f.insert(flag)
	open(&flag)
	f.resolve(flag, chat.Ignore)

	held := f.hold(f.lobby, f.bob, "client-id")
	held.Seq = m.Seq // approved
	f.reported(f.resolve(held, chat.Approve))
	open(nil)
	f.report(m)
}

func reportPages(f *fixture) {
	var all, waiting, resolved []chat.Report
	for i := range 7 {
		r := f.report(f.post(f.lobby, f.bob))
		if i%3 == 0 {
			r = f.resolve(r, chat.Ignore)
			resolved = slices.Insert(resolved, 0, r)
		} else {
			waiting = slices.Insert(waiting, 0, r)
		}
		all = slices.Insert(all, 0, r)
	}
	for state, want := range map[chat.ReportState][]chat.Report{"": all, chat.ReportOpen: waiting, chat.ReportResolved: resolved} {
		var got []chat.Report
		before := int64(0)
		for {
			var page []chat.Report
			f.read(func(r chat.Reader) (err error) {
				page, err = r.Reports(state, before, 2, "")
				return err
			})
			if len(page) == 0 {
				break
			}
			if got = append(got, page...); len(page) > 2 || len(got) > len(want) {
				f.Fatalf("a page has %d reports, after %d", len(page), len(got))
			}
			before = page[len(page)-1].ID
		}
		equal(f, fmt.Sprintf("reports of state %q", state), got, want)
	}
}

func heldByID(f *fixture) {
	held := f.hold(f.lobby, f.bob, "client-id")
	adas := f.hold(f.lobby, f.ada, "client-id")
	m := f.post(f.lobby, f.bob)
	f.report(m)
	as := func(want chat.Report) {
		f.Helper()
		f.read(func(r chat.Reader) error {
			got, err := r.HeldAs(want.Author.ID, "client-id")
			equal(f, "held", got, want)
			_, missing := r.HeldAs(want.Author.ID, "client-ie")
			f.missing("another client id", missing)
			_, missing = r.HeldAs(want.Author.ID, "")
			f.missing("a report of a message", missing)
			return err
		})
	}
	as(held)
	as(adas)
	held.Seq = m.Seq
	as(f.resolve(held, chat.Approve))
	as(f.resolve(adas, chat.Reject))
	f.read(func(r chat.Reader) error {
		_, err := r.HeldAs(nobody, "client-id")
		f.missing("nobody's", err)
		return nil
	})
	twice := chat.Report{Kind: chat.ReportHeld, State: chat.ReportOpen, RoomID: f.admin.ID, Author: f.bob, ClientID: "client-id"}
	if err := f.store.Write(f.Context(), func(w chat.Writer) error { return w.InsertReport(&twice) }, nil); err == nil {
		f.Error("a client id is held twice")
	}
}

func heldInRoom(f *fixture) {
	waits := func(room chat.Room, user chat.User, want ...chat.Report) {
		f.Helper()
		f.read(func(r chat.Reader) error {
			got, err := r.HeldIn(room.ID, user.ID)
			equal(f, "held in "+room.Slug, got, want)
			standing, err2 := r.Standing(room.ID, user.ID)
			rooms, err3 := r.RoomsOf(room.Space, user.ID)
			if held := len(want) > 0; standing.Held != held || len(rooms) != 1 || rooms[0].Standing.Held != held {
				f.Errorf("in %s something waits: %t by the standing, %+v by the rooms, want %t", room.Slug, standing.Held, rooms, held)
			}
			return errors.Join(err, err2, err3)
		})
	}
	waits(f.lobby, f.bob)
	f.report(f.post(f.lobby, f.bob)) // is not held
	waits(f.lobby, f.bob)
	first, second := f.hold(f.lobby, f.bob, "zzzzzzzz"), f.hold(f.lobby, f.bob, "aaaaaaaa")
	other := f.hold(f.admin, f.ada, "zzzzzzzz")
	waits(f.lobby, f.bob, first, second)
	waits(f.lobby, f.ada)
	waits(f.admin, f.ada, other)
	waits(f.admin, f.bob)
	f.resolve(first, chat.Reject)
	waits(f.lobby, f.bob, second)
	second.Seq = 1
	f.resolve(second, chat.Approve)
	waits(f.lobby, f.bob)
}

func reporters(f *fixture) {
	m := f.post(f.lobby, f.bob)
	record := func(room, seq int64, user string, want bool) {
		f.Helper()
		f.write(func(w chat.Writer) error {
			first, err := w.RecordReporter(room, seq, user)
			if first != want {
				f.Errorf("reporter %s of %d in %d is new: %t, want %t", user, seq, room, first, want)
			}
			return err
		})
	}
	for _, first := range []bool{true, false, false} {
		record(m.RoomID, m.Seq, f.ada.ID, first)
		record(m.RoomID, m.Seq, f.bob.ID, first)
		record(f.admin.ID, m.Seq, f.ada.ID, first)
		record(m.RoomID, m.Seq+1, f.ada.ID, first)
	}
}

func storedRules(f *fixture) {
	rules := func(want ...chat.Rule) {
		f.Helper()
		f.read(func(r chat.Reader) error {
			got, err := r.Rules()
			equal(f, "rules", got, want)
			return err
		})
	}
	rules()
	words := chat.Rule{Name: "Wörter", Kind: chat.RuleWords, Action: chat.RuleBlock, Words: []string{"spam*", `a "b" <c>`}}
	links := chat.Rule{Name: "Links", Kind: chat.RuleLinks, Action: chat.RuleHold, Words: []string{"example.com"}, Only: true, Off: true}
	f.write(func(w chat.Writer) error { return errors.Join(w.PutRule(&words), w.PutRule(&links)) })
	repeats := chat.Rule{Name: "Repeats", Kind: chat.RuleRepeats, Action: chat.RuleFlag, Most: 3, Seconds: 86400}
	pattern := chat.Rule{Name: "Pattern", Kind: chat.RulePattern, Action: chat.RuleFlag, Pattern: `(?i)\bx+`}
	f.write(func(w chat.Writer) error { return errors.Join(w.PutRule(&repeats), w.PutRule(&pattern)) })
	rules(words, links, repeats, pattern)

	links.Off, links.Only, links.Words, links.Name, links.Action = false, false, nil, "No links", chat.RuleBlock
	f.write(func(w chat.Writer) error { return errors.Join(w.PutRule(&links), w.DeleteRule(words.ID)) })
	rules(links, repeats, pattern)
	f.write(func(w chat.Writer) error {
		gone := words
		f.missing("change of a rule that is gone", w.PutRule(&gone))
		f.missing("its deletion", w.DeleteRule(words.ID))
		return nil
	})
	f.write(func(w chat.Writer) error { return w.DeleteRule(pattern.ID) })
	last := chat.Rule{Name: "Mentions", Kind: chat.RuleMentions, Action: chat.RuleFlag, Most: 1, Seconds: 1}
	f.write(func(w chat.Writer) error { return w.PutRule(&last) })
	if last.ID <= pattern.ID {
		f.Errorf("id %d is used again for %d", pattern.ID, last.ID)
	}
	rules(links, repeats, last)
}
