package chat_test

import (
	"fmt"
	"testing"
	"time"

	"roomline/realtime/chat"
)

func TestOldMessagesGoAndTheLogGoesOn(t *testing.T) {
	w := newWorld(t, noLimits())
	start := w.clock
	for i := range 450 { // more than one step
		w.says(mia, fmt.Sprint(i))
	}
	w.pass(time.Hour)
	w.says(ned, "kept")
	before, err := w.Room(t.Context(), in(mia), "lobby")
	w.ok(err)
	for _, n := range []int{450, 0} {
		if got, err := w.Purge(t.Context(), start.Add(time.Minute)); err != nil || got != n {
			t.Errorf("%d were deleted, %v, want %d", got, err, n)
		}
	}
	after, err := w.Room(t.Context(), in(mia), "lobby")
	w.ok(err)
	if after.Head != before.Head || after.Posts != before.Posts || after.Floor != 450 || after.Unread != 1 {
		t.Errorf("the room is %+v, before %+v", after, before)
	}
	page, err := w.History(t.Context(), in(mia), "lobby", chat.HistoryQuery{})
	w.ok(err)
	if len(page.Messages) != 1 || page.HasOlder || page.Messages[0].Text != "kept" {
		t.Errorf("the page is %+v", page)
	}
	_, err = w.Message(t.Context(), in(mia), "lobby", 3)
	w.refused(err, chat.CodeNotFound)

	// Who comes back from before it has to begin anew; who has seen it all goes on.
	for rev, want := range map[int64]string{449: "purged", 450: "", 451: ""} {
		joined, err := w.Join(t.Context(), in(mia), "lobby", &chat.Position{Epoch: after.Epoch, Rev: rev})
		w.ok(err)
		if joined.Reset != want {
			t.Errorf("from %d: reset %q, want %q", rev, joined.Reset, want)
		}
	}
	if next := w.says(mia, "and on"); next.Seq != before.Head+1 || next.Post != before.Posts+1 {
		t.Errorf("the next message is %+v", next)
	}
	if n, err := w.Purge(t.Context(), start.Add(2*time.Hour)); err != nil || n != 2 {
		t.Errorf("the rest: %d, %v", n, err)
	}
	joined, err := w.Join(t.Context(), in(mia), "lobby", nil)
	w.ok(err)
	if len(joined.Messages) != 0 || joined.HasOlder || joined.Room.Unread != 0 {
		t.Errorf("an emptied room is %+v", joined)
	}
}
