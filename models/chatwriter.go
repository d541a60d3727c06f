package models

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"roomline/realtime/chat"
)

const (
	advanceHead = "UPDATE chat_rooms SET head = head + 1, posts = posts + ? WHERE id = ? RETURNING head, posts"
	setHead     = "UPDATE chat_rooms SET head = ?, posts = ? WHERE id = ?"

	insertMessage = `INSERT INTO chat_messages (room_id, seq, rev, post, client_id, kind, author_id, text,
	reply_to, sent_at, edited_at, deleted_at, deleted_by, html, mentions, reactions)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

	updateMessage = `UPDATE chat_messages SET rev = ?, text = ?, edited_at = ?, deleted_at = ?, deleted_by = ?,
	html = ?, mentions = ?, reactions = ? WHERE room_id = ? AND seq = ? RETURNING seq`

	// Their seq and post, in the order in which they go.
	selectOldest = "SELECT seq, post FROM chat_messages WHERE room_id = ? AND seq <= ? ORDER BY seq LIMIT +?"
	setFloor     = "UPDATE chat_rooms SET floor = ?, purged = ? WHERE id = ?"
	purgeWords   = "DELETE FROM chat_words WHERE docid IN (SELECT docid FROM chat_documents WHERE room_id = ? AND seq <= ?)"
	purgeIndex   = "DELETE FROM chat_documents WHERE room_id = ? AND seq <= ?"
	purgeMarks   = "DELETE FROM chat_mentions WHERE room_id = ? AND seq <= ?"
	purgeRows    = "DELETE FROM chat_messages WHERE room_id = ? AND seq <= ?"

	updateRoom   = "UPDATE chat_rooms SET name = ?, topic = ?, notice = ?, frozen = ?, slow_mode = ? WHERE id = ?"
	insertMember = `INSERT INTO chat_members (room_id, user_id, number)
VALUES (?1, ?2, 1 + (SELECT ifnull(max(number), 0) FROM chat_members WHERE room_id = ?1)) ON CONFLICT DO NOTHING`
	deleteMember = "DELETE FROM chat_members WHERE room_id = ? AND user_id = ?"
	putLevel     = `INSERT INTO chat_levels (user_id, room_id, level) VALUES (?, ?, ?)
ON CONFLICT (user_id, room_id) DO UPDATE SET level = excluded.level`
	insertMention  = "INSERT INTO chat_mentions (user_id, room_id, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
	deleteMention  = "DELETE FROM chat_mentions WHERE user_id = ? AND room_id = ? AND seq = ?"
	deleteMentions = "DELETE FROM chat_mentions WHERE room_id = ? AND seq = ?"

	insertSent = "INSERT INTO chat_sends (user_id, client_id, room_id, seq, hash) VALUES (?, ?, ?, ?, ?)"

	putLastPost = `INSERT INTO chat_last_posts (room_id, user_id, sent_at) VALUES (?, ?, ?)
ON CONFLICT (room_id, user_id) DO UPDATE SET sent_at = excluded.sent_at`

	putPointer = `INSERT INTO chat_reads (user_id, room_id, seq) VALUES (?, ?, ?)
ON CONFLICT (user_id, room_id) DO UPDATE SET seq = excluded.seq`
	insertEntered = "INSERT INTO chat_entered (user_id, space) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1"
	putPointers   = `INSERT INTO chat_reads (user_id, room_id, seq)
SELECT ?, id, head FROM chat_rooms WHERE space = ? AND private = 0 AND unlisted = 0 ON CONFLICT DO NOTHING`
)

// chatWriter implements chat.Writer in the transaction of its reader.
type chatWriter struct {
	reader
	accounts *bool // set when users or sessions were changed
}

// Transaction implements chat.Writer: the connection is in one transaction at a time.
func (w chatWriter) Transaction() any { return w.conn }

// Room implements chat.Reader.
func (w chatWriter) Room(slug string) (chat.Room, error) {
	if room, ok := w.conn.known.rooms[slug]; ok {
		return *room, nil
	}
	room, err := w.reader.Room(slug)
	if err == nil {
		w.conn.known.keepRoom(room)
	}
	return room, err
}

// User implements chat.Reader.
func (w chatWriter) User(id string) (chat.User, error) {
	if user, ok := w.conn.known.users[id]; ok {
		return user, nil
	}
	user, err := w.reader.User(id)
	if err == nil {
		w.conn.known.keepUser(user)
	}
	return user, err
}

// CreateRoom implements chat.Writer. A room without an epoch gets a fresh one.
func (w chatWriter) CreateRoom(room *chat.Room) error {
	if room.Epoch == "" {
		room.Epoch = newEpoch()
	}
	row := roomRow{
		Slug: room.Slug, Space: string(room.Space), Name: room.Name, Topic: room.Topic,
		Epoch: room.Epoch, Head: room.Head, Posts: room.Posts, Frozen: room.Frozen,
		SlowMode: room.SlowMode, Private: room.Private, Notice: room.Notice, CreatedBy: room.CreatedBy, Unlisted: room.Unlisted,
		CreatedAt: time.Now().UnixMilli(),
	}
	if err := w.conn.gorm.Create(&row).Error; err != nil {
		return fault("create a room", err)
	}
	room.ID = row.ID
	return nil
}

// newEpoch returns 128 random bits as text.
func newEpoch() string {
	var bits [16]byte
	_, _ = rand.Read(bits[:]) // never fails
	return hex.EncodeToString(bits[:])
}

// Advance implements chat.Writer; a room that does not exist is chat.ErrMissing.
func (w chatWriter) Advance(room int64, post bool) (rev, posts int64, err error) {
	if known, ok := w.conn.known.byID[room]; ok {
		rev, posts = known.Head+1, known.Posts
		if post {
			posts++
		}
		if err := w.conn.each("advance a room", setHead, nil, rev, posts, room); err != nil {
			return 0, 0, err
		}
		known.Head, known.Posts = rev, posts
		w.conn.advanced = roomRev{room, rev}
		return rev, posts, nil
	}
	err = w.conn.first("advance a room", advanceHead, func(row *row) { rev, posts = row.int(), row.int() }, post, room)
	if err == nil {
		w.conn.advanced = roomRev{room, rev}
	}
	return rev, posts, err
}

// InsertMessage implements chat.Writer.
func (w chatWriter) InsertMessage(m chat.Message) error {
	return w.conn.each("insert a message", insertMessage, nil,
		m.RoomID, m.Seq, m.Rev, m.Post, m.ID, string(m.Kind), m.Author.ID, m.Text, m.ReplyTo,
		millis(m.SentAt), millis(m.EditedAt), millis(m.DeletedAt), m.DeletedBy,
		m.HTML, mentionsText(m.Mentions), reactionsText(m.Reactions))
}

// UpdateMessage implements chat.Writer; a message that does not exist is chat.ErrMissing.
func (w chatWriter) UpdateMessage(m chat.Message) error {
	if m.Deleted() {
		if err := w.conn.each("forget mentions", deleteMentions, nil, m.RoomID, m.Seq); err != nil {
			return err
		}
	}
	return w.conn.first("update a message", updateMessage, func(*row) {},
		m.Rev, m.Text, millis(m.EditedAt), millis(m.DeletedAt), m.DeletedBy,
		m.HTML, mentionsText(m.Mentions), reactionsText(m.Reactions), m.RoomID, m.Seq)
}

// UpdateRoom implements chat.Writer.
func (w chatWriter) UpdateRoom(room chat.Room) error {
	err := w.conn.each("update a room", updateRoom, nil, room.Name, room.Topic, room.Notice, room.Frozen, int64(room.SlowMode), room.ID)
	if known, ok := w.conn.known.byID[room.ID]; ok && err == nil {
		known.Name, known.Topic, known.Notice, known.Frozen, known.SlowMode = room.Name, room.Topic, room.Notice, room.Frozen, room.SlowMode
	}
	return err
}

// Purge implements chat.Writer.
func (w chatWriter) Purge(room, upTo int64, limit int) (n int, err error) {
	var last struct{ seq, post int64 }
	err = w.conn.each("look for old messages", selectOldest, func(row *row) {
		last.seq, last.post = row.int(), row.int()
		n++
	}, room, upTo, int64(limit))
	if err != nil || n == 0 {
		return 0, err
	}
	for _, purge := range []string{purgeWords, purgeIndex, purgeMarks, purgeRevisions, purgeReports, purgeRejected, purgeReporters, purgeRows} {
		if err := w.conn.each("purge old messages", purge, nil, room, last.seq); err != nil {
			return 0, err
		}
	}
	if err := w.conn.each("move a room's floor", setFloor, nil, last.seq, last.post, room); err != nil {
		return 0, err
	}
	if known, ok := w.conn.known.byID[room]; ok {
		known.Floor, known.Purged = last.seq, last.post
	}
	return n, nil
}

// SetMember implements chat.Writer.
func (w chatWriter) SetMember(room int64, user string, belongs bool) error {
	if belongs {
		return w.conn.each("add a member", insertMember, nil, room, user)
	}
	return w.conn.each("remove a member", deleteMember, nil, room, user)
}

// SetLevel implements chat.Writer.
func (w chatWriter) SetLevel(room int64, user string, level chat.Level) error {
	return w.conn.each("set a level", putLevel, nil, user, room, string(level))
}

// RecordMention implements chat.Writer.
func (w chatWriter) RecordMention(room, seq int64, user string) error {
	return w.conn.each("record a mention", insertMention, nil, user, room, seq)
}

// ForgetMention implements chat.Writer.
func (w chatWriter) ForgetMention(room, seq int64, user string) error {
	return w.conn.each("forget a mention", deleteMention, nil, user, room, seq)
}

// RecordSent implements chat.Writer.
func (w chatWriter) RecordSent(s chat.Sent) error {
	return w.conn.each("record a send", insertSent, nil, s.UserID, s.ClientID, s.RoomID, s.Seq, s.Hash[:])
}

// SetLastPost implements chat.Writer.
func (w chatWriter) SetLastPost(room int64, user string, at time.Time) error {
	return w.conn.each("record a user's last post", putLastPost, nil, room, user, millis(at))
}

// SetReadPointer implements chat.Writer.
func (w chatWriter) SetReadPointer(room int64, user string, seq int64) error {
	return w.conn.each("move a read pointer", putPointer, nil, user, room, seq)
}

// SetEntered implements chat.Writer.
func (w chatWriter) SetEntered(space chat.Space, user string) error {
	err := w.conn.first("record who entered", insertEntered, func(*row) {}, user, string(space))
	if errors.Is(err, chat.ErrMissing) {
		return nil // entered before
	}
	if err != nil {
		return err
	}
	return w.conn.each("set read pointers", putPointers, nil, user, string(space))
}
