package chat_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// told is an event in short.
func told(e chat.Event) string {
	if e.Entry != nil {
		return fmt.Sprintf("entry %d %s", e.Entry.ID, e.Entry.Act)
	}
	return fmt.Sprintf("%s %d.%d %s", e.Room.Slug, e.Message.Seq, e.Position.Rev, e.Message.Text)
}

// delivers delivers to a host that fails where fail says, and returns what it took, in order.
func (w *world) delivers(fail func(chat.Event) error) (all []string, err error) {
	err = w.Deliver(w.Context(), func(_ context.Context, e chat.Event) error {
		if fail != nil {
			if err := fail(e); err != nil {
				return err
			}
		}
		all = append(all, told(e))
		return nil
	})
	return all, err
}

func (w *world) tells(want ...string) {
	w.Helper()
	got, err := w.delivers(nil)
	w.ok(err)
	if !slices.Equal(got, want) {
		w.Errorf("the host is told %q, want %q", got, want)
	}
}

func TestAHostHearsOfEachChangeOnceInItsOrder(t *testing.T) {
	w := newWorld(t, noLimits())
	w.tells()
	w.says(mia, "one")
	w.says(ned, "two")
	w.tells("lobby 1.1 one", "lobby 2.2 two")
	w.tells()
	w.ok(second(w.Edit(t.Context(), in(mia), "lobby", 1, "one, edited")))
	w.deletes(ned, 2)
	w.says(mia, "three")
	w.tells("lobby 1.3 one, edited", "lobby 2.4 ", "lobby 5.5 three")
}

func TestOfSeveralChangesTheLastIsTold(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(mia, "one")
	w.says(mia, "two")
	w.ok(second(w.Edit(t.Context(), in(mia), "lobby", 1, "one, edited")))
	w.tells("lobby 2.2 two", "lobby 1.3 one, edited")
}

func TestAnEventSaysWhereAndByWhom(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(mia, "*hello*")
	w.ok(w.Deliver(t.Context(), func(_ context.Context, e chat.Event) error {
		room, err := w.Room(t.Context(), in(mia), "lobby") // the chat may be asked meanwhile
		if m := e.Message; err != nil || m.Author.Name != "Mia" || m.HTML == "" || e.Room.ID != room.ID || e.Position != (chat.Position{Epoch: room.Epoch, Rev: 1}) {
			t.Errorf("the event is %+v of %+v", e, m)
		}
		return nil
	}))
}

func TestAHostHearsOfTheAuditLog(t *testing.T) {
	w := newWorld(t, noLimits())
	w.mutes(ned, time.Hour)
	w.ok(second(w.Unmute(t.Context(), mod(olive), ned, why)))
	w.tells("entry 1 member:mute", "entry 2 member:unmute")
	w.ok(second(w.Mute(t.Context(), mod(olive), sanction(ned))))
	w.ok(w.Deliver(t.Context(), func(_ context.Context, e chat.Event) error {
		if e.Message != nil || e.Entry.Actor.Name != "Olive" || e.Entry.Target == nil || e.Entry.Target.Name != "Ned" {
			t.Errorf("the entry is %+v", e.Entry)
		}
		return nil
	}))
}

func TestWhatAHostCannotTakeIsToldAgainFromThere(t *testing.T) {
	w := newWorld(t, noLimits())
	for i := range 5 {
		w.says(mia, fmt.Sprint(i+1))
	}
	broken := errors.New("the index is away")
	got, err := w.delivers(func(e chat.Event) error {
		if e.Message.Seq == 3 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) || !slices.Equal(got, []string{"lobby 1.1 1", "lobby 2.2 2"}) {
		t.Errorf("the host took %q: %v", got, err)
	}
	w.tells("lobby 3.3 3", "lobby 4.4 4", "lobby 5.5 5")
}

func TestARoomWhoseEventsFailHoldsUpNoOther(t *testing.T) {
	w := newWorld(t, noLimits())
	w.ok(second(w.EnsureRoom(t.Context(), chat.NewRoom{Slug: "other", Name: "Other"})))
	w.says(mia, "poison")
	for i := range 3 {
		w.ok(second(w.Post(t.Context(), chat.Post{Room: "other", Text: fmt.Sprint(i + 1)})))
	}
	w.mutes(ned, time.Hour)
	calls := 0
	got, err := w.delivers(func(e chat.Event) error {
		if e.Message != nil && e.Room.Slug == "lobby" {
			calls++
			return errors.New("no")
		}
		return nil
	})
	if want := []string{"entry 1 member:mute", "other 1.1 1", "other 2.2 2", "other 3.3 3"}; err == nil || calls != 1 || !slices.Equal(got, want) {
		t.Errorf("after %d calls the host took %q: %v", calls, got, err)
	}
	w.tells("lobby 1.1 poison")
}

func TestWhatWasToldStaysToldAfterARestart(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(mia, "one")
	w.tells("lobby 1.1 one")
	w.says(mia, "two")
	w.Service = chat.New(chat.Config{Store: w.store}) // the process begins anew
	w.tells("lobby 2.2 two")
}

func TestWhatAHostTookIsNotedThoughItsTimeIsUp(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(mia, "one")
	w.says(mia, "two")
	ctx, stop := context.WithCancel(t.Context())
	err := w.Deliver(ctx, func(ctx context.Context, e chat.Event) error {
		if e.Message.Seq == 2 {
			stop()
			return ctx.Err()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	w.tells("lobby 2.2 two")
}

func TestMoreThanAPageOfEventsComesInOrder(t *testing.T) {
	w := newWorld(t, noLimits())
	var want []string
	for i := range 250 {
		w.says(mia, fmt.Sprint(i+1))
		want = append(want, fmt.Sprintf("lobby %d.%d %d", i+1, i+1, i+1))
	}
	w.tells(want...)
}

func TestWhatIsNotKeptAnyMoreIsNotTold(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(mia, "old")
	w.says(mia, "older than now")
	w.pass(time.Hour)
	w.ok(second(w.Purge(t.Context(), w.now())))
	w.tells()
	m := w.says(mia, "new")
	w.tells(fmt.Sprintf("lobby %d.%d new", m.Seq, m.Rev))
}

func TestWhatIsHeldIsToldWhenItIsApproved(t *testing.T) {
	w := newWorld(t, noLimits(), (&decider{answer: chat.Decided{Hold: "A new author"}}).before)
	w.ok(second(w.Send(t.Context(), in(mia), w.draft("hello"))))
	got, err := w.delivers(nil)
	w.ok(err)
	if slices.ContainsFunc(got, func(e string) bool { return e == "lobby 1.1 hello" }) {
		t.Errorf("the host is told %q", got)
	}
	_, _, err = w.Resolve(t.Context(), mod(reed), chat.Decision{Report: 1, Action: chat.Approve})
	w.ok(err)
	if got, err = w.delivers(nil); err != nil || !slices.Contains(got, "lobby 1.1 hello") {
		t.Errorf("the host is told %q: %v", got, err)
	}
}
