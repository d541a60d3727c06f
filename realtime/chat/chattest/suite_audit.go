package chattest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"roomline/realtime/chat"
)

// entries appends entries and returns them as they should come back, the oldest first.
func (f *fixture) entries(entries ...chat.Entry) []chat.Entry {
	f.Helper()
	var prev [32]byte
	for i := range entries {
		e := &entries[i]
		e.ID, e.At, e.Prev, e.Hash = int64(i+1), ms(100-i), prev, [32]byte{byte(i + 1), 31: 7}
		prev = e.Hash
		named := *e // what is not to be kept
		named.Actor.Name = "not kept"
		if e.Target != nil {
			named.Target = &chat.User{ID: e.Target.ID, Name: "not kept"}
		}
		f.write(func(w chat.Writer) error { return w.InsertEntry(named) })
	}
	return entries
}

func storedEntries(f *fixture) {
	f.read(func(r chat.Reader) error {
		_, err := r.LastEntry()
		f.missing("the last of no entries", err)
		none, err := r.EntriesAfter(0, 10)
		equal(f, "entries", len(none), 0)
		return err
	})
	want := f.entries(
		chat.Entry{
			Actor: chat.User{ID: f.ada.ID}, Act: "member:mute", Target: &chat.User{ID: f.bob.ID}, Reason: "spam <é>\n",
			After: json.RawMessage(`{"until": "2024-03-01T00:00:00Z"}`),
		},
		chat.Entry{
			Actor: chat.User{}, Act: "message:delete", Target: &chat.User{ID: nobody}, Room: "lobby", Seq: 12,
			Before: json.RawMessage(`{"deleted":false}`), After: json.RawMessage(`{ "deleted" : true }`),
		},
		chat.Entry{Actor: chat.User{ID: f.ada.ID}, Act: "rule:put"},
	)
	f.read(func(r chat.Reader) error {
		last, err := r.LastEntry()
		equal(f, "the last entry", last, want[2])
		all, err2 := r.EntriesAfter(0, 10)
		equal(f, "all entries", all, want)
		some, err3 := r.EntriesAfter(1, 1)
		equal(f, "one entry", some, want[1:2])
		none, err4 := r.EntriesAfter(3, 10)
		equal(f, "entries after the last", len(none), 0)
		return errors.Join(err, err2, err3, err4)
	})
}

func wrongEntry(f *fixture) {
	want := f.entries(chat.Entry{Act: "a"}, chat.Entry{Act: "b"})
	for _, id := range []int64{-1, 0, 1, 2, 4} {
		err := f.store.Write(f.Context(), func(w chat.Writer) error {
			return w.InsertEntry(chat.Entry{ID: id, Act: "forged", At: time.Now()})
		}, nil)
		if err == nil {
			f.Errorf("an entry with id %d was appended after the second", id)
		}
	}
	f.read(func(r chat.Reader) error {
		all, err := r.EntriesAfter(0, 10)
		equal(f, "entries", all, want)
		return err
	})
}

func foundEntries(f *fixture) {
	ada, bob := chat.User{ID: f.ada.ID}, chat.User{ID: f.bob.ID}
	all := f.entries(
		chat.Entry{Actor: ada, Act: "member:mute", Target: &bob, Reason: "Spam, and SPAMMING links"},
		chat.Entry{Actor: bob, Act: "message:delete", Target: &ada, Reason: "Überflüssig: links"},
		chat.Entry{Actor: ada, Act: "member:unmute", Target: &bob, Reason: "enough"},
		chat.Entry{Actor: ada, Act: "rule:put", Reason: "spam 100%"},
		chat.Entry{Act: "member:mute", Target: &bob, Reason: "flood"},
		chat.Entry{Actor: ada, Act: "member:role", Target: &ada, Reason: "myself"},
	)
	for _, c := range []struct {
		query chat.AuditQuery
		want  []int64
	}{
		{chat.AuditQuery{}, []int64{6, 5, 4, 3, 2, 1}},
		{chat.AuditQuery{Query: "spam"}, []int64{4, 1}},
		{chat.AuditQuery{Query: "LINKS spam"}, []int64{1}},
		{chat.AuditQuery{Query: "spammi"}, []int64{1}}, // a beginning
		{chat.AuditQuery{Query: "pam"}, nil},
		{chat.AuditQuery{Query: "100%"}, []int64{4}},
		{chat.AuditQuery{Query: "über"}, []int64{2}},
		{chat.AuditQuery{Query: "and links-spam"}, []int64{1}},
		{chat.AuditQuery{Query: `"enough" missing`}, nil},
		{chat.AuditQuery{Act: "member:mute"}, []int64{5, 1}},
		{chat.AuditQuery{Act: "member:"}, []int64{6, 5, 3, 1}},
		{chat.AuditQuery{Act: "member"}, nil},
		{chat.AuditQuery{Act: "member:mut"}, nil},
		{chat.AuditQuery{Act: "m"}, nil},
		{chat.AuditQuery{User: f.ada.ID}, []int64{6, 4, 3, 2, 1}}, // once each
		{chat.AuditQuery{User: f.bob.ID}, []int64{5, 3, 2, 1}},
		{chat.AuditQuery{User: nobody}, nil},
		{chat.AuditQuery{User: f.bob.ID, Act: "member:mu"}, nil},
		{chat.AuditQuery{User: f.bob.ID, Act: "member:"}, []int64{5, 3, 1}},
		{chat.AuditQuery{User: f.bob.ID, Act: "member:mute", Query: "spam"}, []int64{1}},
		{chat.AuditQuery{Act: "member:mute", Query: "flood"}, []int64{5}},
	} {
		for limit := 1; limit < 3; limit++ {
			f.pagesOfEntries(all, c.query, limit, c.want)
		}
	}
}

// pagesOfEntries reports pages that do not have the entries of these ids.
func (f *fixture) pagesOfEntries(all []chat.Entry, q chat.AuditQuery, limit int, want []int64) {
	f.Helper()
	asked := fmt.Sprintf("%+v", q)
	q.Limit = limit
	var got []int64
	for {
		var page []chat.Entry
		f.read(func(r chat.Reader) (err error) {
			page, err = r.Entries(q)
			return err
		})
		if len(page) > limit || len(got) > len(all) {
			f.Fatalf("%s: a page has %d entries, after %v", asked, len(page), got)
		}
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			equal(f, "an entry", e, all[e.ID-1])
			got = append(got, e.ID)
			q.Before = e.ID
		}
	}
	if !slices.Equal(got, want) {
		f.Errorf("%s finds %v in pages of %d, want %v", asked, got, limit, want)
	}
}
