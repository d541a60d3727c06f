package chattest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"roomline/realtime/chat"
)

// hostPolicies are what a host needs of a store.
func hostPolicies() []policy {
	return []policy{
		{"users are restricted from a sanction until it is over or lifted", restrictedIDs},
		{"what a user reacted to comes in pages in order of room and seq", reactedPages},
		{"how far a user has read is known by room", readsOfUser},
		{"the reports of a user are those with a reason of theirs", reportsByUser},
		{"what a host has not heard is known by room, and of the audit log", undelivered},
		{"what was delivered is one room's, and is undone with its write", deliveredRoom},
		{"all revisions of a message are dropped at once", droppedRevisions},
		{"of an erased user nothing is kept but messages, ids and entries", erasedUser},
		{"an unlisted room is in no list and found by its slug", unlistedRoom},
		{"words are dropped, and what stands is found still", droppedWords},
	}
}

func restrictedIDs(f *fixture) {
	carl, dora := chat.User{ID: "carl"}, chat.User{ID: "dora"}
	f.sanction(dora, chat.SanctionMute, ms(0), time.Time{})
	f.sanction(dora, chat.SanctionBan, ms(0), ms(10))
	f.sanction(carl, chat.SanctionBan, ms(0), ms(20))
	f.sanction(f.bob, chat.SanctionMute, ms(0), time.Time{})
	f.write(func(w chat.Writer) error { return w.LiftSanction(f.bob.ID, chat.SanctionMute, ms(5), f.ada.ID, "") })
	for _, c := range []struct {
		at    time.Time
		limit int
		want  []string
	}{
		{ms(6), 9, []string{"carl", "dora"}}, {ms(6), 1, []string{"carl"}}, {ms(20), 9, []string{"dora"}},
	} {
		f.read(func(r chat.Reader) error {
			got, err := r.Restricted(c.at, c.limit)
			equal(f, fmt.Sprintf("restricted at %v, %d at most", c.at, c.limit), got, c.want)
			return err
		})
	}
}

// reacts sets reactions of users at a message, and returns it.
func (f *fixture) reacts(m chat.Message, emoji string, users ...chat.User) chat.Message {
	f.Helper()
	reaction := chat.Reaction{Emoji: emoji}
	for _, u := range users {
		reaction.Users = append(reaction.Users, chat.User{ID: u.ID})
	}
	m.Reactions = append(slices.Clone(m.Reactions), reaction)
	f.write(func(w chat.Writer) error {
		var err error
		if m.Rev, _, err = w.Advance(m.RoomID, false); err != nil {
			return err
		}
		return w.UpdateMessage(m)
	})
	return m
}

func reactedPages(f *fixture) {
	inAdmin := f.reacts(f.post(f.admin, f.ada), "👍", f.bob)
	first := f.reacts(f.post(f.lobby, f.ada), "👍", f.ada, f.bob)
	f.reacts(f.post(f.lobby, f.bob), "👍", f.ada)
	f.post(f.lobby, f.ada)
	second := f.reacts(f.reacts(f.post(f.lobby, f.bob), "🎉", f.ada), "👍", f.bob)
	want := []chat.Message{first, second, inAdmin}
	if f.admin.ID < f.lobby.ID {
		want = []chat.Message{inAdmin, first, second}
	}
	f.read(func(r chat.Reader) error {
		at := chat.Place{}
		for i := 0; i <= len(want); i++ {
			all, err := r.ReactedBy(f.bob.ID, at, 9)
			if err != nil {
				return err
			}
			f.same(fmt.Sprintf("reacted to after %v", at), all, want[i:])
			one, err := r.ReactedBy(f.bob.ID, at, 1)
			if err != nil {
				return err
			}
			f.same(fmt.Sprintf("the one after %v", at), one, want[i:min(i+1, len(want))])
			if i < len(want) {
				at = chat.Place{Room: want[i].RoomID, Seq: want[i].Seq}
			}
		}
		none, err := r.ReactedBy("👍", chat.Place{}, 9) // no user
		f.same("by nobody", none, nil)
		return err
	})
}

func readsOfUser(f *fixture) {
	m, n := f.post(f.lobby, f.ada), f.post(f.admin, f.ada)
	mine, admins := m.Seq, n.Seq
	f.write(func(w chat.Writer) error {
		return errors.Join(w.SetReadPointer(f.lobby.ID, f.bob.ID, mine), w.SetReadPointer(f.admin.ID, f.bob.ID, admins))
	})
	f.read(func(r chat.Reader) error {
		got, err := r.ReadsOf(f.bob.ID)
		equal(f, "reads of bob", got, map[int64]int64{f.lobby.ID: mine, f.admin.ID: admins})
		none, err2 := r.ReadsOf(f.ada.ID)
		equal(f, "reads of ada", none, map[int64]int64{f.lobby.ID: 0}) // from when she entered
		return errors.Join(err, err2)
	})
}

func reportsByUser(f *fixture) {
	by := func(room chat.Room, users ...chat.User) chat.Report {
		var reasons []chat.Reason
		for _, u := range users {
			reasons = append(reasons, chat.Reason{User: chat.User{ID: u.ID}, Text: "why", At: ms(1)})
		}
		return f.insert(reportOf(f.post(room, f.ada), reasons...))
	}
	first := by(f.lobby, f.bob)
	by(f.lobby, f.ada)
	second := by(f.admin, f.ada, f.bob)
	f.read(func(r chat.Reader) error {
		got, err := r.ReportedBy(f.bob.ID)
		equal(f, "reports of bob", len(got), 2)
		if len(got) == 2 {
			equal(f, "their ids", []int64{got[0].ID, got[1].ID}, []int64{first.ID, second.ID})
			equal(f, "the reasons", got[1].Reasons, second.Reasons)
		}
		none, err2 := r.ReportedBy("why")
		equal(f, "reports of nobody", len(none), 0)
		return errors.Join(err, err2)
	})
}

// behind reports other backlogs than these: room, head and delivered.
func (f *fixture) behind(limit int, want ...[3]int64) {
	f.Helper()
	f.read(func(r chat.Reader) error {
		list, err := r.Undelivered(limit)
		var got [][3]int64
		for _, b := range list {
			got = append(got, [3]int64{b.Room.ID, b.Room.Head, b.Delivered})
			if b.Room.ID != 0 && (b.Room.Slug == "" || b.Room.Epoch == "") {
				f.Errorf("the room is %+v", b.Room)
			}
		}
		equal(f, "what was not delivered", got, want)
		return err
	})
}

func undelivered(f *fixture) {
	f.behind(9)
	f.post(f.lobby, f.ada)
	f.post(f.lobby, f.ada)
	f.post(f.admin, f.ada)
	f.behind(9, [3]int64{f.admin.ID, 1, 0}, [3]int64{f.lobby.ID, 2, 0})
	f.write(func(w chat.Writer) error {
		return errors.Join(w.InsertEntry(chat.Entry{ID: 1, At: ms(1), Act: "a"}), w.InsertEntry(chat.Entry{ID: 2, At: ms(2), Act: "b"}))
	})
	f.behind(9, [3]int64{0, 2, 0}, [3]int64{f.admin.ID, 1, 0}, [3]int64{f.lobby.ID, 2, 0})
	f.behind(2, [3]int64{0, 2, 0}, [3]int64{f.admin.ID, 1, 0})
	f.write(func(w chat.Writer) error {
		return errors.Join(w.Delivered(0, 1), w.Delivered(f.admin.ID, 1), w.Delivered(f.lobby.ID, 1))
	})
	f.behind(9, [3]int64{0, 2, 1}, [3]int64{f.lobby.ID, 2, 1})
	f.write(func(w chat.Writer) error { return errors.Join(w.Delivered(0, 2), w.Delivered(f.lobby.ID, 2)) })
	f.behind(9)
}

func deliveredRoom(f *fixture) {
	f.post(f.lobby, f.ada)
	failed := errors.New("failed")
	err := f.store.Write(f.Context(), func(w chat.Writer) error { return errors.Join(w.Delivered(f.lobby.ID, 1), failed) }, nil)
	if !errors.Is(err, failed) {
		f.Errorf("the error is %v", err)
	}
	f.behind(9, [3]int64{f.lobby.ID, 1, 0})
}

func droppedRevisions(f *fixture) {
	m, other := f.post(f.lobby, f.bob), f.post(f.lobby, f.bob)
	_, m = f.revise(m, false)
	f.revise(m, false)
	kept, _ := f.revise(other, false)
	f.write(func(w chat.Writer) error { return w.DropRevisions(m.RoomID, m.Seq) })
	f.revisions(m)
	f.revisions(other, kept)
}

func erasedUser(f *fixture) {
	m, other := f.post(f.lobby, f.bob), f.post(f.lobby, f.ada)
	f.sanction(f.bob, chat.SanctionMute, ms(0), time.Time{})
	f.sanction(f.ada, chat.SanctionMute, ms(0), time.Time{})
	about := f.report(m)
	waiting := f.hold(f.lobby, f.bob, "held-0001")
	hers := f.insert(reportOf(other,
		chat.Reason{User: chat.User{ID: f.ada.ID}, Text: "of ada", At: ms(1)}, chat.Reason{User: chat.User{ID: f.bob.ID}, Text: "of bob", At: ms(2)}))
	f.write(func(w chat.Writer) error {
		p := m.Seq
		var errs []error
		for _, u := range []chat.User{f.ada, f.bob} {
			errs = append(errs, w.SetReadPointer(f.lobby.ID, u.ID, p), w.SetLevel(f.lobby.ID, u.ID, chat.LevelAll),
				w.SetMember(f.lobby.ID, u.ID, true), w.SetLastPost(f.lobby.ID, u.ID, ms(3)))
		}
		return errors.Join(append(errs, w.EraseUser(f.bob.ID, ms(7)))...)
	})
	f.read(func(r chat.Reader) error {
		bobs, err1 := r.Standing(f.lobby.ID, f.bob.ID)
		equal(f, "bob's standing", bobs, chat.Standing{LastRead: f.room("lobby").Head})
		adas, err2 := r.Standing(f.lobby.ID, f.ada.ID)
		equal(f, "ada's level", adas.Level, chat.LevelAll)
		last, err3 := r.LastPost(f.lobby.ID, f.bob.ID)
		equal(f, "bob's last post", last.IsZero(), true)
		sanctions, err4 := r.Sanctions(f.bob.ID)
		equal(f, "bob's sanctions", len(sanctions), 0)
		bounds, err5 := r.Restrictions(f.ada.ID)
		equal(f, "ada is muted", bounds.Mute.ID != 0, true)
		text, err6 := r.Report(about.ID)
		equal(f, "the text of the report", text.Text, "")
		equal(f, "its state", text.State, chat.ReportOpen)
		held, err7 := r.Report(waiting.ID)
		equal(f, "what is held", []any{held.Text, held.State, held.Action, held.ResolvedAt}, []any{"", chat.ReportResolved, chat.Reject, ms(7)})
		list, err8 := r.HeldIn(f.lobby.ID, f.bob.ID)
		equal(f, "what waits", len(list), 0)
		reasons, err9 := r.Report(hers.ID)
		equal(f, "ada's reason", reasons.Reasons[0], hers.Reasons[0])
		equal(f, "bob's reason", reasons.Reasons[1].Text, "")
		equal(f, "the text of ada's message", reasons.Text, hers.Text)
		message, err10 := r.Message(m.RoomID, m.Seq)
		equal(f, "bob's message", message.Text, m.Text)
		return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9, err10)
	})
}

func unlistedRoom(f *fixture) {
	room := chat.Room{Slug: "topic", Space: chat.SpaceGeneral, Name: "Topic", Unlisted: true}
	f.write(func(w chat.Writer) error { return w.CreateRoom(&room) })
	if room.Epoch == "" {
		f.Error("the room has no epoch")
	}
	f.read(func(r chat.Reader) error {
		got, err := r.Room("topic")
		equal(f, "the room", got, room)
		listed, err2 := r.RoomsOf(chat.SpaceGeneral, f.ada.ID)
		all, err3 := r.Rooms(chat.SpaceGeneral)
		equal(f, "listed and all", []int{len(listed), len(all)}, []int{1, 2})
		return errors.Join(err, err2, err3)
	})
}

func droppedWords(f *fixture) {
	stands, goes := f.says(f.lobby, "a needle in hay", 0), f.says(f.lobby, "another needle", time.Second)
	f.finds([]chat.Message{goes, stands}, []chat.Term{{Words: []string{"needle"}}}, f.lobby)
	f.remove(goes)
	f.finds([]chat.Message{stands}, []chat.Term{{Words: []string{"needle"}}}, f.lobby)
	f.write(func(w chat.Writer) error { return w.DropWords() })
	f.finds([]chat.Message{stands}, []chat.Term{{Words: []string{"needle"}}}, f.lobby)
}
