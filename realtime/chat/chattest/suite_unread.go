package chattest

import (
	"errors"

	"roomline/realtime/chat"
)

// stands reports a user whose standing, and what Pointers has of it, is not as wanted.
func (f *fixture) stands(room chat.Room, user string, want chat.Standing) {
	f.Helper()
	f.read(func(r chat.Reader) error {
		got, err := r.Standing(room.ID, user)
		if err != nil || got != want {
			f.Errorf("the standing of %s is %+v, %v, want %+v", user, got, err, want)
		}
		pointers, err := r.Pointers(room.ID, []string{nobody, user})
		part := chat.Standing{LastRead: want.LastRead, Pointer: want.Pointer, Entered: want.Entered}
		part.Unread.Mentions = want.Unread.Mentions
		if err != nil || len(pointers) != 2 || pointers[user] != part {
			f.Errorf("the pointers are %+v, %v, want %+v of %s", pointers, err, part, user)
		}
		return nil
	})
}

func unreadCounts(f *fixture) {
	first := f.post(f.lobby, f.bob)
	f.post(f.lobby, f.ada)
	third, fourth := f.post(f.lobby, f.bob), f.post(f.lobby, f.bob)
	f.write(func(w chat.Writer) error {
		return errors.Join(w.RecordMention(f.lobby.ID, third.Seq, f.ada.ID), w.RecordMention(f.lobby.ID, fourth.Seq, f.ada.ID))
	})
	want := chat.Standing{Pointer: true, Entered: true, FirstUnread: first.Seq, FirstMention: third.Seq}
	want.Unread = chat.Unread{Messages: 3, Mentions: 2}
	f.stands(f.lobby, f.ada.ID, want)

	f.remove(first)
	f.write(func(w chat.Writer) error { return w.ForgetMention(f.lobby.ID, third.Seq, f.ada.ID) })
	want.Unread, want.FirstUnread, want.FirstMention = chat.Unread{Messages: 2, Mentions: 1}, third.Seq, fourth.Seq
	f.stands(f.lobby, f.ada.ID, want)

	f.write(func(w chat.Writer) error { return w.SetReadPointer(f.lobby.ID, f.ada.ID, fourth.Seq) })
	f.stands(f.lobby, f.ada.ID, chat.Standing{LastRead: fourth.Seq, Pointer: true, Entered: true})

	last := f.post(f.lobby, f.bob)
	for range chat.MostUnread {
		f.post(f.lobby, f.bob)
	}
	f.stands(f.lobby, f.ada.ID, chat.Standing{
		LastRead: fourth.Seq, Pointer: true, Entered: true, Unread: chat.Unread{Messages: chat.MostUnread}, FirstUnread: last.Seq,
	})
}

func newcomer(f *fixture) {
	hidden := chat.Room{Slug: "hidden", Space: chat.SpaceGeneral, Name: "Hidden", Unlisted: true}
	f.write(func(w chat.Writer) error { return w.CreateRoom(&hidden) })
	f.post(hidden, f.ada)
	f.post(f.lobby, f.ada)
	old := f.post(f.admin, f.ada)
	f.stands(f.admin, f.bob.ID, chat.Standing{LastRead: old.Seq}) // bob has not entered the space
	for range 2 {
		f.write(func(w chat.Writer) error { return w.SetEntered(chat.SpaceAdmin, f.bob.ID) })
	}
	late := chat.Room{Slug: "late", Space: chat.SpaceAdmin, Name: "Late"}
	f.write(func(w chat.Writer) error { return w.CreateRoom(&late) })
	news, fresh := f.post(f.admin, f.ada), f.post(late, f.ada)
	f.write(func(w chat.Writer) error { return w.SetEntered(chat.SpaceAdmin, f.bob.ID) })
	one := chat.Unread{Messages: 1}
	f.stands(f.admin, f.bob.ID, chat.Standing{LastRead: old.Seq, Pointer: true, Entered: true, Unread: one, FirstUnread: news.Seq})
	f.stands(f.lobby, f.bob.ID, chat.Standing{Pointer: true, Entered: true, Unread: one, FirstUnread: 1})
	f.stands(hidden, f.bob.ID, chat.Standing{LastRead: 1, Entered: true}) // an unlisted room is read until it is visited
	f.stands(late, f.bob.ID, chat.Standing{Entered: true, Unread: one, FirstUnread: fresh.Seq})
}
