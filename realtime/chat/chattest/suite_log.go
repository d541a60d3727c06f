package chattest

import (
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"roomline/realtime/chat"
)

func storedMessage(f *fixture) {
	question := f.post(f.lobby, f.ada)
	full := question
	f.write(func(w chat.Writer) (err error) {
		full.Seq, full.Post, err = w.Advance(f.lobby.ID, true)
		if err != nil {
			return err
		}
		full.Rev = full.Seq
		full.ID = "AZaz09_-AZaz09_-AZaz09_-AZaz09_-AZaz09_-AZaz09_-AZaz09_-AZaz09_-"
		full.Author = chat.User{ID: f.bob.ID}
		full.Text = "line one\n\tline <two> & 'three' \"four\" \\ % _ \u2028 é 漢字 👩‍🚀 \u202e"
		full.HTML = "<p>line one<br>&lt;two&gt;</p>"
		full.Mentions = []chat.User{{ID: f.ada.ID}, {ID: "an id, of \"a host\""}}
		full.Reactions = []chat.Reaction{{Emoji: "👩‍🚀", Users: []chat.User{{ID: f.bob.ID}, {ID: f.ada.ID}}}, {Emoji: "🌱", Users: []chat.User{{ID: f.ada.ID}}}}
		full.ReplyTo = question.Seq
		full.SentAt = time.Date(2031, 12, 31, 23, 59, 59, 999_000_000, time.UTC)
		return w.InsertMessage(full)
	})
	want := []chat.Message{question, full}
	f.read(func(r chat.Reader) error {
		one, err1 := r.Message(f.lobby.ID, question.Seq)
		two, err2 := r.Message(f.lobby.ID, full.Seq)
		f.same("one by one", []chat.Message{one, two}, want)
		page, err3 := r.After(f.lobby.ID, 0, 10)
		f.same("as a page", page, want)
		return errors.Join(err1, err2, err3)
	})
	tombstone := f.remove(f.edit(full))
	f.read(func(r chat.Reader) error {
		got, err := r.Changes(f.lobby.ID, question.Rev, 10)
		f.same("edited and deleted", got, []chat.Message{tombstone})
		return err
	})
}

func countedRooms(f *fixture) {
	first := f.post(f.lobby, f.ada)
	f.edit(first)
	second := f.post(f.lobby, f.bob)
	elsewhere := f.post(f.admin, f.ada)
	f.remove(first)

	if second.Seq != 3 || second.Post != 2 {
		f.Errorf("the second message is number %d and post %d, want 3 and 2", second.Seq, second.Post)
	}
	if elsewhere.Seq != 1 || elsewhere.Post != 1 {
		f.Errorf("the other room's message is number %d and post %d, want 1 and 1", elsewhere.Seq, elsewhere.Post)
	}
	lobby, admin := f.lobby, f.admin
	lobby.Head, lobby.Posts = 4, 2
	admin.Head, admin.Posts = 1, 1
	f.untouched(lobby)
	f.untouched(admin)
}

func updatedMessage(f *fixture) {
	want := f.post(f.lobby, f.ada)
	other, elsewhere := f.post(f.lobby, f.ada), f.post(f.admin, f.ada)

	update := want
	update.Rev, update.Text = 3, "another text"
	update.EditedAt, update.DeletedAt = start.Add(time.Hour), start.Add(2*time.Hour)
	update.DeletedBy = f.bob.ID
	want.Rev, want.Text, want.DeletedBy = update.Rev, update.Text, update.DeletedBy
	want.EditedAt, want.DeletedAt = update.EditedAt, update.DeletedAt

	update.Room, update.Post, update.ID, update.Kind = "attic", 99, "another-id", "system"
	update.Author, update.ReplyTo, update.SentAt = chat.User{ID: f.bob.ID}, other.Seq, start.Add(3*time.Hour)
	f.write(func(w chat.Writer) error {
		_, _, err := w.Advance(f.lobby.ID, false)
		return errors.Join(err, w.UpdateMessage(update))
	})

	f.read(func(r chat.Reader) error {
		got, err := r.Before(f.lobby.ID, math.MaxInt64, 10)
		f.same("lobby", got, []chat.Message{want, other})
		there, err2 := r.Message(f.admin.ID, elsewhere.Seq)
		f.same("admin", []chat.Message{there}, []chat.Message{elsewhere})
		return errors.Join(err, err2)
	})
}

func pages(f *fixture) {
	m := map[int64]chat.Message{}
	for range 3 { // seqs 1, 3, 5; revs 6, 2, 7
		post := f.post(f.lobby, f.ada)
		f.post(f.admin, f.ada) // to be left out
		m[post.Seq] = post
		if post.Seq < 5 {
			m[1] = f.edit(m[1])
		}
	}
	m[3] = f.remove(m[3])

	type page func(room, seq int64, limit int) ([]chat.Message, error)
	f.read(func(r chat.Reader) error {
		for _, c := range []struct {
			what  string
			page  page
			seq   int64
			limit int
			want  []int64
		}{
			{"before the end", r.Before, math.MaxInt64, 10, []int64{1, 3, 5}},
			{"before the end, two", r.Before, math.MaxInt64, 2, []int64{3, 5}},
			{"before the newest", r.Before, 5, 10, []int64{1, 3}},
			{"before a number that is no message", r.Before, 4, 1, []int64{3}},
			{"before the first", r.Before, 1, 10, nil},
			{"before nothing", r.Before, 0, 10, nil},
			{"before, none wanted", r.Before, 5, 0, nil},
			{"after nothing", r.After, 0, 10, []int64{1, 3, 5}},
			{"after nothing, two", r.After, 0, 2, []int64{1, 3}},
			{"after the first", r.After, 1, 10, []int64{3, 5}},
			{"after a number that is no message", r.After, 2, 1, []int64{3}},
			{"after the newest", r.After, 5, 10, nil},
			{"after the end", r.After, math.MaxInt64, 10, nil},
			{"after, none wanted", r.After, 0, 0, nil},
		} {
			got, err := c.page(f.lobby.ID, c.seq, c.limit)
			if err != nil {
				return err
			}
			var want []chat.Message
			for _, seq := range c.want {
				want = append(want, m[seq])
			}
			f.same(c.what, got, want)
		}
		return nil
	})
}

func changes(f *fixture) {
	one, two, three := f.post(f.lobby, f.ada), f.post(f.lobby, f.bob), f.post(f.lobby, f.ada)
	f.post(f.admin, f.ada)
	one = f.edit(f.edit(one)) // rev 5
	two = f.remove(two)       // rev 6
	four := f.post(f.lobby, f.bob)

	f.read(func(r chat.Reader) error {
		for _, c := range []struct {
			what  string
			rev   int64
			limit int
			want  []chat.Message
		}{
			{"from the beginning", 0, 10, []chat.Message{three, one, two, four}},
			{"the first two", 0, 2, []chat.Message{three, one}},
			{"after a change that was overtaken", 4, 10, []chat.Message{one, two, four}},
			{"after a change", 5, 10, []chat.Message{two, four}},
			{"after a change, one", 5, 1, []chat.Message{two}},
			{"at the head", four.Rev, 10, nil},
			{"beyond the head", four.Rev + 1, 10, nil},
			{"none wanted", 0, 0, nil},
		} {
			got, err := r.Changes(f.lobby.ID, c.rev, c.limit)
			if err != nil {
				return err
			}
			f.same(c.what, got, c.want)
		}
		return nil
	})
}

func usedIDs(f *fixture) {
	m, n := f.post(f.lobby, f.ada), f.post(f.admin, f.bob)
	hash := [16]byte{0, 1, 0xff, 0x80, 15: 7}
	ours := chat.Sent{UserID: f.ada.ID, ClientID: "same-id-", RoomID: m.RoomID, Seq: m.Seq, Hash: hash}
	theirs := chat.Sent{UserID: f.bob.ID, ClientID: "same-id-", RoomID: n.RoomID, Seq: n.Seq}
	capital := chat.Sent{UserID: f.ada.ID, ClientID: "Same-ID-", RoomID: m.RoomID, Seq: m.Seq}
	f.write(func(w chat.Writer) error {
		return errors.Join(w.RecordSent(ours), w.RecordSent(theirs), w.RecordSent(capital))
	})

	again := ours
	again.RoomID, again.Hash = n.RoomID, [16]byte{}
	err := f.store.Write(f.Context(), func(w chat.Writer) error {
		if _, err := post(w, f.admin, f.ada); err != nil {
			return err
		}
		return w.RecordSent(again)
	}, nil)
	if err == nil {
		f.Error("an id was used again, in another room")
	}
	if head := f.room("admin").Head; head != n.Rev {
		f.Errorf("a message was stored with an id already used: head is %d, want %d", head, n.Rev)
	}
	f.read(func(r chat.Reader) error {
		for _, want := range []chat.Sent{ours, theirs, capital} {
			if got, err := r.Sent(want.UserID, want.ClientID); err != nil || got != want {
				f.Errorf("sent is %+v, %v, want %+v", got, err, want)
			}
		}
		return nil
	})
}

func racedIDs(f *fixture) {
	var succeeded atomic.Int64
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			err := f.store.Write(f.Context(), func(w chat.Writer) error {
				m, err := post(w, f.lobby, f.ada)
				if err != nil {
					return err
				}
				return w.RecordSent(chat.Sent{UserID: f.ada.ID, ClientID: "same-id-", RoomID: m.RoomID, Seq: m.Seq})
			}, nil)
			if err == nil {
				succeeded.Add(1)
			}
		})
	}
	wg.Wait()
	if n, room := succeeded.Load(), f.room("lobby"); n != 1 || room.Head != 1 || room.Posts != 1 {
		f.Errorf("%d succeeded, the room is %+v, want one message", n, room)
	}
}

func lastPost(f *fixture) {
	type place struct {
		room int64
		user string
	}
	early := time.UnixMilli(1_700_000_000_123).UTC()
	want := map[place]time.Time{
		{f.lobby.ID, f.ada.ID}: early.Add(time.Hour),
		{f.lobby.ID, f.bob.ID}: early.Add(time.Second),
		{f.admin.ID, f.ada.ID}: early.Add(time.Minute),
		{f.admin.ID, f.bob.ID}: {}, // never
	}
	f.write(func(w chat.Writer) error { return w.SetLastPost(f.lobby.ID, f.ada.ID, early) })
	f.write(func(w chat.Writer) error {
		for at, when := range want {
			if when.IsZero() {
				continue
			}
			if err := w.SetLastPost(at.room, at.user, when); err != nil {
				return err
			}
		}
		return nil
	})
	f.write(func(w chat.Writer) error {
		for at, when := range want {
			if got, err := w.LastPost(at.room, at.user); err != nil || got != when {
				f.Errorf("the last post of %v is at %v, %v, want %v", at, got, err, when)
			}
		}
		return nil
	})
}

func readPointers(f *fixture) {
	f.post(f.lobby, f.ada)
	f.post(f.admin, f.ada)
	type place struct{ room, user int }
	rooms, users := []int64{f.lobby.ID, f.admin.ID}, []string{f.ada.ID, f.bob.ID}
	want := map[place]int64{}
	for i := range 6 { // every place once, two of them again
		at := place{i % 2, i / 2 % 2}
		want[at] = int64(i + 10)
		f.write(func(w chat.Writer) error { return w.SetReadPointer(rooms[at.room], users[at.user], want[at]) })
	}
	f.read(func(r chat.Reader) error {
		for at, p := range want {
			if got, err := r.Standing(rooms[at.room], users[at.user]); err != nil || got.LastRead != p {
				f.Errorf("pointer %v is %+v, %v, want %+v", at, got, err, p)
			}
		}
		return nil
	})
}
