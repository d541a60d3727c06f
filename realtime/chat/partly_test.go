package chat_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"roomline/realtime/chat"
)

// failsWith reports an error whose message for people is another, or that has lost its cause.
func (w *world) failsWith(err error, message string) {
	w.Helper()
	w.refused(err, chat.CodeUnavailable)
	var refusal *chat.Error
	if !errors.As(err, &refusal) || !strings.HasPrefix(refusal.Message, message) || !errors.Is(err, errBroken) {
		w.Errorf("it fails with %v, want %q and its cause", err, message)
	}
}

// breaksAfterOneCommit makes the store fail once the next commit is announced.
func (w *world) breaksAfterOneCommit() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onAnnounced = func() { w.broken = "commit" } // w.mu is held there
}

func TestBanAndDeleteSaysThatOnlyTheBanStands(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(mia, "spam")
	w.onWritten = func() { w.breaks("entry") } // of the deletion: the ban's is written by then
	m, n, err := w.BanAndDelete(t.Context(), mod(moss), chat.SanctionRequest{User: mia, Reason: why})
	w.failsWith(err, "Mia is banned, but an error occurred while deleting their messages: 0 messages were deleted.")
	if n != 0 || m.ID != mia || m.Ban == nil || w.standing(mia, "lobby") != 1 {
		t.Errorf("%d were deleted, the member is %+v", n, m)
	}
	w.breaks("")
	if n := w.takesDown(mia); n != 1 {
		t.Errorf("the rest was %d messages", n)
	}
}

func TestBanAndDeleteSaysHowManyMessagesWereDeleted(t *testing.T) {
	w := newWorld(t, noLimits())
	for i := range 450 {
		w.says(mia, fmt.Sprint("spam ", i))
	}
	w.breaksAfterOneCommit()
	_, n, err := w.BanAndDelete(t.Context(), mod(moss), chat.SanctionRequest{User: mia, Reason: why})
	w.failsWith(err, "Mia is banned, but an error occurred while deleting their messages: 200 messages were deleted.")
	if n != 200 || w.standing(mia, "lobby") != 250 {
		t.Errorf("%d were deleted, %d stand", n, w.standing(mia, "lobby"))
	}
}

func TestRefusedBanDeletesNothing(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(mia, "hello")
	w.breaks("commit")
	_, _, err := w.BanAndDelete(t.Context(), mod(moss), chat.SanctionRequest{User: mia, Reason: why})
	w.refused(err, chat.CodeInternal)
	w.breaks("")
	if _, err := w.Enter(t.Context(), in(mia)); err != nil || w.standing(mia, "lobby") != 1 {
		t.Errorf("after a failed ban: %v, %d messages stand", err, w.standing(mia, "lobby"))
	}
}

func TestInterruptedStepsSayHowFarTheyCame(t *testing.T) {
	w := newWorld(t, noLimits())
	for i := range 250 {
		w.says(mia, fmt.Sprint("spam ", i))
	}
	w.breaksAfterOneCommit()
	_, n, err := w.TakeDown(t.Context(), mod(moss), mia, why)
	w.failsWith(err, fmt.Sprintf("An error occurred after %d messages were deleted.", n))
	w.breaks("")
	w.takesDown(mia)
	w.breaksAfterOneCommit()
	_, n, err = w.BringBack(t.Context(), mod(moss), mia, why)
	w.failsWith(err, fmt.Sprintf("An error occurred after %d messages were restored.", n))
}
