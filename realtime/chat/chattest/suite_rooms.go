package chattest

import (
	"errors"
	"maps"
	"slices"

	"roomline/realtime/chat"
)

// nobody is the id of no user: larger than any that a store hands out, and all digits, as
// ids may be numbers.
const nobody = "999999999999"

func freshRooms(f *fixture) {
	for _, want := range []struct {
		room  chat.Room
		space chat.Space
	}{{f.lobby, chat.SpaceGeneral}, {f.admin, chat.SpaceAdmin}} {
		room := want.room
		if room.ID == 0 || room.Epoch == "" || room.Name == "" {
			f.Errorf("room %q lacks id, epoch or name: %+v", room.Slug, room)
		}
		if room.Space != want.space || room.Head != 0 || room.Posts != 0 || room.Frozen || room.SlowMode != 0 {
			f.Errorf("room %q is not an open, empty room of space %s: %+v", room.Slug, want.space, room)
		}
		f.rooms(want.space, room)
	}
	if f.lobby.Epoch == f.admin.Epoch {
		f.Error("two rooms have the same epoch")
	}
	f.rooms("elsewhere")
}

func createdRoom(f *fixture) {
	attic := chat.Room{
		Slug: "attic", Space: chat.SpaceGeneral, Name: "Attic", Topic: "Old <things> & “more”",
		Epoch: "an-epoch", Frozen: true, SlowMode: 30,
	}
	cellar := chat.Room{Slug: "cellar", Space: chat.SpaceAdmin, Name: "Cellar", Epoch: "another-epoch"}
	f.write(func(w chat.Writer) error { return errors.Join(w.CreateRoom(&attic), w.CreateRoom(&cellar)) })

	ids := map[int64]bool{f.lobby.ID: true, f.admin.ID: true, attic.ID: true, cellar.ID: true}
	if len(ids) != 4 || ids[0] {
		f.Fatalf("rooms do not have ids of their own: %v", ids)
	}
	f.untouched(attic)
	f.untouched(cellar)
	f.rooms(chat.SpaceGeneral, f.lobby, attic)
	f.rooms(chat.SpaceAdmin, f.admin, cellar)
}

func slugTaken(f *fixture) {
	err := f.store.Write(f.Context(), func(w chat.Writer) error {
		return w.CreateRoom(&chat.Room{Slug: "lobby", Space: chat.SpaceAdmin, Name: "Impostor", Epoch: "an-epoch"})
	}, nil)
	if err == nil {
		f.Error("a second room got the slug of the lobby")
	}
	f.rooms(chat.SpaceGeneral, f.lobby)
	f.rooms(chat.SpaceAdmin, f.admin)
}

func knownUsers(f *fixture) {
	if f.ada.ID == f.bob.ID || f.ada.Role != chat.RoleOwner || f.bob.Role != chat.RoleMember {
		f.Fatalf("users are not as asked for: %+v, %+v", f.ada, f.bob)
	}
	f.read(func(r chat.Reader) error {
		for _, want := range []chat.User{f.ada, f.bob} {
			if got, err := r.User(want.ID); err != nil || got != want {
				f.Errorf("user %s is %+v, %v, want %+v", want.ID, got, err, want)
			}
		}
		want := map[string]chat.User{f.ada.ID: f.ada, f.bob.ID: f.bob}
		got, err := r.Users([]string{f.bob.ID, nobody, f.ada.ID, f.bob.ID, "no-id"})
		if err != nil || !maps.Equal(got, want) {
			f.Errorf("users are %+v, %v, want %+v", got, err, want)
		}
		got, err = r.Users(nil)
		if err != nil || len(got) != 0 {
			f.Errorf("no users are %+v, %v", got, err)
		}
		return nil
	})
}

func roomsOf(f *fixture) {
	attic := chat.Room{Slug: "attic", Space: chat.SpaceGeneral, Name: "Attic", Epoch: "an-epoch"}
	cellar := chat.Room{Slug: "cellar", Space: chat.SpaceGeneral, Name: "Cellar", Epoch: "another-epoch"}
	f.write(func(w chat.Writer) error { return errors.Join(w.CreateRoom(&attic), w.CreateRoom(&cellar)) })
	const first, second = 7, 9
	f.write(func(w chat.Writer) error {
		return errors.Join(
			w.SetReadPointer(f.lobby.ID, f.ada.ID, first), w.SetReadPointer(cellar.ID, f.ada.ID, second),
			w.SetReadPointer(attic.ID, f.bob.ID, second), w.SetReadPointer(f.admin.ID, f.bob.ID, first))
	})
	at := func(seq int64) chat.Standing { return chat.Standing{LastRead: seq, Pointer: true, Entered: true} }
	for _, c := range []struct {
		space chat.Space
		user  string
		want  []chat.RoomOf
	}{
		{chat.SpaceGeneral, f.ada.ID, []chat.RoomOf{{Room: f.lobby, Standing: at(first)}, {Room: attic, Standing: chat.Standing{Entered: true}}, {Room: cellar, Standing: at(second)}}},
		{chat.SpaceGeneral, f.bob.ID, []chat.RoomOf{{Room: f.lobby, Standing: at(0)}, {Room: attic, Standing: at(second)}, {Room: cellar, Standing: chat.Standing{Entered: true}}}},
		{chat.SpaceGeneral, nobody, []chat.RoomOf{{Room: f.lobby}, {Room: attic}, {Room: cellar}}},
		{chat.SpaceAdmin, f.bob.ID, []chat.RoomOf{{Room: f.admin, Standing: chat.Standing{LastRead: first, Pointer: true}}}},
		{"elsewhere", f.ada.ID, nil},
	} {
		f.read(func(r chat.Reader) error {
			if got, err := r.RoomsOf(c.space, c.user); err != nil || !slices.Equal(got, c.want) {
				f.Errorf("space %s read by %s is %+v, %v, want %+v", c.space, c.user, got, err, c.want)
			}
			return nil
		})
	}
}

func missingRows(f *fixture) {
	m := f.post(f.lobby, f.ada)
	f.write(func(w chat.Writer) error {
		return w.RecordSent(chat.Sent{UserID: f.ada.ID, ClientID: "message-1", RoomID: m.RoomID, Seq: m.Seq})
	})
	f.read(func(r chat.Reader) error {
		_, err := r.Room("attic")
		f.missing("room of an unknown slug", err)
		for _, id := range []string{nobody, "no-id", ""} {
			_, err = r.User(id)
			f.missing("user "+id, err)
		}
		_, err = r.Message(f.lobby.ID, m.Seq+1)
		f.missing("message above the newest", err)
		_, err = r.Message(f.admin.ID, m.Seq)
		f.missing("message of another room", err)
		_, err = r.Sent(f.ada.ID, "message-2")
		f.missing("another client id", err)
		_, err = r.Sent(f.bob.ID, "message-1")
		f.missing("client id of another user", err)
		if p, err := r.Standing(f.lobby.ID, f.ada.ID); err != nil || p.LastRead != 0 {
			f.Errorf("a read pointer never set is %+v, %v, want zero", p, err)
		}
		return nil
	})
}

// rooms reports a space that does not have these rooms in this order.
func (f *fixture) rooms(space chat.Space, want ...chat.Room) {
	f.Helper()
	f.read(func(r chat.Reader) error {
		got, err := r.Rooms(space)
		if err != nil {
			return err
		}
		if len(got) != len(want) {
			f.Errorf("space %s has %d rooms, want %d", space, len(got), len(want))
			return nil
		}
		for i := range got {
			if got[i] != want[i] {
				f.Errorf("room %d of space %s is %+v, want %+v", i+1, space, got[i], want[i])
			}
		}
		return nil
	})
}
