package models

import (
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gorm.io/gorm"

	"roomline/internal/dbfile"
)

func textLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

func TestASecondServerIsRefusedACommandIsNot(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "roomline.db"), filepath.Join(dir, "same.db")
	server := openAt(t, Config{Path: path, Exclusive: true})
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} {
		_, err := Open(t.Context(), Config{Path: name, Exclusive: true})
		if err == nil || !strings.Contains(err.Error(), "another Roomline server is using this database") || !strings.Contains(err.Error(), name) {
			t.Errorf("a second server on %s: error is %v, want a sentence that names the file", name, err)
		}
	}
	command := openAt(t, Config{Path: path})
	if err := command.change(t.Context(), rename("by the command")); err != nil {
		t.Errorf("a command beside the server: %v", err)
	}
	if topic := lobby(t, server).Topic; topic != "by the command" {
		t.Errorf("the server sees topic %q", topic)
	}
}

func TestTheLockIsOnTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "roomline.db")
	server := openAt(t, Config{Path: path, Exclusive: true})
	hard, chained := filepath.Join(dir, "hard.db"), filepath.Join(t.TempDir(), "chained.db")
	if err := errors.Join(os.Link(path, hard), os.Symlink(hard, chained)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{hard, chained} {
		for _, exclusive := range []bool{true, false} {
			_, err := Open(t.Context(), Config{Path: name, Exclusive: exclusive})
			if err == nil || !strings.Contains(err.Error(), "under another name") {
				t.Errorf("%s, exclusive %v: error is %v, want that the file has another name", filepath.Base(name), exclusive, err)
			}
		}
	}
	if err := server.change(t.Context(), rename("undisturbed")); err != nil {
		t.Error(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	next := openAt(t, Config{Path: hard, Exclusive: true})
	if topic := lobby(t, next).Topic; topic != "undisturbed" {
		t.Errorf("the next server sees topic %q", topic)
	}
}

func TestTheLockEndsWithTheServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roomline.db")
	for range 2 {
		db, err := Open(t.Context(), Config{Path: path, Exclusive: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAfterCloseTheFileHasEverythingAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roomline.db")
	db, err := Open(t.Context(), Config{Path: path})
	if err == nil {
		err = db.change(t.Context(), rename("the last word"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(t.TempDir(), "moved.db")
	if err := os.WriteFile(moved, data, dbfile.PrivateMode); err != nil {
		t.Fatal(err)
	}
	if topic := lobby(t, openAt(t, Config{Path: moved})).Topic; topic != "the last word" {
		t.Errorf("the file alone has the topic %q", topic)
	}
}

func TestFilesAreTheOwnersAloneWhateverTheUmask(t *testing.T) {
	for name, umask := range map[string]int{"wide umask": 0, "narrow umask": 0o777} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "roomline.db")
			defer syscall.Umask(syscall.Umask(umask))
			db := openAt(t, Config{Path: path, Exclusive: true})
			if err := db.change(t.Context(), rename("something to log")); err != nil {
				t.Fatal(err)
			}
			for _, suffix := range []string{"", "-wal", "-shm", ".lock", "-id"} {
				wantPrivate(t, path+suffix)
			}
		})
	}
}

func TestFilesThatWereOpenToOthersAreClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roomline.db")
	first := openAt(t, Config{Path: path})
	if err := first.change(t.Context(), rename("something to log")); err != nil {
		t.Fatal(err)
	}
	suffixes := []string{"", "-wal", "-shm"}
	for _, suffix := range suffixes {
		if err := os.Chmod(path+suffix, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	openAt(t, Config{Path: path})
	for _, suffix := range suffixes {
		wantPrivate(t, path+suffix)
	}
}

func wantPrivate(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %o, want 600", filepath.Base(path), info.Mode().Perm())
	}
}

func TestNoCharacterOfThePathIsTakenForAParameter(t *testing.T) {
	for _, name := range []string{"a b.db", "what?.db", "x?mode=memory.db", "a#b.db", "100%25.db", "a&_synchronous=OFF.db", ":memory:", "größe.db"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			db := openAt(t, Config{Path: path, Exclusive: true})
			if err := db.change(t.Context(), rename("kept")); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if topic := lobby(t, openAt(t, Config{Path: path})).Topic; topic != "kept" {
				t.Errorf("the topic is %q after opening it again", topic)
			}
			entries, err := os.ReadDir(filepath.Dir(path))
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range entries {
				if !strings.HasPrefix(entry.Name(), name) {
					t.Errorf("a stray file %q was made", entry.Name())
				}
			}
		})
	}
}

func TestAPathThatCannotBeOpenedIsNamed(t *testing.T) {
	dir := t.TempDir()
	before, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", filepath.Join(dir, "absent", "roomline.db"), dir} {
		if db, err := Open(t.Context(), Config{Path: path}); err == nil {
			t.Errorf("%q was opened: %v", path, db.Close())
		} else if !strings.Contains(err.Error(), path) {
			t.Errorf("the error does not name %q: %v", path, err)
		}
	}
	if after, err := os.Stat(dir); err != nil || after.Mode() != before.Mode() {
		t.Errorf("the directory's mode went from %v to %v, %v", before.Mode(), after.Mode(), err)
	}
}

func TestEveryCommitIsSyncedAndReadersCannotWrite(t *testing.T) {
	db := openTest(t)
	for query, want := range map[string]string{
		"PRAGMA journal_mode": "wal", "PRAGMA synchronous": "2", "PRAGMA foreign_keys": "1", "PRAGMA busy_timeout": "5000",
	} {
		var got string
		if err := db.change(t.Context(), func(tx *gorm.DB) error { return tx.Raw(query).Scan(&got).Error }); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", query, got, err, want)
		}
	}
	if err := db.view(t.Context(), rename("by a reader")); err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("a write by a reader: %v", err)
	}
}

func TestASQLiteThatCorruptsIsRefused(t *testing.T) {
	for number, ok := range map[int]bool{3_044_000: false, 3_051_002: false, 3_051_003: true, 3_054_001: true} {
		if err := checkSQLite("the name", number, ""); (err == nil) != ok {
			t.Errorf("%d: %v", number, err)
		}
	}
}

func TestMigrationsAreAppliedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roomline.db")
	var before []string
	for round := range 3 {
		db, err := Open(t.Context(), Config{Path: path, Exclusive: round > 0})
		if err != nil {
			t.Fatal(err)
		}
		var dump []string
		err = db.view(t.Context(), func(tx *gorm.DB) error {
			return tx.Raw(`SELECT name || ' ' || coalesce(sql, '') FROM sqlite_schema
				UNION ALL SELECT slug || ' ' || epoch FROM chat_rooms
				UNION ALL SELECT 'chat ' || version_id FROM chat_migrations
				UNION ALL SELECT 'site ' || version_id FROM site_migrations ORDER BY 1`).Scan(&dump).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		if round > 0 && strings.Join(dump, "\n") != strings.Join(before, "\n") {
			t.Errorf("opening it again changed it from\n%s\nto\n%s", strings.Join(before, "\n"), strings.Join(dump, "\n"))
		}
		before = dump
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheChatsTablesNeedNoneOfTheSites(t *testing.T) {
	pool, err := sql.Open("sqlite3", filepath.Join(t.TempDir(), "host.db")+"?_foreign_keys=on")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	provider, err := Config{}.sets()[0].provider(pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error { _, err := provider.Up(t.Context()); return err },
		func() error {
			_, err := pool.ExecContext(t.Context(), insertMessage, 1, 1, 1, 1, "abcdefgh", "text", "a-host's-id", "hi", 0, 1, 0, 0, "", "", "", "")
			return err
		},
		func() error { _, err := provider.DownTo(t.Context(), 0); return err },
		func() error { _, err := provider.Up(t.Context()); return err },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	var foreign int
	row := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'chat%' AND name NOT LIKE 'sqlite%'")
	if err := row.Scan(&foreign); err != nil || foreign != 0 {
		t.Errorf("%d tables are not the chat's (%v)", foreign, err)
	}
}

func TestANewerDatabaseIsRefused(t *testing.T) {
	db := openTest(t)
	err := db.change(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO chat_migrations (version_id, is_applied) VALUES (99999, 1)").Error
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Path: db.Path()}); err == nil || !strings.Contains(err.Error(), "newer Roomline") {
		t.Errorf("error is %v, want that it is newer", err)
	}
}

func TestACommandDoesNotMigrateUnderAServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roomline.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	lock, err := dbfile.Take(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Path: path}); err == nil || !strings.Contains(err.Error(), "restart the server") {
		t.Errorf("error is %v, want what to do", err)
	}
	if err := lock.Release(false); err != nil {
		t.Fatal(err)
	}
	openAt(t, Config{Path: path})
}
