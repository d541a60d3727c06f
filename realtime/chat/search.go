package chat

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a search.
const (
	maxQuery      = 200 // characters
	maxTerms      = 16
	mostFound     = 50 // messages of a page
	foundPage     = 20 // when the caller does not say
	leastOfPrefix = 3  // bytes: what begins with less are too many words; one character in many scripts
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
		return s.show(r, &page, found)
	})
	if err != nil {
		return SearchPage{}, fault("search", err)
	}
	return page, nil
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

// show fills a page with what was found.
func (s *Service) show(r Reader, page *SearchPage, found []Found) error {
	page.Messages, page.Snippets = make([]Message, len(found)), make([]string, len(found))
	for i, f := range found {
		page.Messages[i] = f.Message
	}
	if err := s.fill(r, page.Messages); err != nil {
		return err
	}
	for i, f := range found {
		names := make(map[string]string, len(f.Message.Mentions))
		for _, user := range page.Messages[i].Mentions {
			names[user.ID] = user.Name
		}
		page.Snippets[i] = snippet(f.Message.Text, f.Hits, func(stored string) string {
			text, _ := s.cfg.Markup.Fill(stored, "", func(id string) string { return names[id] })
			return text
		})
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
	quoted := false
	for part := range strings.SplitSeq(strings.Map(plainQuote, query), `"`) {
		pieces := []string{part}
		if !quoted {
			pieces = strings.Fields(part)
		}
		for _, piece := range pieces {
			if words := strings.FieldsFunc(piece, isNoWord); len(words) > 0 {
				last := words[len(words)-1]
				terms = append(terms, Term{Words: words, Prefix: !quoted && len(last) >= leastOfPrefix})
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
	for i := range terms[:len(terms)-1] {
		terms[i].Prefix = false
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

// isNoWord is true between words. A mark belongs to the letter before it.
func isNoWord(r rune) bool { return !unicode.In(r, unicode.L, unicode.N, unicode.M) }

// Searchable is a stored text without the placeholders of mentions (see Markup): each is blanks, so
// that everything else stays in its place. A Store indexes this.
func Searchable(stored string) string {
	var b strings.Builder
	from := 0
	for _, holder := range placeholders(stored) {
		b.WriteString(stored[from:holder.From])
		b.WriteString(strings.Repeat(" ", holder.To-holder.From))
		from = holder.To
	}
	return b.String() + stored[from:]
}

// placeholders returns where the placeholders of a stored text are, ascending.
func placeholders(stored string) []Span {
	var spans []Span
	for at := 0; ; {
		begin := strings.Index(stored[at:], "<@")
		if begin < 0 {
			return spans
		}
		begin += at
		length := strings.IndexFunc(stored[begin:], func(r rune) bool { return r == '>' || unicode.IsSpace(r) })
		if length > 0 && stored[begin+length] == '>' {
			spans = append(spans, Span{begin, begin + length + 1})
		}
		at = begin + 2
	}
}
