package chat_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// does calls a method by its name, on the first message of the lobby, and says what became of it.
func (w *world) does(user, method string, to target) chat.Code {
	w.Helper()
	_, err := methods[method](w, in(user), to)
	return chat.ErrorCode(err)
}

func TestAMuteKeepsFromAllThatOthersGetToSeeAndFromNothingElse(t *testing.T) {
	for method, want := range map[string]chat.Code{
		"Send": chat.CodeMuted, "Edit": chat.CodeMuted, "React": chat.CodeMuted, "Report": chat.CodeMuted, "MayRename": chat.CodeMuted,
		"Typing": chat.CodeMuted, "Invite": chat.CodeMuted, "CreateRoom": chat.CodeMuted, "UpdateRoom": chat.CodeMuted,
		"Enter": "", "Rooms": "", "Room": "", "Join": "", "History": "", "Message": "", "Messages": "", "Search": "", "MarkRead": "",
		"SetLevel": "", "Members": "", "FindUsers": "", "HeldOf": "", "Access": "", "Delete": "", "Remove": "",
	} {
		// reed is a moderator, so that there is nothing but the mute that keeps from it.
		w := newWorld(t, noLimits())
		w.ok(w.store.Write(t.Context(), func(tx chat.Writer) error { return w.stage(tx, reed) }, nil))
		mine := target{room: "lobby", seq: 1, user: reed}
		_, err := w.Mute(t.Context(), mod(olive), sanction(reed))
		w.ok(err)
		if method == "Report" {
			w.ok(w.store.Write(t.Context(), func(tx chat.Writer) error { return w.stageOne(tx, mia) }, nil))
			mine.seq = 3
		}
		if got := w.does(reed, method, mine); got != want {
			t.Errorf("a muted member's %s gets %q, want %q", method, got, want)
		}
		if want == "" {
			continue
		}
		w.pass(time.Hour - time.Millisecond)
		if got := w.does(reed, method, mine); got != want {
			t.Errorf("a muted member's %s gets %q just before the end, want %q", method, got, want)
		}
		w.pass(time.Millisecond)
		if got := w.does(reed, method, mine); got != "" {
			t.Errorf("%s gets %q when the mute is over", method, got)
		}
	}
}

// stageOne writes a message of the author to the lobby, whatever their rights are.
func (w *world) stageOne(tx chat.Writer, author string) error {
	room, err := tx.Room("lobby")
	if err != nil {
		return err
	}
	rev, posts, err := tx.Advance(room.ID, true)
	if err != nil {
		return err
	}
	return tx.InsertMessage(chat.Message{
		RoomID: room.ID, Room: "lobby", Seq: rev, Rev: rev, Post: posts, ID: "message-of-" + author, Kind: chat.KindText,
		Author: chat.User{ID: author}, Text: "another", SentAt: w.clock,
	})
}

func TestAMutedModeratorStillModerates(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(mia, "spam")
	_, err := w.Mute(t.Context(), mod(olive), sanction(moss))
	w.ok(err)
	_, err = w.Dismiss(t.Context(), mod(moss), "lobby", m.Seq, why)
	w.ok(err)
	_, err = w.Unmute(t.Context(), mod(moss), moss, why)
	w.refused(err, chat.CodeForbidden)
	d := w.draftFor("admin", "hello")
	_, err = w.Send(t.Context(), mod(moss), d)
	w.refused(err, chat.CodeMuted)
}

func TestARefusalOfAMuteSaysUntilWhenAndWhy(t *testing.T) {
	w := newWorld(t, noLimits())
	w.mutes(mia, time.Hour)
	w.pass(20 * time.Minute)
	_, err := w.Send(t.Context(), in(mia), w.draft("hello"))
	refusal := w.refused(err, chat.CodeMuted)
	if want := "You are muted until 1 May 2025 13:00 UTC. Reason: loud"; refusal.Message != want || refusal.RetryAfter != 40*time.Minute {
		t.Errorf("the refusal is %q after %v, want %q after 40m", refusal.Message, refusal.RetryAfter, want)
	}
	w.mutes(mia, 0)
	w.pass(20 * 365 * 24 * time.Hour)
	_, err = w.Send(t.Context(), in(mia), w.draft("hello"))
	refusal = w.refused(err, chat.CodeMuted)
	if want := "You are muted. Reason: loud"; refusal.Message != want || refusal.RetryAfter != 0 {
		t.Errorf("the refusal is %q after %v, want %q without an end", refusal.Message, refusal.RetryAfter, want)
	}
}

func TestASanctionIsReplacedAndLifted(t *testing.T) {
	for kind, act := range map[chat.SanctionKind]struct {
		set  func(*world, chat.SanctionRequest) (chat.Member, error)
		lift func(*world, string) (chat.Member, error)
		of   func(chat.Member) *chat.Sanction
		code chat.Code
	}{
		chat.SanctionMute: {
			func(w *world, r chat.SanctionRequest) (chat.Member, error) { return w.Mute(w.Context(), mod(moss), r) },
			func(w *world, reason string) (chat.Member, error) {
				return w.Unmute(w.Context(), mod(reed), mia, reason)
			},
			func(m chat.Member) *chat.Sanction { return m.Mute }, chat.CodeMuted,
		},
		chat.SanctionBan: {
			func(w *world, r chat.SanctionRequest) (chat.Member, error) { return w.Ban(w.Context(), mod(moss), r) },
			func(w *world, reason string) (chat.Member, error) {
				return w.Unban(w.Context(), mod(reed), mia, reason)
			},
			func(m chat.Member) *chat.Sanction { return m.Ban }, chat.CodeBanned,
		},
	} {
		w := newWorld(t, noLimits())
		name, sends := string(kind), func(want chat.Code) {
			t.Helper()
			_, err := w.Send(t.Context(), in(mia), w.draft("hello"))
			w.refused(err, want)
		}
		m, err := act.set(w, chat.SanctionRequest{User: mia, For: time.Hour, Reason: " too \n loud "})
		w.ok(err)
		want := chat.Sanction{
			ID: 1, User: mia, Kind: kind, Reason: "too loud", By: chat.User{ID: moss, Name: "Moss", Role: chat.RoleModerator},
			At: w.clock, Until: w.clock.Add(time.Hour),
		}
		if got := act.of(m); got == nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("a %s is %+v, want %+v", name, got, want)
		}
		w.noted("audit member:"+name, name+" mia")
		sends(act.code)

		w.pass(time.Minute)
		m, err = act.set(w, chat.SanctionRequest{User: mia, Reason: "again"})
		w.ok(err)
		if got := act.of(m); got == nil || got.ID != 2 || !got.Until.IsZero() {
			t.Errorf("a %s in place of another is %+v", name, got)
		}
		w.pass(24 * time.Hour)
		sends(act.code)
		w.quiet()

		m, err = act.lift(w, "a mistake")
		w.ok(err)
		if m.Mute != nil || m.Ban != nil {
			t.Errorf("after the %s is lifted the member is %+v", name, m)
		}
		w.noted("audit member:un"+name, name+" mia lifted")
		sends("")

		w.unchanged(func() {
			_, err := act.lift(w, "a mistake")
			w.ok(err)
		})
		p, err := w.Profile(t.Context(), mod(moss), mia)
		w.ok(err)
		if len(p.History) != 2 || p.History[0].ID != 2 || p.History[0].LiftedBy != reed || p.History[0].LiftReason != "a mistake" ||
			p.History[1].ID != 1 || p.History[1].LiftedAt.IsZero() || p.History[1].By.Name != "Moss" {
			t.Errorf("the history of a %s is %+v", name, p.History)
		}
	}
}

func TestABanKeepsFromEverythingAndEnds(t *testing.T) {
	w := newWorld(t, noLimits())
	w.ok(w.store.Write(t.Context(), func(tx chat.Writer) error { return w.stage(tx, mia) }, nil))
	w.bans(mia, time.Hour)
	for name, method := range methods {
		for _, a := range []chat.Actor{in(mia), mod(mia)} {
			_, err := method(w, a, target{room: "lobby", seq: 1, user: ned})
			if refusal := w.refused(err, chat.CodeBanned); refusal.RetryAfter != time.Hour {
				t.Errorf("%s tells to come back in %v", name, refusal.RetryAfter)
			}
		}
	}
	held, err := w.Restrictions(t.Context(), mia)
	w.ok(err)
	if held.Ban.Reason != "very loud" || held.Mute.ID != 0 {
		t.Errorf("the restrictions are %+v", held)
	}
	w.pass(time.Hour)
	w.says(mia, "hello again")
	if held, err = w.Restrictions(t.Context(), mia); err != nil || held.Ban.ID != 0 {
		t.Errorf("after its end the restrictions are %+v (%v)", held, err)
	}
}

func TestAMuteIsToldToWhoeverEnters(t *testing.T) {
	w := newWorld(t, noLimits())
	w.mutes(mia, time.Hour)
	entered, err := w.Enter(t.Context(), in(mia))
	w.ok(err)
	if entered.Mute.Reason != "loud" || !entered.Mute.Until.Equal(w.clock.Add(time.Hour)) {
		t.Errorf("they enter with the mute %+v", entered.Mute)
	}
	w.pass(time.Hour)
	if entered, err = w.Enter(t.Context(), in(mia)); err != nil || entered.Mute.ID != 0 {
		t.Errorf("they enter with the mute %+v that is over (%v)", entered.Mute, err)
	}
}

func TestEveryActNeedsAReason(t *testing.T) {
	for reason, good := range map[string]bool{
		"": false, "\n\t\n": false, "\u200b": false, "be\xffll": false, "\xff": false, strings.Repeat("ß", 501): false,
		strings.Repeat("\u0300", 100_000): false,
		strings.Repeat("ß", 500):          true, "two\nlines": true,
	} {
		w := newWorld(t, noLimits())
		m := w.says(mia, "hello")
		dismissed := w.says(mia, "hello again")
		_, err := w.Dismiss(t.Context(), mod(moss), "lobby", dismissed.Seq, why)
		w.ok(err)
		rule, err := w.PutRule(t.Context(), mod(moss), noSpam, why)
		w.ok(err)
		for name, act := range map[string]func() error{
			"Mute": func() error {
				_, err := w.Mute(t.Context(), mod(moss), chat.SanctionRequest{User: ned, Reason: reason})
				return err
			},
			"Unmute": func() error { _, err := w.Unmute(t.Context(), mod(moss), ned, reason); return err },
			"Ban": func() error {
				_, err := w.Ban(t.Context(), mod(moss), chat.SanctionRequest{User: ned, Reason: reason})
				return err
			},
			"Unban":      func() error { _, err := w.Unban(t.Context(), mod(moss), ned, reason); return err },
			"TakeDown":   func() error { _, _, err := w.TakeDown(t.Context(), mod(moss), ned, reason); return err },
			"BringBack":  func() error { _, _, err := w.BringBack(t.Context(), mod(moss), ned, reason); return err },
			"Dismiss":    func() error { _, err := w.Dismiss(t.Context(), mod(moss), "lobby", m.Seq, reason); return err },
			"Restore":    func() error { _, err := w.Restore(t.Context(), mod(moss), "lobby", dismissed.Seq, reason); return err },
			"Freeze":     func() error { _, err := w.Freeze(t.Context(), mod(moss), "lobby", true, reason); return err },
			"Slow":       func() error { _, err := w.Slow(t.Context(), mod(moss), "lobby", 5, reason); return err },
			"PutRule":    func() error { _, err := w.PutRule(t.Context(), mod(moss), noSpam, reason); return err },
			"DeleteRule": func() error { return w.DeleteRule(t.Context(), mod(moss), rule.ID, reason) },
			"Report":     func() error { return w.Report(t.Context(), in(ned), "lobby", m.Seq, reason) },
			"Act": func() error {
				return w.Act(t.Context(), mod(moss), &chat.Act{Name: "invite:create", Reason: reason}, func(chat.Writer) error { return nil })
			},
		} {
			if good {
				if name == "Report" {
					continue // the message is gone by now, perhaps
				}
				if err := act(); err != nil {
					t.Errorf("%s is refused for %.20q: %v", name, reason, err)
				}
				continue
			}
			w.unchanged(func() {
				if refusal := w.refused(act(), chat.CodeInvalid); refusal.Field != "reason" {
					t.Errorf("%s for %.20q is wrong about %q", name, reason, refusal.Field)
				}
			})
		}
	}
}

func TestASanctionLastsTenYearsAtMost(t *testing.T) {
	w := newWorld(t, noLimits())
	for _, span := range []time.Duration{-1, 10*365*24*time.Hour + 1} {
		r := chat.SanctionRequest{User: mia, For: span, Reason: why}
		w.unchanged(func() {
			_, err := w.Mute(t.Context(), mod(moss), r)
			w.refused(err, chat.CodeInvalid)
			_, err = w.Ban(t.Context(), mod(moss), r)
			w.refused(err, chat.CodeInvalid)
		})
	}
}
