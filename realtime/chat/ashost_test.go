package chat_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"roomline/realtime/chat"
)

func TestAHostDoesAllThatMakesSense(t *testing.T) {
	// These are done in somebody's name, or are somebody's own.
	refused := map[string]chat.Code{
		"MarkRead": chat.CodeForbidden, "SetLevel": chat.CodeForbidden, "Typing": chat.CodeForbidden, "React": chat.CodeForbidden,
		"MayRename": chat.CodeForbidden, // of nobody
	}
	for name, method := range methods {
		t.Run(name, func(t *testing.T) {
			w, to := staged(t, in(mia), members)
			_, err := method(w, chat.AsHost(), to)
			w.refused(err, refused[name])
		})
	}
}

func TestAHostActsInNobodysName(t *testing.T) {
	w, to := staged(t, in(mia), members)
	m, err := w.Send(t.Context(), chat.AsHost(), w.draft("hello"))
	w.ok(err)
	if m.Kind != chat.KindSystem || m.Author.ID != "" || m.Author.Name != "Roomline" {
		t.Errorf("the message is %+v", m)
	}
	member, err := w.Ban(t.Context(), chat.AsHost(), sanction(to.user))
	w.ok(err)
	if member.Ban == nil || member.Ban.By.Name != "Roomline" {
		t.Errorf("the member is %+v", member)
	}
	entries, _, err := w.Audit(t.Context(), chat.AsHost(), chat.AuditQuery{Limit: 1})
	w.ok(err)
	if len(entries) != 1 || entries[0].Act != "member:ban" || entries[0].Actor.ID != "" || entries[0].Actor.Name != "Roomline" {
		t.Errorf("the audit log says %+v", entries)
	}
	if m, err = w.Edit(t.Context(), chat.AsHost(), "lobby", 1, "the host's text"); err != nil || m.Author.ID != fern || m.Text != "the host's text" {
		t.Errorf("the message is %+v: %v", m, err)
	}
	if m, err = w.Delete(t.Context(), chat.AsHost(), "lobby", 1); err != nil || !m.Deleted() || m.DeletedBy != "" {
		t.Errorf("the tombstone is %+v: %v", m, err)
	}
	if m, err = w.Restore(t.Context(), chat.AsHost(), "lobby", 1, why); err != nil || m.Text != "the host's text" {
		t.Errorf("the message is %+v: %v", m, err)
	}
	room, err := w.CreateRoom(t.Context(), chat.AsHost(), chat.NewRoom{Name: "Cellar", Private: true})
	w.ok(err)
	people, err := w.Invite(t.Context(), chat.AsHost(), room.Slug, mia)
	w.ok(err)
	if len(people) != 1 || people[0].ID != mia {
		t.Errorf("the room's members are %+v", people)
	}
	ids := membersIn(w, room.ID)
	if len(ids) != 1 {
		t.Errorf("the store has the members %q", ids)
	}
}

func membersIn(w *world, room int64) (ids []string) {
	w.ok(w.store.Read(w.Context(), func(r chat.Reader) error {
		var err error
		ids, err = r.MembersOf(room)
		return err
	}))
	return ids
}

func TestNoPaceBindsAHost(t *testing.T) {
	w := newWorld(t, chat.Limits{SendBurst: 1, SendRate: 0.001, SearchBurst: 1, SearchRate: 0.001})
	for range 3 {
		w.ok(second(w.Send(t.Context(), chat.AsHost(), w.draft("hello"))))
		w.ok(second(w.Edit(t.Context(), chat.AsHost(), "lobby", 1, "hello again")))
		w.ok(second(w.Search(t.Context(), chat.AsHost(), chat.SearchQuery{Query: "hello"})))
		w.ok(second(w.Post(t.Context(), chat.Post{Room: "lobby", As: mia, Text: "hello"})))
	}
	w.says(mia, "mine") // what was posted as mia cost her nothing
}

func TestWhatAHostPostsIsAMessageOfTheServerOrOfAUser(t *testing.T) {
	w := newWorld(t, noLimits(), guests, func(_ *world, cfg *chat.Config) {
		cfg.BeforeSend = rejects(nil)
	})
	w.rule(chat.Rule{Name: "No spam", Kind: chat.RuleWords, Action: chat.RuleBlock, Words: []string{"spam"}})
	w.mutes(mia, 0)
	w.setLobby(freeze)
	w.announced, w.notes = nil, nil
	system, err := w.Post(t.Context(), chat.Post{Room: "lobby", Text: " *spam* for @Ned "})
	w.ok(err)
	if system.Kind != chat.KindSystem || system.Author.Name != "Roomline" || system.Seq != 1 || system.HTML == "" || len(system.Mentions) != 1 {
		t.Errorf("the message is %+v", system)
	}
	hers, err := w.Post(t.Context(), chat.Post{Room: "lobby", As: mia, Text: "spam", ReplyTo: 1, ID: "post-0001"})
	w.ok(err)
	if hers.Kind != chat.KindText || hers.Author.Name != "Mia" || hers.ReplyTo != 1 || hers.ID != "post-0001" {
		t.Errorf("the message is %+v", hers)
	}
	w.heard(system, hers)
	w.noted("mention lobby 1 [ned]")
	inAdmin, err := w.Post(t.Context(), chat.Post{Room: "admin", Text: "something happened"})
	w.ok(err)
	if inAdmin.Room != "admin" {
		t.Errorf("the message is %+v", inAdmin)
	}
}

func TestAPostIsPostedOnce(t *testing.T) {
	w := newWorld(t, noLimits())
	for _, as := range []string{"", mia} {
		w.announced = nil
		p := chat.Post{Room: "lobby", As: as, Text: "hello", ID: "post-0001"}
		first, err := w.Post(t.Context(), p)
		w.ok(err)
		again, err := w.Post(t.Context(), p)
		w.ok(err)
		if again.Seq != first.Seq {
			t.Errorf("it was posted as %d and %d", first.Seq, again.Seq)
		}
		w.heard(first)
		p.Text = "another"
		_, err = w.Post(t.Context(), p)
		w.refused(err, chat.CodeIDReused)
	}
	if n := len(w.latest()); n != 2 {
		t.Errorf("there are %d messages", n)
	}
	a, err := w.Post(t.Context(), chat.Post{Room: "lobby", Text: "hello"})
	w.ok(err)
	b, err := w.Post(t.Context(), chat.Post{Room: "lobby", Text: "hello"})
	w.ok(err)
	if a.ID == b.ID || a.Seq == b.Seq {
		t.Errorf("without an id %+v is %+v", a, b)
	}
}

func TestAPostThatCannotBeIsRefused(t *testing.T) {
	w := newWorld(t, chat.Limits{TextLength: 10})
	for _, c := range []struct {
		post chat.Post
		code chat.Code
	}{
		{chat.Post{Room: "lobby", Text: "longer than ten"}, chat.CodeInvalid},
		{chat.Post{Room: "lobby", Text: " "}, chat.CodeInvalid},
		{chat.Post{Room: "lobby", Text: "hello", ID: "short"}, chat.CodeInvalid},
		{chat.Post{Room: "lobby", Text: "hello", ReplyTo: -1}, chat.CodeInvalid},
		{chat.Post{Room: "lobby", Text: "hello", ReplyTo: 7}, chat.CodeNotFound},
		{chat.Post{Room: "lobby", Text: "hello", As: gone}, chat.CodeNotFound},
		{chat.Post{Room: "attic", Text: "hello"}, chat.CodeNotFound},
		{chat.Post{Text: "hello"}, chat.CodeInvalid},
	} {
		_, err := w.Post(t.Context(), c.post)
		w.refused(err, c.code)
	}
	w.heard()
}

func TestARoomIsMadeOnceHoweverManyAsk(t *testing.T) {
	w := newWorld(t, noLimits())
	want := chat.NewRoom{Slug: "topic-7", Name: "Topic 7", Topic: "about seven", Unlisted: true}
	rooms := make([]chat.Room, 20)
	var all sync.WaitGroup
	for i := range rooms {
		all.Go(func() {
			var err error
			if rooms[i], err = w.EnsureRoom(w.Context(), want); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, room := range rooms {
		if room.ID != rooms[0].ID || room.Epoch == "" || room.Name != "Topic 7" || room.Topic != "about seven" || !room.Unlisted {
			t.Errorf("the room is %+v", room)
		}
	}
	w.noted("room topic-7")
	want.Name, want.Unlisted = "Another name", false
	room, err := w.EnsureRoom(t.Context(), want)
	w.ok(err)
	if room.Name != "Topic 7" || !room.Unlisted {
		t.Errorf("what is there has become %+v", room)
	}
}

func TestARoomOfAHostHasASlugThatCanBe(t *testing.T) {
	w := newWorld(t, noLimits())
	for _, slug := range []string{"", "Upper", "a b", "new", "ä", "a/b", strings.Repeat("a", 65), "admin"} {
		_, err := w.EnsureRoom(t.Context(), chat.NewRoom{Slug: slug, Name: "Room"})
		if e := w.refused(err, chat.CodeInvalid); e.Field != "slug" {
			t.Errorf("%q is refused with %+v", slug, e)
		}
	}
	_, err := w.EnsureRoom(t.Context(), chat.NewRoom{Slug: "room"})
	w.refused(err, chat.CodeInvalid)
	w.ok(second(w.EnsureRoom(t.Context(), chat.NewRoom{Slug: strings.Repeat("a", 64), Name: "Room"})))
}

func TestAnUnlistedRoomIsEnteredByItsSlugOnly(t *testing.T) {
	w := newWorld(t, noLimits())
	w.ok(second(w.EnsureRoom(t.Context(), chat.NewRoom{Slug: "topic", Name: "Topic", Unlisted: true})))
	w.ok(second(w.Post(t.Context(), chat.Post{Room: "topic", Text: "a marker"})))
	rooms, err := w.Rooms(t.Context(), in(mia))
	w.ok(err)
	found, err := w.Search(t.Context(), in(mia), chat.SearchQuery{Query: "marker"})
	w.ok(err)
	all, err := w.Unread(t.Context(), mia)
	w.ok(err)
	if _, listed := all["topic"]; len(rooms) != 1 || len(found.Messages) != 0 || listed {
		t.Errorf("mia sees %+v, finds %+v, has unread %v", rooms, found.Messages, all)
	}
	inside, err := w.Search(t.Context(), in(mia), chat.SearchQuery{Query: "marker", Room: "topic"})
	w.ok(err)
	j, err := w.Join(t.Context(), in(mia), "topic", nil)
	w.ok(err)
	w.ok(second(w.Post(t.Context(), chat.Post{Room: "topic", Text: "more"})))
	some, err := w.Unread(t.Context(), mia, "topic")
	w.ok(err)
	if some["topic"].Messages != 1 || len(inside.Messages) != 1 || len(j.Messages) != 1 || !j.Room.Unlisted {
		t.Errorf("within are unread %v, %d found, %+v", some, len(inside.Messages), j)
	}
}

func TestUnreadCountsWhatOneHasNotReadAndWantsToKnow(t *testing.T) {
	w := newWorld(t, noLimits())
	w.ok(second(w.EnsureRoom(t.Context(), chat.NewRoom{Slug: "quiet", Name: "Quiet"})))
	w.ok(second(w.SetLevel(t.Context(), in(mia), "quiet", chat.LevelNone)))
	w.ok(second(w.Post(t.Context(), chat.Post{Room: "quiet", Text: "hello"})))
	w.says(ned, "hello @Mia")
	w.says(ned, "hello")
	count := func(want map[string]chat.Unread, slugs ...string) {
		t.Helper()
		if got, err := w.Unread(t.Context(), mia, slugs...); err != nil || !maps.Equal(got, want) {
			t.Errorf("of %q unread are %v (%v), want %v", slugs, got, err, want)
		}
	}
	lobby, quiet := chat.Unread{Messages: 2, Mentions: 1}, chat.Unread{Messages: 1}
	count(map[string]chat.Unread{"lobby": lobby})
	count(map[string]chat.Unread{"quiet": quiet}, "quiet")
	count(map[string]chat.Unread{"quiet": quiet, "lobby": lobby}, "quiet", "lobby", "admin")
	w.ok(second(w.MarkRead(t.Context(), in(mia), "lobby", 1)))
	count(map[string]chat.Unread{"lobby": {Messages: 1}})
	w.bans(mia, 0)
	count(nil)
	count(nil, "lobby")
}

func TestARoomOfAHostHasANameThatFits(t *testing.T) {
	w := newWorld(t, noLimits())
	for name, want := range map[string]string{
		strings.Repeat("é", 60):            strings.Repeat("é", 60),
		strings.Repeat("é", 61):            strings.Repeat("é", 59) + "…",
		" a  b " + strings.Repeat("é", 60): "a b " + strings.Repeat("é", 55) + "…",
	} {
		room, err := w.EnsureRoom(t.Context(), chat.NewRoom{Slug: fmt.Sprint("room-", len(name)), Name: name})
		w.ok(err)
		if room.Name != want {
			t.Errorf("%q becomes %q, want %q", name, room.Name, want)
		}
	}
}
