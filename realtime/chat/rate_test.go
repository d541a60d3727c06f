package chat_test

import (
	"testing"
	"time"

	"roomline/realtime/chat"
)

func TestABurstThenOneMessageAtATime(t *testing.T) {
	w := newWorld(t, chat.Limits{SendBurst: 3, SendRate: 2})
	for range 3 {
		w.says(mia, "quick")
	}
	refuse := func(wait time.Duration) {
		t.Helper()
		_, err := w.Send(t.Context(), in(mia), w.draft("too quick"))
		if got := w.refused(err, chat.CodeRateLimited).RetryAfter; got != wait {
			t.Errorf("retry after %v, want %v", got, wait)
		}
	}
	refuse(500 * time.Millisecond)
	w.says(ned, "somebody else's bucket is full")
	w.pass(200 * time.Millisecond)
	refuse(300 * time.Millisecond)
	w.pass(300 * time.Millisecond)
	w.says(mia, "as told")
	refuse(500 * time.Millisecond)
	w.pass(time.Hour)
	for range 3 {
		w.says(mia, "a full bucket again, and no fuller")
	}
	refuse(500 * time.Millisecond)
}

func TestWhatIsRefusedOrRepeatedCostsNoToken(t *testing.T) {
	w := newWorld(t, chat.Limits{SendBurst: 2, SendRate: 1})
	d := w.draft("hello")
	_, err := w.Send(t.Context(), in(mia), d)
	w.ok(err)
	for range 5 {
		_, err = w.Send(t.Context(), in(mia), d)
		w.ok(err)
		reused := d
		reused.Text = "another"
		_, err = w.Send(t.Context(), in(mia), reused)
		w.refused(err, chat.CodeIDReused)
		lost := w.draft("an answer to nothing")
		lost.ReplyTo = 99
		_, err = w.Send(t.Context(), in(mia), lost)
		w.refused(err, chat.CodeNotFound)
	}
	w.says(mia, "the second token is still there")
	for range 5 {
		_, err = w.Send(t.Context(), in(mia), w.draft("too quick"))
		w.refused(err, chat.CodeRateLimited)
	}
	w.pass(time.Second)
	w.says(mia, "waiting was not made longer by trying")
}

func TestALimitOfZeroIsNone(t *testing.T) {
	for _, limits := range []chat.Limits{{SendBurst: 1}, {SendRate: 0.001}, {}} {
		w := newWorld(t, limits)
		for range 20 {
			w.says(mia, "at once")
		}
	}
}

func TestSlowModeMakesMembersWaitAndModeratorsNot(t *testing.T) {
	w := newWorld(t, noLimits())
	w.setLobby(func(r *chat.Room) { r.SlowMode = 30 })
	w.says(mia, "one")
	w.says(ned, "somebody else")
	w.deletes(mia, 1)
	w.pass(10 * time.Second)
	_, err := w.Send(t.Context(), in(mia), w.draft("two"))
	if got := w.refused(err, chat.CodeRateLimited).RetryAfter; got != 20*time.Second {
		t.Errorf("retry after %v, want 20s", got)
	}
	_, tell, err := w.Typing(t.Context(), in(mia), "lobby", true)
	if err != nil || !tell {
		t.Errorf("who waits may not type: %v", err)
	}
	for range 3 {
		w.says(moss, "moderators")
		w.says(olive, "and the owner")
	}
	w.pass(20 * time.Second)
	w.says(mia, "two")
}

func TestASetBackClockMakesNobodyWaitLonger(t *testing.T) {
	for _, back := range []time.Duration{time.Hour, 24 * time.Hour} {
		limits := chat.DefaultLimits()
		limits.SendBurst, limits.SendRate, limits.ReportBurst, limits.SearchBurst, limits.FloodMute = 1, 0.2, 1, 1, 0
		w := newWorld(t, limits)
		w.setLobby(func(r *chat.Room) { r.SlowMode = 7 })
		other := w.says(ned, "somebody else")
		acts := map[string]func() error{
			"send":   func() error { _, err := w.Send(t.Context(), in(mia), w.draft("hello")); return err },
			"react":  func() error { _, err := w.React(t.Context(), in(mia), "lobby", other.Seq, "👍", true); return err },
			"search": func() error { _, err := w.Search(t.Context(), in(mia), chat.SearchQuery{Query: "else"}); return err },
			"report": func() error { return w.Report(t.Context(), in(mia), "lobby", other.Seq, "why") },
		}
		for _, act := range acts {
			w.ok(act())
		}
		_, tell, err := w.Typing(t.Context(), in(mia), "lobby", true)
		if w.ok(err); !tell {
			t.Fatal("typing is not told")
		}
		w.pass(-back)
		for name, act := range acts {
			if err := act(); err != nil {
				t.Errorf("%s, %v earlier: %v", name, back, err)
			}
		}
		_, err = w.Send(t.Context(), in(mia), w.draft("too fast"))
		if wait := w.refused(err, chat.CodeRateLimited).RetryAfter; wait > 7*time.Second {
			t.Errorf("slow mode of 7 s waits %v", wait)
		}
		if _, tell, err = w.Typing(t.Context(), in(mia), "lobby", true); err != nil || !tell {
			t.Errorf("typing %v earlier is not told: %v", back, err)
		}
	}
}

func TestEditsAndDeletionsArePacedApartFromSends(t *testing.T) {
	limits := noLimits()
	limits.SendBurst, limits.SendRate = 2, 1
	w := newWorld(t, limits)
	first, second := w.says(mia, "first"), w.says(mia, "second") // the sends are spent
	for _, text := range []string{"first, better", "first, best"} {
		_, err := w.Edit(t.Context(), in(mia), "lobby", first.Seq, text)
		w.ok(err)
	}
	_, err := w.Delete(t.Context(), in(mia), "lobby", second.Seq)
	w.refused(err, chat.CodeRateLimited)
	_, err = w.Edit(t.Context(), in(mia), "lobby", first.Seq, "first, best") // changes nothing, costs nothing
	w.ok(err)
	w.pass(time.Second)
	_, err = w.Delete(t.Context(), in(mia), "lobby", second.Seq)
	w.ok(err)
}
