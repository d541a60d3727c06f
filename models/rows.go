package models

import (
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
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

// TableName is GORM's hook.
func (roomRow) TableName() string { return "chat_rooms" }

// room scans roomColumns.
func (r *row) room() chat.Room {
	return chat.Room{
		ID: r.int(), Slug: r.text(), Space: chat.Space(r.text()), Name: r.text(), Topic: r.text(),
		Epoch: r.text(), Head: r.int(), Posts: r.int(), Frozen: r.int() != 0, SlowMode: int(r.int()),
	}
}

// message scans messageColumns.
func (r *row) message() chat.Message {
	return chat.Message{
		RoomID: r.int(), Room: r.text(), Seq: r.int(), Rev: r.int(), Post: r.int(),
		ID: r.text(), Kind: chat.Kind(r.text()), Author: chat.User{ID: r.text()}, Text: r.text(),
		ReplyTo: r.int(), SentAt: fromMillis(r.int()),
		EditedAt: fromMillis(r.int()), DeletedAt: fromMillis(r.int()), DeletedBy: r.text(),
	}
}

// pointer scans the seq and post of a read pointer.
func (r *row) pointer() chat.ReadPointer { return chat.ReadPointer{Seq: r.int(), Post: r.int()} }

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
