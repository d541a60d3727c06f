package chat_test

import (
	"testing"
	"time"

	"roomline/realtime/chat"
)

func TestTheReadPointerMovesForwardOnly(t *testing.T) {
	w := newWorld(t, noLimits())
	for _, user := range []string{ned, ned, mia} {
		w.says(user, "hello")
	}
	w.deletes(ned, 2)   // rev 4, which is no message's seq
	w.says(ned, "more") // seq 5
	for _, c := range []struct {
		seq  int64
		want chat.ReadState
		code chat.Code
	}{
		{0, chat.ReadState{}, chat.CodeInvalid},
		{2, chat.ReadState{LastRead: 2, Unread: 1}, ""}, // her own does not count
		{1, chat.ReadState{LastRead: 2, Unread: 1}, ""},
		{4, chat.ReadState{LastRead: 3, Unread: 1}, ""}, // no message has that number
		{6, chat.ReadState{}, chat.CodeInvalid},
		{-1, chat.ReadState{}, chat.CodeInvalid},
		{5, chat.ReadState{LastRead: 5, Unread: 0}, ""},
		{5, chat.ReadState{LastRead: 5, Unread: 0}, ""},
	} {
		got, err := w.MarkRead(t.Context(), in(mia), "lobby", c.seq)
		w.refused(err, c.code)
		if got != c.want {
			t.Errorf("after reading %d: %+v, want %+v", c.seq, got, c.want)
		}
	}
	w.says(ned, "one more")
	room, err := w.Room(t.Context(), in(mia), "lobby")
	w.ok(err)
	if room.LastRead != 5 || room.Unread != 1 {
		t.Errorf("the room says read up to %d, unread %d, want 5 and 1", room.LastRead, room.Unread)
	}
	rooms, err := w.Rooms(t.Context(), in(mia))
	w.ok(err)
	if len(rooms) != 1 || rooms[0] != room {
		t.Errorf("the list says %+v, want %+v", rooms, room)
	}
	if other, err := w.Room(t.Context(), in(ned), "lobby"); err != nil || other.LastRead != 0 {
		t.Errorf("somebody else's pointer moved: %+v, %v", other, err)
	}
}

func TestTheReadPointerStaysWhenItsMessageIsNoMore(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(ned, "hello")
	for range 2 {
		if _, err := w.Edit(t.Context(), in(ned), "lobby", m.Seq, m.Text+"!"); err != nil {
			t.Fatal(err)
		}
		m.Text += "!"
	}
	w.says(ned, "more") // seq 4, after seq 1; read was a message that stood between
	w.ok(w.store.Write(t.Context(), func(tx chat.Writer) error {
		return tx.SetReadPointer(m.RoomID, mia, 2)
	}, nil))
	got, err := w.MarkRead(t.Context(), in(mia), "lobby", 3)
	if want := (chat.ReadState{LastRead: 2, Unread: 1}); err != nil || got != want {
		t.Errorf("after reading 3: %+v, %v, want %+v", got, err, want)
	}
}

func TestNothingCanBeReadInAnEmptyRoom(t *testing.T) {
	w := newWorld(t, noLimits())
	_, err := w.MarkRead(t.Context(), in(mia), "lobby", 1)
	w.refused(err, chat.CodeInvalid)
}

func TestAnAuthorWhoIsGoneIsAFormerMember(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(moss, "hello")
	w.store.RemoveUser(moss)
	former := chat.User{ID: moss, Name: "Former member", Role: chat.RoleMember}

	one, err := w.Message(t.Context(), in(mia), "lobby", m.Seq)
	w.ok(err)
	page, err := w.History(t.Context(), in(mia), "lobby", chat.HistoryQuery{})
	w.ok(err)
	changes, err := w.Changes(t.Context(), m.RoomID, 0, 10)
	w.ok(err)
	for _, got := range []chat.Message{one, page.Messages[0], changes[0], w.latest()[0]} {
		if got.Author != former {
			t.Errorf("the author is %+v, want %+v", got.Author, former)
		}
	}
}

func TestAnAuthorIsShownByTheNameOfToday(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(mia, "hello")
	renamed := chat.User{ID: mia, Name: "Mia M.", Role: chat.RoleModerator}
	w.store.SetUser(renamed)
	if got := w.latest()[0].Author; got != renamed {
		t.Errorf("the author is %+v, want %+v", got, renamed)
	}
}

func TestTypingIsToldOnceInAWhile(t *testing.T) {
	w := newWorld(t, chat.DefaultLimits())
	for i, c := range []struct {
		user string
		on   bool
		tell bool
		pass int // milliseconds
	}{
		{mia, false, false, 0}, // never began
		{mia, true, true, 0},
		{mia, true, false, 0},
		{ned, true, true, 2999},
		{mia, true, false, 1},
		{mia, true, true, 1000},
		{mia, false, true, 0},
		{mia, false, false, 0},
		{mia, true, false, 0}, // within the while of the last notice
		{mia, false, false, 2000},
		{mia, true, true, 0},
		{mia, false, true, 0},
	} {
		user, tell, err := w.Typing(t.Context(), in(c.user), "lobby", c.on)
		w.ok(err)
		if tell != c.tell || user.ID != c.user || user.Name == "" {
			t.Errorf("step %d: tell %t of %+v, want %t of %s", i, tell, user, c.tell, c.user)
		}
		w.pass(time.Duration(c.pass) * time.Millisecond)
	}
	_, tell, err := w.Typing(t.Context(), chat.Actor{ID: moss, Space: chat.SpaceAdmin}, "admin", true)
	if err != nil || !tell {
		t.Errorf("another room: tell %t, %v", tell, err)
	}
}

func TestWhatIsTakenBackOfTypingIsWhatWasTold(t *testing.T) {
	w := newWorld(t, chat.DefaultLimits())
	for user, on := range map[string]bool{mia: true, ned: true} {
		_, tell, err := w.Typing(t.Context(), in(user), "lobby", on)
		if err != nil || !tell {
			t.Fatal(tell, err)
		}
	}
	name, rooms := w.StopTyping(mia)
	if name == "" || len(rooms) != 1 || rooms[0] != "lobby" {
		t.Errorf("%q is taken back in %q", name, rooms)
	}
	if _, rooms := w.StopTyping(mia); len(rooms) != 0 {
		t.Errorf("again in %q", rooms)
	}
	if _, tell, err := w.Typing(t.Context(), in(mia), "lobby", false); tell || err != nil {
		t.Errorf("a stop is told behind it: %v", err)
	}
	if _, tell, err := w.Typing(t.Context(), in(ned), "lobby", false); !tell || err != nil {
		t.Errorf("that of others is not told: %v", err)
	}
}
