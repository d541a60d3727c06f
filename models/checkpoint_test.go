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

// logOf returns how many pages are in the log, and how many of them have been copied.
func logOf(t *testing.T, db *DB) (length, copied int64) {
	t.Helper()
	c, err := openConn(db.dsn(writeParams))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.close() }()
	err = c.first("look", lookAtLog, func(row *row) { _, length, copied = row.int(), row.int(), row.int() })
	if err != nil {
		t.Fatal(err)
	}
	return length, copied
}

// write200KB commits about 50 pages.
func write200KB(t *testing.T, db *DB, room chat.Room, id string) {
	t.Helper()
	err := db.Store().Write(t.Context(), func(w chat.Writer) error {
		m := chat.Message{RoomID: room.ID, ID: id, Kind: chat.KindText, Text: strings.Repeat("x", 200_000)}
		var err error
		if m.Seq, m.Post, err = w.Advance(room.ID, true); err != nil {
			return err
		}
		m.Rev = m.Seq
		return w.InsertMessage(m)
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheLogIsCopiedBesideTheWrites(t *testing.T) {
	db := openTest(t)
	room := lobby(t, db)
	for i := 0; ; i++ {
		write200KB(t, db, room, fmt.Sprintf("message-%d", i))
		length, copied := logOf(t, db)
		if copied >= checkpointAfter/2 {
			t.Logf("%d of %d pages were copied after %d writes", copied, length, i+1)
			return
		}
		if length > 11_500 {
			t.Fatalf("%d pages are in the log, and %d were copied", length, copied)
		}
	}
}

func TestTheLogIsBoundedIfTheCheckpointerIsBusy(t *testing.T) {
	db := openTest(t)
	room := lobby(t, db)
	if err := onWriter(t, db, func(*conn) error {
		db.writer.log = &checkpointer{due: make(chan struct{}, 1)} // it never comes to it
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	longest := int64(0)
	for i := range 300 {
		write200KB(t, db, room, fmt.Sprintf("message-%d", i))
		if i%25 == 0 {
			length, _ := logOf(t, db)
			longest = max(longest, length)
		}
	}
	if longest > 12_500 {
		t.Errorf("the log grew to %d pages", longest)
	}
	if head := lobby(t, db).Head; head != 300 {
		t.Errorf("head is %d, want 300", head)
	}
}

func TestACheckpointerThatCannotOpenTheFileSaysSo(t *testing.T) {
	var log strings.Builder
	p := newCheckpointer(func() (*conn, error) { return nil, errors.New("at the test's wish") }, textLogger(&log))
	go func() { p.done <- p.run() }()
	p.due <- struct{}{}
	p.due <- struct{}{} // the first was taken
	p.due <- struct{}{}
	if err := p.close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "at the test's wish") {
		t.Errorf("the log does not tell: %q", log.String())
	}
}

// longLog makes the log that long, while a reader needs it, and returns what ends that reader.
func longLog(t *testing.T, db *DB, room chat.Room, size int64) (release func()) {
	t.Helper()
	reader, err := openConn(db.dsn(readParams))
	if err == nil {
		err = reader.exec("begin", "BEGIN")
	}
	if err == nil {
		err = reader.first("read", "SELECT count(*) FROM chat_rooms", func(*row) {})
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; logSize(t, db) < size; i++ {
		write200KB(t, db, room, fmt.Sprintf("long-%d", i))
	}
	return func() {
		if err := reader.close(); err != nil {
			t.Error(err)
		}
	}
}

func logSize(t *testing.T, db *DB) int64 {
	t.Helper()
	info, err := os.Stat(db.Path() + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestTheLogShrinksOnceNoReaderNeedsIt(t *testing.T) {
	db := openTest(t)
	longLog(t, db, lobby(t, db), 12<<20)()
	waitFor(t, "the log is emptied without a write", func() bool { return logSize(t, db) < emptyAfter })
}

func TestTheLogShrinksWhileWritesGoOn(t *testing.T) {
	db := openTest(t)
	room := lobby(t, db)
	longLog(t, db, room, 60<<20)()
	i := 0
	waitFor(t, "the log is cut", func() bool {
		i++
		write200KB(t, db, room, fmt.Sprintf("more-%d", i))
		return logSize(t, db) <= 50<<20
	})
}

func TestTheFileAloneIsSoonCurrent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roomline.db")
	db := openAt(t, Config{Path: path, Exclusive: true, PasswordMemory: 64})
	current := func() bool {
		file, err := db.peek(fileOnly, 1)
		whole, also := db.peek(readParams, 1)
		return err == nil && also == nil && file == whole
	}
	waitFor(t, "the new file gets its tables", current)
	grow(t, db, 3)
	waitFor(t, "the messages are copied while nothing is written", current)
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if err := db.change(t.Context(), rename("")); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	whole, err := db.peek(readParams, 1)
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "commits are copied while others follow", func() bool {
		file, err := db.peek(fileOnly, 1)
		return err == nil && !file.before(whole.point)
	})
	close(stop)
	writing.Wait()
}
