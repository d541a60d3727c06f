package chattest

import (
	"errors"
	"slices"
	"strings"

	"roomline/realtime/chat"
)

// attic makes a private room.
func (f *fixture) attic() chat.Room {
	f.Helper()
	room := chat.Room{
		Slug: "attic", Space: chat.SpaceGeneral, Name: "Attic", Epoch: "an-epoch", Private: true,
		Notice: "Mind the stairs", CreatedBy: f.bob.ID,
	}
	f.write(func(w chat.Writer) error { return w.CreateRoom(&room) })
	return room
}

func privateRooms(f *fixture) {
	attic := f.attic()
	if got := f.room("attic"); got != attic {
		f.Errorf("the room is %+v, want %+v", got, attic)
	}
	f.write(func(w chat.Writer) error { return w.SetMember(attic.ID, f.bob.ID, true) })
	for user, want := range map[string][]string{f.bob.ID: {"lobby", "attic"}, f.ada.ID: {"lobby"}, nobody: {"lobby"}} {
		f.read(func(r chat.Reader) error {
			rooms, err := r.RoomsOf(chat.SpaceGeneral, user)
			var got []string
			for _, room := range rooms {
				got = append(got, room.Room.Slug)
				standing, err := r.Standing(room.Room.ID, user)
				if err != nil || room.Standing != standing || standing.Belongs != (room.Room.ID == attic.ID) {
					f.Errorf("%s stands to %s as %+v, alone %+v, %v", user, room.Room.Slug, room.Standing, standing, err)
				}
			}
			if !slices.Equal(got, want) {
				f.Errorf("the rooms of %s are %v, want %v", user, got, want)
			}
			return err
		})
	}
	f.write(func(w chat.Writer) error { return w.SetMember(attic.ID, f.bob.ID, false) })
	f.read(func(r chat.Reader) error {
		if rooms, err := r.RoomsOf(chat.SpaceGeneral, f.bob.ID); err != nil || len(rooms) != 1 {
			f.Errorf("who belongs no more has %+v, %v", rooms, err)
		}
		return nil
	})
}

func memberOrder(f *fixture) {
	attic := f.attic()
	f.write(func(w chat.Writer) error {
		return errors.Join(w.SetMember(attic.ID, f.bob.ID, true), w.SetMember(attic.ID, nobody, true),
			w.SetMember(attic.ID, f.ada.ID, true), w.SetMember(attic.ID, f.bob.ID, true), w.SetMember(attic.ID, nobody, false))
	})
	f.read(func(r chat.Reader) error {
		got, err := r.MembersOf(attic.ID)
		if !slices.Equal(got, []string{f.bob.ID, f.ada.ID}) {
			f.Errorf("the members are %v", got)
		}
		return err
	})
}

func countedMentions(f *fixture) {
	first, second := f.post(f.lobby, f.ada), f.post(f.lobby, f.ada)
	count := func(want int64) {
		f.Helper()
		f.read(func(r chat.Reader) error {
			if got, err := r.Standing(f.lobby.ID, f.bob.ID); err != nil || got.Unread.Mentions != want {
				f.Errorf("%d mentions, %v, want %d", got.Unread.Mentions, err, want)
			}
			return nil
		})
	}
	f.write(func(w chat.Writer) error {
		return errors.Join(w.RecordMention(f.lobby.ID, first.Seq, f.bob.ID), w.RecordMention(f.lobby.ID, second.Seq, f.bob.ID),
			w.RecordMention(f.lobby.ID, first.Seq, f.ada.ID))
	})
	count(2)
	f.edit(second)
	count(2)
	f.remove(second)
	count(1)
	f.write(func(w chat.Writer) error {
		return w.SetReadPointer(f.lobby.ID, f.bob.ID, first.Seq)
	})
	count(0)
}

func levels(f *fixture) {
	f.write(func(w chat.Writer) error {
		return errors.Join(w.SetLevel(f.lobby.ID, f.ada.ID, chat.LevelAll), w.SetLevel(f.lobby.ID, f.ada.ID, chat.LevelNone))
	})
	f.read(func(r chat.Reader) error {
		ada, err1 := r.Standing(f.lobby.ID, f.ada.ID)
		bob, err2 := r.Standing(f.lobby.ID, f.bob.ID)
		if ada.Level != chat.LevelNone || bob.Level != "" {
			f.Errorf("the levels are %q and %q", ada.Level, bob.Level)
		}
		return errors.Join(err1, err2)
	})
}

func namedUsers(f *fixture) {
	f.read(func(r chat.Reader) error {
		loud := strings.ToUpper(f.ada.Name)
		named, err1 := r.UsersNamed([]string{loud, "no-such-name", f.bob.Name, "ad", "%", ""})
		if len(named) != 2 || named[loud] != f.ada || named[f.bob.Name] != f.bob {
			f.Errorf("users by name are %+v", named)
		}
		some, err2 := r.FindUsers(loud[:1], 10)
		if len(some) != 1 || some[0] != f.ada {
			f.Errorf("who begins with %q is %+v", loud[:1], some)
		}
		all, err3 := r.FindUsers("", 10)
		one, err4 := r.FindUsers("", 1)
		if !slices.Equal(all, []chat.User{f.ada, f.bob}) || !slices.Equal(one, all[:1]) {
			f.Errorf("all users are %+v, the first %+v", all, one)
		}
		none, err5 := r.FindUsers("_", 10)
		if len(none) != 0 {
			f.Errorf("who begins with _ is %+v", none)
		}
		return errors.Join(err1, err2, err3, err4, err5)
	})
}

func updatedRoom(f *fixture) {
	attic := f.attic()
	attic.Name, attic.Topic, attic.Notice = "Loft", "Boxes", ""
	f.write(func(w chat.Writer) error {
		if _, err := w.Room("attic"); err != nil { // what a store knows of it, it must know anew
			return err
		}
		if err := w.UpdateRoom(attic); err != nil {
			return err
		}
		if got, err := w.Room("attic"); err != nil || got != attic {
			f.Errorf("the writer reads %+v, %v, want %+v", got, err, attic)
		}
		return nil
	})
	f.untouched(attic)
}

func purgedMessages(f *fixture) {
	first, second := f.post(f.lobby, f.ada), f.post(f.lobby, f.bob)
	first = f.edit(first)
	third := f.post(f.lobby, f.ada)
	elsewhere := f.post(f.admin, f.ada)
	f.write(func(w chat.Writer) error {
		return errors.Join(w.RecordMention(f.lobby.ID, first.Seq, f.bob.ID), w.RecordMention(f.lobby.ID, third.Seq, f.bob.ID))
	})
	f.write(func(w chat.Writer) error {
		for _, want := range []struct {
			upTo  int64
			limit int
			n     int
			floor int64
		}{{0, 10, 0, 0}, {second.Seq, 1, 1, first.Seq}, {second.Seq + 1, 10, 1, second.Seq}, {second.Seq + 1, 10, 0, second.Seq}} {
			n, err := w.Purge(f.lobby.ID, want.upTo, want.limit)
			room, err2 := w.Room("lobby")
			if err != nil || err2 != nil || n != want.n || room.Floor != want.floor || room.Head != third.Rev {
				f.Errorf("up to %d: %d purged, %v; the room is %+v, %v; want %+v", want.upTo, n, err, room, err2, want)
			}
		}
		return nil
	})
	fourth := f.post(f.lobby, f.bob)
	f.read(func(r chat.Reader) error {
		page, err1 := r.Before(f.lobby.ID, 1000, 10)
		f.same("a page", page, []chat.Message{third, fourth})
		changes, err2 := r.Changes(f.lobby.ID, 0, 10)
		f.same("changes", changes, []chat.Message{third, fourth})
		other, err3 := r.After(f.admin.ID, 0, 10)
		f.same("another room", other, []chat.Message{elsewhere})
		_, err := r.Message(f.lobby.ID, first.Seq)
		f.missing("a purged message", err)
		standing, err4 := r.Standing(f.lobby.ID, f.bob.ID)
		if standing.Unread.Mentions != 1 {
			f.Errorf("%d mentions are counted", standing.Unread.Mentions)
		}
		return errors.Join(err1, err2, err3, err4)
	})
	if room := f.room("lobby"); room.Purged != second.Post || room.Posts != fourth.Post {
		f.Errorf("the room is %+v", room)
	}
}
