package chat_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// standing counts the messages of an author in a room that stand, as reed sees them, who is everywhere.
func (w *world) standing(author string, slugs ...string) (n int) {
	w.Helper()
	w.ok(w.store.Read(w.Context(), func(r chat.Reader) error {
		for _, slug := range slugs {
			room, err := r.Room(slug)
			if err != nil {
				return err
			}
			messages, err := r.After(room.ID, 0, 100_000)
			if err != nil {
				return err
			}
			for _, m := range messages {
				if m.Author.ID == author && !m.Deleted() {
					n++
				}
			}
		}
		return nil
	}))
	return n
}

// takesDown has moss delete all messages of somebody.
func (w *world) takesDown(user string) int {
	w.Helper()
	_, n, err := w.TakeDown(w.Context(), mod(moss), user, "spam everywhere")
	w.ok(err)
	return n
}

func (w *world) bringsBack(user string) int {
	w.Helper()
	_, n, err := w.BringBack(w.Context(), mod(moss), user, "not spam")
	w.ok(err)
	return n
}

func TestAllMessagesOfAMemberGoInEveryRoomAndComeBack(t *testing.T) {
	w := newWorld(t, noLimits())
	private, err := w.CreateRoom(t.Context(), in(reed), chat.NewRoom{Name: "Cellar", Private: true}) // moss is not in it
	w.ok(err)
	_, err = w.Invite(t.Context(), in(reed), private.Slug, mia)
	w.ok(err)
	for i := range 450 { // more than two steps
		w.posts(mia, []string{"lobby", private.Slug}[i%2], fmt.Sprint("spam ", i))
	}
	w.store.SetUser(chat.User{ID: mia, Name: "Mia", Role: chat.RoleModerator})
	_, err = w.Send(t.Context(), mod(mia), w.draftFor("admin", "when I was a moderator"))
	w.ok(err)
	w.store.SetUser(chat.User{ID: mia, Name: "Mia", Role: chat.RoleMember})
	kept := w.says(ned, "hello")
	w.deletes(mia, 1) // by herself
	w.dismisses(2)    // by a moderator before
	everywhere := []string{"lobby", private.Slug, "admin"}
	before := w.everything()
	w.quiet()

	m, n, err := w.TakeDown(t.Context(), mod(moss), mia, "spam everywhere")
	w.ok(err)
	if n != 449 || m.ID != mia || w.standing(mia, everywhere...) != 0 || len(w.announced) != 449 {
		t.Errorf("%d went, %d are left, %d announced", n, w.standing(mia, everywhere...), len(w.announced))
	}
	w.noted("audit member:purge")
	if e := w.entries[0]; string(e.After) != `{"messages":449}` || e.Target.ID != mia || e.Reason != "spam everywhere" || e.Room != "" {
		t.Errorf("the entry is %+v", e)
	}
	for i, a := range w.announced {
		if a.message.Text != "" || a.message.DeletedBy != moss || a.message.Author.Name != "Mia" || a.room.Head != a.message.Rev {
			t.Fatalf("announcement %d is %+v", i, a)
		}
	}
	p, err := w.Profile(t.Context(), mod(moss), mia)
	w.ok(err)
	if p.Purged != 449 || len(p.Recent) != 0 {
		t.Errorf("the profile says that %d are purged, and has %+v", p.Purged, p.Recent)
	}
	if standing := w.standing(ned, "lobby"); standing != 1 {
		t.Errorf("of another author %d messages stand", standing)
	}
	w.quiet()

	if n := w.bringsBack(mia); n != 449 || len(w.announced) != 449 {
		t.Errorf("%d came back, %d announced", n, len(w.announced))
	}
	w.noted("audit member:restore")
	if e := w.entries[0]; string(e.After) != `{"messages":449}` || e.Reason != "not spam" {
		t.Errorf("the entry is %+v", e)
	}
	for seq := range int64(2) {
		if m := w.original(seq + 1).Message; !m.Deleted() {
			t.Errorf("what was deleted before is now %+v", m)
		}
	}
	if standing := w.standing(mia, everywhere...); standing != 449 {
		t.Errorf("%d stand", standing)
	}
	if got, err := w.Message(t.Context(), in(ned), "lobby", kept.Seq); err != nil || got.Rev != kept.Rev {
		t.Errorf("another's message is %+v (%v)", got, err)
	}
	// But for the numbers of the log, and the log of the acts, all is as it was.
	if got, want := textsOf(w.everything()), textsOf(before); got != want {
		t.Errorf("after all came back the texts are\n%s\nwhere they were\n%s", got, want)
	}
	w.quiet()
	if n := w.bringsBack(mia); n != 0 || len(w.announced) != 0 {
		t.Errorf("once more %d came back", n)
	}
}

func TestWhatIsRestoredInBetweenIsNotBroughtBackAgain(t *testing.T) {
	w := newWorld(t, noLimits())
	for i := range 3 {
		w.says(mia, fmt.Sprint("hello ", i))
	}
	w.edits(mia, 2, "hello there")
	if n := w.takesDown(mia); n != 3 {
		t.Fatalf("%d went", n)
	}
	restored, err := w.Restore(t.Context(), mod(moss), "lobby", 2, why)
	w.ok(err)
	restored = w.edits(mia, 2, restored.Text+", all")
	w.says(mia, "meanwhile")
	if n := w.bringsBack(mia); n != 2 {
		t.Errorf("%d came back, want 2", n)
	}
	if m, err := w.Message(t.Context(), in(ned), "lobby", 2); err != nil || m.Rev != restored.Rev || m.Text != "hello there, all" {
		t.Errorf("what was restored in between is %+v (%v)", m, err)
	}
	if standing := w.standing(mia, "lobby"); standing != 4 {
		t.Errorf("%d stand", standing)
	}
	// Restored and then deleted by a moderator alone, it stays so.
	w.takesDown(mia)
	_, err = w.Restore(t.Context(), mod(moss), "lobby", 1, why)
	w.ok(err)
	w.dismisses(1)
	if n := w.bringsBack(mia); n != 3 || !w.original(1).Message.Deleted() {
		t.Errorf("%d came back, with %+v", n, w.original(1).Message)
	}
}

func TestATakedownThatIsCutShortGoesOnWhenItIsDoneAgain(t *testing.T) {
	w := newWorld(t, noLimits())
	for i := range 450 {
		w.says(mia, fmt.Sprint("spam ", i))
	}
	// The context ends with the first step: at the first announcement of it.
	cut := func(do func(context.Context) (int, error)) int {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		w.mu.Lock()
		w.onAnnounced = cancel
		w.mu.Unlock()
		n, err := do(ctx)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cut short it returns %v", err)
		}
		return n
	}
	n := cut(func(ctx context.Context) (int, error) {
		_, n, err := w.TakeDown(ctx, mod(moss), mia, why)
		return n, err
	})
	if n != 200 || w.standing(mia, "lobby") != 250 {
		t.Errorf("cut short, %d went and %d stand", n, w.standing(mia, "lobby"))
	}
	w.says(mia, "meanwhile")
	if n := w.takesDown(mia); n != 251 || w.standing(mia, "lobby") != 0 {
		t.Errorf("then %d went and %d stand", n, w.standing(mia, "lobby"))
	}
	n = cut(func(ctx context.Context) (int, error) {
		_, n, err := w.BringBack(ctx, mod(moss), mia, why)
		return n, err
	})
	if n != 200 || w.standing(mia, "lobby") != 200 {
		t.Errorf("cut short, %d came back and %d stand", n, w.standing(mia, "lobby"))
	}
	if n := w.bringsBack(mia); n != 251 || w.standing(mia, "lobby") != 451 {
		t.Errorf("then %d came back and %d stand", n, w.standing(mia, "lobby"))
	}
	_, _, broken, err := w.VerifyAudit(t.Context())
	w.ok(err)
	if broken != 0 {
		t.Errorf("entry %d is broken", broken)
	}
}

func TestWhatIsPostedAfterATakedownStands(t *testing.T) {
	w := newWorld(t, noLimits())
	if n := w.takesDown(mia); n != 0 {
		t.Errorf("of nothing %d went", n)
	}
	w.noted("audit member:purge")
	w.says(mia, "hello")
	w.takesDown(mia)
	w.pass(time.Minute)
	m := w.says(mia, "hello again")
	if n := w.bringsBack(mia); n != 1 || w.original(m.Seq).Message.Rev != m.Rev {
		t.Errorf("%d came back, and the new one is %+v", n, w.original(m.Seq).Message)
	}
}

func TestATakedownAndRetentionGoTogether(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(mia, "hello")
	w.pass(time.Hour)
	w.says(mia, "hello again")
	w.takesDown(mia)
	if _, err := w.Purge(t.Context(), w.clock); err != nil {
		t.Fatal(err)
	}
	if n := w.bringsBack(mia); n != 1 || w.standing(mia, "lobby") != 1 {
		t.Errorf("%d came back and %d stand", n, w.standing(mia, "lobby"))
	}
}

func TestWhatIsHeldStaysHeldInATakedown(t *testing.T) {
	w := newWorld(t, noLimits())
	w.rule(noSpam)
	d, _ := w.holds(mia, "spam")
	if n := w.takesDown(mia); n != 0 {
		t.Errorf("%d went", n)
	}
	if m, err := w.Send(t.Context(), in(mia), d); err != nil || !m.Held {
		t.Errorf("it is %+v (%v)", m, err)
	}
}
