package chat_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"roomline/realtime/chat"
)

// takes makes a Config.Authorize that takes permissions in a room from everybody, or from some.
func takes(room string, what chat.Permission, from ...string) func(*world, *chat.Config) {
	return func(_ *world, cfg *chat.Config) {
		cfg.Authorize = func(_ context.Context, user chat.User, in chat.Room, asked chat.Permission) (bool, error) {
			return in.Slug != room || asked != what || len(from) > 0 && !slices.Contains(from, user.ID), nil
		}
	}
}

func TestARoomThatAHostLetsNobodyReadDoesNotExist(t *testing.T) {
	for _, call := range calls() {
		for _, user := range []string{mia, moss, olive} {
			w := newWorld(t, noLimits(), takes("hidden", chat.PermitRead))
			room, err := w.EnsureRoom(t.Context(), chat.NewRoom{Slug: "hidden", Name: "Hidden"})
			w.ok(err)
			w.ok(second(w.Post(t.Context(), chat.Post{Room: room.Slug, As: user, Text: "hello"})))
			w.announced = nil
			hidden := w.refused(call.do(w, in(user), "hidden"), chat.CodeNotFound)
			absent := w.refused(call.do(w, in(user), "attic"), chat.CodeNotFound)
			if hidden != absent {
				t.Errorf("%s: the room is refused as %+v, an absent one as %+v", call.name, hidden, absent)
			}
			w.heard()
		}
	}
}

func TestARoomThatMayNotBeReadIsInNoListAndNoSearch(t *testing.T) {
	w := newWorld(t, noLimits(), takes("hidden", chat.PermitRead, mia, moss))
	w.ok(second(w.EnsureRoom(t.Context(), chat.NewRoom{Slug: "hidden", Name: "Hidden"})))
	m, err := w.Post(t.Context(), chat.Post{Room: "hidden", As: mia, Text: "a marker for @Mia and @Ned"})
	w.ok(err)
	if len(m.Mentions) != 1 || m.Mentions[0].ID != ned {
		t.Errorf("mentioned are %+v", m.Mentions)
	}
	for user, want := range map[string]int{mia: 0, ned: 1} {
		rooms, err := w.Rooms(t.Context(), in(user))
		w.ok(err)
		found, err := w.Search(t.Context(), in(user), chat.SearchQuery{Query: "marker"})
		w.ok(err)
		unread, err := w.Unread(t.Context(), user)
		w.ok(err)
		some, err := w.Unread(t.Context(), user, "hidden", "lobby", "attic")
		w.ok(err)
		if len(rooms) != 1+want || len(found.Messages) != want || len(unread) != 1+want || len(some) != 1+want {
			t.Errorf("%s sees %d rooms, finds %d messages, and has unread %v and %v", user, len(rooms), len(found.Messages), unread, some)
		}
	}
	people, err := w.FindUsers(t.Context(), in(ned), "hidden", "", 0)
	w.ok(err)
	if slices.ContainsFunc(people, func(u chat.User) bool { return u.ID == mia || u.ID == moss }) {
		t.Errorf("who reads the room are %+v", people)
	}
	// A moderator neither.
	_, err = w.Original(t.Context(), mod(moss), "hidden", 1)
	w.refused(err, chat.CodeNotFound)
	_, err = w.Freeze(t.Context(), mod(moss), "hidden", true, why)
	w.refused(err, chat.CodeNotFound)
	p, err := w.Profile(t.Context(), mod(moss), mia)
	w.ok(err)
	if len(p.Recent) != 0 {
		t.Errorf("the moderator sees %+v", p.Recent)
	}
}

func TestWhereAHostLetsNobodyWriteOneReadsAndTakesBack(t *testing.T) {
	refused := []string{"typing", "send", "edit", "react"}
	for _, call := range calls() {
		w := newWorld(t, noLimits(), takes("lobby", chat.PermitWrite))
		w.ok(second(w.Post(t.Context(), chat.Post{Room: "lobby", As: mia, Text: "hello"})))
		err := call.do(w, in(mia), "lobby")
		if slices.Contains(refused, call.name) {
			w.refused(err, chat.CodeForbidden)
		} else {
			w.refused(err, "")
		}
	}
	w := newWorld(t, noLimits(), takes("lobby", chat.PermitWrite))
	w.ok(second(w.Post(t.Context(), chat.Post{Room: "lobby", As: mia, Text: "hello"})))
	w.refused(w.Report(t.Context(), in(ned), "lobby", 1, why), chat.CodeForbidden)
}

func TestAHostCannotGiveWhatTheChatDoesNot(t *testing.T) {
	w := newWorld(t, noLimits(), func(_ *world, cfg *chat.Config) {
		cfg.Authorize = func(context.Context, chat.User, chat.Room, chat.Permission) (bool, error) { return true, nil }
	})
	_, err := w.Room(t.Context(), in(mia), "admin")
	w.refused(err, chat.CodeNotFound)
	w.setLobby(freeze)
	_, err = w.Send(t.Context(), in(mia), w.draft("hello"))
	w.refused(err, chat.CodeFrozen)
}

func TestARightIsAskedForOncePerSecondAndWithoutATransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		asked := 0
		w := newWorld(t, noLimits(), func(w *world, cfg *chat.Config) {
			cfg.Authorize = func(ctx context.Context, _ chat.User, room chat.Room, _ chat.Permission) (bool, error) {
				done := make(chan error)
				go func() {
					done <- w.store.Write(ctx, func(tx chat.Writer) error { return second(tx.Room(room.Slug)) }, nil)
				}()
				mu.Lock()
				defer mu.Unlock()
				asked++
				return true, <-done
			}
		})
		count := func() int {
			mu.Lock()
			defer mu.Unlock()
			n := asked
			asked = 0
			return n
		}
		w.says(mia, "hello")
		w.says(mia, "hello")
		if n := count(); n != 2 {
			t.Errorf("the host was asked %d times, for reading and writing", n)
		}
		time.Sleep(time.Second)
		w.says(mia, "hello")
		if n := count(); n != 2 {
			t.Errorf("a second later the host was asked %d times", n)
		}
		w.Forget(mia)
		w.says(mia, "hello")
		if n := count(); n != 2 {
			t.Errorf("after Forget the host was asked %d times", n)
		}
	})
}

func TestAHostThatCannotSayWhoMayIsAFault(t *testing.T) {
	broken := errors.New("no connection")
	w := newWorld(t, noLimits(), func(_ *world, cfg *chat.Config) {
		cfg.Authorize = func(context.Context, chat.User, chat.Room, chat.Permission) (bool, error) { return true, broken }
	})
	_, err := w.Room(t.Context(), in(mia), "lobby")
	if !errors.Is(err, broken) || chat.ErrorCode(err) != chat.CodeInternal {
		t.Errorf("the error is %v", err)
	}
}
