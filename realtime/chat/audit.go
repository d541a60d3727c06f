package chat

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"time"
	"unicode/utf8"
)

// Entry is one act of a moderator, or of the server itself, in the audit log: append-only, each
// bound to the one before by its hash. It never holds the text of a message. Its JSON form is the
// wire's; a Store fills the ids of users only.
type Entry struct {
	ID     int64           `json:"id"` // 1, 2, 3, … without gaps
	At     time.Time       `json:"at"`
	Actor  User            `json:"actor"` // the zero User: the server itself
	Act    string          `json:"act"`   // the event's name, as "member:mute"
	Target *User           `json:"target,omitempty"`
	Room   string          `json:"room,omitempty"` // slug
	Seq    int64           `json:"seq,omitempty"`
	Reason string          `json:"reason,omitempty"`
	Before json.RawMessage `json:"before,omitempty"` // what it changed, a JSON object as it was
	After  json.RawMessage `json:"after,omitempty"`  // and as it is
	Prev   [32]byte        `json:"-"`                // Hash of the entry before; zero for the first
	Hash   [32]byte        `json:"-"`                // Sum
}

// AuditQuery asks for entries, the latest first. Empty fields ask for any.
type AuditQuery struct {
	Before int64  // id, 0 for the latest
	Limit  int    // 100 at most, 0 for 50
	Query  string // words of the reason
	Act    string // "member:mute", or "member:" for all of them
	User   string // id of actor or target
}

// Sum is the hash of an entry: SHA-256 over all its fields, each behind its length, and the hash of the entry
// before. Names of people are not in it: ids are.
func (e Entry) Sum() [32]byte {
	var b []byte
	number := func(n int64) { b = binary.BigEndian.AppendUint64(b, uint64(n)) }
	text := func(s string) {
		number(int64(len(s)))
		b = append(b, s...)
	}
	number(e.ID)
	number(e.At.UnixMilli())
	text(e.Actor.ID)
	text(e.Act)
	if e.Target != nil {
		text(e.Target.ID)
	} else {
		text("")
	}
	text(e.Room)
	number(e.Seq)
	text(e.Reason)
	text(string(e.Before))
	text(string(e.After))
	return sha256.Sum256(append(b, e.Prev[:]...))
}

// AppendEntry appends an entry to the audit log, in the transaction of the act, and returns it with its place in
// the chain. It is for a host's act that needs no Service; Service does it for its own.
func AppendEntry(w Writer, e Entry) (Entry, error) {
	last, err := w.LastEntry()
	if err != nil && !errors.Is(err, ErrMissing) {
		return e, err
	}
	e.ID, e.Prev = last.ID+1, last.Hash
	e.Hash = e.Sum()
	return e, w.InsertEntry(e)
}

// record appends an entry by the scene's user to the audit log, in the transaction of the act.
func (s *Service) record(w Writer, in scene, e Entry) error {
	e.At, e.Actor = in.now, in.user
	e, err := AppendEntry(w, e)
	if err != nil {
		return err
	}
	if e.Actor.ID == "" {
		e.Actor = newNames(w).find("")
	}
	if e.Target != nil {
		target := *e.Target // the scene's goes on
		e.Target = &target
	}
	in.news.entries = append(in.news.entries, e)
	return nil
}

// Audit returns a page of the audit log, the latest entries first, and whether there are older ones.
func (s *Service) Audit(ctx context.Context, a Actor, q AuditQuery) ([]Entry, bool, error) {
	limit, err := pageOf(q.Limit)
	if err != nil {
		return nil, false, err
	}
	if q.Before < 0 || utf8.RuneCountInString(q.Query) > maxQuery {
		return nil, false, Errorf(CodeInvalid, "The query is too long, or begins below 0.")
	}
	q.Limit = limit + 1
	var entries []Entry
	older := false
	err = s.moderated(ctx, "read the audit log", a, func(r Reader, in scene) error {
		for older = true; older && len(entries) == 0; {
			found, err := r.Entries(q)
			if err != nil {
				return err
			}
			if older = len(found) > limit; older {
				found = found[:limit]
				q.Before = found[limit-1].ID
			}
			entries = slices.DeleteFunc(found, func(e Entry) bool { return e.tellsOfReport(in.user.ID) })
		}
		return nameEntries(r, entries)
	})
	if entries == nil {
		entries = []Entry{}
	}
	return entries, older, err
}

// nameEntries completes the people of entries in place.
func nameEntries(r Reader, entries []Entry) error {
	who := newNames(r)
	for _, e := range entries {
		who.ask(e.Actor.ID)
		if e.Target != nil {
			who.ask(e.Target.ID)
		}
	}
	if err := who.read(); err != nil {
		return err
	}
	for i := range entries {
		e := &entries[i]
		e.Actor = who.find(e.Actor.ID)
		if e.Target != nil {
			target := who.find(e.Target.ID)
			e.Target = &target
		}
	}
	return nil
}

// verifyPage is how many entries VerifyAudit reads at once.
const verifyPage = 500

// VerifyAudit follows the whole chain of the audit log. It returns how many entries hold, the hash of the last of
// them, and the id of the first that does not fit, 0 if all do: it was changed, or an entry before it, or one is
// missing there. Whether entries were cut off at the end only somebody who has noted a later hash can tell. It
// asks for nobody's rights.
func (s *Service) VerifyAudit(ctx context.Context) (entries int64, head [32]byte, broken int64, err error) {
	for after := int64(math.MinInt64); ; after = entries { // numbers below 1 are no less forged
		var page []Entry
		err := s.cfg.Store.Read(ctx, func(r Reader) error {
			var err error
			page, err = r.EntriesAfter(after, verifyPage)
			return err
		})
		if err != nil {
			return entries, head, 0, fault("verify the audit log", err)
		}
		for _, e := range page {
			if e.ID != entries+1 || e.Prev != head || e.Hash != e.Sum() {
				return entries, head, entries + 1, nil
			}
			entries, head = e.ID, e.Hash
		}
		if len(page) < verifyPage {
			return entries, head, 0, nil
		}
	}
}
