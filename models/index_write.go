package models

import (
	"cmp"
	"slices"
	"strconv"
	"sync/atomic"

	"roomline/realtime/chat"
)

const (
	// The bounds of one write of the indexer: senders wait for it.
	indexChanges = 100
	indexBytes   = 64 << 10 // of text

	// Those that lack least come first: what is new does not wait for what is old.
	selectBehind = `SELECT id, indexed, head FROM chat_rooms WHERE head > indexed AND (?1 = '' OR slug = ?1)
ORDER BY head - indexed, id LIMIT +?2`
	setIndexed = "UPDATE chat_rooms SET indexed = ? WHERE id = ?"

	selectDocument = "SELECT docid FROM chat_documents WHERE room_id = ? AND seq = ?"
	insertDocument = "INSERT INTO chat_documents (docid, room_id, seq, author_id) VALUES (?, ?, ?, ?)"
	deleteDocument = "DELETE FROM chat_documents WHERE docid = ?"
	lastDocument   = "SELECT ifnull(max(docid), ?1 - 1) FROM chat_documents WHERE docid >= ?1 AND docid < ?2"

	selectWords = "SELECT text FROM chat_words WHERE docid = ?"
	insertWords = "INSERT INTO chat_words (docid, text, room) VALUES (?, ?, ?)"
	deleteWords = "DELETE FROM chat_words WHERE docid = ?"
	// About a hundred pages, as soon as there are eight parts of one age. Sixteen would be merged
	// at once by whoever comes, however many pages that is.
	mergeWords = "INSERT INTO chat_words (chat_words) VALUES ('merge=100,8')"

	documentsPerMilli = 1024
)

// indexBatch is what one write indexes.
type indexBatch struct {
	conn      *conn
	documents []document
	size      int  // bytes of their texts
	full      bool // there may be more
}

// document is a message as the index is to have it.
type document struct {
	id      int64
	room    int64
	text    string
	known   bool // the index has it, with whatever text
	deleted bool
}

func (b *indexBatch) index(slug string) error {
	type lag struct{ room, indexed, head int64 }
	var rooms []lag
	err := b.conn.each("find rooms to index", selectBehind, func(row *row) {
		rooms = append(rooms, lag{row.int(), row.int(), row.int()})
	}, slug, int64(indexChanges))
	if err != nil {
		return err
	}
	for _, room := range rooms {
		if b.full = len(b.documents) >= indexChanges || b.size >= indexBytes; b.full {
			break
		}
		to, err := b.read(room.room, room.indexed, room.head)
		if err != nil {
			return err
		}
		if err := b.conn.each("note what is indexed", setIndexed, nil, to, room.room); err != nil {
			return err
		}
	}
	b.full = b.full || len(rooms) == indexChanges
	// Numbers that do not ascend would each begin another part of the index.
	slices.SortFunc(b.documents, func(a, b document) int { return cmp.Compare(a.id, b.id) })
	for _, d := range b.documents {
		if err := b.put(d); err != nil {
			return err
		}
	}
	return nil
}

// read adds the changes of a room after a rev, and returns up to which they then are.
func (b *indexBatch) read(room, rev, head int64) (int64, error) {
	changes, err := reader{b.conn, false, new(atomic.Uint64)}.Changes(room, rev, indexChanges-len(b.documents)+1)
	if err != nil {
		return 0, err
	}
	for _, m := range changes {
		if len(b.documents) >= indexChanges || b.size >= indexBytes {
			b.full = true
			return rev, nil
		}
		if err := b.add(m); err != nil {
			return 0, err
		}
		rev = m.Rev
	}
	return head, nil
}

func (b *indexBatch) add(m chat.Message) error {
	d := document{room: m.RoomID, text: chat.Searchable(m), deleted: m.Deleted()}
	err := b.conn.each("find a document", selectDocument, func(row *row) { d.id, d.known = row.int(), true }, m.RoomID, m.Seq)
	if err != nil {
		return err
	}
	if !d.known && !d.deleted {
		if d.id, err = b.number(millis(m.SentAt)); err != nil {
			return err
		}
		if err := b.conn.each("number a document", insertDocument, nil, d.id, m.RoomID, m.Seq, m.Author.ID); err != nil {
			return err
		}
	}
	b.documents = append(b.documents, d)
	b.size += len(d.text)
	return nil
}

// number returns a free number for a message sent in that millisecond; one that is full goes on
// in the next.
func (b *indexBatch) number(sent int64) (int64, error) {
	for first := sent * documentsPerMilli; ; first += documentsPerMilli {
		var last int64
		err := b.conn.first("find a number", lastDocument, func(row *row) { last = row.int() }, first, first+documentsPerMilli)
		if err != nil || last < first+documentsPerMilli-1 {
			return last + 1, err
		}
	}
}

// put makes the index have a document as it is.
func (b *indexBatch) put(d document) error {
	if !d.known && d.deleted {
		return nil
	}
	if d.known {
		same := false
		err := b.conn.each("read a document", selectWords, func(row *row) { same = row.text() == d.text }, d.id)
		if err != nil || same && !d.deleted { // mostly a reaction
			return err
		}
		if err := b.conn.each("take words out", deleteWords, nil, d.id); err != nil {
			return err
		}
	}
	if d.deleted {
		return b.conn.each("forget a document", deleteDocument, nil, d.id)
	}
	return b.conn.each("put words in", insertWords, nil, d.id, d.text, strconv.FormatInt(d.room, 10))
}
