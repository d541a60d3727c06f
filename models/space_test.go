package models

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"roomline/realtime/chat"
)

// wantReading fails the test unless history and search are served.
func wantReading(t *testing.T, db *DB) {
	t.Helper()
	service := chat.New(chat.Config{Store: db.Store(), Limits: chat.Limits{SendRate: -1, SearchRate: -1, ReportRate: -1, PageSize: -1, MaxPageSize: -1, ReplayCap: -1, TextLength: -1}})
	ada := chat.Actor{ID: "1", Space: chat.SpaceGeneral}
	if joined, err := service.Join(t.Context(), ada, "lobby", nil); err != nil || len(joined.Messages) == 0 {
		t.Errorf("a join has %d messages, %v", len(joined.Messages), err)
	}
	if _, err := service.Search(t.Context(), ada, chat.SearchQuery{Query: "morning"}); err != nil {
		t.Errorf("a search: %v", err)
	}
}

// sendOne stores a message of a few kilobytes.
func sendOne(t *testing.T, db *DB, id string) error {
	t.Helper()
	return db.Store().Write(t.Context(), func(w chat.Writer) error {
		_, err := post(w, chat.Room{ID: 1, Slug: "lobby"}, "1"+strings.Repeat(" ", 2000), id)
		return err
	}, nil)
}

func TestWritesEndBeforeTheDiskIsFull(t *testing.T) {
	var free atomic.Int64
	free.Store(1 << 30)
	var log lines
	db := openAt(t, Config{Path: fresh(t), Exclusive: true, PasswordMemory: 64, Logger: textLogger(&log),
		free: func(string) (int64, int64, error) { return free.Load(), 1 << 30, nil }})
	addUser(t, db, "ada", chat.RoleOwner)
	grow(t, db, 3)
	free.Store(minFree / 2)
	waitFor(t, "the guard notices the full disk", func() bool { return db.Ping(t.Context()) != nil })
	wantCode(t, db.Ping(t.Context()), chat.CodeUnavailable)
	for range 10 {
		wantCode(t, db.change(t.Context(), rename("lost")), chat.CodeUnavailable)
	}
	wantReading(t, db)
	free.Store(1 << 30)
	waitFor(t, "the guard notices the space", func() bool { return db.Ping(t.Context()) == nil })
	grow(t, db, 1)
	if full, again := log.count("the disk is full"), log.count("takes writes again"); full != 1 || again != 1 {
		t.Errorf("logged %d times that the disk is full, %d that writes succeed", full, again)
	}
	if log.count("level=WARN") > 0 {
		t.Error("there are other warnings")
	}
}

func TestAFullDiskRecoversWhenSpaceReturns(t *testing.T) {
	folder := t.TempDir()
	mounted := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=6m") == nil
	if !mounted {
		t.Log("cannot mount here; TestWritesEndBeforeTheDiskIsFull tests the same without a disk")
		return
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	var log lines
	db := openAt(t, Config{Path: filepath.Join(folder, "roomline.db"), Exclusive: true, PasswordMemory: 64, Logger: textLogger(&log)})
	addUser(t, db, "ada", chat.RoleOwner)
	sent := 0
	fill := func() {
		t.Helper()
		for begin := sent; ; sent++ {
			if err := sendOne(t, db, fmt.Sprintf("message-%d", sent)); err != nil {
				wantCode(t, err, chat.CodeUnavailable)
				t.Logf("refused after %d more messages", sent-begin)
				return
			}
		}
	}
	sendAll := func(n int) {
		t.Helper()
		for range n {
			if err := sendOne(t, db, fmt.Sprintf("message-%d", sent)); err != nil {
				t.Fatal(err)
			}
			sent++
		}
	}
	for name, makeSpace := range map[string]func(){
		"a file is removed": func() {
			if err := os.Remove(filepath.Join(folder, "filler")); err != nil {
				t.Error(err)
			}
		},
		"the disk grows": func() {
			if err := syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT, "size=14m"); err != nil {
				t.Error(err)
			}
		},
	} {
		before := sent
		sendAll(20)
		// Other programs take the rest, to the last byte.
		filler, err := os.OpenFile(filepath.Join(folder, "filler"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = filler.Write(make([]byte, 1<<10))
		}
		if err := filler.Close(); err != nil {
			t.Fatal(err)
		}
		fill()
		wantReading(t, db)
		if err := db.Ping(t.Context()); err == nil {
			t.Error("it is ready while the disk is full")
		}
		makeSpace()
		waitFor(t, name, func() bool { return db.Ping(t.Context()) == nil })
		sendAll(5)
		if sent < before+25 {
			t.Errorf("%s: %d messages were stored", name, sent-before)
		}
	}
	fill() // its own data fill the disk
	info, err := os.Stat(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() < 7<<20 {
		t.Errorf("the file has %d kB of a disk with 14 MB", info.Size()>>10)
	}
	if head := lobby(t, db).Head; head != int64(sent) {
		t.Errorf("head is %d after %d messages", head, sent)
	}
}
