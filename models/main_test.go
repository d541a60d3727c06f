package models

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"roomline/internal/dbfile"
	"roomline/realtime/chat"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(burstPath); path != "" {
		os.Exit(burst(path))
	}
	goleak.VerifyTestMain(m)
}

// openTest opens a fresh database that ends with the test.
func openTest(tb testing.TB) *DB {
	tb.Helper()
	return openAt(tb, Config{Path: fresh(tb), Exclusive: true, PasswordMemory: 64})
}

// schema is a file with the schema of today: most tests are not about how it comes to be.
var schema = sync.OnceValues(func() (data []byte, err error) {
	folder, err := os.MkdirTemp("", "roomline")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "roomline.db")
	db, err := Open(context.Background(), Config{Path: path})
	if err == nil {
		// A copy is not to be taken for one that was restored.
		err = errors.Join(db.change(context.Background(), func(tx *gorm.DB) error {
			return tx.Exec("UPDATE chat_identity SET token = ''").Error
		}), db.Close())
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// fresh returns the path of such a file, for the test alone.
func fresh(tb testing.TB) string {
	tb.Helper()
	data, err := schema()
	path := filepath.Join(tb.TempDir(), "roomline.db")
	if err == nil {
		err = os.WriteFile(path, data, dbfile.PrivateMode)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

func openAt(tb testing.TB, cfg Config) *DB {
	tb.Helper()
	db, err := Open(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return db
}

// addUser makes an account without a usable password, for tests that need none.
func addUser(tb testing.TB, db *DB, display string, role chat.Role) User {
	tb.Helper()
	n, err := parseName(display)
	if err != nil {
		tb.Fatal(err)
	}
	row := userRow{Name: n.display, NameKey: n.key, LookKey: n.look, FindKey: n.find, Role: string(role), PasswordHash: db.nobodysHash()}
	if err := db.change(tb.Context(), func(tx *gorm.DB) error { return tx.Create(&row).Error }); err != nil {
		tb.Fatal(err)
	}
	return row.user()
}

// lobby returns the room that every database has.
func lobby(tb testing.TB, db *DB) (room chat.Room) {
	tb.Helper()
	err := db.Store().Read(tb.Context(), func(r chat.Reader) (err error) {
		room, err = r.Room("lobby")
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return room
}

// wantCode fails the test unless err is a *chat.Error of that code.
func wantCode(tb testing.TB, err error, code chat.Code) {
	tb.Helper()
	if got := chat.ErrorCode(err); got != code {
		tb.Errorf("error is %v (%q), want code %q", err, got, code)
	}
}
