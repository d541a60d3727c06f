package models

import (
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
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

// TableName is GORM's hook.
func (roomRow) TableName() string { return "chat_rooms" }

func (r roomRow) room() chat.Room {
	return chat.Room{
		ID: r.ID, Slug: r.Slug, Space: chat.Space(r.Space), Name: r.Name, Topic: r.Topic,
		Epoch: r.Epoch, Head: r.Head, Posts: r.Posts, Frozen: r.Frozen, SlowMode: r.SlowMode,
	}
}

// messageRow is a row of chat_messages with the slug of its room.
type messageRow struct {
	RoomID    int64
	Room      string
	Seq       int64
	Rev       int64
	Post      int64
	ClientID  string
	Kind      string
	AuthorID  string
	Text      string
	ReplyTo   int64
	SentAt    int64
	EditedAt  int64
	DeletedAt int64
	DeletedBy string
}

func (r messageRow) message() chat.Message {
	return chat.Message{
		RoomID: r.RoomID, Room: r.Room, Seq: r.Seq, Rev: r.Rev, Post: r.Post,
		ID: r.ClientID, Kind: chat.Kind(r.Kind), Author: chat.User{ID: r.AuthorID},
		Text: r.Text, ReplyTo: r.ReplyTo, SentAt: fromMillis(r.SentAt),
		EditedAt: fromMillis(r.EditedAt), DeletedAt: fromMillis(r.DeletedAt), DeletedBy: r.DeletedBy,
	}
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

// sentRow is a row of chat_sends.
type sentRow struct {
	UserID   string
	ClientID string
	RoomID   int64
	Seq      int64
	Hash     []byte
}

func (r sentRow) sent() (chat.Sent, error) {
	s := chat.Sent{UserID: r.UserID, ClientID: r.ClientID, RoomID: r.RoomID, Seq: r.Seq}
	if copy(s.Hash[:], r.Hash) != len(s.Hash) || len(r.Hash) != len(s.Hash) {
		return chat.Sent{}, fmt.Errorf("read a send: its hash has %d bytes", len(r.Hash))
	}
	return s, nil
}
