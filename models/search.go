package models

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"roomline/realtime/chat"
)

const (
	// The words lead, newest first, and the rest is looked up for each. What has changed since it
	// was indexed is left out: it may not have the words any more.
	selectFoundWords = "SELECT w.docid, offsets(chat_words), m.room_id, r.slug, m.seq, m.rev, " + otherColumns + `
FROM chat_words w CROSS JOIN chat_documents d ON d.docid = w.docid
CROSS JOIN chat_rooms r ON r.id = d.room_id
CROSS JOIN chat_messages m ON m.room_id = d.room_id AND m.seq = d.seq
WHERE w.text MATCH ?1 AND w.docid < ?2 AND d.room_id IN (SELECT value FROM json_each(?3))
AND m.rev <= r.indexed AND m.deleted_at = 0
ORDER BY w.docid DESC LIMIT +?4`
)

// Search implements chat.Reader.
func (r reader) Search(q chat.Find) ([]chat.Found, error) {
	before := q.Before
	if before == 0 {
		before = math.MaxInt64
	}
	r.messageReads.Add(1)
	var found []chat.Found
	err := r.conn.each("search messages", selectFoundWords, func(row *row) {
		f := chat.Found{Place: row.int(), Hits: row.spans()}
		f.Message = row.message()
		found = append(found, f)
	}, matching(q), before, jsonText(q.Rooms), int64(q.Limit))
	return found, err
}

// matching is the query in the words of FTS4. Inside of quotes nothing but what is no letter or
// number has a meaning, and a Term has neither.
func matching(q chat.Find) string {
	var b strings.Builder
	if len(q.Rooms) == 1 {
		b.WriteString("room:" + strconv.FormatInt(q.Rooms[0], 10) + " ")
	}
	for _, term := range q.Terms {
		b.WriteString(`"` + strings.Join(term.Words, " "))
		if term.Prefix {
			b.WriteByte('*')
		}
		b.WriteString(`" `)
	}
	return b.String()
}

// spans scans what FTS4's offsets returns, four numbers for each word: its column, its term,
// where it begins and how long it is.
func (r *row) spans() []chat.Span {
	numbers := strings.Fields(r.text())
	var spans []chat.Span
	for at := 0; at+4 <= len(numbers); at += 4 {
		var n [4]int
		for i := range n {
			var err error
			if n[i], err = strconv.Atoi(numbers[at+i]); err != nil {
				r.err = errors.Join(r.err, fmt.Errorf("offsets: %w", err))
			}
		}
		if n[0] == 0 {
			spans = append(spans, chat.Span{From: n[2], To: n[2] + n[3]})
		}
	}
	slices.SortFunc(spans, func(a, b chat.Span) int { return a.From - b.From })
	return slices.CompactFunc(spans, func(a, b chat.Span) bool { return a.From == b.From })
}
