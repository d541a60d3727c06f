package chat_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

func TestAnActThatFailsLeavesNothingBehind(t *testing.T) {
	for name, method := range methods {
		switch name {
		case "Act", "Ban", "BanAndDelete", "Mute", "Unban", "Unmute", "SetRole", "TakeDown", "BringBack", "Dismiss", "Restore", "Resolve", "Freeze", "Slow", "PutRule", "DeleteRule":
		default:
			continue
		}
		w, to := staged(t, mod(olive), members)
		w.mutes(fern, 0)
		w.bans(fern, 0)
		w.store.SetUser(chat.User{ID: fern, Name: "Fern", Role: chat.RoleModerator}) // so that SetRole changes something
		w.says(moss, "the rules are known")
		for _, where := range []string{"entry", "commit"} {
			w.breaks(where)
			w.unchanged(func() {
				_, err := method(w, mod(olive), to)
				w.refused(err, chat.CodeInternal)
			})
		}
		w.breaks("")
		if name == "PutRule" || name == "DeleteRule" {
			w.says(ned, "spam is let pass as before")
		}
		entries := len(w.chain())
		_, err := method(w, mod(olive), to)
		w.ok(err)
		if len(w.chain()) == entries {
			t.Errorf("%s has no entry", name)
		}
	}
}

func TestAnActOfTheHostIsOneWithItsEntry(t *testing.T) {
	w := newWorld(t, noLimits())
	act := &chat.Act{Name: "reset:create", User: mia, Reason: " lost it \n"}
	w.ok(w.Act(t.Context(), mod(moss), act, func(tx chat.Writer) error {
		act.After = map[string]any{"link": 7}
		return tx.SetRole(mia, chat.RoleModerator) // anything that a Writer can
	}))
	w.noted("audit reset:create")
	if e := w.entries[0]; e.Act != "reset:create" || e.Target.ID != mia || e.Actor.ID != moss || e.Reason != "lost it" || string(e.After) != `{"link":7}` || e.Before != nil {
		t.Errorf("the entry is %+v", e)
	}
	w.unchanged(func() {
		refusal := chat.Errorf(chat.CodeUnavailable, "not now")
		act.User = ned
		err := w.Act(t.Context(), mod(moss), act, func(tx chat.Writer) error {
			if err := tx.SetRole(ned, chat.RoleModerator); err != nil {
				return err
			}
			return refusal
		})
		w.refused(err, chat.CodeUnavailable)
		err = w.Act(t.Context(), mod(moss), &chat.Act{Name: "reset:create", Reason: why, After: func() {}}, func(chat.Writer) error { return nil })
		w.refused(err, chat.CodeInternal)
	})
}

func TestTheAuditLogIsReadAndSearched(t *testing.T) {
	w := newWorld(t, noLimits())
	w.mutes(mia, time.Hour)                                                      // 1
	w.bans(ned, 0)                                                               // 2
	w.slows(5)                                                                   // 3
	_, err := w.Unmute(t.Context(), mod(reed), mia, "She has apologised enough") // 4
	w.ok(err)
	for _, c := range []struct {
		query chat.AuditQuery
		ids   []int64
		older bool
	}{
		{chat.AuditQuery{}, []int64{4, 3, 2, 1}, false},
		{chat.AuditQuery{Limit: 2}, []int64{4, 3}, true},
		{chat.AuditQuery{Limit: 2, Before: 3}, []int64{2, 1}, false},
		{chat.AuditQuery{Act: "member:mute"}, []int64{1}, false},
		{chat.AuditQuery{Act: "member:"}, []int64{4, 2, 1}, false},
		{chat.AuditQuery{User: mia}, []int64{4, 1}, false},
		{chat.AuditQuery{User: reed}, []int64{4}, false},
		{chat.AuditQuery{Query: "apologised she"}, []int64{4}, false},
		{chat.AuditQuery{Query: "LOUD"}, []int64{2, 1}, false},
		{chat.AuditQuery{Query: "loud", User: ned, Act: "member:"}, []int64{2}, false},
		{chat.AuditQuery{User: "nobody"}, nil, false},
	} {
		entries, older, err := w.Audit(t.Context(), mod(moss), c.query)
		w.ok(err)
		var ids []int64
		for _, e := range entries {
			ids = append(ids, e.ID)
		}
		if !slices.Equal(ids, c.ids) || older != c.older || entries == nil {
			t.Errorf("%+v gets %v, older %v, want %v, %v", c.query, ids, older, c.ids, c.older)
		}
	}
	entries, _, err := w.Audit(t.Context(), mod(moss), chat.AuditQuery{Limit: 1})
	w.ok(err)
	if e := entries[0]; e.Actor.Name != "Reed" || e.Target.Name != "Mia" || string(e.Before) != `{"until":"2025-05-01T13:00:00.000Z"}` || e.After != nil {
		t.Errorf("the entry is %+v", e)
	}
	for _, q := range []chat.AuditQuery{{Limit: -1}, {Limit: 101}, {Before: -1}, {Query: strings.Repeat("a", 201)}} {
		_, _, err := w.Audit(t.Context(), mod(moss), q)
		w.refused(err, chat.CodeInvalid)
	}
}
