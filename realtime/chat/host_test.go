package chat_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"roomline/realtime/chat"
)

// directory is a host's: its users, and what it was asked.
type directory struct {
	mu    sync.Mutex // guards what follows
	users map[string]chat.User
	asked []string

	meanwhile func() // called with each question, before it is answered
}

func newDirectory() *directory {
	d := &directory{users: make(map[string]chat.User)}
	for _, u := range []chat.User{
		{ID: mia, Name: "Mia", Role: chat.RoleMember}, {ID: ned, Name: "Ned", Role: chat.RoleMember},
		{ID: moss, Name: "Moss", Role: chat.RoleModerator}, {ID: reed, Name: "Reed", Role: chat.RoleModerator},
		{ID: olive, Name: "Olive", Role: chat.RoleOwner},
	} {
		d.users[u.ID] = u
	}
	return d
}

func (d *directory) set(u chat.User) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.users[u.ID] = u
}

// answer notes a question, and answers it with the users that it fits.
func (d *directory) answer(question string, fits func(chat.User) bool) []chat.User {
	d.mu.Lock()
	d.asked = append(d.asked, question)
	var found []chat.User
	for _, id := range slices.Sorted(maps.Keys(d.users)) {
		if fits(d.users[id]) {
			found = append(found, d.users[id])
		}
	}
	d.mu.Unlock()
	if d.meanwhile != nil {
		d.meanwhile()
	}
	return found
}

func (d *directory) chats() *chat.Directory {
	return &chat.Directory{
		Users: func(_ context.Context, ids []string) (map[string]chat.User, error) {
			ids = slices.Clone(ids)
			slices.Sort(ids)
			found := make(map[string]chat.User)
			for _, u := range d.answer("users "+strings.Join(ids, " "), func(u chat.User) bool { return slices.Contains(ids, u.ID) }) {
				found[u.ID] = u
			}
			return found, nil
		},
		Named: func(_ context.Context, names []string) (map[string]chat.User, error) {
			found := make(map[string]chat.User)
			for _, name := range names {
				for _, u := range d.answer("named "+name, func(u chat.User) bool { return u.Name == name }) {
					found[name] = u
				}
			}
			return found, nil
		},
		Find: func(_ context.Context, prefix string, limit int) ([]chat.User, error) {
			found := d.answer("find "+prefix, func(u chat.User) bool { return strings.HasPrefix(u.Name, prefix) })
			return found[:min(limit, len(found))], nil
		},
	}
}

// questions returns what was asked since the last time.
func (d *directory) questions() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	asked := d.asked
	d.asked = nil
	return asked
}

// hosted makes a world with the users of a host; the store has none.
func hosted(t *testing.T, changes ...func(*world, *chat.Config)) (*world, *directory) {
	d := newDirectory()
	w := newWorld(t, noLimits(), append(changes, func(w *world, cfg *chat.Config) {
		for _, id := range []string{mia, ned, moss, reed, olive} {
			w.store.RemoveUser(id)
		}
		cfg.Directory = d.chats()
	})...)
	return w, d
}

// wants reports other questions than these.
func (d *directory) wants(t *testing.T, want ...string) {
	t.Helper()
	if got := d.questions(); !slices.Equal(got, want) {
		t.Errorf("the host was asked %q, want %q", got, want)
	}
}

func TestAHostIsAskedOnceForAllOfAPage(t *testing.T) {
	w, d := hosted(t)
	for _, user := range []string{mia, ned, moss} {
		w.says(user, "hello")
	}
	w.Forget("")
	d.questions()
	j, err := w.Join(t.Context(), in(olive), "lobby", nil)
	w.ok(err)
	if len(j.Messages) != 3 || j.Messages[0].Author.Name != "Mia" || j.Messages[2].Author.Role != chat.RoleModerator {
		t.Errorf("the page is %+v", j.Messages)
	}
	d.wants(t, "users olive", "users mia moss ned")
	w.ok(second(w.Join(t.Context(), in(olive), "lobby", nil)))
	d.wants(t) // it is known
}

func second[T any](_ T, err error) error { return err }

func TestAHostIsAskedWithoutATransaction(t *testing.T) {
	w, d := hosted(t)
	d.meanwhile = func() {
		// Another goroutine writes and reads, and the question waits for it: within a transaction it would never end.
		done := make(chan error)
		go func() {
			done <- errors.Join(
				w.store.Write(w.Context(), func(tx chat.Writer) error { return second(tx.Room("lobby")) }, nil),
				w.store.Read(w.Context(), func(r chat.Reader) error { return second(r.Room("lobby")) }),
			)
		}()
		w.ok(<-done)
	}
	m := w.says(mia, "hello @Ned")
	if len(m.Mentions) != 1 || m.Mentions[0].Name != "Ned" {
		t.Errorf("mentioned are %+v", m.Mentions)
	}
	w.ok(second(w.FindUsers(t.Context(), in(mia), "lobby", "", 0)))
	w.ok(second(w.Mute(t.Context(), mod(moss), sanction(ned))))
}

func TestWhatAHostSaysOfWhoActsIsBelievedForASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, d := hosted(t)
		w.says(mia, "hello")
		d.wants(t, "users mia")
		time.Sleep(time.Second - time.Millisecond)
		w.says(mia, "hello")
		d.wants(t)
		d.set(chat.User{ID: mia, Name: "Mia", Role: "gone"})
		time.Sleep(time.Millisecond)
		_, err := w.Send(t.Context(), in(mia), w.draft("hello"))
		w.refused(err, chat.CodeForbidden)
		d.wants(t, "users mia")
	})
}

func TestWhatAHostSaysOfOthersIsBelievedForHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, d := hosted(t)
		w.says(mia, "hello")
		d.set(chat.User{ID: mia, Name: "Maria", Role: chat.RoleMember})
		name := func() string {
			d.questions()
			page, err := w.History(t.Context(), in(olive), "lobby", chat.HistoryQuery{})
			w.ok(err)
			return page.Messages[0].Author.Name
		}
		time.Sleep(30*time.Second - time.Millisecond)
		if got := name(); got != "Mia" {
			t.Errorf("within half a minute the name is %s", got)
		}
		d.wants(t, "users olive")
		time.Sleep(time.Millisecond)
		if got := name(); got != "Maria" {
			t.Errorf("after half a minute the name is %s", got)
		}
	})
}

func TestWhatIsForgottenIsAskedAgain(t *testing.T) {
	w, d := hosted(t)
	w.says(mia, "hello")
	w.says(ned, "hello")
	d.questions()
	w.Forget(mia)
	w.says(ned, "hello")
	d.wants(t)
	w.says(mia, "hello")
	d.wants(t, "users mia")
	w.Forget("")
	w.says(ned, "hello")
	d.wants(t, "users ned")
}

func TestAnAnswerFromBeforeItWasForgottenIsNotBelieved(t *testing.T) {
	w, d := hosted(t)
	d.meanwhile = func() { // the host has answered, and changes its mind before the answer arrives
		d.meanwhile = nil
		d.set(chat.User{ID: mia, Name: "Mia", Role: "gone"})
		w.Forget(mia)
	}
	w.says(mia, "as of before")
	_, err := w.Send(t.Context(), in(mia), w.draft("hello"))
	w.refused(err, chat.CodeForbidden)
}

func TestWhatIsRunAgainTakesEffectOnce(t *testing.T) {
	limits := chat.Limits{SendBurst: 2, SendRate: 0.001, ReportBurst: 1, ReportRate: 0.001}
	w := newWorld(t, limits, func(_ *world, cfg *chat.Config) { cfg.Directory = newDirectory().chats() })
	// Each of these is run at least twice, as its author and whom it mentions are not known at first.
	for range 2 {
		w.Forget("")
		w.says(mia, "hello @Ned @Moss @Reed")
	}
	w.Forget("")
	_, err := w.Send(t.Context(), in(mia), w.draft("a third"))
	w.refused(err, chat.CodeRateLimited)
	w.Forget("")
	w.ok(w.Report(t.Context(), in(ned), "lobby", 1, why))
	w.refused(w.Report(t.Context(), in(ned), "lobby", 2, why), chat.CodeRateLimited)
	reports, _, err := w.Reports(t.Context(), mod(moss), chat.ReportQuery{})
	w.ok(err)
	if len(reports) != 1 || reports[0].Count != 1 {
		t.Errorf("the reports are %+v", reports)
	}
	for _, forget := range []bool{true, false} {
		if forget {
			w.Forget("")
		}
		rooms, err := w.Rooms(t.Context(), in(mia))
		w.ok(err)
		page, err := w.Accounts(t.Context(), mod(moss), chat.MemberQuery{})
		w.ok(err)
		found, err := w.FindUsers(t.Context(), in(mia), "lobby", "", 0)
		w.ok(err)
		messages, err := w.Messages(t.Context(), in(mia), "lobby", []int64{1, 2})
		w.ok(err)
		if len(rooms) != 1 || len(page.Members) != 5 || len(found) != 5 || len(messages) != 2 {
			t.Errorf("there are %d rooms, %d members, %d people, %d messages", len(rooms), len(page.Members), len(found), len(messages))
		}
	}
	w.Forget("")
	_, n, err := w.TakeDown(t.Context(), mod(olive), mia, why)
	w.ok(err)
	if n != 2 {
		t.Errorf("%d messages were taken down", n)
	}
	w.Forget("")
	if _, n, err = w.BringBack(t.Context(), mod(olive), mia, why); err != nil || n != 2 {
		t.Errorf("%d messages were brought back: %v", n, err)
	}
	if got := w.latest(); got[0].Text == "" || got[1].Text == "" {
		t.Errorf("they are %+v", got)
	}
}

func TestATokenOfAWriteThatFailsIsGivenBack(t *testing.T) {
	w := newWorld(t, chat.Limits{SendBurst: 1, SendRate: 0.001})
	w.breaks("commit")
	_, err := w.Send(t.Context(), in(mia), w.draft("lost"))
	if !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	w.breaks("")
	w.says(mia, "hello")
	_, err = w.Send(t.Context(), in(mia), w.draft("too much"))
	w.refused(err, chat.CodeRateLimited)
}

func TestAHostsUsersAreMentionedAndFound(t *testing.T) {
	w, d := hosted(t)
	m := w.says(mia, "@Ned @Nobody")
	if len(m.Mentions) != 1 || m.Mentions[0].ID != ned {
		t.Errorf("mentioned are %+v", m.Mentions)
	}
	w.noted("mention lobby 1 [ned]")
	found, err := w.FindUsers(t.Context(), in(mia), "", "M", 0)
	w.ok(err)
	if len(found) != 2 || found[0].ID != mia || found[1].ID != moss {
		t.Errorf("found are %+v", found)
	}
	d.questions()
	// A host that cannot do it: nobody is mentioned or found, and nothing fails.
	w = newWorld(t, noLimits(), func(_ *world, cfg *chat.Config) { cfg.Directory = &chat.Directory{Users: d.chats().Users} })
	if m := w.says(mia, "@Ned"); len(m.Mentions) != 0 || m.Text != "@Ned" {
		t.Errorf("the message is %+v", m)
	}
	if found, err := w.FindUsers(t.Context(), in(mia), "lobby", "", 0); err != nil || found == nil || len(found) != 0 {
		t.Errorf("found are %v, %v", found, err)
	}
}

func TestAHostsUserHasARoleAndAPictureThatCanBeShown(t *testing.T) {
	for _, c := range []struct {
		role         chat.Role
		avatar, want string
	}{
		{"", "https://example.org/a.png", "https://example.org/a.png"},
		{chat.RoleMember, "http://example.org/a.png", "http://example.org/a.png"},
		{chat.RoleMember, "/avatars/mia", "/avatars/mia"},
		{chat.RoleMember, "//example.org/a.png", ""},
		{chat.RoleMember, `/\example.org/a.png`, ""},
		{chat.RoleMember, "javascript:alert(1)", ""},
		{chat.RoleMember, "data:image/png;base64,AA", ""},
		{chat.RoleMember, "https:a.png", ""},
		{chat.RoleMember, "avatars/mia", ""},
		{chat.RoleMember, "", ""},
	} {
		w, d := hosted(t)
		d.set(chat.User{ID: mia, Name: "Mia", Role: c.role, Avatar: c.avatar})
		if m := w.says(mia, "hello"); m.Author != (chat.User{ID: mia, Name: "Mia", Role: chat.RoleMember, Avatar: c.want}) {
			t.Errorf("with the role %q and the picture %q the author is %+v", c.role, c.avatar, m.Author)
		}
	}
}

func TestAHostsRolesAreNotGivenHere(t *testing.T) {
	w, _ := hosted(t)
	_, err := w.SetRole(t.Context(), mod(olive), mia, chat.RoleModerator, why)
	w.refused(err, chat.CodeForbidden)
}

func TestWhoIsUnknownToTheHostHasNoAccount(t *testing.T) {
	w, d := hosted(t)
	for _, user := range []string{gone, ""} {
		_, err := w.Send(t.Context(), in(user), w.draft("hello"))
		w.refused(err, chat.CodeForbidden)
	}
	d.wants(t, "users gone") // and never for nobody
	w.store.SetUser(chat.User{ID: gone, Name: "An account of the store", Role: chat.RoleOwner})
	_, err := w.Send(t.Context(), in(gone), w.draft("hello"))
	w.refused(err, chat.CodeForbidden)
}

func TestAHostThatFailsIsAFault(t *testing.T) {
	broken := errors.New("no connection")
	w := newWorld(t, noLimits(), func(_ *world, cfg *chat.Config) {
		cfg.Directory = &chat.Directory{Users: func(context.Context, []string) (map[string]chat.User, error) { return nil, broken }}
	})
	_, err := w.Send(t.Context(), in(mia), w.draft("hello"))
	if !errors.Is(err, broken) || chat.ErrorCode(err) != chat.CodeInternal {
		t.Errorf("the error is %v", err)
	}
	w.heard()
}

func TestAHostIsAskedByManyAtOnce(t *testing.T) {
	w, d := hosted(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for j := range 10 {
				user := []string{mia, ned, moss}[i%3]
				draft := chat.Draft{Room: "lobby", ID: fmt.Sprintf("many-%02d-%02d", i, j), Text: "hello @Olive"}
				if _, err := w.Send(w.Context(), in(user), draft); err != nil {
					t.Error(err)
				}
				d.set(chat.User{ID: user, Name: "Somebody", Role: chat.RoleMember})
				w.Forget(user)
			}
		})
	}
	all.Wait()
	if room, err := w.Room(t.Context(), in(olive), "lobby"); err != nil || room.Posts != 200 {
		t.Errorf("the room is %+v: %v", room, err)
	}
}

func TestModeratorsListAHostsUsers(t *testing.T) {
	w, d := hosted(t)
	w.ok(second(w.Mute(t.Context(), mod(moss), sanction(ned))))
	w.ok(w.store.Write(t.Context(), func(tx chat.Writer) error {
		return tx.AddSanction(&chat.Sanction{User: gone, Kind: chat.SanctionMute, At: w.now()}) // of an account that is gone
	}, nil))
	for _, c := range []struct {
		query chat.MemberQuery
		want  []string
	}{
		{chat.MemberQuery{}, []string{mia, moss, ned, olive, reed}},
		{chat.MemberQuery{Query: "M"}, []string{mia, moss}},
		{chat.MemberQuery{After: "Ned"}, []string{olive, reed}},
		{chat.MemberQuery{Limit: 2}, []string{mia, moss}},
		{chat.MemberQuery{Sanctioned: true}, []string{ned}},
		{chat.MemberQuery{Sanctioned: true, Query: "O"}, nil},
	} {
		w.Forget("")
		page, err := w.Accounts(t.Context(), mod(moss), c.query)
		w.ok(err)
		var got []string
		for _, m := range page.Members {
			got = append(got, m.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v lists %q, want %q", c.query, got, c.want)
		}
	}
	d.questions()
	p, err := w.Profile(t.Context(), mod(moss), ned)
	w.ok(err)
	if p.Member.Name != "Ned" || p.Member.Mute == nil || p.Member.Mute.By.Name != "Moss" {
		t.Errorf("the profile is %+v", p)
	}
}
