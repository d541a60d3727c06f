package chat

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"roomline/realtime/filter"
)

// The bounds of a search.
const (
	maxQuery  = 200 // characters
	maxTerms  = 16
	mostFound = 50 // messages of a page
	foundPage = 20 // when the caller does not say
)

// SearchQuery asks for messages, those sent last first.
type SearchQuery struct {
	Room   string // slug, "" for all that the actor may read
	Query  string // words that all must stand in a text, "several in a row" in quotes; the last may be the beginning of one
	Before int64  // SearchPage.Before of the page before, 0 for the first
	Limit  int    // 50 at most, 0 for 20
}

// SearchPage is a page of what was found.
type SearchPage struct {
	Messages   []Message
	Snippets   []string // HTML of each, the words in <mark>
	HasOlder   bool
	Before     int64 // asks for the next page, 0 if there is none
	Incomplete bool  // older messages are still being indexed
}

// Search finds messages by their words in what the actor may read: one room, or all of the actor's
// space. What was acknowledged before is found, unless the page says that it is incomplete; what is
// deleted never is. The names of those mentioned are no words of a text.
func (s *Service) Search(ctx context.Context, a Actor, q SearchQuery) (SearchPage, error) {
	terms, err := parseQuery(q.Query)
	switch {
	case err != nil:
		return SearchPage{}, err
	case q.Before < 0:
		return SearchPage{}, Errorf(CodeInvalid, "A page begins above 0.")
	case q.Limit < 0 || q.Limit > mostFound:
		return SearchPage{}, Errorf(CodeInvalid, "A page has 1 to %d messages.", mostFound)
	case q.Limit == 0:
		q.Limit = foundPage
	}
	if !a.host() {
		clock := s.cfg.Now()
		if wait := s.finds.wait(a.ID, clock); wait > 0 {
			return SearchPage{}, tooFast(wait)
		}
		s.finds.spend(a.ID, clock)
	}
	complete, err := s.cfg.Store.CatchUp(ctx, q.Room)
	if err != nil {
		return SearchPage{}, fault("search", err)
	}
	var page SearchPage
	err = s.cfg.Store.Read(ctx, func(r Reader) error {
		rooms, err := s.searched(r, a, q.Room)
		if err != nil {
			return err
		}
		found, err := r.Search(Find{Rooms: rooms, Terms: terms, Before: q.Before, Limit: q.Limit + 1})
		if err != nil {
			return err
		}
		page = SearchPage{HasOlder: len(found) > q.Limit, Incomplete: !complete}
		found = found[:min(len(found), q.Limit)]
		if page.HasOlder {
			page.Before = found[len(found)-1].Place
		}
		if found, err = visible(r, found, a.ID); err != nil {
			return err
		}
		return s.show(r, &page, found, terms)
	})
	if err != nil {
		return SearchPage{}, fault("search", err)
	}
	return page, nil
}

// visible returns those of the messages found that are not hidden from the user.
func visible(r Reader, found []Found, user string) ([]Found, error) {
	var failed error
	found = slices.DeleteFunc(found, func(f Found) bool {
		hidden, err := hides(r, f.Message, user)
		failed = errors.Join(failed, err)
		return hidden
	})
	return found, failed
}

// searched returns the ids of the rooms that a search is about.
func (s *Service) searched(r Reader, a Actor, slug string) ([]int64, error) {
	if slug != "" {
		in, err := s.look(r, a, slug)
		return []int64{in.room.ID}, err
	}
	in, err := s.person(r, a)
	if err != nil {
		return nil, err
	}
	if err := s.authorize(toEnter, in); err != nil {
		return nil, err
	}
	rooms, err := s.roomsOf(r, in)
	ids := make([]int64, len(rooms))
	for i, room := range rooms {
		ids[i] = room.Room.ID
	}
	return ids, err
}

// show fills a page with the messages found, and what they say around the terms.
func (s *Service) show(r Reader, page *SearchPage, found []Found, terms []Term) error {
	page.Messages, page.Snippets = make([]Message, len(found)), make([]string, len(found))
	for i, f := range found {
		page.Messages[i] = f.Message
	}
	if err := s.fill(r, page.Messages); err != nil {
		return err
	}
	for i, m := range page.Messages {
		shown := m.Text
		if m.HTML != "" {
			shown = strings.TrimSpace(filter.Shown(m.HTML))
		}
		page.Snippets[i] = snippet(shown, filter.FindAll(terms, shown))
	}
	return nil
}

// parseQuery returns what is looked for. All punctuation but the quotes only separates words: what
// is written without a space, as an address, is words in a row.
func parseQuery(query string) ([]Term, error) {
	if !utf8.ValidString(query) {
		return nil, Errorf(CodeInvalid, "The query is not valid UTF-8.")
	}
	if utf8.RuneCountInString(query) > maxQuery {
		return nil, Errorf(CodeInvalid, "The query is too long: at most %d characters.", maxQuery)
	}
	var terms []Term
	quoted, last, lastQuoted := false, "", false
	for part := range strings.SplitSeq(strings.Map(plainQuote, query), `"`) {
		pieces := []string{part}
		if !quoted {
			pieces = strings.Fields(part)
		}
		for _, piece := range pieces {
			if term := filter.ParseTerm(piece, false); len(term.Words) > 0 {
				terms = append(terms, term)
				last, lastQuoted = piece, quoted
			}
		}
		quoted = !quoted
	}
	switch {
	case len(terms) == 0:
		return nil, Errorf(CodeInvalid, "Write a word to search for.")
	case len(terms) > maxTerms:
		return nil, Errorf(CodeInvalid, "Search for at most %d words.", maxTerms)
	}
	if !lastQuoted {
		terms[len(terms)-1] = filter.ParseTerm(last, true)
	}
	return terms, nil
}

// plainQuote makes the quotes of print the ones that keyboards have.
func plainQuote(r rune) rune {
	if strings.ContainsRune("“”„«»", r) {
		return '"'
	}
	return r
}

// Searchable returns the words of a message by which it is found, separated by blanks, as the terms of a Find have
// them. A Store indexes this.
func Searchable(m Message) string {
	text := m.Text
	if m.HTML != "" {
		text = filter.Searchable(m.HTML)
	}
	var b strings.Builder
	for _, token := range filter.Tokens(text) {
		b.WriteString(token.Text)
		b.WriteByte(' ')
	}
	return b.String()
}
