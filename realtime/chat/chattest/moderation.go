package chattest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"roomline/realtime/chat"
)

// moderation is the part of a state that moderators make.
type moderation struct {
	sanctions map[string][]chat.Sanction // by user, the oldest first
	revisions map[place][]chat.Revision  // the oldest first
	reports   map[int64]chat.Report
	reporters map[place][]string
	rules     map[int64]chat.Rule
	audit     []chat.Entry
	delivered map[int64]int64

	lastSanction, lastReport, lastRule int64
}

// place is where a message is.
type place struct{ room, seq int64 }

func newModeration() moderation {
	return moderation{
		sanctions: make(map[string][]chat.Sanction),
		revisions: make(map[place][]chat.Revision),
		reports:   make(map[int64]chat.Report),
		reporters: make(map[place][]string),
		rules:     make(map[int64]chat.Rule),
		delivered: make(map[int64]int64),
	}
}

func (m moderation) clone() moderation {
	m.sanctions, m.revisions, m.reports = maps.Clone(m.sanctions), maps.Clone(m.revisions), maps.Clone(m.reports)
	m.reporters, m.rules, m.delivered = maps.Clone(m.reporters), maps.Clone(m.rules), maps.Clone(m.delivered)
	return m
}

func (s *state) Restrictions(user string) (chat.Restrictions, error) {
	var found chat.Restrictions
	for _, sanction := range s.sanctions[user] {
		switch {
		case !sanction.LiftedAt.IsZero():
		case sanction.Kind == chat.SanctionMute:
			found.Mute = sanction
		case sanction.Kind == chat.SanctionBan:
			found.Ban = sanction
		}
	}
	return found, nil
}

func (s *state) Sanctions(user string) ([]chat.Sanction, error) {
	sanctions := slices.Clone(s.sanctions[user])
	slices.Reverse(sanctions)
	return sanctions, nil
}

func (s *state) Accounts(prefix, after string, limit int, restricted time.Time) ([]chat.Account, error) {
	prefix, after = strings.ToLower(prefix), strings.ToLower(after)
	var accounts []chat.Account
	for _, account := range s.users {
		bounds, _ := s.Restrictions(account.ID) // never fails
		name := strings.ToLower(account.Name)
		free := !bounds.Mute.InForce(restricted) && !bounds.Ban.InForce(restricted)
		if !strings.HasPrefix(name, prefix) || name <= after || !restricted.IsZero() && free {
			continue
		}
		accounts = append(accounts, account)
	}
	slices.SortFunc(accounts, func(a, b chat.Account) int {
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return accounts[:min(len(accounts), limit)], nil
}

func (s *state) Account(id string) (chat.Account, error) { return row(s.users, id) }

func (s *state) Revisions(room, seq int64) ([]chat.Revision, error) {
	return slices.Clone(s.revisions[place{room, seq}]), nil
}

func (s *state) Purged(author string, limit int) (purged []chat.Revision, total int, err error) {
	for at, revisions := range s.revisions {
		m, err := s.Message(at.room, at.seq)
		if err != nil {
			return nil, 0, err
		}
		if last := revisions[len(revisions)-1]; last.Purge && m.Author.ID == author {
			purged = append(purged, last)
		}
	}
	slices.SortFunc(purged, func(a, b chat.Revision) int {
		return cmp.Or(cmp.Compare(a.RoomID, b.RoomID), cmp.Compare(a.Seq, b.Seq))
	})
	return purged[:min(len(purged), limit)], len(purged), nil
}

func (s *state) Report(id int64) (chat.Report, error) {
	report, err := row(s.reports, id)
	return s.whole(report), err
}

// whole returns a report as a Reader does, with nothing in it that is shared.
func (s *state) whole(r chat.Report) chat.Report {
	r.Room, r.Reasons = s.logs[r.RoomID].room.Slug, slices.Clone(r.Reasons)
	if r.ResolvedBy != nil {
		r.ResolvedBy = &chat.User{ID: r.ResolvedBy.ID}
	}
	return r
}

// reportsThat returns the reports that fit, the oldest first.
func (s *state) reportsThat(fits func(chat.Report) bool) []chat.Report {
	var reports []chat.Report
	for _, id := range slices.Sorted(maps.Keys(s.reports)) {
		if r := s.whole(s.reports[id]); fits(r) {
			reports = append(reports, r)
		}
	}
	return reports
}

func (s *state) OpenReport(room, seq int64) (chat.Report, error) {
	return first(s.reportsThat(func(r chat.Report) bool {
		return r.RoomID == room && r.Seq == seq && r.State == chat.ReportOpen && r.Kind != chat.ReportHeld
	}))
}

func (s *state) Reports(state chat.ReportState, before int64, limit int, except string) ([]chat.Report, error) {
	reports := s.reportsThat(func(r chat.Report) bool {
		return (r.Author.ID != except || r.Kind == chat.ReportHeld) && (state == "" || r.State == state) && (before == 0 || r.ID < before)
	})
	slices.Reverse(reports)
	return reports[:min(len(reports), limit)], nil
}

func (s *state) HeldAs(user, clientID string) (chat.Report, error) {
	return first(s.reportsThat(func(r chat.Report) bool {
		return r.Kind == chat.ReportHeld && r.Author.ID == user && r.ClientID == clientID
	}))
}

func (s *state) HeldIn(room int64, user string) ([]chat.Report, error) {
	return s.waiting(room, user), nil
}

func (s *state) waiting(room int64, user string) []chat.Report {
	return s.reportsThat(func(r chat.Report) bool {
		return r.Kind == chat.ReportHeld && r.State == chat.ReportOpen && r.RoomID == room && r.Author.ID == user
	})
}

func (s *state) Rules() ([]chat.Rule, error) {
	var rules []chat.Rule
	for _, id := range slices.Sorted(maps.Keys(s.rules)) {
		rules = append(rules, s.rules[id])
	}
	return rules, nil
}

func (s *state) LastEntry() (chat.Entry, error) {
	entries, err := s.Entries(chat.AuditQuery{Limit: 1})
	if err != nil {
		return chat.Entry{}, err
	}
	return first(entries)
}

func (s *state) Entries(q chat.AuditQuery) ([]chat.Entry, error) {
	var entries []chat.Entry
	for i := len(s.audit) - 1; i >= 0 && len(entries) < q.Limit; i-- {
		if e := s.audit[i]; (q.Before == 0 || e.ID < q.Before) && entryFits(e, q) {
			entries = append(entries, wholeEntry(e))
		}
	}
	return entries, nil
}

func entryFits(e chat.Entry, q chat.AuditQuery) bool {
	of := q.Act == "" || e.Act == q.Act || strings.HasSuffix(q.Act, ":") && strings.HasPrefix(e.Act, q.Act)
	by := q.User == "" || e.Actor.ID == q.User || e.Target != nil && e.Target.ID == q.User
	return of && by && hasWords(e.Reason, q.Query)
}

// hasWords reports whether every word of a query begins a word of the text.
func hasWords(text, query string) bool {
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.In(r, unicode.L, unicode.N, unicode.M) })
	}
	words := split(text)
	for _, want := range split(query) {
		if !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, want) }) {
			return false
		}
	}
	return true
}

func (s *state) EntriesAfter(after int64, limit int) ([]chat.Entry, error) {
	var entries []chat.Entry
	for _, e := range s.audit {
		if e.ID > after && len(entries) < limit {
			entries = append(entries, wholeEntry(e))
		}
	}
	return entries, nil
}

// wholeEntry returns an entry as a Reader does, with nothing in it that is shared.
func wholeEntry(e chat.Entry) chat.Entry {
	if e.Target != nil {
		e.Target = &chat.User{ID: e.Target.ID}
	}
	return e
}

func (s *state) SentBy(user, after string, limit int) ([]chat.Sent, error) {
	var list []chat.Sent
	for _, id := range slices.Sorted(maps.Keys(s.sent[user])) {
		if id > after && len(list) < limit {
			list = append(list, s.sent[user][id])
		}
	}
	return list, nil
}

func (s *state) LatestOf(author string, rooms []int64, limit int) ([]chat.Message, error) {
	var latest []chat.Message
	for _, room := range slices.Sorted(maps.Keys(s.logs)) {
		for _, m := range s.logs[room].messages {
			if m.Author.ID == author && !m.Deleted() && slices.Contains(rooms, room) {
				latest = append(latest, m)
			}
		}
	}
	slices.Reverse(latest)
	slices.SortStableFunc(latest, func(a, b chat.Message) int { return b.SentAt.Compare(a.SentAt) })
	return latest[:min(len(latest), limit)], nil
}

// first returns the first of a list, or chat.ErrMissing.
func first[V any](list []V) (v V, err error) {
	if len(list) == 0 {
		return v, chat.ErrMissing
	}
	return list[0], nil
}
