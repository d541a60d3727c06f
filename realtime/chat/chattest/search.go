package chattest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"roomline/realtime/chat"
	"roomline/realtime/filter"
)

// CatchUp implements chat.Store: Search reads what there is.
func (s *Store) CatchUp(context.Context, string) (complete bool, err error) { return true, nil }

// Search looks at every text.
func (s *state) Search(q chat.Find) ([]chat.Found, error) {
	var found []chat.Found
	sameMilli := make(map[int64]int64)
	for _, room := range slices.Sorted(maps.Keys(s.logs)) {
		for _, m := range s.logs[room].messages {
			at := m.SentAt.UnixMilli()
			sameMilli[at]++
			place := at<<10 + sameMilli[at]
			if m.Deleted() || !slices.Contains(q.Rooms, m.RoomID) || q.Before != 0 && place >= q.Before {
				continue
			}
			if fits(chat.Searchable(m), q.Terms) {
				found = append(found, chat.Found{Message: m, Place: place})
			}
		}
	}
	slices.SortFunc(found, func(a, b chat.Found) int { return cmp.Compare(b.Place, a.Place) })
	return found[:min(len(found), q.Limit)], nil
}

// fits reports whether all terms stand in the words of a Searchable.
func fits(words string, terms []chat.Term) bool {
	var tokens []filter.Token
	for word := range strings.FieldsSeq(words) {
		tokens = append(tokens, filter.Token{Text: word})
	}
	for _, term := range terms {
		if len(term.Find(tokens)) == 0 {
			return false
		}
	}
	return true
}
