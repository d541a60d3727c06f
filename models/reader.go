package models

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"unicode"

	"roomline/realtime/chat"
)

// The queries are written out: their plans are held by a test, and their text must not
// vary with the limit (see conn). In a join and in LIMIT a parameter is +?: SQLite's
// planner looks at the value of one that is bare, and parses the statement anew each time.
const (
	messageColumns = "SELECT m.room_id, r.slug, m.seq, m.rev, " + otherColumns
	postedColumns  = "SELECT m.room_id, r.slug, m.seq, m.seq, " + otherColumns // what is posted has its seq for rev
	otherColumns   = `m.post, m.client_id, m.kind, m.author_id, m.text,
	m.reply_to, m.sent_at, m.edited_at, m.deleted_at, m.deleted_by, m.html, m.mentions, m.reactions `
	selectMessages = messageColumns + "FROM chat_messages m JOIN chat_rooms r ON r.id = m.room_id WHERE m.room_id = +? "

	selectMessage = selectMessages + "AND m.seq = +?"
	selectBefore  = selectMessages + "AND m.seq < ? ORDER BY m.seq DESC LIMIT +?"
	selectAfter   = selectMessages + "AND m.seq > ? ORDER BY m.seq LIMIT +?"

	// Those never changed since they were posted lie in the order of seq, the others have an
	// index by rev. SQLite merges the two as it goes, and ends with the limit.
	selectChanges = selectPosted + " UNION ALL " + selectChanged + " ORDER BY 4 LIMIT +?3"
	selectPosted  = postedColumns + changesOf + "AND m.seq > ?2 AND m.rev = m.seq"
	selectChanged = messageColumns + changesOf + "AND m.rev > ?2 AND m.rev <> m.seq"
	changesOf     = "FROM chat_messages m JOIN chat_rooms r ON r.id = m.room_id WHERE m.room_id = +?1 "

	roomColumns = "SELECT r.id, r.slug, r.space, r.name, r.topic, r.epoch, r.head, r.posts, r.frozen, r.slow_mode, r.private, r.notice, r.created_by, r.floor, r.purged, r.unlisted"

	selectRoom    = roomColumns + " FROM chat_rooms r WHERE r.slug = ?"
	selectRooms   = roomColumns + " FROM chat_rooms r WHERE r.space = ? ORDER BY r.id"
	selectRoomsOf = roomColumns + ", " + standingColumns + "FROM chat_rooms r " + joinStanding +
		"WHERE r.space = +?2 AND r.unlisted = 0 AND (r.private = 0 OR b.user_id IS NOT NULL) ORDER BY r.id"

	selectStanding  = "SELECT " + standingColumns + "FROM chat_rooms r " + joinStanding + "WHERE r.id = +?2"
	standingColumns = lastRead + `, p.user_id IS NOT NULL, e.user_id IS NOT NULL, ifnull(l.level, ''), ` + unreadColumns + `, b.user_id IS NOT NULL,
	EXISTS (SELECT 1 FROM chat_reports h WHERE h.author_id = +?1 AND h.room_id = r.id AND h.kind = 'held' AND h.state = 'open') `
	joinStanding = `LEFT JOIN chat_reads p ON p.user_id = +?1 AND p.room_id = r.id
LEFT JOIN chat_entered e ON e.user_id = +?1 AND e.space = r.space
LEFT JOIN chat_levels l ON l.user_id = +?1 AND l.room_id = r.id
LEFT JOIN chat_members b ON b.room_id = r.id AND b.user_id = +?1 `

	// A user without a read pointer has read nothing of a listed room that is newer than their entering, and everything
	// of any other room.
	lastRead = "ifnull(p.seq, CASE WHEN e.user_id IS NOT NULL AND r.unlisted = 0 THEN 0 ELSE r.head END)"

	// The counts stop at chat.MostUnread, so their cost does not grow with the room.
	unreadColumns = "(SELECT count(*) FROM (" + unreadMessages + "LIMIT 100)), (SELECT count(*) FROM (" + unreadMentions + "LIMIT 100)), " +
		"ifnull((" + unreadMessages + "LIMIT 1), 0), ifnull((" + unreadMentions + "LIMIT 1), 0)"
	unreadMessages = "SELECT m.seq FROM chat_messages m WHERE m.room_id = r.id AND m.seq > " + lastRead +
		" AND m.author_id <> +?1 AND m.deleted_at = 0 AND (m.kind <> 'report' OR NOT " +
		"EXISTS (SELECT 1 FROM chat_reports c WHERE c.message = m.seq AND c.author_id = +?1 AND c.kind <> 'held')) ORDER BY m.seq "
	unreadMentions = "SELECT n.seq FROM chat_mentions n WHERE n.user_id = +?1 AND n.room_id = r.id AND n.seq > " + lastRead + " ORDER BY n.seq "

	selectPointers = "SELECT u.value, " + lastRead + `, p.user_id IS NOT NULL, e.user_id IS NOT NULL,
	(SELECT count(*) FROM (SELECT 1 FROM chat_mentions n WHERE n.user_id = u.value AND n.room_id = r.id AND n.seq > ` + lastRead + ` LIMIT 100))
FROM json_each(?2) u JOIN chat_rooms r ON r.id = +?1
LEFT JOIN chat_reads p ON p.user_id = u.value AND p.room_id = r.id
LEFT JOIN chat_entered e ON e.user_id = u.value AND e.space = r.space`

	selectMembers = "SELECT user_id FROM chat_members WHERE room_id = ? ORDER BY number"

	selectSent = "SELECT room_id, seq, hash FROM chat_sends WHERE user_id = ? AND client_id = ?"

	selectNamed = "SELECT id, name, role FROM users WHERE name_key = ?"
	selectFound = "SELECT id, name, role FROM users WHERE find_key >= ? AND find_key < ? ORDER BY find_key, id LIMIT +?"
	selectUser  = "SELECT id, name, role FROM users WHERE id = ?"
	selectUsers = "SELECT id, name, role FROM users WHERE id IN (SELECT value FROM json_each(?))"
)

// reader implements chat.Reader in the transaction of conn.
type reader struct {
	conn         *conn
	hosted       bool           // no accounts are kept here
	messageReads *atomic.Uint64 // counts the queries for messages
}

// Rooms implements chat.Reader.
func (r reader) Rooms(space chat.Space) ([]chat.Room, error) {
	var rooms []chat.Room
	err := r.conn.each("read rooms", selectRooms, func(row *row) { rooms = append(rooms, row.room()) }, string(space))
	return rooms, err
}

// RoomsOf implements chat.Reader.
func (r reader) RoomsOf(space chat.Space, user string) ([]chat.RoomOf, error) {
	var rooms []chat.RoomOf
	err := r.conn.each("read a user's rooms", selectRoomsOf, func(row *row) {
		rooms = append(rooms, chat.RoomOf{Room: row.room(), Standing: row.standing()})
	}, user, string(space))
	return rooms, err
}

// Room implements chat.Reader.
func (r reader) Room(slug string) (room chat.Room, err error) {
	err = r.conn.first("read a room", selectRoom, func(row *row) { room = row.room() }, slug)
	return room, err
}

// User implements chat.Reader.
func (r reader) User(id string) (chat.User, error) {
	if r.hosted {
		return chat.User{}, chat.ErrMissing
	}
	number, ok := userNumber(id)
	if !ok {
		return chat.User{}, chat.ErrMissing
	}
	var user chat.User
	err := r.conn.first("read a user", selectUser, func(row *row) { user = row.user() }, number)
	return user, err
}

// Users implements chat.Reader.
func (r reader) Users(ids []string) (map[string]chat.User, error) {
	users := make(map[string]chat.User, len(ids))
	numbers := make([]int64, 0, len(ids))
	for _, id := range ids {
		if number, ok := userNumber(id); ok {
			numbers = append(numbers, number)
		}
	}
	if r.hosted || len(numbers) == 0 {
		return users, nil
	}
	list, err := json.Marshal(numbers)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	err = r.conn.each("read users", selectUsers, func(row *row) {
		user := row.user()
		users[user.ID] = user
	}, string(list))
	return users, err
}

// UsersNamed implements chat.Reader.
func (r reader) UsersNamed(names []string) (map[string]chat.User, error) {
	users := make(map[string]chat.User, len(names))
	if r.hosted {
		return users, nil
	}
	for _, name := range names {
		err := r.conn.each("read a user by name", selectNamed, func(row *row) { users[name] = row.user() }, fold(name))
		if err != nil {
			return nil, err
		}
	}
	return users, nil
}

// FindUsers implements chat.Reader.
func (r reader) FindUsers(prefix string, limit int) ([]chat.User, error) {
	if r.hosted {
		return nil, nil
	}
	var users []chat.User
	from := findOf(prefix)
	err := r.conn.each("find users", selectFound, func(row *row) { users = append(users, row.user()) },
		from, from+string(unicode.MaxRune), int64(limit))
	return users, err
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
	messages, err := r.messages("read older messages", selectBefore, room, seq, int64(limit))
	slices.Reverse(messages)
	return messages, err
}

// After implements chat.Reader.
func (r reader) After(room, seq int64, limit int) ([]chat.Message, error) {
	return r.messages("read newer messages", selectAfter, room, seq, int64(limit))
}

// Changes implements chat.Reader.
func (r reader) Changes(room, rev int64, limit int) ([]chat.Message, error) {
	return r.messages("read changes", selectChanges, room, rev, int64(limit))
}

// Standing implements chat.Reader.
func (r reader) Standing(room int64, user string) (standing chat.Standing, err error) {
	err = r.conn.first("read a user's standing", selectStanding, func(row *row) { standing = row.standing() }, user, room)
	return standing, err
}

// Pointers implements chat.Reader.
func (r reader) Pointers(room int64, users []string) (map[string]chat.Standing, error) {
	standings := make(map[string]chat.Standing, len(users))
	err := r.conn.each("read read pointers", selectPointers, func(row *row) {
		user := row.text()
		standings[user] = chat.Standing{
			LastRead: row.int(), Pointer: row.int() != 0, Entered: row.int() != 0, Unread: chat.Unread{Mentions: row.int()},
		}
	}, room, jsonText(users))
	return standings, err
}

// MembersOf implements chat.Reader.
func (r reader) MembersOf(room int64) ([]string, error) {
	var ids []string
	err := r.conn.each("read members", selectMembers, func(row *row) { ids = append(ids, row.text()) }, room)
	return ids, err
}

// Sent implements chat.Reader.
func (r reader) Sent(user, clientID string) (chat.Sent, error) {
	sent := chat.Sent{UserID: user, ClientID: clientID}
	err := r.conn.first("read a send", selectSent, func(row *row) {
		sent.RoomID, sent.Seq = row.int(), row.int()
		row.fill(sent.Hash[:])
	}, user, clientID)
	if err != nil {
		return chat.Sent{}, err
	}
	return sent, nil
}

func (r reader) message(doing, query string, args ...any) (chat.Message, error) {
	r.messageReads.Add(1)
	var m chat.Message
	err := r.conn.first(doing, query, func(row *row) { m = row.message() }, args...)
	return m, err
}

func (r reader) messages(doing, query string, args ...any) ([]chat.Message, error) {
	r.messageReads.Add(1)
	messages := []chat.Message{}
	err := r.conn.each(doing, query, func(row *row) { messages = append(messages, row.message()) }, args...)
	return messages, err
}
