package chat_test

import (
	"slices"
	"testing"

	"roomline/realtime/chat"
)

// call is a method of the service, called with what is valid but for its rights.
type call struct {
	name string
	do   func(w *world, a chat.Actor, room string) error
}

// calls are all methods that work on a room. The message with seq 1 is there in both rooms,
// and by whoever acts.
func calls() []call {
	return []call{
		{"room", func(w *world, a chat.Actor, room string) error { _, err := w.Room(w.Context(), a, room); return err }},
		{"access", func(w *world, a chat.Actor, room string) error {
			_, _, err := w.Access(w.Context(), a, room)
			return err
		}},
		{"join", func(w *world, a chat.Actor, room string) error {
			_, err := w.Join(w.Context(), a, room, nil)
			return err
		}},
		{"join since", func(w *world, a chat.Actor, room string) error {
			_, err := w.Join(w.Context(), a, room, &chat.Position{Epoch: "of yore", Rev: 7})
			return err
		}},
		{"history", func(w *world, a chat.Actor, room string) error {
			_, err := w.History(w.Context(), a, room, chat.HistoryQuery{Around: 1})
			return err
		}},
		{"message", func(w *world, a chat.Actor, room string) error {
			_, err := w.Message(w.Context(), a, room, 1)
			return err
		}},
		{"mark read", func(w *world, a chat.Actor, room string) error {
			_, err := w.MarkRead(w.Context(), a, room, 1)
			return err
		}},
		{"typing", func(w *world, a chat.Actor, room string) error {
			_, _, err := w.Typing(w.Context(), a, room, true)
			return err
		}},
		{"send", func(w *world, a chat.Actor, room string) error {
			d := w.draft("hello")
			d.Room = room
			_, err := w.Send(w.Context(), a, d)
			return err
		}},
		{"edit", func(w *world, a chat.Actor, room string) error {
			_, err := w.Edit(w.Context(), a, room, 1, "another text")
			return err
		}},
		{"delete", func(w *world, a chat.Actor, room string) error {
			_, err := w.Delete(w.Context(), a, room, 1)
			return err
		}},
		{"react", func(w *world, a chat.Actor, room string) error {
			_, err := w.React(w.Context(), a, room, 1, "👍", true)
			return err
		}},
		{"messages", func(w *world, a chat.Actor, room string) error {
			_, err := w.Messages(w.Context(), a, room, []int64{1})
			return err
		}},
		{"level", func(w *world, a chat.Actor, room string) error {
			_, err := w.SetLevel(w.Context(), a, room, chat.LevelAll)
			return err
		}},
		{"find users", func(w *world, a chat.Actor, room string) error {
			_, err := w.FindUsers(w.Context(), a, room, "", 0)
			return err
		}},
		{"members", func(w *world, a chat.Actor, room string) error {
			_, err := w.Members(w.Context(), a, room)
			return err
		}},
	}
}

// written makes a world in which user wrote the first message of both rooms, whatever their
// rights are.
func written(t *testing.T, user string) *world {
	w := newWorld(t, noLimits())
	err := w.store.Write(t.Context(), func(tx chat.Writer) error {
		for _, slug := range []string{"lobby", "admin"} {
			room, err := tx.Room(slug)
			if err != nil {
				return err
			}
			rev, posts, err := tx.Advance(room.ID, true)
			if err != nil {
				return err
			}
			err = tx.InsertMessage(chat.Message{
				RoomID: room.ID, Room: slug, Seq: rev, Rev: rev, Post: posts, ID: "message-1",
				Kind: chat.KindText, Author: chat.User{ID: user}, Text: "first", SentAt: w.clock,
			})
			if err != nil {
				return err
			}
		}
		return nil
	}, nil)
	w.ok(err)
	return w
}

func TestEveryMethodKeepsTheSpacesApart(t *testing.T) {
	const no, gen, adm = chat.CodeNotFound, chat.SpaceGeneral, chat.SpaceAdmin
	for _, c := range []struct {
		user                string
		space               chat.Space
		lobby, admin, attic chat.Code // attic is a room that does not exist
	}{
		{gone, gen, chat.CodeForbidden, chat.CodeForbidden, chat.CodeForbidden},
		{gone, adm, chat.CodeForbidden, chat.CodeForbidden, chat.CodeForbidden},
		{mia, gen, "", no, no},
		{mia, adm, no, no, no},
		{mia, "elsewhere", no, no, no},
		{moss, gen, "", no, no},
		{moss, adm, no, "", no},
		{moss, "", "", no, no}, // the general space
		{olive, gen, "", no, no},
		{olive, adm, no, "", no},
	} {
		for _, call := range calls() {
			for room, want := range map[string]chat.Code{"lobby": c.lobby, "admin": c.admin, "attic": c.attic} {
				t.Run(c.user+" in "+string(c.space)+": "+call.name+" "+room, func(t *testing.T) {
					w := written(t, c.user)
					err := call.do(w, chat.Actor{ID: c.user, Space: c.space}, room)
					refusal := w.refused(err, want)
					if want == no && refusal.Message != "There is no such room." {
						t.Errorf("the refusal tells more than that there is no such room: %v", err)
					}
					if want != "" {
						w.heard()
					}
				})
			}
		}
	}
}

func TestAMemberCannotSeeThatTheAdminRoomExists(t *testing.T) {
	for _, call := range calls() {
		for _, space := range []chat.Space{chat.SpaceGeneral, chat.SpaceAdmin} {
			w := written(t, mia)
			a := chat.Actor{ID: mia, Space: space}
			hidden, absent := w.refused(call.do(w, a, "admin"), chat.CodeNotFound), w.refused(call.do(w, a, "attic"), chat.CodeNotFound)
			if hidden != absent {
				t.Errorf("%s: the admin room is refused as %+v, an absent one as %+v", call.name, hidden, absent)
			}
		}
	}
	w := newWorld(t, noLimits())
	rooms, err := w.Rooms(t.Context(), in(mia))
	w.ok(err)
	if len(rooms) != 1 || rooms[0].Slug != "lobby" {
		t.Errorf("a member sees the rooms %+v", rooms)
	}
}

func TestASpaceListsItsRoomsToThoseWhoMayEnter(t *testing.T) {
	for _, c := range []struct {
		user  string
		space chat.Space
		code  chat.Code
		room  string
	}{
		{gone, chat.SpaceGeneral, chat.CodeForbidden, ""},
		{gone, chat.SpaceAdmin, chat.CodeForbidden, ""},
		{mia, chat.SpaceGeneral, "", "lobby"},
		{mia, chat.SpaceAdmin, chat.CodeForbidden, ""},
		{mia, "elsewhere", chat.CodeForbidden, ""},
		{moss, chat.SpaceGeneral, "", "lobby"},
		{moss, chat.SpaceAdmin, "", "admin"},
		{olive, chat.SpaceAdmin, "", "admin"},
	} {
		w := newWorld(t, noLimits())
		rooms, err := w.Rooms(t.Context(), chat.Actor{ID: c.user, Space: c.space})
		w.refused(err, c.code)
		entered, err := w.Enter(t.Context(), chat.Actor{ID: c.user, Space: c.space})
		w.refused(err, c.code)
		if !slices.Equal(entered.Rooms, rooms) || c.code == "" && (entered.User.ID != c.user || !entered.User.Role.Valid()) {
			t.Errorf("%s enters %s as %+v and sees %+v, want %+v", c.user, c.space, entered.User, entered.Rooms, rooms)
		}
		if c.code == "" && (len(rooms) != 1 || rooms[0].Slug != c.room) {
			t.Errorf("%s in %s sees %+v, want %s", c.user, c.space, rooms, c.room)
		}
	}
}

func TestWhoMayWriteWhat(t *testing.T) {
	const no, frozen, none = chat.CodeForbidden, chat.CodeFrozen, chat.CodeNotFound
	for _, c := range []struct {
		user, author, state          string // the first message's author and the room's or message's state
		send, typing, edit, deletion chat.Code
		react                        chat.Code
	}{
		{mia, mia, "open", "", "", "", "", ""},
		{mia, ned, "open", "", "", no, no, ""},
		{mia, moss, "open", "", "", no, no, ""},
		{moss, moss, "open", "", "", "", "", ""},
		{moss, mia, "open", "", "", no, no, ""},
		{olive, olive, "open", "", "", "", "", ""},
		{olive, mia, "open", "", "", no, no, ""},
		{mia, mia, "frozen", frozen, frozen, frozen, frozen, frozen},
		{mia, ned, "frozen", frozen, frozen, frozen, frozen, frozen},
		{moss, moss, "frozen", "", "", "", "", ""},
		{moss, mia, "frozen", "", "", no, no, ""},
		{olive, olive, "frozen", "", "", "", "", ""},
		{mia, mia, "deleted", "", "", none, "", none},
		{mia, ned, "deleted", "", "", none, no, none},
		{moss, moss, "deleted", "", "", none, "", none},
	} {
		want := map[string]chat.Code{"send": c.send, "typing": c.typing, "edit": c.edit, "delete": c.deletion, "react": c.react}
		for _, call := range calls() {
			code, writes := want[call.name]
			t.Run(c.user+": "+call.name+" "+c.author+"'s, "+c.state, func(t *testing.T) {
				w := written(t, c.author)
				switch c.state {
				case "frozen":
					w.setLobby(freeze)
				case "deleted":
					w.deletes(c.author, 1)
				}
				err := call.do(w, in(c.user), "lobby")
				if writes {
					w.refused(err, code)
				} else {
					w.refused(err, "") // reading is open to all, always
				}
			})
		}
	}
}

func TestRightsAreReadAnewEachTime(t *testing.T) {
	w := newWorld(t, noLimits())
	a := chat.Actor{ID: moss, Space: chat.SpaceAdmin}
	user, room, err := w.Access(t.Context(), a, "admin")
	w.ok(err)
	if user.Role != chat.RoleModerator || room.Slug != "admin" {
		t.Errorf("access is as %+v to %+v", user, room)
	}
	w.store.SetUser(chat.User{ID: moss, Name: "Moss", Role: chat.RoleMember})
	_, _, err = w.Access(t.Context(), a, "admin")
	w.refused(err, chat.CodeNotFound)
	w.store.SetUser(chat.User{ID: moss, Name: "Moss", Role: "unheard of"})
	_, _, err = w.Access(t.Context(), in(moss), "lobby")
	w.refused(err, chat.CodeForbidden)
	w.store.RemoveUser(moss)
	_, _, err = w.Access(t.Context(), in(moss), "lobby")
	w.refused(err, chat.CodeForbidden)
}
