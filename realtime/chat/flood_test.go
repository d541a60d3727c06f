package chat_test

import (
	"context"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// floods makes a world in which one message at once may be sent, and one a second after it, and the n-th refusal
// within a minute mutes for ten.
func floods(t *testing.T, n int) *world {
	limits := noLimits()
	limits.SendBurst, limits.SendRate = 1, 1
	limits.FloodRefusals, limits.FloodMute = n, 10*time.Minute
	return newWorld(t, limits)
}

// hurries sends to the lobby at once, and expects to be refused so often.
func (w *world) hurries(user string, times int) {
	w.Helper()
	for range times {
		_, err := w.Send(w.Context(), in(user), w.draft("now"))
		w.refused(err, chat.CodeRateLimited)
	}
}

// muted is the mute of a member that is in force.
func (w *world) muted(user string) chat.Sanction {
	w.Helper()
	held, err := w.Restrictions(w.Context(), user)
	w.ok(err)
	return held.Mute
}

func TestTheTwentiethRefusalWithinAMinuteMutes(t *testing.T) {
	limits := chat.DefaultLimits()
	limits.FloodGrace = 0
	w := newWorld(t, limits)
	for range limits.SendBurst {
		w.says(mia, "hello")
	}
	w.hurries(mia, 19)
	if mute := w.muted(mia); mute.ID != 0 {
		t.Fatalf("after 19 refusals there is the mute %+v", mute)
	}
	w.quiet()
	w.hurries(mia, 1)
	w.noted("audit member:mute", "mute mia")
	server := chat.User{Name: "Roomline", Role: chat.RoleMember}
	want := chat.Sanction{ID: 1, User: mia, Kind: chat.SanctionMute, Reason: "Too many messages too fast.", By: server, At: w.clock, Until: w.clock.Add(10 * time.Minute)}
	if got := w.sanctions[0]; got != want {
		t.Errorf("the mute is %+v, want %+v", got, want)
	}
	if e := w.entries[0]; e.Actor != server || e.Target.ID != mia || e.Reason != want.Reason || string(e.After) != `{"until":"2025-05-01T12:10:00.000Z"}` {
		t.Errorf("the entry is %+v", e)
	}
	if len(w.announced) != 1 {
		t.Fatalf("announced are %+v", w.announced)
	}
	notice := w.announced[0]
	if notice.room.Slug != "admin" || notice.message.Kind != chat.KindSystem || notice.message.Author != server ||
		notice.message.Text != "@Mia was muted for 10 minutes: too many messages too fast." || notice.message.Mentions[0].ID != mia {
		t.Errorf("the admin room hears %+v", notice)
	}
	_, err := w.Send(t.Context(), in(mia), w.draft("now"))
	w.refused(err, chat.CodeMuted)
	w.pass(10 * time.Minute)
	w.says(mia, "hello again")
}

func TestRefusalsOfAMinuteCountAndOlderOnesDoNot(t *testing.T) {
	w := floods(t, 4)
	hurry := func(n int) { // refusals of a moment; the first of them comes when the wait of the last is over
		w.says(mia, "hello")
		w.hurries(mia, n)
	}
	hurry(3)
	w.pass(61 * time.Second)
	hurry(3)
	if mute := w.muted(mia); mute.ID != 0 {
		t.Errorf("six refusals, three in a minute: %+v", mute)
	}
	// The minute slides: these are four within two seconds, around the end of it.
	w = floods(t, 6)
	hurry(2)
	w.pass(58 * time.Second)
	hurry(3)
	w.pass(3 * time.Second)
	w.says(mia, "hello")
	w.hurries(mia, 3)
	if mute := w.muted(mia); mute.ID != 0 {
		t.Errorf("five refusals in a minute that were not heeded: %+v", mute)
	}
	w.hurries(mia, 1)
	if mute := w.muted(mia); mute.ID == 0 {
		t.Error("six refusals within a minute, around the end of another, do not mute")
	}
}

func TestWhoComesBackWhenTheyWereToldIsNeverMuted(t *testing.T) {
	w := floods(t, 3)
	refused := 0
	for range 100 { // as an outbox does that has much to send
		d := w.draft("hello")
		_, err := w.Send(t.Context(), in(mia), d)
		if err == nil {
			continue
		}
		refused++
		w.pass(w.refused(err, chat.CodeRateLimited).RetryAfter)
		_, err = w.Send(t.Context(), in(mia), d)
		w.ok(err)
	}
	if mute := w.muted(mia); mute.ID != 0 || refused < 99 {
		t.Errorf("after %d refusals that were heeded there is the mute %+v", refused, mute)
	}
	// Timers are a little early at times.
	for range 100 {
		d := w.draft("hello")
		for {
			_, err := w.Send(t.Context(), in(mia), d)
			if err == nil {
				break
			}
			wait := w.refused(err, chat.CodeRateLimited).RetryAfter
			if wait > 20*time.Millisecond {
				wait -= 20 * time.Millisecond
			}
			w.pass(wait)
		}
	}
	if mute := w.muted(mia); mute.ID != 0 {
		t.Errorf("who comes a little early is muted: %+v", mute)
	}
}

func TestCountingBeginsAnewAfterAMute(t *testing.T) {
	w := floods(t, 3)
	w.says(mia, "hello")
	w.hurries(mia, 3)
	_, err := w.Unmute(t.Context(), mod(moss), mia, "they are new here")
	w.ok(err)
	w.hurries(mia, 2)
	if mute := w.muted(mia); mute.ID != 0 {
		t.Errorf("after two more there is the mute %+v", mute)
	}
	w.hurries(mia, 1)
	if mute := w.muted(mia); mute.ID == 0 {
		t.Error("after three more there is no mute")
	}
}

func TestWhatElseIsTooFastIsAFloodToo(t *testing.T) {
	for name, act := range map[string]func(w *world) error{
		"edit": func(w *world) error {
			_, err := w.Edit(t.Context(), in(mia), "lobby", 1, "another text")
			return err
		},
		"delete": func(w *world) error { _, err := w.Delete(t.Context(), in(mia), "lobby", 1); return err },
		"react":  func(w *world) error { _, err := w.React(t.Context(), in(mia), "lobby", 1, "🌱", true); return err },
	} {
		w := floods(t, 2)
		w.says(mia, "hello")
		_, err := w.React(t.Context(), in(mia), "lobby", 1, "👍", true) // takes the token
		w.ok(err)
		for range 2 {
			w.refused(act(w), chat.CodeRateLimited)
		}
		if mute := w.muted(mia); mute.ID == 0 {
			t.Errorf("%s: two refusals do not mute", name)
		}
	}
}

func TestWhatIsNoFloodMutesNobody(t *testing.T) {
	slow := func(w *world) { w.setLobby(func(room *chat.Room) { room.SlowMode = 100 }) }
	for name, c := range map[string]struct {
		user    string
		prepare func(*world)
		act     func(*world) error
		want    chat.Code
	}{
		"a moderator": {moss, nil, func(w *world) error { _, err := w.Send(t.Context(), in(moss), w.draft("now")); return err }, chat.CodeRateLimited},
		"an owner":    {olive, nil, func(w *world) error { _, err := w.Send(t.Context(), in(olive), w.draft("now")); return err }, chat.CodeRateLimited},
		"slow mode":   {mia, slow, func(w *world) error { _, err := w.Send(t.Context(), in(mia), w.draft("now")); return err }, chat.CodeRateLimited},
		"a frozen room": {
			mia, func(w *world) { w.setLobby(freeze) },
			func(w *world) error { _, err := w.Send(t.Context(), in(mia), w.draft("now")); return err }, chat.CodeFrozen,
		},
		"what is invalid": {mia, nil, func(w *world) error { _, err := w.Send(t.Context(), in(mia), w.draft("")); return err }, chat.CodeInvalid},
	} {
		w := floods(t, 3)
		w.says(c.user, "hello")
		if c.prepare != nil {
			c.prepare(w)
		}
		w.quiet()
		for range 10 {
			w.refused(c.act(w), c.want)
		}
		if mute := w.muted(c.user); mute.ID != 0 {
			t.Errorf("%s: there is the mute %+v", name, mute)
		}
		w.noted()
	}
	off := noLimits()
	off.SendBurst, off.SendRate = 1, 1
	for _, limits := range []chat.Limits{off, {SendBurst: 1, SendRate: 1, FloodRefusals: 2}, {SendBurst: 1, SendRate: 1, FloodMute: time.Hour}} {
		w := newWorld(t, limits)
		w.says(mia, "hello")
		w.hurries(mia, 10)
		w.noted()
	}
}

func TestOneFloodMutesOnce(t *testing.T) {
	w := floods(t, 3)
	w.says(mia, "hello")
	w.hurries(mia, 2)
	w.mutes(mia, time.Hour) // meanwhile, by a moderator
	_, err := w.Send(t.Context(), in(mia), w.draft("now"))
	w.refused(err, chat.CodeMuted)
	if mute := w.muted(mia); mute.Reason != "loud" {
		t.Errorf("the mute is %+v", mute)
	}
}

func TestWhoHangsUpIsMutedNoLess(t *testing.T) {
	w := floods(t, 3)
	w.says(mia, "hello")
	w.hurries(mia, 2)
	ctx, cancel := context.WithCancel(t.Context())
	w.onWritten = cancel // once the third is refused
	_, err := w.Send(ctx, in(mia), w.draft("now"))
	w.refused(err, chat.CodeRateLimited)
	if mute := w.muted(mia); mute.ID == 0 || ctx.Err() == nil {
		t.Errorf("there is the mute %+v", mute)
	}
}

func TestARefusalStandsWhenTheMuteFails(t *testing.T) {
	w := floods(t, 2)
	w.says(mia, "hello")
	w.hurries(mia, 1)
	w.breaks("entry")
	w.unchanged(func() { w.hurries(mia, 1) })
	w.breaks("")
	w.hurries(mia, 2)
	if mute := w.muted(mia); mute.ID == 0 {
		t.Error("the next flood does not mute")
	}
}

func TestSendsMadeBeforeTheFirstRefusalNeverMute(t *testing.T) {
	w := newWorld(t, chat.DefaultLimits())
	var left []chat.Draft
	for range 200 { // a client that was offline sends all it has
		left = append(left, w.draft("from the train"))
		w.pass(40 * time.Millisecond)
	}
	stored := 0
	for range 300 { // and each again when it may come
		var refused []chat.Draft
		var wait time.Duration
		for _, d := range left {
			_, err := w.Send(t.Context(), in(mia), d)
			if err == nil {
				stored++
				continue
			}
			wait = w.refused(err, chat.CodeRateLimited).RetryAfter
			refused = append(refused, d)
		}
		left = refused
		w.pass(wait)
	}
	if mute := w.muted(mia); mute.ID != 0 || stored != 200 {
		t.Errorf("%d were stored, the mute is %+v", stored, mute)
	}
}

func TestAFloodThatGoesOnAfterItsRefusalsMutes(t *testing.T) {
	for name, again := range map[string]func(*world) error{
		"send": func(w *world) error { _, err := w.Send(t.Context(), in(mia), w.draft("now")); return err },
		"edit": func(w *world) error {
			_, err := w.Edit(t.Context(), in(mia), "lobby", 1, w.draft("").ID)
			return err
		},
	} {
		w := newWorld(t, chat.DefaultLimits())
		w.says(mia, "hello")
		for n := range 200 {
			_ = again(w) // refused, most of the time
			w.pass(100 * time.Millisecond)
			if at := time.Duration(n) * 100 * time.Millisecond; at < 10*time.Second && w.muted(mia).ID != 0 {
				t.Fatalf("%s: muted after %v", name, at)
			}
		}
		if w.muted(mia).ID == 0 {
			t.Errorf("%s: a flood of twenty seconds does not mute", name)
		}
	}
}
