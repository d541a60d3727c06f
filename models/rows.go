package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"roomline/realtime/chat"
)

// roomRow is a row of chat_rooms.
type roomRow struct {
	ID        int64 `gorm:"primaryKey"`
	Slug      string
	Space     string
	Name      string
	Topic     string
	Epoch     string
	Head      int64
	Posts     int64
	Frozen    bool
	SlowMode  int
	Private   bool
	Notice    string
	CreatedBy string
	Unlisted  bool
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

// TableName is GORM's hook.
func (roomRow) TableName() string { return "chat_rooms" }

// room scans roomColumns.
func (r *row) room() chat.Room {
	return chat.Room{
		ID: r.int(), Slug: r.text(), Space: chat.Space(r.text()), Name: r.text(), Topic: r.text(),
		Epoch: r.text(), Head: r.int(), Posts: r.int(), Frozen: r.int() != 0, SlowMode: int(r.int()),
		Private: r.int() != 0, Notice: r.text(), CreatedBy: r.text(), Floor: r.int(), Purged: r.int(), Unlisted: r.int() != 0,
	}
}

// message scans messageColumns.
func (r *row) message() chat.Message {
	m := chat.Message{
		RoomID: r.int(), Room: r.text(), Seq: r.int(), Rev: r.int(), Post: r.int(),
		ID: r.text(), Kind: chat.Kind(r.text()), Author: chat.User{ID: r.text()}, Text: r.text(),
		ReplyTo: r.int(), SentAt: fromMillis(r.int()),
		EditedAt: fromMillis(r.int()), DeletedAt: fromMillis(r.int()), DeletedBy: r.text(), HTML: r.text(),
	}
	m.Mentions, m.Reactions = usersOf(r.list()), r.reactions()
	return m
}

// reactions scans lists of an emoji and who set it, which lie as JSON, "" for none.
func (r *row) reactions() []chat.Reaction {
	text := r.text()
	if text == "" {
		return nil
	}
	var lists [][]string
	if err := json.Unmarshal([]byte(text), &lists); err != nil {
		r.err = errors.Join(r.err, fmt.Errorf("reactions: %w", err))
	}
	reactions := make([]chat.Reaction, 0, len(lists))
	for _, one := range lists {
		reactions = append(reactions, chat.Reaction{Emoji: one[0], Users: usersOf(one[1:])})
	}
	return reactions
}

// list scans a list of texts, which lies as JSON, "" if it is empty.
func (r *row) list() []string {
	text := r.text()
	if text == "" {
		return nil
	}
	var list []string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		r.err = errors.Join(r.err, fmt.Errorf("list: %w", err))
	}
	return list
}

func usersOf(ids []string) []chat.User {
	if len(ids) == 0 {
		return nil
	}
	users := make([]chat.User, len(ids))
	for i, id := range ids {
		users[i].ID = id
	}
	return users
}

func idsOf(users []chat.User) []string {
	ids := make([]string, len(users))
	for i, user := range users {
		ids[i] = user.ID
	}
	return ids
}

// mentionsText and reactionsText are what list and reactions scan.
func mentionsText(mentions []chat.User) string { return listText(idsOf(mentions)) }

func reactionsText(reactions []chat.Reaction) string {
	if len(reactions) == 0 {
		return ""
	}
	lists := make([][]string, len(reactions))
	for i, r := range reactions {
		lists[i] = append([]string{r.Emoji}, idsOf(r.Users)...)
	}
	return jsonText(lists)
}

func jsonText(v any) string {
	text, _ := json.Marshal(v) // strings can always be encoded
	return string(text)
}

// standing scans standingColumns.
func (r *row) standing() chat.Standing {
	return chat.Standing{
		LastRead: r.int(), Pointer: r.int() != 0, Entered: r.int() != 0, Level: chat.Level(r.text()),
		Unread: chat.Unread{Messages: r.int(), Mentions: r.int()}, FirstUnread: r.int(), FirstMention: r.int(),
		Belongs: r.int() != 0, Held: r.int() != 0,
	}
}

// user scans the id, name and role of an account.
func (r *row) user() chat.User {
	return User{ID: r.int(), Name: r.text(), Role: chat.Role(r.text())}.Chat()
}

// millis is how a time is stored: milliseconds since 1970, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
