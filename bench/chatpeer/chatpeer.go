// Package chatpeer furnishes a database for the real Roomline: people who are signed in,
// rooms, and messages that were written long ago. It makes no load and starts no server.
package chatpeer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver of database/sql

	"roomline/models"
)

// Plan is what a database holds. Messages are spread evenly over the rooms.
type Plan struct {
	Users    int
	Rooms    int
	Messages int
	Text     func(n int) string // of the n-th message of a room, from 1
}

// RoomName is the slug of room i, from 0.
func RoomName(i int) string { return fmt.Sprintf("room-%03d", i) }

// Furnish makes a database at path, which must not exist, and returns the tokens of the
// users' sessions, one each. All are members who have one and the same password, which
// nobody knows: hashing thousands would take minutes.
func Furnish(ctx context.Context, path string, plan Plan) (tokens []string, err error) {
	if err := found(ctx, path); err != nil {
		return nil, err
	}
	// Until all is in there is nothing to be lost.
	db, err := sql.Open("sqlite3", "file:"+path+"?_synchronous=OFF&_foreign_keys=on&_cache_size=-400000&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open the database to furnish it: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)

	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin to furnish: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	if tokens, err = seat(ctx, tx, plan.Users); err != nil {
		return nil, fmt.Errorf("make users: %w", err)
	}
	if err := build(ctx, tx, plan); err != nil {
		return nil, fmt.Errorf("make rooms: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("store what was furnished: %w", err)
	}
	if _, err := db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return nil, fmt.Errorf("empty the write-ahead log: %w", err)
	}
	return tokens, nil
}

// found makes the tables and the first user, whom the others copy.
func found(ctx context.Context, path string) (err error) {
	db, err := models.Open(ctx, models.Config{Path: path, Exclusive: true, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.CreateUser(ctx, "owner", rand.Text())
	return err
}

// seat makes members who are signed in.
func seat(ctx context.Context, tx *sql.Tx, users int) ([]string, error) {
	user, err := tx.PrepareContext(ctx, `INSERT INTO users (name, name_key, look_key, role, password_hash, created_at)
SELECT ?1, ?1, ?1, 'member', password_hash, created_at FROM users WHERE id = 1`)
	if err != nil {
		return nil, err
	}
	session, err := tx.PrepareContext(ctx, `INSERT INTO sessions (user_id, token_hash, user_agent, address, created_at, seen_at)
VALUES (?1, ?2, 'bench', '127.0.0.1', ?3, ?3)`)
	if err != nil {
		return nil, err
	}
	tokens := make([]string, users)
	for i := range tokens {
		made, err := user.ExecContext(ctx, fmt.Sprintf("member-%05d", i))
		if err != nil {
			return nil, err
		}
		id, err := made.LastInsertId()
		if err != nil {
			return nil, err
		}
		var secret [32]byte
		_, _ = rand.Read(secret[:]) // never fails
		hash := sha256.Sum256(secret[:])
		if _, err := session.ExecContext(ctx, id, hash[:], time.Now().UnixMilli()); err != nil {
			return nil, err
		}
		tokens[i] = base64.RawURLEncoding.EncodeToString(secret[:])
	}
	return tokens, nil
}

// build makes rooms with the messages that the owner once wrote there.
func build(ctx context.Context, tx *sql.Tx, plan Plan) error {
	message, err := tx.PrepareContext(ctx, `INSERT INTO chat_messages
	(room_id, seq, rev, post, client_id, kind, author_id, text, sent_at) VALUES (?1, ?2, ?2, ?2, ?3, 'text', '1', ?4, ?5)`)
	if err != nil {
		return err
	}
	for i := range plan.Rooms {
		posts := plan.Messages / plan.Rooms
		made, err := tx.ExecContext(ctx, `INSERT INTO chat_rooms (slug, space, name, epoch, head, posts, created_at)
VALUES (?1, 'general', ?1, lower(hex(randomblob(16))), ?2, ?2, unixepoch() * 1000)`, RoomName(i), posts)
		if err != nil {
			return err
		}
		room, err := made.LastInsertId()
		if err != nil {
			return err
		}
		for n := range posts {
			sent := time.Now().Add(-time.Hour).UnixMilli()
			id := fmt.Sprintf("%04d-%010d", i, n)
			if _, err := message.ExecContext(ctx, room, n+1, id, plan.Text(n+1), sent); err != nil {
				return err
			}
		}
	}
	// Ids of real clients are in no order.
	_, err = tx.ExecContext(ctx, `UPDATE chat_messages SET client_id = lower(hex(randomblob(8)));
INSERT INTO chat_sends (user_id, client_id, room_id, seq, hash)
	SELECT author_id, client_id, room_id, seq, zeroblob(32) FROM chat_messages ORDER BY author_id, client_id`)
	if err != nil {
		return err
	}
	// Their words are indexed long since.
	_, err = tx.ExecContext(ctx, `INSERT INTO chat_documents (docid, room_id, seq, author_id)
	SELECT row_number() OVER (ORDER BY sent_at, room_id, seq), room_id, seq, author_id FROM chat_messages;
INSERT INTO chat_words (docid, text, room)
	SELECT d.docid, m.text, m.room_id FROM chat_documents d JOIN chat_messages m ON m.room_id = d.room_id AND m.seq = d.seq ORDER BY d.docid;
UPDATE chat_rooms SET indexed = head`)
	return err
}
