package chat_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"roomline/realtime/chat"
)

func TestASentMessageIsTheRoomsNextChange(t *testing.T) {
	w := newWorld(t, noLimits())
	w.pass(1234567 * time.Nanosecond)
	first := w.says(mia, "hello")
	second, err := w.Send(t.Context(), in(ned), chat.Draft{Room: "lobby", ID: "AZaz09_-", Text: " hi,\r\nMia\n", ReplyTo: first.Seq})
	w.ok(err)
	want := chat.Message{
		RoomID: first.RoomID, Room: "lobby", Seq: 2, Rev: 2, Post: 2, ID: "AZaz09_-", Kind: chat.KindText,
		Author: chat.User{ID: ned, Name: "Ned", Role: chat.RoleMember}, Text: "hi,\nMia", ReplyTo: 1,
		SentAt: time.Date(2025, 5, 1, 12, 0, 0, 1_000_000, time.UTC),
	}
	if !reflect.DeepEqual(second, want) {
		t.Errorf("the message is\n     %+v\nwant %+v", second, want)
	}
	stored, err := w.Message(t.Context(), in(mia), "lobby", 2)
	w.ok(err)
	if !reflect.DeepEqual(stored, want) {
		t.Errorf("the message is stored as\n     %+v\nwant %+v", stored, want)
	}
	w.heard(first, second)
	if room := w.announced[1].room; room.Slug != "lobby" || room.Head != 2 || room.Posts != 2 {
		t.Errorf("it is announced in the room %+v", room)
	}
}

func TestARetryIsStoredOnceAndGetsTheMessageAsItIs(t *testing.T) {
	w := newWorld(t, chat.DefaultLimits())
	d := w.draft("hello")
	first, err := w.Send(t.Context(), in(mia), d)
	w.ok(err)
	for _, text := range []string{"hello", " hello\r\n"} {
		d.Text = text
		again, err := w.Send(t.Context(), in(mia), d)
		w.ok(err)
		if !reflect.DeepEqual(again, first) {
			t.Errorf("a retry gets %+v, want %+v", again, first)
		}
	}
	edited, err := w.Edit(t.Context(), in(mia), "lobby", first.Seq, "hello, all")
	w.ok(err)
	again, err := w.Send(t.Context(), in(mia), d)
	w.ok(err)
	if !reflect.DeepEqual(again, edited) {
		t.Errorf("a retry after an edit gets %+v, want %+v", again, edited)
	}
	tombstone := w.deletes(mia, first.Seq)
	again, err = w.Send(t.Context(), in(mia), d)
	w.ok(err)
	if !reflect.DeepEqual(again, tombstone) {
		t.Errorf("a retry after a deletion gets %+v, want %+v", again, tombstone)
	}
	w.heard(first, edited, tombstone)
	if n := len(w.latest()); n != 1 {
		t.Errorf("%d messages are stored, want 1", n)
	}
}

func TestARetryIsAcknowledgedWhateverForbidsNewMessages(t *testing.T) {
	for _, c := range []struct {
		name   string
		limits chat.Limits
		forbid func(*chat.Room)
		code   chat.Code // for a new message
	}{
		{"a frozen room", noLimits(), freeze, chat.CodeFrozen},
		{"slow mode", noLimits(), func(r *chat.Room) { r.SlowMode = 60 }, chat.CodeRateLimited},
		{"the rate limit", chat.Limits{SendBurst: 1, SendRate: 0.1}, func(*chat.Room) {}, chat.CodeRateLimited},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.limits)
			d := w.draft("hello")
			first, err := w.Send(t.Context(), in(mia), d)
			w.ok(err)
			w.setLobby(c.forbid)
			_, err = w.Send(t.Context(), in(mia), w.draft("more"))
			w.refused(err, c.code)
			again, err := w.Send(t.Context(), in(mia), d)
			w.ok(err)
			if !reflect.DeepEqual(again, first) {
				t.Errorf("a retry gets %+v, want %+v", again, first)
			}
		})
	}
}

func TestTheSameIDWithAnotherContentIsRefused(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(moss, "a question")
	d := w.draft("hello")
	_, err := w.Send(t.Context(), in(moss), d)
	w.ok(err)
	w.deletes(moss, 2)
	for name, change := range map[string]func(d *chat.Draft, a *chat.Actor){
		"text":  func(d *chat.Draft, _ *chat.Actor) { d.Text = "hello!" },
		"reply": func(d *chat.Draft, _ *chat.Actor) { d.ReplyTo = 1 },
		"room":  func(d *chat.Draft, a *chat.Actor) { d.Room, a.Space = "admin", chat.SpaceAdmin },
	} {
		other, a := d, in(moss)
		change(&other, &a)
		_, err := w.Send(t.Context(), a, other)
		if w.refused(err, chat.CodeIDReused); t.Failed() {
			t.Errorf("with another %s", name)
		}
	}
	if _, err := w.Send(t.Context(), in(mia), d); err != nil {
		t.Errorf("another user may not use the same id: %v", err)
	}
}

func TestADraftIsRefusedIfItIsNotOne(t *testing.T) {
	valid := chat.Draft{Room: "lobby", ID: "valid-id", Text: "hello"}
	for name, change := range map[string]func(d *chat.Draft){
		"an id of 7":                   func(d *chat.Draft) { d.ID = "1234567" },
		"an id of 65":                  func(d *chat.Draft) { d.ID = strings.Repeat("x", 65) },
		"an id with a space":           func(d *chat.Draft) { d.ID = "with space" },
		"an id with a letter of Greek": func(d *chat.Draft) { d.ID = "1234567α" },
		"no id":                        func(d *chat.Draft) { d.ID = "" },
		"no text":                      func(d *chat.Draft) { d.Text = "" },
		"a reply to a negative number": func(d *chat.Draft) { d.ReplyTo = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, noLimits())
			d := valid
			change(&d)
			_, err := w.Send(t.Context(), in(mia), d)
			w.refused(err, chat.CodeInvalid)
			w.heard()
		})
	}
	w := newWorld(t, noLimits())
	for _, id := range []string{"12345678", strings.Repeat("x", 64)} {
		d := valid
		d.ID = id
		_, err := w.Send(t.Context(), in(mia), d)
		w.ok(err)
	}
}

func TestADeletedMessageMayBeAnswered(t *testing.T) {
	w := newWorld(t, noLimits())
	question := w.says(mia, "a question")
	w.deletes(mia, question.Seq)
	d := w.draft("an answer")
	d.ReplyTo = question.Seq
	answer, err := w.Send(t.Context(), in(ned), d)
	w.ok(err)
	if answer.ReplyTo != question.Seq {
		t.Errorf("it answers %d, want %d", answer.ReplyTo, question.Seq)
	}
}

func TestOnlyAMessageOfTheRoomMayBeAnswered(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(moss, "in the lobby")
	d := w.draft("in the admin room")
	d.Room, d.ReplyTo = "admin", 1
	_, err := w.Send(t.Context(), chat.Actor{ID: moss, Space: chat.SpaceAdmin}, d)
	w.refused(err, chat.CodeNotFound)
}

func TestSendingDoesNotMoveTheReadPointer(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(mia, "hello")
	room, err := w.Room(t.Context(), in(mia), "lobby")
	w.ok(err)
	if room.LastRead != 0 || room.Unread != 0 {
		t.Errorf("read up to %d, unread %d, want 0 and 0", room.LastRead, room.Unread)
	}
}

func TestConcurrentSendsAndRetriesAreStoredOnceAndAnnouncedInOrder(t *testing.T) {
	w := newWorld(t, noLimits())
	const people, messages, retries = 4, 10, 3
	var wg sync.WaitGroup
	for p := range people {
		user := []string{mia, ned, moss, olive}[p]
		for range messages {
			d := w.draft("hello")
			for range retries {
				wg.Go(func() {
					if _, err := w.Send(t.Context(), in(user), d); err != nil {
						t.Error(err)
					}
				})
			}
		}
	}
	wg.Wait()
	if len(w.announced) != people*messages {
		t.Fatalf("%d messages were announced, want %d", len(w.announced), people*messages)
	}
	for i, a := range w.announced {
		if a.message.Seq != int64(i+1) || a.room.Head != a.message.Rev || a.room.Posts != a.message.Post {
			t.Errorf("announcement %d is message %d in %+v", i+1, a.message.Seq, a.room)
		}
	}
}

// failing is a store that lets nothing be recorded.
type failing struct {
	chat.Store
	fault error
}

type failingWriter struct {
	chat.Writer
	fault error
}

func (f failing) Write(ctx context.Context, fn func(chat.Writer) error, committed func()) error {
	return f.Store.Write(ctx, func(w chat.Writer) error { return fn(failingWriter{w, f.fault}) }, committed)
}

func (f failingWriter) RecordSent(chat.Sent) error { return f.fault }

func TestAFaultOfTheStoreIsInternalAndSaysWhatFailed(t *testing.T) {
	w := newWorld(t, noLimits())
	fault := errors.New("disk full")
	announced := 0
	s := chat.New(chat.Config{
		Store:     failing{w.store, fault},
		Committed: func(chat.Room, chat.Message) { announced++ },
	})
	_, err := s.Send(t.Context(), in(mia), w.draft("hello"))
	w.refused(err, chat.CodeInternal)
	if !errors.Is(err, fault) || err.Error() != "send message: disk full" {
		t.Errorf("the error is %q, want the fault with what failed", err)
	}
	if announced != 0 || len(w.latest()) != 0 {
		t.Error("a message that failed was announced or stored")
	}
}
