package chat_test

import (
	"testing"
	"time"

	"roomline/realtime/chat"
)

// slows has moss set slow mode in the lobby.
func (w *world) slows(seconds int) chat.RoomView {
	w.Helper()
	view, err := w.Slow(w.Context(), mod(moss), "lobby", seconds, why)
	w.ok(err)
	return view
}

// waits reports another wait of a user in the lobby than that, as Room, Join and a refusal tell it.
func (w *world) waits(user string, want time.Duration) {
	w.Helper()
	view, err := w.Room(w.Context(), in(user), "lobby")
	w.ok(err)
	joined, err := w.Join(w.Context(), in(user), "lobby", nil)
	w.ok(err)
	if view.Wait != want.Seconds() || joined.Room.Wait != want.Seconds() {
		w.Errorf("%s is told to wait %v and %v seconds, want %v", user, view.Wait, joined.Room.Wait, want)
	}
	if want == 0 {
		return
	}
	_, err = w.Send(w.Context(), in(user), w.draft("now"))
	if refusal := w.refused(err, chat.CodeRateLimited); refusal.RetryAfter != want {
		w.Errorf("%s is refused for %v, want %v", user, refusal.RetryAfter, want)
	}
}

func TestSlowModeCountsWhatWasPostedBefore(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(ned, "long ago")
	w.says(olive, "long ago")
	w.pass(time.Minute)
	w.says(mia, "hello")
	w.says(moss, "hello")
	w.pass(4 * time.Second)
	w.quiet()
	view := w.slows(10)
	w.noted("room lobby", "audit room:slow")
	if view.SlowMode != 10 || view.Wait != 0 {
		t.Errorf("the room is %+v", view)
	}
	if e := w.entries[0]; e.Room != "lobby" || e.Target != nil || e.Reason != why || string(e.Before) != `{"seconds":0}` || string(e.After) != `{"seconds":10}` {
		t.Errorf("the entry is %+v", e)
	}
	w.waits(mia, 6*time.Second)
	w.waits(ned, 0)
	w.waits(moss, 0) // moderators never
	w.says(moss, "hello")
	w.pass(6*time.Second - time.Millisecond)
	w.waits(mia, time.Millisecond)
	w.pass(time.Millisecond)
	w.waits(mia, 0)
	w.says(mia, "hello again")
	w.waits(mia, 10*time.Second)
	w.unchanged(func() { w.slows(10) })

	// Slower: what was posted before slow mode counts as far back as it now asks.
	w.slows(300)
	w.waits(mia, 5*time.Minute)
	w.waits(ned, 5*time.Minute-70*time.Second)
	w.slows(5)
	w.waits(ned, 0)
	w.waits(mia, 5*time.Second)
	w.slows(0)
	w.waits(mia, 0)
	w.says(mia, "at once")
	w.pass(time.Second)
	w.slows(10)
	w.waits(mia, 9*time.Second)
}

func TestSlowModeDoesNotKeepFromEditing(t *testing.T) {
	w := newWorld(t, noLimits())
	w.slows(100)
	m := w.says(mia, "hello")
	w.edits(mia, m.Seq, "hello there")
	_, err := w.React(t.Context(), in(mia), "lobby", m.Seq, "👍", true)
	w.ok(err)
	w.deletes(mia, m.Seq)
}

func TestAFrozenRoomIsToldAndThawed(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(mia, "hello")
	w.quiet()
	view, err := w.Freeze(t.Context(), mod(moss), "lobby", true, why)
	w.ok(err)
	if !view.Frozen {
		t.Errorf("the room is %+v", view)
	}
	w.noted("room lobby", "audit room:freeze")
	if e := w.entries[0]; e.Room != "lobby" || string(e.Before) != `{"frozen":false}` || string(e.After) != `{"frozen":true}` {
		t.Errorf("the entry is %+v", e)
	}
	_, err = w.Send(t.Context(), in(mia), w.draft("hello"))
	w.refused(err, chat.CodeFrozen)
	w.says(moss, "quiet, please")
	w.reported(mia, 2, "rude") // reporting takes no place in it
	w.unchanged(func() {
		_, err := w.Freeze(t.Context(), mod(reed), "lobby", true, why)
		w.ok(err)
	})
	_, err = w.Freeze(t.Context(), mod(reed), "lobby", false, why)
	w.ok(err)
	w.edits(mia, m.Seq, "hello again")
}

func TestOnlyRoomsOfMembersAreFrozenOrSlow(t *testing.T) {
	w := newWorld(t, noLimits())
	w.unchanged(func() {
		for slug, want := range map[string]chat.Code{"admin": chat.CodeInvalid, "attic": chat.CodeNotFound, "": chat.CodeNotFound} {
			_, err := w.Freeze(t.Context(), mod(moss), slug, true, why)
			w.refused(err, want)
			_, err = w.Slow(t.Context(), mod(moss), slug, 5, why)
			w.refused(err, want)
		}
		for _, seconds := range []int{-1, 6*60*60 + 1} {
			_, err := w.Slow(t.Context(), mod(moss), "lobby", seconds, why)
			if refusal := w.refused(err, chat.CodeInvalid); refusal.Field != "seconds" {
				t.Errorf("%d seconds are wrong about %q", seconds, refusal.Field)
			}
		}
	})
	if view := w.slows(6 * 60 * 60); view.SlowMode != 21600 {
		t.Errorf("the room is %+v", view)
	}
}
