package chat_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// original returns what a message of the lobby said.
func (w *world) original(seq int64) chat.Original {
	w.Helper()
	o, err := w.Original(w.Context(), mod(moss), "lobby", seq)
	w.ok(err)
	return o
}

// edits changes a message of the lobby.
func (w *world) edits(user string, seq int64, text string) chat.Message {
	w.Helper()
	m, err := w.Edit(w.Context(), in(user), "lobby", seq, text)
	w.ok(err)
	return m
}

// dismisses has moss delete a message of the lobby.
func (w *world) dismisses(seq int64) chat.Message {
	w.Helper()
	m, err := w.Dismiss(w.Context(), mod(moss), "lobby", seq, why)
	w.ok(err)
	return m
}

func TestModeratorsSeeWhatAMessageSaid(t *testing.T) {
	w := newWorld(t, noLimits())
	start := w.clock
	seq := w.says(mia, "one @Ned").Seq
	if o := w.original(seq); o.Text != "one @Ned" || len(o.Revisions) != 0 || o.Revisions == nil || o.Message.Text != "one @Ned" {
		t.Errorf("of a message that was never changed the original is %+v", o)
	}
	for i, text := range []string{"two", "three"} {
		w.pass(time.Minute)
		w.edits(mia, seq, text)
		if i == 0 {
			w.edits(mia, seq, text) // no change, no revision
		}
	}
	before := []chat.PlainRevision{{Text: "one @Ned", At: start}, {Text: "two", At: start.Add(time.Minute)}}
	if o := w.original(seq); o.Text != "three" || !reflect.DeepEqual(o.Revisions, before) || o.Message.Deleted() {
		t.Errorf("of a message that was edited the original is %+v", o)
	}
	w.pass(time.Minute)
	w.deletes(mia, seq)
	if o := w.original(seq); o.Text != "three" || !reflect.DeepEqual(o.Revisions, before) || !o.Message.Deleted() || o.Message.Text != "" {
		t.Errorf("of a message that its author deleted the original is %+v", o)
	}
	other := w.says(mia, "spam").Seq
	w.dismisses(other)
	if o := w.original(other); o.Text != "spam" || len(o.Revisions) != 0 || o.Message.DeletedBy != moss {
		t.Errorf("of a message that a moderator deleted the original is %+v", o)
	}
	w.store.SetUser(chat.User{ID: ned, Name: "Nell", Role: chat.RoleMember})
	if o := w.original(seq); o.Revisions[0].Text != "one @Nell" {
		t.Errorf("names of an original are those of now: %+v", o)
	}
	_, err := w.Original(t.Context(), mod(moss), "lobby", 99)
	w.refused(err, chat.CodeNotFound)
	_, err = w.Original(t.Context(), mod(moss), "lobby", 0)
	w.refused(err, chat.CodeInvalid)
	_, err = w.Original(t.Context(), mod(moss), "attic", 1)
	w.refused(err, chat.CodeNotFound)
}

func TestOriginalsAreSeenByNobodyElseByAnyRoute(t *testing.T) {
	const secret = "zebra"
	w := newWorld(t, noLimits())
	w.ok(w.store.Write(t.Context(), func(tx chat.Writer) error { return w.stage(tx, fern) }, nil))
	w.store.SetUser(chat.User{ID: fern, Name: "Fern", Role: chat.RoleMember})
	edited, undone, dismissed, restored := w.says(fern, "an edited zebra"), w.says(fern, "a deleted zebra"), w.says(fern, "a bad zebra"), w.says(fern, "zebra")
	w.reported(ned, dismissed.Seq, "bad") // its snapshot is the moderators' too
	w.edits(fern, edited.Seq, "nothing")
	w.deletes(fern, undone.Seq)
	w.dismisses(dismissed.Seq)
	w.dismisses(restored.Seq)
	_, err := w.Restore(t.Context(), mod(moss), "lobby", restored.Seq, why)
	w.ok(err)
	w.edits(fern, restored.Seq, "nothing at all")
	d := w.draft("a zebra that waits")
	w.rule(chat.Rule{Name: "No animals", Kind: chat.RuleWords, Action: chat.RuleHold, Words: []string{secret}})
	_, err = w.Send(t.Context(), in(fern), d)
	w.ok(err)
	w.quiet()

	for name, method := range methods {
		for _, space := range []chat.Space{chat.SpaceGeneral, chat.SpaceAdmin} {
			for seq := int64(1); seq <= restored.Seq+1; seq++ {
				got, err := method(w, chat.Actor{ID: mia, Space: space}, target{room: "lobby", seq: seq, user: fern})
				if text := shown(t, got, err); strings.Contains(text, secret) {
					t.Errorf("%s in %s shows %s", name, space, text)
				}
			}
		}
	}
	for name, read := range w.reads(mia, "lobby") {
		got, err := read()
		if text := shown(t, got, err); strings.Contains(text, secret) {
			t.Errorf("%s shows %s", name, text)
		}
	}
	_, err = w.store.CatchUp(t.Context(), "")
	w.ok(err)
	page, err := w.Search(t.Context(), in(mia), chat.SearchQuery{Query: secret})
	w.ok(err)
	if len(page.Messages) > 0 {
		t.Errorf("searching finds %+v", page)
	}
	for _, a := range w.announced {
		if a.room.Space == chat.SpaceGeneral && strings.Contains(shown(t, a, nil), secret) {
			t.Errorf("announced is %+v", a)
		}
	}
}

// shown is all of an answer: what is on the wire, and what is not.
func shown(t *testing.T, got any, err error) string {
	t.Helper()
	wire, failed := json.Marshal(got)
	if failed != nil {
		t.Fatal(failed)
	}
	return fmt.Sprintf("%+v %v %s", got, err, wire)
}

func TestRestoringGivesBackAllThatTheMessageHad(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(mia, "hello @Ned *you*")
	m = w.edits(mia, m.Seq, "hello @Ned *you* there")
	for _, user := range []string{ned, moss} {
		var err error
		m, err = w.React(t.Context(), in(user), "lobby", m.Seq, "👍", true)
		w.ok(err)
	}
	mentions := func() int64 {
		view, err := w.Room(t.Context(), in(ned), "lobby")
		w.ok(err)
		return view.Mentions
	}
	if mentions() != 1 {
		t.Fatalf("ned has %d mentions", mentions())
	}
	w.pass(time.Minute)
	w.quiet()
	tombstone := w.dismisses(m.Seq)
	if tombstone.Text != "" || tombstone.HTML != "" || tombstone.Mentions != nil || tombstone.Reactions != nil ||
		tombstone.DeletedBy != moss || !tombstone.DeletedAt.Equal(w.clock) || tombstone.Rev != m.Rev+1 {
		t.Errorf("the tombstone is %+v", tombstone)
	}
	w.heard(tombstone)
	w.noted("recount lobby [ned]", "audit message:delete")
	if e := w.entries[0]; e.Target.ID != mia || e.Room != "lobby" || e.Seq != m.Seq || e.Reason != why {
		t.Errorf("the entry is %+v", e)
	}
	if mentions() != 0 {
		t.Errorf("a deleted message counts as %d mentions", mentions())
	}
	w.unchanged(func() { w.dismisses(m.Seq) })

	w.pass(time.Minute)
	restored, err := w.Restore(t.Context(), mod(reed), "lobby", m.Seq, "a mistake")
	w.ok(err)
	want := m
	want.Rev = m.Rev + 2
	if !reflect.DeepEqual(restored, want) {
		t.Errorf("it is restored as\n     %+v\nwant %+v", restored, want)
	}
	w.heard(restored)
	w.noted("recount lobby [ned]", "audit message:restore") // nobody is told of a mention again
	if mentions() != 1 {
		t.Errorf("after it was restored ned has %d mentions", mentions())
	}
	page, err := w.Search(t.Context(), in(ned), chat.SearchQuery{Query: "there"})
	w.ok(err)
	if len(page.Messages) != 1 || page.Messages[0].Seq != m.Seq {
		t.Errorf("searching finds %+v", page.Messages)
	}
	if o := w.original(m.Seq); len(o.Revisions) != 1 || o.Revisions[0].Text != "hello @Ned *you*" || o.Text != m.Text {
		t.Errorf("after it was restored the original is %+v", o)
	}
	w.unchanged(func() {
		_, err := w.Restore(t.Context(), mod(reed), "lobby", m.Seq, "once more")
		w.ok(err)
	})
	// And all of it again.
	w.dismisses(m.Seq)
	if restored, err = w.Restore(t.Context(), mod(reed), "lobby", m.Seq, "a mistake"); err != nil || restored.Text != m.Text {
		t.Errorf("restored once more it is %+v (%v)", restored, err)
	}
}

func TestWhatItsAuthorDeletedStaysDeleted(t *testing.T) {
	w := newWorld(t, noLimits())
	m, mods := w.says(mia, "hello"), w.says(moss, "hello")
	w.deletes(mia, m.Seq)
	w.dismisses(mods.Seq) // his own
	w.unchanged(func() {
		for _, seq := range []int64{m.Seq, mods.Seq} {
			_, err := w.Restore(t.Context(), mod(olive), "lobby", seq, why)
			w.refused(err, chat.CodeForbidden)
		}
		w.dismisses(m.Seq) // it is gone already
	})
}

func TestNobodyRestoresHisOwnMessage(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(moss, "spam")
	_, err := w.Dismiss(t.Context(), mod(olive), "lobby", m.Seq, why)
	w.ok(err)
	w.unchanged(func() {
		_, err := w.Restore(t.Context(), mod(moss), "lobby", m.Seq, why)
		w.refused(err, chat.CodeForbidden)
	})
}

func TestOnesOwnMessageIsDeletedWithoutAReasonAndABadOneIsRefused(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(moss, "hello")
	w.unchanged(func() {
		for _, reason := range []string{"be\xffll", strings.Repeat("a", 501)} {
			_, err := w.Dismiss(t.Context(), mod(moss), "lobby", m.Seq, reason)
			w.refused(err, chat.CodeInvalid)
		}
	})
	_, err := w.Dismiss(t.Context(), mod(moss), "lobby", m.Seq, " ")
	w.ok(err)
	if e := w.entries[0]; e.Reason != "" || e.Target.ID != moss {
		t.Errorf("the entry is %+v", e)
	}
}

func TestACardIsNotDeleted(t *testing.T) {
	w := newWorld(t, noLimits())
	r := w.queued(chat.ReportMember)
	w.unchanged(func() {
		_, err := w.Dismiss(t.Context(), mod(olive), "admin", r.Message, why)
		w.refused(err, chat.CodeForbidden)
		_, err = w.Delete(t.Context(), mod(olive), "admin", r.Message)
		w.refused(err, chat.CodeForbidden)
		_, err = w.Edit(t.Context(), mod(olive), "admin", r.Message, "nothing")
		w.refused(err, chat.CodeForbidden)
	})
}

func TestWhatIsNotKeptAnyMoreIsNotRestored(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(mia, "hello")
	w.dismisses(m.Seq)
	if _, err := w.Purge(t.Context(), w.clock.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := w.Restore(t.Context(), mod(moss), "lobby", m.Seq, why)
	w.refused(err, chat.CodeNotFound)
	_, err = w.Original(t.Context(), mod(moss), "lobby", m.Seq)
	w.refused(err, chat.CodeNotFound)
}
