package models

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"
)

// hostPatience is how long a host's own statements must be ready to wait for the chat's commits.
const hostPatience = time.Second

// Attach opens the chat in the SQLite database that a host app already has open, beside the host's own tables: all of
// the chat's begin with chat_, and nothing points from them to the host's or back. The chat works on connections of
// its own to the same file; of the host's handle it only asks how it is set, and refuses what would break either:
//
//   - another driver than github.com/mattn/go-sqlite3: two copies of SQLite in one process can corrupt a file;
//   - a database in memory, which nobody else can open;
//   - a journal mode other than WAL, in which readers and the writer wait for each other;
//   - a busy timeout below a second, with which the host's own writes would fail while the chat commits;
//   - locking_mode=EXCLUSIVE, which lets nobody else in.
//
// Of cfg, Path, Exclusive and NoAccounts are set by Attach: one process at a time has the chat of a file. The file's
// mode stays what it is. While the host has a write transaction open, the chat's writes wait for it, five seconds at
// most, and then fail; a host keeps no transaction open while it calls the chat. The caller closes the DB before the
// host's handle.
func Attach(ctx context.Context, host *gorm.DB, cfg Config) (*DB, error) {
	path, err := inspectHost(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("attach the chat to the host's database: %w", err)
	}
	cfg.Path, cfg.Exclusive, cfg.NoAccounts = path, true, true
	return open(ctx, cfg, true)
}

// inspectHost returns the file of a host's database, or why the chat cannot be in it.
func inspectHost(ctx context.Context, host *gorm.DB) (path string, err error) {
	if host == nil {
		return "", errors.New("there is none")
	}
	if name := host.Name(); name != "sqlite" {
		return "", fmt.Errorf("it is %s; the chat needs SQLite, and can have a file of its own (models.Open)", name)
	}
	pool, err := host.DB()
	if err != nil {
		return "", fmt.Errorf("it is no pool of connections: %w", err)
	}
	if _, ok := pool.Driver().(*sqlite3.SQLiteDriver); !ok {
		return "", fmt.Errorf("its driver is %T; two copies of SQLite in one process can corrupt a file: "+
			"open it with github.com/mattn/go-sqlite3 (gorm.io/driver/sqlite), or give the chat a file of its own (models.Open)", pool.Driver())
	}
	var files []struct{ Name, File string }
	var journal, locking string
	var patience int64
	err = host.WithContext(ctx).Connection(func(tx *gorm.DB) error {
		return errors.Join(
			tx.Raw("PRAGMA database_list").Scan(&files).Error,
			tx.Raw("PRAGMA journal_mode").Scan(&journal).Error,
			tx.Raw("PRAGMA locking_mode").Scan(&locking).Error,
			tx.Raw("PRAGMA busy_timeout").Scan(&patience).Error,
		)
	})
	if err != nil {
		return "", fmt.Errorf("ask how it is set: %w", err)
	}
	for _, file := range files {
		if file.Name == "main" {
			path = file.File
		}
	}
	switch {
	case path == "":
		return "", errors.New("it is in memory, where the chat cannot open it; give it a file, or the chat one of its own (models.Open)")
	case journal != "wal":
		return "", fmt.Errorf("its journal mode is %s, in which readers and writers wait for each other; open it with _journal_mode=WAL", journal)
	case locking != "normal":
		return "", fmt.Errorf("its locking mode is %s, which lets nobody else in; open it with _locking_mode=NORMAL", locking)
	case time.Duration(patience)*time.Millisecond < hostPatience:
		return "", fmt.Errorf("its busy timeout is %d ms, so its writes would fail while the chat commits; open it with _busy_timeout=5000", patience)
	}
	return path, nil
}
