package models

import (
	"context"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// Store is the chat's view of a DB. It needs no closing of its own.
type Store struct{ db *DB }

var _ chat.Store = (*Store)(nil)

// Store returns the chat's view of the database. It has the accounts kept there as users; where the host keeps them
// (Config.NoAccounts, Attach) it has none, and the chat asks the host (chat.Directory).
func (db *DB) Store() *Store { return &Store{db} }

// KeepsUsers implements chat.Store.
func (s *Store) KeepsUsers() bool { return !s.db.cfg.NoAccounts }

// reader returns the Reader on a connection.
func (s *Store) reader(c *conn) reader { return reader{c, s.db.cfg.NoAccounts, &s.db.messageReads} }

// Read implements chat.Store. A few reads run at once, others wait for one of them or
// for the end of ctx; a read that has begun is not cut short.
func (s *Store) Read(ctx context.Context, fn func(chat.Reader) error) error {
	return s.db.snapshot(ctx, func(c *conn) error { return fn(s.reader(c)) })
}

// Write implements chat.Store.
func (s *Store) Write(ctx context.Context, fn func(chat.Writer) error, committed func()) error {
	accounts := false // of the writer's goroutine
	err := s.db.writer.do(ctx, func(c *conn) error {
		return fn(chatWriter{s.reader(c), &accounts})
	}, func() {
		if accounts {
			s.db.recent.forget()
		}
		if committed != nil {
			committed()
		}
	})
	s.db.index.note()
	return err
}

// Ping reports whether the database can be read and written, within ctx.
func (db *DB) Ping(ctx context.Context) error {
	err := db.view(ctx, func(tx *gorm.DB) error {
		var n int
		return fault("read", tx.Raw("SELECT count(*) FROM chat_rooms").Scan(&n).Error)
	})
	if err != nil {
		return err
	}
	if err := db.health.err(); err != nil {
		return err
	}
	return db.writer.do(ctx, func(*conn) error { return nil }, nil)
}

// view runs fn on one snapshot.
func (db *DB) view(ctx context.Context, fn func(*gorm.DB) error) error {
	return db.snapshot(ctx, func(c *conn) error { return fn(c.gorm) })
}

// snapshot runs fn on a connection that reads, in one snapshot.
func (db *DB) snapshot(ctx context.Context, fn func(*conn) error) error {
	return db.ask(ctx, func(c *conn) error { return c.inSnapshot(fn) })
}

// ask runs fn on a connection that reads. Each statement sees a snapshot of its own.
func (db *DB) ask(ctx context.Context, fn func(*conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-db.closing:
		return closed()
	default:
	}
	select {
	case c := <-db.readers:
		defer func() { db.readers <- c }()
		db.reads.Add(1)
		err := fn(c)
		if passing(err) {
			db.readHealth.failed(err)
		} else {
			db.readHealth.works()
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-db.closing:
		return closed()
	}
}

// change changes users or sessions: it runs fn in a transaction of the writer, on the writer's
// goroutine, and returns when it is durable.
func (db *DB) change(ctx context.Context, fn func(*gorm.DB) error) error {
	return db.writer.do(ctx, func(c *conn) error { return fn(c.gorm) }, db.recent.forget)
}

// Reads returns how many reads have begun since Open: a snapshot is one, however much is
// asked in it. What a write reads is not counted.
func (db *DB) Reads() uint64 { return db.reads.Load() }

// MessageReads returns how many queries for messages were asked since Open, one for a page
// as for a single message, those of writes included.
func (db *DB) MessageReads() uint64 { return db.messageReads.Load() }
