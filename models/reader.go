package models

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// The queries for messages are written out: their plans are held by a test, and their
// text must not vary with the limit (see conn).
const (
	messageColumns = `SELECT m.room_id, r.slug AS room, m.seq, m.rev, m.post, m.client_id, m.kind, m.author_id, m.text,
	m.reply_to, m.sent_at, m.edited_at, m.deleted_at, m.deleted_by `
	selectMessages = messageColumns + "FROM chat_messages m JOIN chat_rooms r ON r.id = m.room_id WHERE m.room_id = ? "

	selectMessage = selectMessages + "AND m.seq = ?"
	selectBefore  = selectMessages + "AND m.seq < ? ORDER BY m.seq DESC LIMIT ?"
	selectAfter   = selectMessages + "AND m.seq > ? ORDER BY m.seq LIMIT ?"
	selectChanges = selectMessages + "AND m.rev > ? ORDER BY m.rev LIMIT ?"

	// The planner would go back through the room until it meets the author, who may have
	// been silent for long.
	selectLastPost = messageColumns + `FROM chat_messages m INDEXED BY chat_messages_author
JOIN chat_rooms r ON r.id = m.room_id WHERE m.room_id = ? AND m.author_id = ? ORDER BY m.seq DESC LIMIT 1`

	selectRoom    = "SELECT * FROM chat_rooms WHERE slug = ?"
	selectSent    = "SELECT user_id, client_id, room_id, seq, hash FROM chat_sends WHERE user_id = ? AND client_id = ?"
	selectPointer = "SELECT seq, post FROM chat_reads WHERE user_id = ? AND room_id = ?"

	selectUser  = "SELECT id, name, role FROM users WHERE id = ?"
	selectUsers = "SELECT id, name, role FROM users WHERE id IN (SELECT value FROM json_each(?))"
)

// reader implements chat.Reader in the transaction of tx.
type reader struct {
	tx    *gorm.DB
	users Users // nil: the accounts in the database
}

// Rooms implements chat.Reader.
func (r reader) Rooms(space chat.Space) ([]chat.Room, error) {
	var rows []roomRow
	if err := r.tx.Where("space = ?", string(space)).Order("id").Find(&rows).Error; err != nil {
		return nil, fault("read rooms", err)
	}
	rooms := make([]chat.Room, len(rows))
	for i, row := range rows {
		rooms[i] = row.room()
	}
	return rooms, nil
}

// Room implements chat.Reader.
func (r reader) Room(slug string) (chat.Room, error) {
	var row roomRow
	if err := one("read a room", r.tx.Raw(selectRoom, slug).Scan(&row)); err != nil {
		return chat.Room{}, err
	}
	return row.room(), nil
}

// User implements chat.Reader.
func (r reader) User(id string) (chat.User, error) {
	if r.users != nil {
		found, err := r.Users([]string{id})
		if err != nil {
			return chat.User{}, err
		}
		user, ok := found[id]
		if !ok {
			return chat.User{}, chat.ErrMissing
		}
		return user, nil
	}
	number, ok := userNumber(id)
	if !ok {
		return chat.User{}, chat.ErrMissing
	}
	var row userRow
	if err := one("read a user", r.tx.Raw(selectUser, number).Scan(&row)); err != nil {
		return chat.User{}, err
	}
	return row.user().Chat(), nil
}

// Users implements chat.Reader.
func (r reader) Users(ids []string) (map[string]chat.User, error) {
	if r.users != nil {
		users, err := r.users(ids)
		if err != nil {
			return nil, fmt.Errorf("ask the host for users: %w", err)
		}
		return users, nil
	}
	users := make(map[string]chat.User, len(ids))
	numbers := make([]int64, 0, len(ids))
	for _, id := range ids {
		if number, ok := userNumber(id); ok {
			numbers = append(numbers, number)
		}
	}
	if len(numbers) == 0 {
		return users, nil
	}
	list, err := json.Marshal(numbers)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	var rows []userRow
	if err := r.tx.Raw(selectUsers, string(list)).Scan(&rows).Error; err != nil {
		return nil, fault("read users", err)
	}
	for _, row := range rows {
		user := row.user().Chat()
		users[user.ID] = user
	}
	return users, nil
}

// userNumber is the number of a user id, which has one spelling only.
func userNumber(id string) (int64, bool) {
	number, err := strconv.ParseInt(id, 10, 64)
	return number, err == nil && strconv.FormatInt(number, 10) == id
}

// Message implements chat.Reader.
func (r reader) Message(room, seq int64) (chat.Message, error) {
	return r.message("read a message", selectMessage, room, seq)
}

// Before implements chat.Reader.
func (r reader) Before(room, seq int64, limit int) ([]chat.Message, error) {
	messages, err := r.messages("read older messages", selectBefore, room, seq, limit)
	slices.Reverse(messages)
	return messages, err
}

// After implements chat.Reader.
func (r reader) After(room, seq int64, limit int) ([]chat.Message, error) {
	return r.messages("read newer messages", selectAfter, room, seq, limit)
}

// Changes implements chat.Reader.
func (r reader) Changes(room, rev int64, limit int) ([]chat.Message, error) {
	return r.messages("read changes", selectChanges, room, rev, limit)
}

// LastPost implements chat.Reader.
func (r reader) LastPost(room int64, user string) (chat.Message, error) {
	return r.message("read a user's last message", selectLastPost, room, user)
}

// ReadPointer implements chat.Reader.
func (r reader) ReadPointer(room int64, user string) (chat.ReadPointer, error) {
	var pointer chat.ReadPointer
	err := r.tx.Raw(selectPointer, user, room).Scan(&pointer).Error
	return pointer, fault("read a read pointer", err)
}

// Sent implements chat.Reader.
func (r reader) Sent(user, clientID string) (chat.Sent, error) {
	var row sentRow
	if err := one("read a send", r.tx.Raw(selectSent, user, clientID).Scan(&row)); err != nil {
		return chat.Sent{}, err
	}
	return row.sent()
}

func (r reader) message(doing, query string, args ...any) (chat.Message, error) {
	var row messageRow
	if err := one(doing, r.tx.Raw(query, args...).Scan(&row)); err != nil {
		return chat.Message{}, err
	}
	return row.message(), nil
}

func (r reader) messages(doing, query string, args ...any) ([]chat.Message, error) {
	var rows []messageRow
	if err := r.tx.Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, fault(doing, err)
	}
	messages := make([]chat.Message, len(rows))
	for i, row := range rows {
		messages[i] = row.message()
	}
	return messages, nil
}
