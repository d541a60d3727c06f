package chat_test

import (
	"slices"
	"testing"

	"roomline/realtime/chat"
)

// guests lets visitors read the lobby.
func guests(_ *world, cfg *chat.Config) {
	cfg.Guests = func(room chat.Room) bool { return room.Slug == "lobby" || room.Slug == den || room.Slug == "admin" }
}

func TestAGuestReadsWhatIsChosenAndDoesNothingElse(t *testing.T) {
	reads := []string{
		"Access", "Enter", "HeldOf", "History", "Join", "Message", "Messages", "Room", "Rooms", "Search",
	}
	for name, method := range methods {
		for _, space := range []chat.Space{chat.SpaceGeneral, chat.SpaceAdmin} {
			t.Run(name+" in "+string(space), func(t *testing.T) {
				visitor := chat.Actor{Space: space}
				w, to := staged(t, chat.Actor{ID: mia, Space: space}, members, guests)
				if space == chat.SpaceGeneral && slices.Contains(reads, name) {
					_, err := method(w, visitor, to)
					w.refused(err, "")
					return
				}
				w.unchanged(func() {
					_, err := method(w, visitor, to)
					if code := chat.ErrorCode(err); code != chat.CodeForbidden && code != chat.CodeNotFound {
						t.Errorf("a guest gets %q (%v)", code, err)
					}
				})
			})
		}
	}
}

func TestAGuestSeesNoRoomThatIsNotChosen(t *testing.T) {
	w, _ := staged(t, in(mia), members, guests)
	w.ok(second(w.EnsureRoom(t.Context(), chat.NewRoom{Slug: "members", Name: "Members"})))
	w.ok(second(w.Post(t.Context(), chat.Post{Room: "members", As: mia, Text: "first of all"})))
	entered, err := w.Enter(t.Context(), chat.Actor{Space: chat.SpaceGeneral})
	w.ok(err)
	if entered.User != (chat.User{Name: "Guest", Role: chat.RoleGuest}) || len(entered.Rooms) != 1 || entered.Rooms[0].Slug != "lobby" {
		t.Errorf("a guest enters as %+v", entered)
	}
	found, err := w.Search(t.Context(), chat.Actor{Space: chat.SpaceGeneral}, chat.SearchQuery{Query: "first"})
	w.ok(err)
	if len(found.Messages) != 1 || found.Messages[0].Room != "lobby" {
		t.Errorf("a guest finds %+v", found.Messages)
	}
	for _, room := range []string{"members", den, "admin", "attic"} { // a private room is none for guests, whatever the host says
		_, err := w.Join(t.Context(), chat.Actor{Space: chat.SpaceGeneral}, room, nil)
		if e := w.refused(err, chat.CodeNotFound); e.Message != "There is no such room." {
			t.Errorf("%s is refused with %v", room, err)
		}
	}
}

func TestWithoutGuestsNobodyReadsAnything(t *testing.T) {
	for name, method := range methods {
		w, to := staged(t, in(mia), members)
		_, err := method(w, chat.Actor{Space: chat.SpaceGeneral}, to)
		if chat.ErrorCode(err) != chat.CodeForbidden {
			t.Errorf("%s: a visitor gets %v", name, err)
		}
	}
}

func TestNobodyWithAnAccountIsAGuest(t *testing.T) {
	for _, change := range [][]func(*world, *chat.Config){nil, {guests}} {
		w := newWorld(t, noLimits(), change...)
		w.store.SetUser(chat.User{ID: mia, Name: "Mia", Role: chat.RoleGuest})
		_, err := w.Room(t.Context(), in(mia), "lobby")
		w.refused(err, chat.CodeForbidden)
	}
}

func TestAGuestHasReadEverything(t *testing.T) {
	w := newWorld(t, noLimits(), guests)
	w.says(mia, "hello")
	for _, user := range []string{"", gone} {
		messages, mentions, err := w.unread(user)
		w.ok(err)
		some, _, err := w.unread(user, "lobby")
		w.ok(err)
		if messages != 0 || mentions != 0 || some != 0 {
			t.Errorf("%q has %d and %d unread", user, messages, some)
		}
	}
}
