package chat_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

const secret = "xylophone" // in every text of the day, and so in no entry

// day plays a day of moderation, in which each act takes place.
func (w *world) day() {
	w.Helper()
	ctx := w.Context()
	text := func(what string) string { return what + " " + secret }
	rule := w.rule(noSpam)
	flag := w.rule(chat.Rule{Name: "Rude", Kind: chat.RuleWords, Action: chat.RuleFlag, Words: []string{"fool"}})
	first := w.says(mia, text("hello"))
	w.edits(mia, first.Seq, text("hello there"))
	w.reported(ned, first.Seq, "rude")
	w.says(mia, text("you fool"))
	w.holds(mia, text("spam"))
	w.holds(mia, text("more spam"))
	w.holds(ned, text("spam"))
	for id, action := range []chat.Resolution{chat.AgreeMute, chat.AgreeDelete, chat.Approve, chat.Reject, chat.RejectMute} {
		_, _, err := w.decide(moss, chat.Decision{Report: int64(id + 1), Action: action, Note: "seen"})
		w.ok(err)
	}
	_, err := w.Unmute(ctx, mod(moss), mia, "enough")
	w.ok(err)
	_, err = w.Unmute(ctx, mod(moss), ned, "enough")
	w.ok(err)
	w.says(mia, text("again"))
	_, err = w.Restore(ctx, mod(reed), "lobby", first.Seq, "not so bad")
	w.ok(err)
	w.takesDown(mia)
	w.bringsBack(mia)
	w.bans(ned, time.Hour)
	_, err = w.Unban(ctx, mod(moss), ned, "enough")
	w.ok(err)
	w.slows(5)
	_, err = w.Freeze(ctx, mod(moss), "lobby", true, why)
	w.ok(err)
	_, err = w.SetRole(ctx, mod(olive), ned, chat.RoleModerator, "")
	w.ok(err)
	w.ok(w.Act(ctx, mod(moss), &chat.Act{Name: "invite:create", Reason: why, After: map[string]int{"uses": 5}}, func(chat.Writer) error { return nil }))
	w.ok(w.DeleteRule(ctx, mod(moss), flag.ID, why))
	rule.Action = chat.RuleBlock
	w.rule(rule)
}

// chain returns the whole audit log, as it is stored.
func (w *world) chain() []chat.Entry {
	w.Helper()
	var entries []chat.Entry
	w.ok(w.store.Read(w.Context(), func(r chat.Reader) error {
		var err error
		entries, err = r.EntriesAfter(0, 10_000)
		return err
	}))
	return entries
}

// verified reports if the chain is not broken at that entry, 0 for nowhere.
func (w *world) verified(doing string, wantBroken, wantEntries int64) {
	w.Helper()
	entries, head, broken, err := w.VerifyAudit(w.Context())
	w.ok(err)
	if broken != wantBroken || entries != wantEntries {
		w.Errorf("%s: %d entries hold and %d is broken, want %d and %d", doing, entries, broken, wantEntries, wantBroken)
	}
	if chain := w.chain(); broken == 0 && entries > 0 && head != chain[len(chain)-1].Hash {
		w.Errorf("%s: the head is %x", doing, head)
	}
}

func TestADayOfActsIsAChainWithoutATextOfAMessage(t *testing.T) {
	w := newWorld(t, noLimits())
	w.verified("an empty log", 0, 0)
	w.day()
	chain := w.chain()
	w.verified("a day", 0, int64(len(chain)))
	acts := make(map[string]bool)
	var prev [32]byte
	for i, e := range chain {
		acts[e.Act] = true
		data, err := json.Marshal(e)
		w.ok(err)
		if text := fmt.Sprintf("%+v %s", e, data); strings.Contains(text, secret) {
			t.Errorf("the entry %s has the text of a message", text)
		}
		if e.ID != int64(i+1) || e.Prev != prev || e.Hash != e.Sum() || e.At.IsZero() || e.Actor.ID == "" {
			t.Errorf("entry %d is %+v", i+1, e)
		}
		prev = e.Hash
	}
	for _, act := range []string{
		"member:mute", "member:unmute", "member:ban", "member:unban", "member:purge", "member:restore", "member:role", "message:delete",
		"message:restore", "room:freeze", "room:slow", "report:resolve", "rule:put", "rule:delete", "invite:create",
	} {
		if !acts[act] {
			t.Errorf("the day has no %s", act)
		}
		delete(acts, act)
	}
	if len(acts) > 0 {
		t.Errorf("the day has %v, which nobody expects", acts)
	}
	if !slices.EqualFunc(w.entries, chain, func(told, kept chat.Entry) bool {
		return told.ID == kept.ID && told.Hash == kept.Hash && told.Actor.Name != ""
	}) {
		t.Errorf("announced were %+v", w.entries)
	}
}

func TestAChangeOfAnyFieldOfAnyEntryIsFound(t *testing.T) {
	w := newWorld(t, noLimits())
	w.day()
	chain := w.chain()
	for field, change := range map[string]func(*chat.Entry){
		"at":     func(e *chat.Entry) { e.At = e.At.Add(time.Millisecond) },
		"actor":  func(e *chat.Entry) { e.Actor.ID += "x" },
		"nobody": func(e *chat.Entry) { e.Actor.ID = "" },
		"act":    func(e *chat.Entry) { e.Act += "x" },
		"target": func(e *chat.Entry) {
			if e.Target == nil {
				e.Target = &chat.User{ID: mia}
			} else {
				e.Target = nil
			}
		},
		"room":            func(e *chat.Entry) { e.Room += "x" },
		"seq":             func(e *chat.Entry) { e.Seq++ },
		"reason":          func(e *chat.Entry) { e.Reason += "x" },
		"before":          func(e *chat.Entry) { e.Before = append(slices.Clone(e.Before), ' ') },
		"after":           func(e *chat.Entry) { e.After = append(slices.Clone(e.After), ' ') },
		"prev":            func(e *chat.Entry) { e.Prev[31] ^= 1 },
		"hash":            func(e *chat.Entry) { e.Hash[0] ^= 1 },
		"reason moved on": func(e *chat.Entry) { e.Room, e.Reason = e.Room+"r", "eason" },
	} {
		for i := range chain {
			w.store.Forge(func([]chat.Entry) []chat.Entry {
				forged := slices.Clone(chain)
				change(&forged[i])
				return forged
			})
			w.verified(fmt.Sprintf("%s of entry %d changed", field, i+1), int64(i+1), int64(i))
		}
	}
}

func TestAnEntryThatIsMissingOrTooManyIsFound(t *testing.T) {
	w := newWorld(t, noLimits())
	w.day()
	chain := w.chain()
	n := int64(len(chain))
	rehash := func(entries []chat.Entry, from int) []chat.Entry {
		for i := from; i < len(entries); i++ {
			entries[i].Hash = entries[i].Sum()
		}
		return entries
	}
	for name, c := range map[string]struct {
		forge      func([]chat.Entry) []chat.Entry
		broken, ok int64
	}{
		"nothing changed":       {func(e []chat.Entry) []chat.Entry { return e }, 0, n},
		"the first cut":         {func(e []chat.Entry) []chat.Entry { return e[1:] }, 1, 0},
		"one in the middle cut": {func(e []chat.Entry) []chat.Entry { return slices.Delete(e, 4, 5) }, 5, 4},
		"one cut, and the numbers moved": {func(e []chat.Entry) []chat.Entry {
			e = slices.Delete(e, 4, 5)
			for i := 4; i < len(e); i++ {
				e[i].ID--
			}
			return rehash(e, 4)
		}, 5, 4},
		"one changed, and its hash": {func(e []chat.Entry) []chat.Entry {
			e[4].Reason = "another"
			return rehash(e, 4)
		}, 6, 5}, // the next is not bound to it
		"two swapped": {func(e []chat.Entry) []chat.Entry {
			e[4], e[5] = e[5], e[4]
			e[4].ID, e[5].ID = 5, 6
			return rehash(e, 4)
		}, 5, 4},
		"one before the first": {func(e []chat.Entry) []chat.Entry {
			forged := chat.Entry{ID: -3, At: w.clock, Act: "member:ban"}
			forged.Hash = forged.Sum()
			return slices.Insert(e, 0, forged)
		}, 1, 0},
		"the last cut": {func(e []chat.Entry) []chat.Entry { return e[:len(e)-1] }, 0, n - 1}, // only a noted head tells
	} {
		w.store.Forge(func([]chat.Entry) []chat.Entry { return c.forge(slices.Clone(chain)) })
		w.verified(name, c.broken, c.ok)
	}
}

func TestALongChainIsVerifiedInPages(t *testing.T) {
	w := newWorld(t, noLimits())
	for range 1000 {
		w.slows(w.slows(1).SlowMode - 1)
	}
	w.verified("2,000 entries", 0, 2000)
	w.store.Forge(func(e []chat.Entry) []chat.Entry {
		e[1500].Reason = "another"
		return e
	})
	w.verified("one of 2,000 changed", 1501, 1500)
}
