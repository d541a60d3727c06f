package chat_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// cellar makes a private room of moss's, with mia in it.
func (w *world) cellar() chat.Room {
	w.Helper()
	room, err := w.CreateRoom(w.Context(), in(moss), chat.NewRoom{Name: "The Cellar", Topic: "below", Private: true})
	w.ok(err)
	_, err = w.Invite(w.Context(), in(moss), room.Slug, mia)
	w.ok(err)
	w.notes = nil
	return room.Room
}

func TestAPrivateRoomDoesNotExistForOthers(t *testing.T) {
	for _, call := range calls() {
		w := newWorld(t, noLimits())
		slug := w.cellar().Slug
		d := w.draft("hello")
		d.Room = slug
		_, err := w.Send(t.Context(), in(mia), d)
		w.ok(err)
		for _, user := range []string{ned, olive} { // not the owner either
			hidden, absent := w.refused(call.do(w, in(user), slug), chat.CodeNotFound), w.refused(call.do(w, in(user), "attic"), chat.CodeNotFound)
			if hidden != absent {
				t.Errorf("%s: the private room is refused as %+v, an absent one as %+v", call.name, hidden, absent)
			}
		}
		if call.name != "edit" && call.name != "delete" {
			w.refused(call.do(w, in(mia), slug), "")
		}
	}
	w := newWorld(t, noLimits())
	slug := w.cellar().Slug
	for user, want := range map[string]int{mia: 2, moss: 2, ned: 1, olive: 1} {
		rooms, err := w.Rooms(t.Context(), in(user))
		w.ok(err)
		if len(rooms) != want || want == 2 && rooms[1].Slug != slug {
			t.Errorf("%s sees the rooms %+v", user, rooms)
		}
	}
	for _, act := range []func(user string) error{
		func(user string) error { _, err := w.Invite(t.Context(), in(user), slug, user); return err },
		func(user string) error { _, err := w.Remove(t.Context(), in(user), slug, mia); return err },
		func(user string) error { _, err := w.Remove(t.Context(), in(user), slug, user); return err },
		func(user string) error {
			_, err := w.UpdateRoom(t.Context(), in(user), slug, chat.RoomChange{})
			return err
		},
	} {
		w.refused(act(ned), chat.CodeNotFound)
		w.refused(act(olive), chat.CodeNotFound)
	}
	w.noted()
}

func TestNobodyLearnsOfAPrivateRoomByTakingItsName(t *testing.T) {
	w := newWorld(t, noLimits())
	slug := w.cellar().Slug
	if !strings.HasPrefix(slug, "the-cellar-") || len(slug) < len("the-cellar-")+8 {
		t.Errorf("the slug is %q", slug)
	}
	room, err := w.CreateRoom(t.Context(), in(olive), chat.NewRoom{Name: "The Cellar"})
	w.ok(err)
	if room.Slug != "the-cellar" || room.Private || !room.Manage {
		t.Errorf("the room is %+v", room)
	}
	w.noted("room the-cellar")
	_, err = w.CreateRoom(t.Context(), in(olive), chat.NewRoom{Name: "the cellar!"})
	w.refused(err, chat.CodeInvalid)
	w.noted()
}

func TestWhoLeftAPrivateRoomIsNotBroughtBackByAChangeOfIt(t *testing.T) {
	w := newWorld(t, noLimits())
	slug := w.cellar().Slug
	_, err := w.Invite(t.Context(), in(moss), slug, olive)
	w.ok(err)
	_, err = w.Remove(t.Context(), in(moss), slug, moss)
	w.ok(err)
	w.notes = nil
	topic := "further below"
	_, err = w.UpdateRoom(t.Context(), in(olive), slug, chat.RoomChange{Topic: &topic})
	w.ok(err)
	w.noted("room " + slug)
}

func TestARefusalNamesWhatIsWrong(t *testing.T) {
	w := newWorld(t, noLimits())
	long := strings.Repeat("a", 501)
	for want, change := range map[string]chat.RoomChange{"name": {Name: &long}, "topic": {Topic: &long}, "notice": {Notice: &long}} {
		_, err := w.UpdateRoom(t.Context(), in(moss), "lobby", change)
		if refusal := (*chat.Error)(nil); !errors.As(err, &refusal) || refusal.Field != want {
			t.Errorf("a wrong %s is refused as %+v", want, err)
		}
	}
	if w.MayCreate(chat.User{ID: mia, Role: chat.RoleMember}) || !w.MayCreate(chat.User{ID: moss, Role: chat.RoleModerator}) {
		t.Error("not the moderators alone may make rooms")
	}
}

func TestWhoMayMakeRooms(t *testing.T) {
	w := newWorld(t, noLimits())
	for user, want := range map[string]chat.Code{mia: chat.CodeForbidden, moss: "", olive: "", gone: chat.CodeForbidden} {
		_, err := w.CreateRoom(t.Context(), in(user), chat.NewRoom{Name: "Of " + user})
		w.refused(err, want)
	}
	_, err := w.CreateRoom(t.Context(), chat.Actor{ID: moss, Space: chat.SpaceAdmin}, chat.NewRoom{Name: "Another"})
	w.refused(err, chat.CodeForbidden)
	free := chat.New(chat.Config{Store: w.store, CreateRooms: chat.RoleMember})
	_, err = free.CreateRoom(t.Context(), in(mia), chat.NewRoom{Name: "Of a member"})
	w.refused(err, "")
}

func TestNamesOfRooms(t *testing.T) {
	w := newWorld(t, noLimits())
	for name, slug := range map[string]string{
		"  The   Long\tTable ": "the-long-table", "C++ & Go": "c-go", "42": "42", "Über": "ber", strings.Repeat("ab ", 20): strings.Repeat("ab-", 13) + "a",
	} {
		room, err := w.CreateRoom(t.Context(), in(moss), chat.NewRoom{Name: name})
		w.ok(err)
		if room.Slug != slug || room.Name != strings.Join(strings.Fields(name), " ") {
			t.Errorf("%q becomes %q at %q, want %q", name, room.Name, room.Slug, slug)
		}
	}
	for name, want := range map[string]string{
		"a\u202egnp.exe": "agnp.exe", "\u2067Cafe\u0301\u2069\x1b": "Café", "a\x00b": "ab", "は\u3099か": "ばか", "\u200fשלום": "שלום",
	} {
		room, err := w.CreateRoom(t.Context(), in(moss), chat.NewRoom{Name: name, Topic: name, Private: true})
		if err != nil || room.Name != want || room.Topic != want {
			t.Errorf("%+q becomes %+q with the topic %+q, %v", name, room.Name, room.Topic, err)
		}
	}
	room, err := w.CreateRoom(t.Context(), in(moss), chat.NewRoom{Name: "Живой уголок"})
	w.ok(err)
	if len(room.Slug) < 8 {
		t.Errorf("a name without ASCII has the slug %q", room.Slug)
	}
	for _, n := range []chat.NewRoom{
		{}, {Name: " \n"}, {Name: "\u200b"}, {Name: "\u3164"}, {Name: "\u2800 \u2800"}, {Name: "\u202e\u202c"}, {Name: "\u115f"}, {Name: strings.Repeat("x", 61)}, {Name: "a\xffb"}, {Name: "\xff"},
		{Name: "fine", Topic: strings.Repeat("x", 251)}, {Name: "Lobby"}, {Name: "admin"}, {Name: "New"},
	} {
		_, err := w.CreateRoom(t.Context(), in(moss), n)
		w.refused(err, chat.CodeInvalid)
	}
}

func TestWhoMayChangeARoom(t *testing.T) {
	w := newWorld(t, noLimits())
	cellar := w.cellar()
	notice := "Closed on Sunday"
	change := chat.RoomChange{Notice: &notice}
	_, err := w.UpdateRoom(t.Context(), in(mia), "lobby", change)
	w.refused(err, chat.CodeForbidden)
	_, err = w.UpdateRoom(t.Context(), in(mia), cellar.Slug, change)
	w.refused(err, chat.CodeForbidden)
	w.noted()
	for _, slug := range []string{"lobby", cellar.Slug} {
		before, err := w.Room(t.Context(), in(moss), slug)
		w.ok(err)
		after, err := w.UpdateRoom(t.Context(), in(moss), slug, change)
		w.ok(err)
		before.Notice = notice
		if after != before {
			t.Errorf("the room is %+v, want %+v", after, before)
		}
	}
	long := strings.Repeat("x", 501)
	_, err = w.UpdateRoom(t.Context(), in(moss), "lobby", chat.RoomChange{Notice: &long})
	w.refused(err, chat.CodeInvalid)
	empty := ""
	_, err = w.UpdateRoom(t.Context(), in(moss), "lobby", chat.RoomChange{Name: &empty})
	w.refused(err, chat.CodeInvalid)

	// Whoever made a private room may change it, whatever they are by now.
	w.store.SetUser(chat.User{ID: moss, Name: "Moss", Role: chat.RoleMember})
	_, err = w.UpdateRoom(t.Context(), in(moss), cellar.Slug, change)
	w.refused(err, "")
	_, err = w.UpdateRoom(t.Context(), in(moss), "lobby", change)
	w.refused(err, chat.CodeForbidden)
}

func TestMembersBringOthersAndLeave(t *testing.T) {
	w := newWorld(t, noLimits())
	slug := w.cellar().Slug
	ids := func(users []chat.User, err error) []string {
		w.ok(err)
		var ids []string
		for _, u := range users {
			ids = append(ids, u.ID)
		}
		return ids
	}
	if got := ids(w.Invite(t.Context(), in(mia), slug, ned)); !slices.Equal(got, []string{moss, mia, ned}) {
		t.Errorf("members are %v", got)
	}
	ids(w.Invite(t.Context(), in(mia), slug, ned)) // again: nothing happens
	w.noted("member " + slug + " ned true")
	_, err := w.Remove(t.Context(), in(mia), slug, ned)
	w.refused(err, chat.CodeForbidden)
	_, err = w.Invite(t.Context(), in(mia), slug, gone)
	w.refused(err, chat.CodeNotFound)
	_, err = w.Invite(t.Context(), in(moss), "lobby", ned)
	w.refused(err, chat.CodeInvalid)
	_, err = w.Remove(t.Context(), in(moss), "lobby", ned)
	w.refused(err, chat.CodeInvalid)
	w.store.RemoveUser(ned)
	if got := ids(w.Members(t.Context(), in(mia), slug)); !slices.Equal(got, []string{moss, mia}) {
		t.Errorf("with a member whose account is gone: %v", got)
	}
	ids(w.Remove(t.Context(), in(moss), slug, ned))
	if got := ids(w.Remove(t.Context(), in(mia), slug, mia)); !slices.Equal(got, []string{moss}) {
		t.Errorf("members are %v", got)
	}
	w.noted("member "+slug+" ned false", "member "+slug+" mia false")
	_, err = w.Room(t.Context(), in(mia), slug)
	w.refused(err, chat.CodeNotFound)
}

func TestAMentionIsOfWhoMayRead(t *testing.T) {
	w := newWorld(t, noLimits())
	slug := w.cellar().Slug
	d := w.draft("*hi* @Mia @NED @moss @nobody")
	d.Room = slug
	m, err := w.Send(t.Context(), in(moss), d)
	w.ok(err)
	if m.Text != "*hi* @Mia @NED @Moss @nobody" || len(m.Mentions) != 2 || m.Mentions[0].Name != "Mia" || m.HTML != "<b>*hi* @Mia @NED @Moss @nobody</b>" {
		t.Errorf("the message is %+v", m)
	}
	w.noted(fmt.Sprintf("mention %s 1 [mia]", slug)) // nobody is told of their own
	view, err := w.Room(t.Context(), in(mia), slug)
	w.ok(err)
	if view.Mentions != 1 || view.Unread != 1 || view.Level != chat.LevelMentions {
		t.Errorf("the room is %+v", view)
	}

	// Names are those of the day, everywhere.
	w.store.SetUser(chat.User{ID: mia, Name: "Maria", Role: chat.RoleMember})
	again, err := w.Send(t.Context(), in(moss), d)
	w.ok(err)
	if again.Text != "*hi* @Maria @NED @Moss @nobody" || !strings.Contains(again.HTML, "@Maria") || again.Mentions[0].Name != "Maria" {
		t.Errorf("the message is %+v", again)
	}
	w.noted()

	state, err := w.MarkRead(t.Context(), in(mia), slug, m.Seq)
	w.ok(err)
	if view, err = w.Room(t.Context(), in(mia), slug); err != nil || view.Mentions != 0 || state.Unread != 0 {
		t.Errorf("read, the room is %+v, %v", view, err)
	}
}

func TestWhoWantsToHearNothingIsNotTold(t *testing.T) {
	w := newWorld(t, noLimits())
	view, err := w.SetLevel(t.Context(), in(mia), "lobby", chat.LevelNone)
	w.ok(err)
	if view.Level != chat.LevelNone {
		t.Errorf("the level is %q", view.Level)
	}
	w.says(ned, "@Mia @Moss")
	w.noted("mention lobby 1 [moss]")
	view, err = w.Room(t.Context(), in(mia), "lobby")
	w.ok(err)
	if view.Mentions != 0 {
		t.Errorf("%d mentions are counted", view.Mentions)
	}
	_, err = w.SetLevel(t.Context(), in(mia), "lobby", "loud")
	w.refused(err, chat.CodeInvalid)
}

func TestAnEditNotifiesThoseItMentionsFirst(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(ned, "@Mia")
	w.noted("mention lobby 1 [mia]")
	edited, err := w.Edit(t.Context(), in(ned), "lobby", m.Seq, "@Moss")
	w.ok(err)
	if len(edited.Mentions) != 1 || edited.Mentions[0].ID != moss || edited.Text != "@Moss" {
		t.Errorf("the message is %+v", edited)
	}
	w.noted("mention lobby 1 [moss]", "recount lobby [mia]")
	same, err := w.Edit(t.Context(), in(ned), "lobby", m.Seq, "@Moss")
	w.ok(err)
	if same.Rev != edited.Rev || same.Text != "@Moss" {
		t.Errorf("the same text made it %+v", same)
	}
	gone := w.deletes(ned, m.Seq)
	if gone.Text != "" || gone.HTML != "" || gone.Mentions != nil || gone.Reactions != nil {
		t.Errorf("the tombstone is %+v", gone)
	}
	w.noted("recount lobby [moss]")
}

func TestReactionsAreGroupedInTheOrderTheyCame(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(mia, "hello")
	react := func(user, emoji string, on bool) chat.Message {
		t.Helper()
		m, err := w.React(t.Context(), in(user), "lobby", m.Seq, emoji, on)
		w.ok(err)
		return m
	}
	react(ned, "👍", true)
	react(mia, "🌱", true)
	last := react(moss, "👍", true)
	if again := react(moss, "👍", true); again.Rev != last.Rev {
		t.Errorf("the same reaction is rev %d, before %d", again.Rev, last.Rev)
	}
	got := react(ned, "🌱", false) // never set
	want := []chat.Reaction{
		{Emoji: "👍", Users: []chat.User{{ID: ned, Name: "Ned", Role: chat.RoleMember}, {ID: moss, Name: "Moss", Role: chat.RoleModerator}}},
		{Emoji: "🌱", Users: []chat.User{{ID: mia, Name: "Mia", Role: chat.RoleMember}}},
	}
	if fmt.Sprint(got.Reactions) != fmt.Sprint(want) {
		t.Errorf("reactions are %+v", got.Reactions)
	}
	react(ned, "👍", false)
	got = react(moss, "👍", false)
	if len(got.Reactions) != 1 || got.Reactions[0].Emoji != "🌱" || got.Author.Name != "Mia" {
		t.Errorf("the message is %+v", got)
	}
	if latest := w.latest(); fmt.Sprint(latest[0].Reactions) != fmt.Sprint(got.Reactions) {
		t.Errorf("later it is %+v", latest[0])
	}
	for _, emoji := range []string{"", "x", "👍👍", "<b>"} {
		_, err := w.React(t.Context(), in(mia), "lobby", m.Seq, emoji, true)
		w.refused(err, chat.CodeInvalid)
	}
	_, err := w.React(t.Context(), in(mia), "lobby", 99, "👍", true)
	w.refused(err, chat.CodeNotFound)
}

func TestSomeMessagesByNumber(t *testing.T) {
	w := newWorld(t, noLimits())
	for range 3 {
		w.says(mia, "hello")
	}
	w.deletes(mia, 2)
	got, err := w.Messages(t.Context(), in(ned), "lobby", []int64{3, 2, 9, 3, -1})
	w.ok(err)
	if len(got) != 2 || got[0].Seq != 2 || !got[0].Deleted() || got[1].Seq != 3 || got[1].Author.Name != "Mia" {
		t.Errorf("the messages are %+v", got)
	}
	_, err = w.Messages(t.Context(), in(ned), "lobby", make([]int64, 51))
	w.refused(err, chat.CodeInvalid)
}

func TestPeopleAreFoundAmongThoseWhoMayRead(t *testing.T) {
	w := newWorld(t, noLimits())
	slug := w.cellar().Slug
	for _, c := range []struct {
		room, query string
		want        []string
	}{
		{"", "m", []string{mia, moss}}, {"lobby", "M", []string{mia, moss}}, {slug, "", []string{mia, moss}}, {slug, "ned", nil}, {"", "zz", nil},
	} {
		got, err := w.FindUsers(t.Context(), in(mia), c.room, c.query, 0)
		w.ok(err)
		var ids []string
		for _, u := range got {
			ids = append(ids, u.ID)
		}
		if got == nil || !slices.Equal(ids, c.want) {
			t.Errorf("%q in %q finds %v, want %v", c.query, c.room, ids, c.want)
		}
	}
	for _, limit := range []int{-1, 51} {
		_, err := w.FindUsers(t.Context(), in(mia), "", "m", limit)
		w.refused(err, chat.CodeInvalid)
	}
}

func TestHistoryFromADay(t *testing.T) {
	w := newWorld(t, noLimits())
	start := w.clock
	_, err := w.History(t.Context(), in(mia), "lobby", chat.HistoryQuery{At: start})
	w.ok(err) // of an empty room
	for i := range 40 {
		m := w.says(mia, fmt.Sprint(i))
		if i%3 == 0 { // leaves gaps in the order of seq
			_, err := w.Edit(t.Context(), in(mia), "lobby", m.Seq, "edited")
			w.ok(err)
		}
		w.pass(time.Hour)
	}
	for hour := -1; hour <= 41; hour++ {
		page, err := w.History(t.Context(), in(mia), "lobby", chat.HistoryQuery{At: start.Add(time.Duration(hour)*time.Hour - time.Minute), Limit: 1})
		w.ok(err)
		want := start.Add(time.Duration(min(max(hour, 0), 39)) * time.Hour)
		if len(page.Messages) != 1 || !page.Messages[0].SentAt.Equal(want) {
			t.Errorf("from hour %d: %+v", hour, page.Messages)
		}
	}
	_, err = w.History(t.Context(), in(mia), "lobby", chat.HistoryQuery{At: start, After: 1})
	w.refused(err, chat.CodeInvalid)
}
