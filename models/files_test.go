package models

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

// waitFor waits until a condition holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begin := time.Now(); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("%s: it does not happen", what)
		}
	}
}

func TestARemovedFileTakesNoWrites(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"removed": os.Remove,
		"moved":   func(path string) error { return os.Rename(path, path+".old") },
		"replaced": func(path string) error {
			return errors.Join(os.WriteFile(path+".new", nil, 0o600), os.Rename(path+".new", path))
		},
		"log removed": func(path string) error { return os.Remove(path + "-wal") },
		"log replaced": func(path string) error {
			return errors.Join(os.Remove(path+"-wal"), os.WriteFile(path+"-wal", nil, 0o600))
		},
		"index removed":   func(path string) error { return os.Remove(path + "-shm") },
		"folder renamed":  func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".old") },
		"folder replaced": replaceFolder,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "data", "roomline.db")
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			var log lines
			db, err := Open(t.Context(), Config{Path: path, Exclusive: true, PasswordMemory: 64, Logger: textLogger(&log)})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := db.Close(); err == nil || !strings.Contains(err.Error(), "while the server runs") {
					t.Errorf("closing it: %v, want what happened to the file", err)
				}
			}()
			grow(t, db, 3)
			if err := db.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := harm(path); err != nil {
				t.Fatal(err)
			}
			// At once, without the guard.
			wantCode(t, db.change(t.Context(), rename("lost")), chat.CodeUnavailable)
			wantCode(t, db.Ping(t.Context()), chat.CodeUnavailable)
			if room := lobby(t, db); room.Topic != "" || room.Head != 3 {
				t.Errorf("the room is %+v", room)
			}
			if n := log.count("the database takes no writes"); n != 1 {
				t.Errorf("the cause is logged %d times", n)
			}
		})
	}
}

func replaceFolder(path string) error {
	folder := filepath.Dir(path)
	return errors.Join(os.Rename(folder, folder+".old"), os.Mkdir(folder, 0o700), os.WriteFile(path, nil, 0o600))
}

func TestARemovedFileIsNoticedWhileIdle(t *testing.T) {
	var log lines
	path := fresh(t)
	db := openAt(t, Config{Path: path, Exclusive: true, PasswordMemory: 64, Logger: textLogger(&log)})
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the guard notices", func() bool { return db.Ping(t.Context()) != nil })
	if err := os.Rename(path+".old", path); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the guard notices the end", func() bool { return db.Ping(t.Context()) == nil })
	if gone, back := log.count("takes no writes"), log.count("takes writes again"); gone != 1 || back != 1 {
		t.Errorf("logged %d times that it takes no writes, %d that it does", gone, back)
	}
	grow(t, db, 1)
}
