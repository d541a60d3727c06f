package models

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// post is what a send does to the store.
func post(w chat.Writer, room chat.Room, author, id string) (chat.Message, error) {
	rev, posts, err := w.Advance(room.ID, true)
	if err != nil {
		return chat.Message{}, err
	}
	m := chat.Message{
		RoomID: room.ID, Room: room.Slug, Seq: rev, Rev: rev, Post: posts, ID: id,
		Kind: chat.KindText, Author: chat.User{ID: author}, Text: "Good morning from " + author,
		SentAt: fromMillis(1_700_000_000_000 + rev),
	}
	if err := w.InsertMessage(m); err != nil {
		return m, err
	}
	return m, w.RecordSent(chat.Sent{UserID: author, ClientID: id, RoomID: room.ID, Seq: rev})
}

// together has the writer find all the functions waiting at once, behind one that runs
// already, and returns what became of each.
func together(t *testing.T, db *DB, fns ...func(*gorm.DB) error) []error {
	t.Helper()
	hold, held := make(chan struct{}), make(chan error, 1)
	go func() {
		held <- db.change(t.Context(), func(*gorm.DB) error { <-hold; return nil })
	}()
	synctest.Wait()
	errs := make([]error, len(fns))
	var wg sync.WaitGroup
	for i, fn := range fns {
		wg.Go(func() { errs[i] = db.change(t.Context(), fn) })
		synctest.Wait() // so that they queue in this order
	}
	close(hold)
	wg.Wait()
	if err := <-held; err != nil {
		t.Errorf("the first write: %v", err)
	}
	return errs
}

func rename(topic string) func(*gorm.DB) error {
	return func(tx *gorm.DB) error {
		return tx.Exec("UPDATE chat_rooms SET topic = topic || ? WHERE slug = 'lobby'", topic).Error
	}
}

func TestWritesThatWaitTogetherShareACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openTest(t)
		defer func() { _ = db.Close() }() // its goroutines must end within the bubble
		errs := together(t, db, rename("a"), func(tx *gorm.DB) error {
			var inside string
			if err := tx.Raw("SELECT topic FROM chat_rooms WHERE slug = 'lobby'").Scan(&inside).Error; err != nil {
				return err
			}
			if outside := lobby(t, db).Topic; inside != "a" || outside != "" {
				return fmt.Errorf("the topic is %q inside and %q outside, want only the inside changed", inside, outside)
			}
			return nil
		})
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
	})
}

func TestACommitHasABoundedNumberOfWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openTest(t)
		defer func() { _ = db.Close() }()
		var seen []string // what a reader sees when each write runs
		fns := make([]func(*gorm.DB) error, 2*batchSize)
		for i := range fns {
			fns[i] = func(tx *gorm.DB) error {
				seen = append(seen, lobby(t, db).Topic)
				return rename("x")(tx)
			}
		}
		if err := errors.Join(together(t, db, fns...)...); err != nil {
			t.Fatal(err)
		}
		var commits []int // how many had taken place when each commit's writes ran
		for _, topic := range slices.Compact(seen) {
			commits = append(commits, len(topic))
		}
		// The write that held the writer was the first of the first commit.
		want := []int{0, batchSize - 1, 2*batchSize - 1}
		if !slices.Equal(commits, want) {
			t.Errorf("commits began after %v writes, want %v", commits, want)
		}
	})
}

func TestAWriteGivenUpBeforeItBeganDoesNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openTest(t)
		defer func() { _ = db.Close() }()
		ctx, cancel := context.WithCancel(t.Context())
		hold := make(chan struct{})
		first := make(chan error, 1)
		go func() { first <- db.change(t.Context(), func(*gorm.DB) error { <-hold; return nil }) }()
		synctest.Wait()
		second := make(chan error, 1)
		go func() { second <- db.change(ctx, rename("late")) }()
		synctest.Wait()
		cancel()
		if err := <-second; !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v, want that of the context", err)
		}
		close(hold)
		if err := <-first; err != nil {
			t.Error(err)
		}
		if err := db.change(ctx, rename("dead")); !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v, want that of the context", err)
		}
		if topic := lobby(t, db).Topic; topic != "" {
			t.Errorf("it ran all the same: the topic is %q", topic)
		}
	})
}

func TestAPanicAfterTheCommitIsNotTheCallersMatter(t *testing.T) {
	db := openTest(t)
	var log strings.Builder
	db.writer.logger = textLogger(&log)
	err := db.writer.do(t.Context(), func(c *conn) error { return rename("kept")(c.gorm) }, func() { panic("in the listener") })
	if err != nil {
		t.Errorf("the write failed: %v", err)
	}
	if topic := lobby(t, db).Topic; topic != "kept" {
		t.Errorf("the topic is %q", topic)
	}
	if !strings.Contains(log.String(), "in the listener") {
		t.Errorf("the log does not tell: %q", log.String())
	}
}

func TestAFullDiskIsUnavailableAndPasses(t *testing.T) {
	db := openTest(t)
	room := lobby(t, db)
	if err := pragma(t, db, "max_page_count = 1"); err != nil { // SQLite makes it the present size
		t.Fatal(err)
	}
	large := func(w chat.Writer) error {
		_, err := post(w, room, strings.Repeat("x", 1<<20), "abcdefgh")
		return err
	}
	wantCode(t, db.Store().Write(t.Context(), large, func() { t.Error("a failed write was announced") }), chat.CodeUnavailable)
	if err := pragma(t, db, "max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	if err := db.Store().Write(t.Context(), large, nil); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if head := lobby(t, db).Head; head != 1 {
		t.Errorf("head is %d, want 1", head)
	}
}

func TestALockedFileIsUnavailableAndPasses(t *testing.T) {
	db := openTest(t)
	if err := pragma(t, db, "busy_timeout = 0"); err != nil {
		t.Fatal(err)
	}
	other := openAt(t, Config{Path: db.Path()})
	err := other.change(t.Context(), func(*gorm.DB) error {
		wantCode(t, db.change(t.Context(), rename("early")), chat.CodeUnavailable)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.change(t.Context(), rename("late")); err != nil {
		t.Errorf("unlocked: %v", err)
	}
	if topic := lobby(t, db).Topic; topic != "late" {
		t.Errorf("the topic is %q", topic)
	}
}

// pragma sets one on the writing connection.
func pragma(t *testing.T, db *DB, text string) error {
	return db.change(t.Context(), func(tx *gorm.DB) error {
		var result int64
		return tx.Raw("PRAGMA " + text).Scan(&result).Error
	})
}

func TestManyWritersLoseAndDoubleNothing(t *testing.T) {
	const writers, each = 64, 20
	db := openTest(t)
	room := lobby(t, db)
	var announced []int64 // on the writer's goroutine
	var wg sync.WaitGroup
	for n := range writers {
		wg.Go(func() {
			for i := range each {
				var m chat.Message
				err := db.Store().Write(t.Context(), func(w chat.Writer) (err error) {
					m, err = post(w, room, fmt.Sprint(n), fmt.Sprintf("id-%06d", i))
					return err
				}, func() { announced = append(announced, m.Rev) })
				if err != nil {
					t.Errorf("write: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if len(announced) != writers*each || !slices.IsSorted(announced) || announced[len(announced)-1] != writers*each {
		t.Errorf("announced %d changes, want 1 to %d in order", len(announced), writers*each)
	}
	if after := lobby(t, db); after.Head != writers*each || after.Posts != writers*each {
		t.Errorf("the room is %+v", after)
	}
}

func benchmarkPost(b *testing.B, parallelism int) {
	db := openTest(b)
	room := lobby(b, db)
	var mu sync.Mutex
	next := 0
	b.SetParallelism(parallelism)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			mu.Lock()
			next++
			id := fmt.Sprintf("id-%08d", next)
			mu.Unlock()
			err := db.Store().Write(b.Context(), func(w chat.Writer) error {
				_, err := post(w, room, "1", id)
				return err
			}, nil)
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
}

func BenchmarkLoneWrite(b *testing.B) {
	db := openTest(b)
	room := lobby(b, db)
	next := 0
	for b.Loop() {
		next++
		err := db.Store().Write(b.Context(), func(w chat.Writer) error {
			_, err := post(w, room, "1", fmt.Sprintf("id-%08d", next))
			return err
		}, nil)
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParallelWrites(b *testing.B) { benchmarkPost(b, 64) }
