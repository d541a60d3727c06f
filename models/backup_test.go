package models

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"roomline/realtime/chat"
)

func TestABackupHasWhatWasAcknowledged(t *testing.T) {
	db := openTest(t)
	addUser(t, db, "ada", chat.RoleOwner)
	stop := make(chan struct{})
	var writing sync.WaitGroup
	for range 4 {
		writing.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if err := sendOne(t, db, fmt.Sprintf("message-%p-%d", &stop, db.Reads())+newEpoch()); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	for i := range 5 {
		waitFor(t, "messages are sent", func() bool { return lobby(t, db).Head >= int64(20*(i+1)) })
		head := lobby(t, db).Head
		file := filepath.Join(t.TempDir(), "backup.db")
		c, err := Backup(t.Context(), db.Path(), file, false)
		if err != nil {
			t.Fatal(err)
		}
		if c.Messages < head || c.Rooms != 2 || c.Latest.IsZero() {
			t.Errorf("the backup has %+v, and %d messages were acknowledged before", c, head)
		}
		wantPrivate(t, file)
		wantOnly(t, filepath.Dir(file), "backup.db")
		copied := openAt(t, Config{Path: file, Exclusive: true})
		if room := lobby(t, copied); room.Head != c.Messages {
			t.Errorf("the room has head %d, the backup %d messages", room.Head, c.Messages)
		}
	}
	close(stop)
	writing.Wait()
}

func wantOnly(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	if strings.Join(found, " ") != strings.Join(names, " ") {
		t.Errorf("the folder has %q, want %q", found, names)
	}
}

func TestABackupReplacesNothingUnlessForced(t *testing.T) {
	db := openTest(t)
	folder := t.TempDir()
	taken, link := filepath.Join(folder, "taken"), filepath.Join(folder, "link")
	if err := errors.Join(os.WriteFile(taken, []byte("keep this"), 0o644), os.Symlink("nowhere", link)); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{taken, link, folder} {
		if _, err := Backup(t.Context(), db.Path(), file, false); !errors.Is(err, ErrExists) {
			t.Errorf("%s: error is %v, want that it exists", filepath.Base(file), err)
		}
	}
	if data, err := os.ReadFile(taken); err != nil || string(data) != "keep this" {
		t.Errorf("the file is %q, %v", data, err)
	}
	for _, suffix := range []string{"", "-wal", "-id"} {
		if _, err := Backup(t.Context(), db.Path(), db.Path()+suffix, true); err == nil || !strings.Contains(err.Error(), "belongs to the database") {
			t.Errorf("over %q: error is %v", suffix, err)
		}
	}
	if _, err := Backup(t.Context(), filepath.Join(folder, "absent.db"), filepath.Join(folder, "new"), false); err == nil || !strings.Contains(err.Error(), "no database") {
		t.Errorf("of nothing: %v", err)
	}
	if _, err := Backup(t.Context(), db.Path(), taken, true); err != nil {
		t.Error(err)
	}
	wantPrivate(t, taken)
	wantOnly(t, folder, "link", "taken")
}

func TestABackupOfACrashedSiteHasItsLog(t *testing.T) {
	p := livePast(t)
	thaw(t, p.path, p.lateRunning)
	var out strings.Builder
	if _, err := BackupTo(t.Context(), p.path, &out); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "backup.db")
	if err := os.WriteFile(file, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := contents(file); err != nil || c.Messages != 20 {
		t.Errorf("the backup has %+v, %v", c, err)
	}
}

func TestARestoreResetsFollowers(t *testing.T) {
	p := livePast(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := os.WriteFile(backup, p.early[""], 0o600); err != nil {
		t.Fatal(err)
	}
	early := chat.Position{Epoch: p.position.Epoch, Rev: 5}
	restore := func(path string, force bool) (Contents, error) {
		return Restore(t.Context(), Config{Path: path, PasswordMemory: 64}, backup, force)
	}
	if _, err := restore(p.path, false); !errors.Is(err, ErrExists) {
		t.Errorf("without force: %v", err)
	}
	openClosed(t, p.path, func(db *DB) {
		if _, err := restore(p.path, true); err == nil || !strings.Contains(err.Error(), "stop it first") {
			t.Errorf("under a server: %v", err)
		}
		grow(t, db, 1)
	})
	for name, path := range map[string]string{"over the state": p.path, "elsewhere": filepath.Join(t.TempDir(), "new.db")} {
		t.Run(name, func(t *testing.T) {
			if path == p.path {
				thaw(t, path, p.lateRunning)
			}
			c, err := restore(path, path == p.path)
			if err != nil || c.Messages != 10 {
				t.Fatalf("restored %+v, %v", c, err)
			}
			wantPrivate(t, path)
			openClosed(t, path, func(db *DB) {
				wantReset(t, db, early, "epoch")
				grow(t, db, 15)
				wantReset(t, db, p.position, "epoch")
			})
		})
	}
}

func TestARestoreOfSomethingElseChangesNothing(t *testing.T) {
	p := livePast(t)
	folder := t.TempDir()
	text, short, other := filepath.Join(folder, "text"), filepath.Join(folder, "short.db"), filepath.Join(folder, "other.db")
	c, err := openConn(dsn(other, ""))
	if err == nil {
		err = errors.Join(c.exec("make a table", "CREATE TABLE t (c)"), c.close())
	}
	err = errors.Join(err, os.WriteFile(text, []byte(strings.Repeat("no database ", 900)), 0o600), os.WriteFile(short, p.lateStop[""][:5*4096], 0o600))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{text, short, other, filepath.Join(folder, "absent"), p.path} {
		if _, err := Restore(t.Context(), Config{Path: p.path}, file, true); err == nil {
			t.Errorf("%s was restored", filepath.Base(file))
		}
		if _, err := Restore(t.Context(), Config{Path: filepath.Join(folder, "new.db")}, file, false); file != p.path && err == nil {
			t.Errorf("%s was restored elsewhere", filepath.Base(file))
		}
	}
	openClosed(t, p.path, func(db *DB) { wantReset(t, db, p.position, "") })
}

func TestARestoreOfABackupWithoutATokenResetsFollowers(t *testing.T) {
	p := livePast(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := os.WriteFile(backup, p.early[""], 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := openConn(dsn(backup, ""))
	if err == nil {
		err = errors.Join(c.exec("forget the token", "UPDATE chat_identity SET token = ''"), c.close())
	}
	if err == nil {
		_, err = Restore(t.Context(), Config{Path: p.path, PasswordMemory: 64}, backup, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	openClosed(t, p.path, func(db *DB) {
		grow(t, db, 15)
		wantReset(t, db, p.position, "epoch")
	})
}
