package chat_test

import (
	"fmt"
	"testing"

	"roomline/realtime/chat"
)

// unread reports other counts of what a user has not read of the lobby, wherever they are told.
func (w *world) unread(user string, want chat.Unread) chat.RoomView {
	w.Helper()
	view, err := w.Room(w.Context(), in(user), "lobby")
	w.ok(err)
	if got := (chat.Unread{Messages: view.Unread, Mentions: view.Mentions}); got != want {
		w.Errorf("the room has %+v unread for %s, want %+v", got, user, want)
	}
	joined, err := w.Join(w.Context(), in(user), "lobby", nil)
	w.ok(err)
	rooms, err := w.Rooms(w.Context(), in(user))
	w.ok(err)
	if joined.Room != view || rooms[0] != view {
		w.Errorf("join has %+v, the list %+v, the room %+v", joined.Room, rooms[0], view)
	}
	host, err := w.Unread(w.Context(), user, "lobby")
	w.ok(err)
	many, err := w.UnreadIn(w.Context(), view.ID, []string{user})
	w.ok(err)
	if host["lobby"] != want || many.Users[user].Unread != want {
		w.Errorf("the host is told %+v, the live count is %+v, want %+v", host["lobby"], many.Users[user].Unread, want)
	}
	return view
}

func TestOwnMessagesAreNeverUnread(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(mia, "one")
	w.says(mia, "two")
	w.unread(mia, chat.Unread{})
	first := w.says(ned, "three")
	w.says(mia, "four")
	if view := w.unread(mia, chat.Unread{Messages: 1}); view.FirstUnread != first.Seq {
		t.Errorf("the first unread message is %d, want %d", view.FirstUnread, first.Seq)
	}
	w.unread(ned, chat.Unread{Messages: 3})
}

func TestADeletionLowersTheCount(t *testing.T) {
	w := newWorld(t, noLimits())
	first, second := w.says(ned, "one"), w.says(ned, "two @Mia")
	w.unread(mia, chat.Unread{Messages: 2, Mentions: 1})
	w.deletes(ned, second.Seq)
	w.unread(mia, chat.Unread{Messages: 1})
	w.dismisses(first.Seq)
	w.unread(mia, chat.Unread{})
	_, err := w.Restore(t.Context(), mod(moss), "lobby", first.Seq, why)
	w.ok(err)
	w.unread(mia, chat.Unread{Messages: 1})
}

func TestMentionsFollowEdits(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(ned, "lunch @Mia")
	edit := func(text string, want ...string) {
		t.Helper()
		_, err := w.Edit(t.Context(), in(ned), "lobby", m.Seq, text)
		w.ok(err)
		w.noted(want...)
	}
	w.noted("mention lobby 1 [mia]")
	edit("lunch?", "recount lobby [mia]")
	w.unread(mia, chat.Unread{Messages: 1})
	edit("lunch @Moss", "mention lobby 1 [moss]")
	if view := w.unread(moss, chat.Unread{Messages: 1, Mentions: 1}); view.FirstMention != m.Seq {
		t.Errorf("the first mention is %d, want %d", view.FirstMention, m.Seq)
	}
	edit("lunch @Moss @Mia", "recount lobby [mia]") // counted again, and not notified again
	w.unread(mia, chat.Unread{Messages: 1, Mentions: 1})
	edit("dinner @Moss @Mia")
}

func TestANewcomerStartsAtTheEnd(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(ned, "long ago @Mia")
	secret, err := w.CreateRoom(t.Context(), in(moss), chat.NewRoom{Name: "Secret", Private: true})
	w.ok(err)
	d := w.draft("for your eyes")
	d.Room = secret.Slug
	w.ok(second(w.Send(t.Context(), in(moss), d)))

	w.store.SetUser(chat.User{ID: "nia", Name: "Nia", Role: chat.RoleMember})
	w.unread("nia", chat.Unread{})
	w.says(ned, "welcome @Nia")
	w.unread("nia", chat.Unread{Messages: 1, Mentions: 1})

	w.ok(second(w.Invite(t.Context(), in(moss), secret.Slug, "nia")))
	view, err := w.Room(t.Context(), in("nia"), secret.Slug)
	w.ok(err)
	if view.Unread != 0 || view.LastRead != view.Head {
		t.Errorf("on joining, the private room has %d unread after %d", view.Unread, view.LastRead)
	}

	// A room that is made afterwards is unread from its beginning.
	late, err := w.CreateRoom(t.Context(), in(moss), chat.NewRoom{Name: "Late"})
	w.ok(err)
	d = w.draft("first")
	d.Room = late.Slug
	w.ok(second(w.Send(t.Context(), in(moss), d)))
	if view, err = w.Room(t.Context(), in("nia"), late.Slug); err != nil || view.Unread != 1 {
		t.Errorf("a new room has %d unread, %v, want 1", view.Unread, err)
	}
}

func TestUnreadIsExactBeyondTheTail(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(ned, "the only one of another")
	for i := range 2*chat.MostUnread + 10 {
		m := w.says(mia, fmt.Sprint("mine ", i))
		if i%2 == 0 {
			w.deletes(mia, m.Seq)
		}
	}
	w.unread(mia, chat.Unread{Messages: 1})
	w.unread(ned, chat.Unread{Messages: chat.MostUnread})
}
