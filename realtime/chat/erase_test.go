package chat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// marker stands in everything that mia writes in a life.
const marker = "zzmarker"

// lives has mia do everything that leaves a trace.
func (w *world) lives() {
	w.Helper()
	ctx := w.Context()
	w.rule(noSpam)
	w.says(ned, "hello @Mia")
	w.says(mia, marker+" first")
	w.ok(second(w.Edit(ctx, in(mia), "lobby", 2, marker+" edited")))
	w.says(mia, marker+" second")
	w.deletes(mia, 4)
	w.says(mia, marker+" reported")
	w.ok(w.Report(ctx, in(ned), "lobby", 6, "of ned"))
	w.ok(w.Report(ctx, in(mia), "lobby", 1, marker+" reason"))
	_, _, err := w.Resolve(ctx, mod(moss), chat.Decision{Report: 2, Action: chat.Keep})
	w.ok(err)
	held, err := w.Send(ctx, in(mia), w.draft(marker+" spam"))
	w.ok(err)
	if !held.Held {
		w.Errorf("%+v is not held", held)
	}
	for _, user := range []string{ned, mia} {
		w.ok(second(w.React(ctx, in(user), "lobby", 1, "👍", true)))
	}
	w.ok(second(w.React(ctx, in(mia), "lobby", 1, "🌱", true)))
	w.ok(second(w.MarkRead(ctx, in(mia), "lobby", 1)))
	w.ok(second(w.SetLevel(ctx, in(mia), "lobby", chat.LevelAll)))
	room, err := w.CreateRoom(ctx, in(olive), chat.NewRoom{Name: "Den", Private: true})
	w.ok(err)
	w.ok(second(w.Invite(ctx, in(olive), room.Slug, mia)))
	draft := w.draft(marker + " private")
	draft.Room = room.Slug
	w.ok(second(w.Send(ctx, in(mia), draft)))
	w.mutes(mia, time.Hour)
}

func TestWhatAnErasedUserWroteIsNowhere(t *testing.T) {
	w := newWorld(t, noLimits())
	w.lives()
	if !strings.Contains(w.everything(), marker) {
		t.Fatal("the marker is nowhere before")
	}
	before := w.latest()
	w.ok(w.Erase(t.Context(), mia))
	if all := w.everything(); strings.Contains(all, marker) {
		t.Errorf("the store still has\n%s", all)
	}
	found, err := w.Search(t.Context(), in(olive), chat.SearchQuery{Query: marker})
	w.ok(err)
	if len(found.Messages) != 0 {
		t.Errorf("found is %+v", found.Messages)
	}
	after := w.latest()
	for i, m := range after {
		if m.Seq != before[i].Seq || m.Author.ID != before[i].Author.ID {
			t.Errorf("%+v has become %+v", before[i], m)
		}
		if mine := m.Author.ID == mia; mine != m.Deleted() {
			t.Errorf("erased is %v: %+v", m.Deleted(), m)
		}
	}
	if got := after[0].Reactions; len(got) != 1 || got[0].Emoji != "👍" || len(got[0].Users) != 1 || got[0].Users[0].ID != ned {
		t.Errorf("the reactions are %+v", got)
	}
	if o, err := w.Original(t.Context(), mod(olive), "lobby", 2); err == nil && (o.Text != "" || len(o.Revisions) > 0) {
		t.Errorf("the original is %+v", o)
	}
	e, err := w.Export(t.Context(), mia)
	w.ok(err)
	if len(e.Reactions) != 0 || len(e.Sanctions) != 0 || len(e.Read) != 0 {
		t.Errorf("what is kept is %+v", e)
	}
	reports, _, err := w.Reports(t.Context(), mod(olive), chat.ReportQuery{State: chat.ReportOpen})
	w.ok(err)
	for _, r := range reports {
		if r.Kind == chat.ReportHeld {
			t.Errorf("still waiting is %+v", r)
		}
	}
	_, _, _, err = w.VerifyAudit(t.Context())
	w.ok(err)
	entries, _, err := w.Audit(t.Context(), mod(olive), chat.AuditQuery{Limit: 1})
	w.ok(err)
	if entries[0].Act != "user:erase" || entries[0].Target.ID != mia || entries[0].Actor.Name != "Roomline" {
		t.Errorf("the last entry is %+v", entries[0])
	}
}

func TestWhoFollowsHearsThatAUserIsErased(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(mia, "hello")
	w.says(ned, "hello")
	w.announced = nil
	w.ok(w.Erase(t.Context(), mia))
	if len(w.announced) != 1 || w.announced[0].message.Seq != m.Seq || w.announced[0].message.Rev != 3 || !w.announced[0].message.Deleted() || w.announced[0].room.Slug != "lobby" {
		t.Errorf("announced is %+v", w.announced)
	}
}

func TestErasingAgainChangesNothing(t *testing.T) {
	w := newWorld(t, noLimits())
	w.lives()
	w.ok(w.Erase(t.Context(), mia))
	w.announced = nil
	before := w.latest()
	w.ok(w.Erase(t.Context(), mia))
	after := w.latest()
	if fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("%+v has become %+v", before, after)
	}
	w.heard()
	w.refused(w.Erase(t.Context(), ""), chat.CodeNotFound)
	w.ok(w.Erase(t.Context(), gone))
}

func TestAnErasureThatWasCutShortIsDoneAgain(t *testing.T) {
	w := newWorld(t, noLimits())
	for i := range 450 {
		w.says(mia, fmt.Sprint(marker, i))
	}
	ctx, cut := context.WithCancel(t.Context())
	w.onAnnounced = cut
	if err := w.Erase(ctx, mia); !errors.Is(err, context.Canceled) {
		t.Fatalf("cut short is %v", err)
	}
	left := strings.Count(w.everything(), marker)
	if left == 0 || left == 450 {
		t.Errorf("%d of 450 are left", left)
	}
	w.ok(w.Erase(t.Context(), mia))
	if all := w.everything(); strings.Contains(all, marker) {
		t.Error("the store still has some")
	}
}

func TestReactionsAreErasedHoweverMany(t *testing.T) {
	w := newWorld(t, noLimits())
	for i := range 250 {
		m := w.says(ned, fmt.Sprint(i))
		w.ok(second(w.React(t.Context(), in(mia), "lobby", m.Seq, "👍", true)))
	}
	w.ok(w.Erase(t.Context(), mia))
	if all := w.everything(); strings.Contains(all, "👍") {
		t.Error("there are some still")
	}
}

func TestAnExportHasAllThatIsKept(t *testing.T) {
	w := newWorld(t, noLimits())
	w.lives()
	e, err := w.Export(t.Context(), mia)
	w.ok(err)
	var texts []string
	for _, m := range e.Messages {
		texts = append(texts, m.Text)
	}
	want := []string{marker + " edited", "", marker + " reported", marker + " private"}
	slices.Sort(texts)
	slices.Sort(want)
	if !slices.Equal(texts, want) {
		t.Errorf("the messages are %q", texts)
	}
	if len(e.Held) != 1 || e.Held[0].Text != marker+" spam" || e.Held[0].Room != "lobby" {
		t.Errorf("held is %+v", e.Held)
	}
	if len(e.Reactions) != 2 || len(e.Reports) != 1 || e.Reports[0].Reason != marker+" reason" || len(e.Sanctions) != 1 || e.Read["lobby"] != 1 {
		t.Errorf("the export is %+v", e)
	}
	data, err := json.Marshal(e)
	w.ok(err)
	for _, name := range []string{`"user":"mia"`, `"messages":[{"room":"`, `"sentAt":"2025-05-01T12:00:00Z"`, `"emoji":"🌱"`, `"held":[{`} {
		if !strings.Contains(string(data), name) {
			t.Errorf("%s is not in %s", name, data)
		}
	}
	nobody, err := w.Export(t.Context(), gone)
	w.ok(err)
	if data, err = json.Marshal(nobody); err != nil || strings.Contains(string(data), "null") {
		t.Errorf("of nobody is kept %s: %v", data, err)
	}
}
