package models

import (
	"math"
	"strconv"
	"strings"

	"roomline/realtime/chat"
)

const (
	// The words lead, newest first, and the rest is looked up for each. What has changed since it
	// was indexed is left out: it may not have the words any more.
	selectFoundWords = "SELECT w.docid, m.room_id, r.slug, m.seq, m.rev, " + otherColumns + `
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
		f := chat.Found{Place: row.int()}
		f.Message = row.message()
		found = append(found, f)
	}, matching(q), before, jsonText(q.Rooms), int64(q.Limit))
	return found, err
}

// matching returns the query in the language of FTS4. Within quotes only characters that are no letters or
// numbers have a meaning, and a Term has none of them.
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
