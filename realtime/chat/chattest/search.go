package chattest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"

	"roomline/realtime/chat"
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
			if hits := fits(chat.Searchable(m.Text), q.Terms); len(hits) > 0 {
				found = append(found, chat.Found{Message: m, Place: place, Hits: hits})
			}
		}
	}
	slices.SortFunc(found, func(a, b chat.Found) int { return cmp.Compare(b.Place, a.Place) })
	return found[:min(len(found), q.Limit)], nil
}

// fits returns where the terms stand in a text, nothing if one of them does not.
func fits(text string, terms []chat.Term) []chat.Span {
	words := wordsOf(text)
	var hits []chat.Span
	for _, term := range terms {
		n := len(hits)
		for i := range words {
			if i+len(term.Words) <= len(words) && stands(text, words[i:], term) {
				hits = append(hits, words[i:i+len(term.Words)]...)
			}
		}
		if len(hits) == n {
			return nil
		}
	}
	slices.SortFunc(hits, func(a, b chat.Span) int { return cmp.Compare(a.From, b.From) })
	return slices.Compact(hits)
}

// stands reports whether a term is what the words begin with.
func stands(text string, words []chat.Span, term chat.Term) bool {
	for i, want := range term.Words {
		have := strings.ToLower(text[words[i].From:words[i].To])
		want = strings.ToLower(want)
		prefix := term.Prefix && i == len(term.Words)-1
		if have != want && (!prefix || !strings.HasPrefix(have, want)) {
			return false
		}
	}
	return true
}

// wordsOf returns where the words of a text are.
func wordsOf(text string) []chat.Span {
	var words []chat.Span
	begin := -1
	for at, r := range text + " " {
		switch word := unicode.In(r, unicode.L, unicode.N, unicode.M); {
		case word && begin < 0:
			begin = at
		case !word && begin >= 0:
			words = append(words, chat.Span{From: begin, To: at})
			begin = -1
		}
	}
	return words
}
