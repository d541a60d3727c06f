package chat_test

import (
	"reflect"
	"testing"
	"time"

	"roomline/realtime/chat"
)

func TestAnEditKeepsThePlaceAndTakesTheNextRev(t *testing.T) {
	w := newWorld(t, noLimits())
	first, other := w.says(mia, "helo"), w.says(ned, "hi")
	w.pass(time.Minute)
	edited, err := w.Edit(t.Context(), in(mia), "lobby", first.Seq, " hello\r\n")
	w.ok(err)
	want := first
	want.Rev, want.Text, want.EditedAt = 3, "hello", first.SentAt.Add(time.Minute)
	if !reflect.DeepEqual(edited, want) {
		t.Errorf("the edited message is\n     %+v\nwant %+v", edited, want)
	}
	w.heard(first, other, want)
	if room := w.announced[2].room; room.Head != 3 || room.Posts != 2 {
		t.Errorf("it is announced in the room %+v, want head 3 and posts 2", room)
	}
}

func TestAnEditToTheSameTextChangesNothing(t *testing.T) {
	w := newWorld(t, noLimits())
	first := w.says(mia, "hello")
	w.pass(time.Minute)
	same, err := w.Edit(t.Context(), in(mia), "lobby", first.Seq, "hello\n")
	w.ok(err)
	if !reflect.DeepEqual(same, first) {
		t.Errorf("the message is %+v, want %+v", same, first)
	}
	w.heard(first)
}

func TestAnAuthorMayEditWithinTheWindow(t *testing.T) {
	w := newWorld(t, chat.Limits{EditWindow: 15 * time.Minute})
	for _, author := range []string{mia, olive} {
		m := w.says(author, "hello")
		w.pass(15 * time.Minute)
		_, err := w.Edit(t.Context(), in(author), "lobby", m.Seq, "hello 1")
		w.ok(err)
		w.pass(time.Millisecond)
		_, err = w.Edit(t.Context(), in(author), "lobby", m.Seq, "hello 2")
		w.refused(err, chat.CodeForbidden)
		w.deletes(author, m.Seq)
	}
	w = newWorld(t, noLimits())
	m := w.says(mia, "hello")
	w.pass(1000 * time.Hour)
	_, err := w.Edit(t.Context(), in(mia), "lobby", m.Seq, "no window, no end")
	w.ok(err)
}

func TestAnEditIsRefusedWhereThereIsNothingToEdit(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(mia, "hello")
	for seq, code := range map[int64]chat.Code{m.Seq + 1: chat.CodeNotFound, 0: chat.CodeInvalid, -1: chat.CodeInvalid} {
		_, err := w.Edit(t.Context(), in(mia), "lobby", seq, "text")
		w.refused(err, code)
		_, err = w.Delete(t.Context(), in(mia), "lobby", seq)
		w.refused(err, code)
		_, err = w.Message(t.Context(), in(mia), "lobby", seq)
		w.refused(err, chat.CodeNotFound)
	}
	_, err := w.Edit(t.Context(), in(mia), "lobby", m.Seq, " \n ")
	w.refused(err, chat.CodeInvalid)
	w.heard(m)
}

func TestADeletionLeavesATombstoneOnce(t *testing.T) {
	w := newWorld(t, noLimits())
	question, secret := w.says(mia, "a question"), w.draft("secret")
	secret.ReplyTo = question.Seq
	m, err := w.Send(t.Context(), in(ned), secret)
	w.ok(err)
	w.pass(time.Minute)
	tombstone := w.deletes(ned, m.Seq)
	want := m
	want.Rev, want.Text, want.DeletedAt, want.DeletedBy = 3, "", m.SentAt.Add(time.Minute), ned
	if !reflect.DeepEqual(tombstone, want) {
		t.Errorf("the tombstone is\n     %+v\nwant %+v", tombstone, want)
	}
	w.pass(time.Minute)
	if again := w.deletes(ned, m.Seq); !reflect.DeepEqual(again, want) {
		t.Errorf("deleting again gives %+v, want %+v", again, want)
	}
	w.heard(question, m, want)
	for _, m := range w.latest() {
		if m.Text == "secret" {
			t.Error("the deleted text can still be read")
		}
	}
}
