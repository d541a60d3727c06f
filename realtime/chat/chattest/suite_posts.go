package chattest

import (
	"errors"
	"fmt"
	"time"

	"roomline/realtime/chat"
)

func sentPages(f *fixture) {
	var want []chat.Sent
	for i := range 5 {
		room := []chat.Room{f.lobby, f.admin}[i%2]
		sent := chat.Sent{UserID: f.bob.ID, ClientID: fmt.Sprintf("client-%d", i), RoomID: room.ID, Hash: [16]byte{byte(i)}}
		if i != 3 { // is held
			m := f.post(room, f.bob)
			sent.Seq = m.Seq
			if i == 2 {
				f.remove(m)
			}
		}
		others := sent
		others.UserID = f.ada.ID
		f.write(func(w chat.Writer) error { return errors.Join(w.RecordSent(sent), w.RecordSent(others)) })
		want = append(want, sent)
	}
	var got []chat.Sent
	after := ""
	for len(got) <= len(want) {
		var page []chat.Sent
		f.read(func(r chat.Reader) (err error) {
			page, err = r.SentBy(f.bob.ID, after, 2)
			return err
		})
		if len(page) == 0 {
			break
		}
		got, after = append(got, page...), page[len(page)-1].ClientID
	}
	equal(f, "sent", got, want)
}

func updatedSent(f *fixture) {
	held := chat.Sent{UserID: f.bob.ID, ClientID: "client-id", RoomID: f.lobby.ID, Hash: [16]byte{1}}
	other := held
	other.UserID = f.ada.ID
	f.write(func(w chat.Writer) error { return errors.Join(w.RecordSent(held), w.RecordSent(other)) })
	m := f.post(f.lobby, f.bob)
	held.Seq = m.Seq
	f.write(func(w chat.Writer) error {
		f.missing("update of what was not sent", w.UpdateSent(chat.Sent{UserID: f.bob.ID, ClientID: "client-ie", Seq: 1}))
		return w.UpdateSent(held)
	})
	f.read(func(r chat.Reader) error {
		got, err := r.Sent(f.bob.ID, held.ClientID)
		equal(f, "sent", got, held)
		others, err2 := r.Sent(f.ada.ID, held.ClientID)
		equal(f, "sent by another", others, other)
		return errors.Join(err, err2)
	})
}

// saysAs stores a message of an author, sent so long after the start.
func (f *fixture) saysAs(author chat.User, room chat.Room, after time.Duration) chat.Message {
	f.Helper()
	ada := f.ada
	defer func() { f.ada = ada }()
	f.ada = author
	return f.says(room, "words", after)
}

func latestMessages(f *fixture) {
	both := []int64{f.lobby.ID, f.admin.ID}
	now := func(limit int, rooms []int64, want ...chat.Message) {
		f.Helper()
		f.read(func(r chat.Reader) error {
			got, err := r.LatestOf(f.bob.ID, rooms, limit)
			f.same("latest", got, want)
			return err
		})
	}
	latest := func(limit int, rooms []int64, want ...chat.Message) {
		f.Helper()
		if complete, err := f.store.CatchUp(f.Context(), ""); err != nil || !complete {
			f.Fatalf("catch up: complete: %t, %v", complete, err)
		}
		now(limit, rooms, want...)
	}
	latest(9, both)
	first := f.saysAs(f.bob, f.lobby, time.Second)
	second := f.saysAs(f.bob, f.admin, 2*time.Second)
	f.saysAs(f.ada, f.lobby, 3*time.Second)
	third := f.saysAs(f.bob, f.lobby, 4*time.Second)
	fourth := f.saysAs(f.bob, f.lobby, 4*time.Second) // in the same millisecond
	latest(9, both, fourth, third, second, first)
	latest(2, both, fourth, third)
	latest(9, both[:1], fourth, third, first)
	latest(9, both[1:], second)
	latest(9, nil)
	third = f.edit(third)
	f.remove(fourth)
	now(9, both, third, second, first) // what is deleted is gone at once
	latest(9, both, third, second, first)
	f.write(func(w chat.Writer) error {
		_, err := w.Purge(f.lobby.ID, first.Seq, 10)
		return err
	})
	latest(9, both, third, second)
}

func keptLastPosts(f *fixture) {
	early := f.post(f.lobby, f.ada)
	var last chat.Message
	for range 3 {
		last = f.post(f.lobby, f.bob)
	}
	f.remove(last) // it was posted
	f.write(func(w chat.Writer) error {
		_, err := post(w, f.lobby, chat.User{}) // by the server
		return errors.Join(err, w.SetLastPost(f.lobby.ID, f.bob.ID, ms(1)), w.KeepLastPosts(f.lobby.ID, early.Seq+1))
	})
	posted := func(room chat.Room, user string, want time.Time) {
		f.Helper()
		f.read(func(r chat.Reader) error {
			got, err := r.LastPost(room.ID, user)
			if !got.Equal(want) {
				f.Errorf("the last post of %q in %s is at %v, want %v", user, room.Slug, got, want)
			}
			return err
		})
	}
	posted(f.lobby, f.bob.ID, last.SentAt)
	posted(f.lobby, f.ada.ID, time.Time{})
	posted(f.lobby, "", time.Time{})
	posted(f.admin, f.bob.ID, time.Time{})
	f.write(func(w chat.Writer) error { return w.KeepLastPosts(f.lobby.ID, early.Seq) })
	posted(f.lobby, f.ada.ID, early.SentAt)
}

func regulatedRoom(f *fixture) {
	want := f.lobby
	for _, c := range []struct {
		frozen bool
		slow   int
	}{{true, 0}, {true, 30}, {false, 21600}, {false, 0}} {
		want.Frozen, want.SlowMode = c.frozen, c.slow
		f.write(func(w chat.Writer) error {
			if _, err := w.Room("lobby"); err != nil {
				return err
			}
			err := w.UpdateRoom(want)
			if got, err := w.Room("lobby"); err != nil || got != want {
				f.Errorf("the writer sees %+v, %v, want %+v", got, err, want)
			}
			return err
		})
		f.untouched(want)
	}
	f.untouched(f.admin)
}
