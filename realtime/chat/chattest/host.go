package chattest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"roomline/realtime/chat"
)

func (s *state) Restricted(at time.Time, limit int) ([]string, error) {
	var ids []string
	for id := range s.sanctions {
		bounds, _ := s.Restrictions(id) // never fails
		if bounds.Mute.InForce(at) || bounds.Ban.InForce(at) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids[:min(len(ids), limit)], nil
}

func (s *state) ReactedBy(user string, after chat.Place, limit int) ([]chat.Message, error) {
	var list []chat.Message
	for _, room := range slices.Sorted(maps.Keys(s.logs)) {
		for _, m := range s.logs[room].messages {
			behind := cmp.Or(cmp.Compare(room, after.Room), cmp.Compare(m.Seq, after.Seq)) > 0
			if behind && len(list) < limit && slices.ContainsFunc(m.Reactions, func(r chat.Reaction) bool { return of(r.Users, user) }) {
				list = append(list, m)
			}
		}
	}
	return list, nil
}

func of(users []chat.User, id string) bool {
	return slices.ContainsFunc(users, func(u chat.User) bool { return u.ID == id })
}

func (s *state) ReadsOf(user string) (map[int64]int64, error) {
	reads := make(map[int64]int64)
	for who, p := range s.pointers {
		if who.user == user {
			reads[who.room] = p
		}
	}
	return reads, nil
}

func (s *state) ReportedBy(user string) ([]chat.Report, error) {
	return s.reportsThat(func(r chat.Report) bool {
		return slices.ContainsFunc(r.Reasons, func(why chat.Reason) bool { return why.User.ID == user })
	}), nil
}

func (s *state) Undelivered(limit int) ([]chat.Backlog, error) {
	var list []chat.Backlog
	if head := int64(len(s.audit)); head > s.delivered[0] {
		list = append(list, chat.Backlog{Room: chat.Room{Head: head}, Delivered: s.delivered[0]})
	}
	var rooms []chat.Backlog
	for id, log := range s.logs {
		if log.room.Head > s.delivered[id] {
			rooms = append(rooms, chat.Backlog{Room: log.room, Delivered: s.delivered[id]})
		}
	}
	slices.SortFunc(rooms, func(a, b chat.Backlog) int {
		return cmp.Or(cmp.Compare(a.Room.Head-a.Delivered, b.Room.Head-b.Delivered), cmp.Compare(a.Room.ID, b.Room.ID))
	})
	list = append(list, rooms...)
	return list[:min(len(list), limit)], nil
}

func (t *transaction) Delivered(room, rev int64) error {
	t.delivered[room] = rev
	return nil
}

func (t *transaction) DropRevisions(room, seq int64) error {
	delete(t.revisions, place{room, seq})
	return nil
}

func (t *transaction) DropWords() error { return nil } // there is no index

func (t *transaction) EraseUser(user string, at time.Time) error {
	mine := func(r reader) bool { return r.user == user }
	maps.DeleteFunc(t.entered, func(e entry, _ bool) bool { return e.user == user })
	maps.DeleteFunc(t.pointers, func(r reader, _ int64) bool { return mine(r) })
	maps.DeleteFunc(t.levels, func(r reader, _ chat.Level) bool { return mine(r) })
	maps.DeleteFunc(t.mentions, func(r reader, _ []int64) bool { return mine(r) })
	maps.DeleteFunc(t.posted, func(r reader, _ time.Time) bool { return mine(r) })
	for room, members := range t.members {
		t.members[room] = slices.DeleteFunc(slices.Clone(members), func(id string) bool { return id == user })
	}
	delete(t.sanctions, user)
	for id, r := range t.reports {
		r.Reasons = slices.Clone(r.Reasons)
		for i := range r.Reasons {
			if r.Reasons[i].User.ID == user {
				r.Reasons[i].Text = ""
			}
		}
		if r.Author.ID == user {
			r.Text = ""
			if r.Kind == chat.ReportHeld && r.State == chat.ReportOpen {
				r.State, r.Action, r.ResolvedAt = chat.ReportResolved, chat.Reject, at
			}
		}
		t.reports[id] = r
	}
	return nil
}
