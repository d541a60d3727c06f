package main

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// User is an account.
type User struct {
	ID        string `gorm:"primaryKey"`                           // "u_7f3k"
	Name      string `gorm:"type:text collate nocase;uniqueIndex"` // its id once it is Gone
	Password  []byte // bcrypt
	Moderator bool
	Badge     bool // holds a key of the workshop
	Gone      bool // deleted: kept for the posts, which stay
	JoinedAt  time.Time
}

// Shown is the name that pages show.
func (u User) Shown() string {
	if u.Gone || u.ID == "" {
		return "a former member"
	}
	return u.Name
}

// Category is a shelf of topics.
type Category struct {
	ID         int64
	Slug       string `gorm:"uniqueIndex"`
	Name       string
	About      string
	Keyholders bool // only they, and moderators, know what is in it
	Topics     []Topic
}

// Topic is a question or a piece of news, with posts.
type Topic struct {
	ID         int64
	CategoryID int64 `gorm:"index"`
	Category   Category
	AuthorID   string
	Author     User
	Title      string
	OpenedAt   time.Time
	PostedAt   time.Time `gorm:"index"`

	// What was last said in its chat: see noteLine.
	ChatEpoch    string
	ChatSeq      int64
	ChatRev      int64
	ChatAuthorID string
	ChatAuthor   User
	ChatLine     string
}

// Post is a part of a topic.
type Post struct {
	ID       int64
	TopicID  int64 `gorm:"index"`
	AuthorID string
	Author   User
	Text     string
	PostedAt time.Time
}

// Visit is when somebody last looked at a topic.
type Visit struct {
	UserID  string `gorm:"primaryKey"`
	TopicID int64  `gorm:"primaryKey"`
	Topic   Topic
	At      time.Time `gorm:"index"`
}

// Session is what the session middleware keeps of a browser.
type Session struct {
	ID    string `gorm:"primaryKey"`
	Data  []byte
	Until time.Time `gorm:"index"`
}

// openDatabase opens the forum's own database. WAL and a busy timeout are what the chat asks of a host whose
// database it shares; immediate transactions are what any program with two writers wants of SQLite.
func openDatabase(path string) (*gorm.DB, error) {
	file := url.URL{Scheme: "file", Path: path, RawQuery: "_journal_mode=WAL&_busy_timeout=5000&_txlock=immediate"}
	db, err := gorm.Open(sqlite.Open(file.String()), &gorm.Config{
		Logger:  logger.Discard, // errors are returned, and logged where they end
		NowFunc: func() time.Time { return time.Now().UTC() },
	})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	err = db.AutoMigrate(&User{}, &Category{}, &Topic{}, &Post{}, &Visit{}, &Session{})
	if err == nil {
		err = seed(db)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare %s: %w", path, err), closeDatabase(db))
	}
	return db, nil
}

func closeDatabase(db *gorm.DB) error {
	handle, err := db.DB()
	if err != nil {
		return err
	}
	return handle.Close()
}
