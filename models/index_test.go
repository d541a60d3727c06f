package models

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

func TestTheIndexFollowsTheLogByItself(t *testing.T) {
	w := newSearchWorld(t)
	w.send(w.ada, "lobby", "words")
	deadline := time.Now().Add(10 * time.Second)
	for indexed := false; !indexed; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the message was not indexed in ten seconds")
		}
		w.ok(w.db.view(t.Context(), func(tx *gorm.DB) error {
			return tx.Raw("SELECT indexed = 1 FROM chat_rooms WHERE slug = 'lobby'").Scan(&indexed).Error
		}))
	}
	intact(t, w.db)
}

func TestARestartGoesOnIndexingWhereItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roomline.db")
	const messages = 3*indexChanges + 7
	db, err := Open(t.Context(), Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	fillLobby(t, db, messages)
	seen := 0
	for more := true; more; {
		if more, err = db.index.step(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if db, err = Open(t.Context(), Config{Path: path}); err != nil {
			t.Fatal(err)
		}
		var indexed int
		err := db.view(t.Context(), func(tx *gorm.DB) error {
			return tx.Raw("SELECT count(*) FROM chat_documents").Scan(&indexed).Error
		})
		if err != nil || indexed != min(seen+indexChanges, messages) {
			t.Fatalf("%d documents after %d, %v", indexed, seen, err)
		}
		seen = indexed
	}
	intact(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// fillLobby stores messages that nobody sent.
func fillLobby(tb testing.TB, db *DB, messages int) {
	tb.Helper()
	err := db.change(tb.Context(), func(tx *gorm.DB) error {
		return errors.Join(tx.Exec(`INSERT INTO chat_messages (room_id, seq, rev, post, client_id, kind, author_id, text, sent_at)
WITH RECURSIVE n (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?)
SELECT (SELECT id FROM chat_rooms WHERE slug = 'lobby'), seq, seq, seq, 'client-id-' || seq, 'text', '1', 'message number ' || seq, 1700000000000 FROM n`, messages).Error,
			tx.Exec("UPDATE chat_rooms SET head = ?1, posts = ?1 WHERE slug = 'lobby'", messages).Error)
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func TestMessagesOfOneMillisecondHaveTheirOrder(t *testing.T) {
	w := newSearchWorld(t)
	const messages = 2*documentsPerMilli + 5
	fillLobby(t, w.db, messages)
	var last int64 = messages + 1
	q := chat.SearchQuery{Query: "message", Limit: 50}
	for n := 0; n < messages; {
		page, err := w.Search(t.Context(), w.bob, q)
		w.ok(err)
		if page.Incomplete { // there is more than one search waits for
			continue
		}
		for _, m := range page.Messages {
			if m.Seq != last-1 {
				t.Fatalf("message %d follows %d", m.Seq, last)
			}
			last, n = m.Seq, n+1
		}
		q.Before = page.Before
	}
}

func TestWritersAndSearchersBesideTheIndexer(t *testing.T) {
	w := newSearchWorld(t)
	const people, rounds = 4, 15
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var others, writers sync.WaitGroup
	others.Go(func() {
		for more, err := false, error(nil); err == nil; more, err = w.db.index.step(ctx, "") {
			if !more && !rest(ctx, time.Millisecond) {
				return
			}
		}
	})
	for i := range people {
		word := fmt.Sprintf("word%c", 'a'+i)
		draft := func(n int) chat.Draft {
			return chat.Draft{Room: "lobby", ID: fmt.Sprintf("%s-%04d", word, n), Text: fmt.Sprintf("%s number %d", word, n)}
		}
		check := func(query, want string) {
			page, err := w.Search(t.Context(), w.bob, chat.SearchQuery{Query: query, Room: "lobby"})
			if err != nil || len(page.Messages) != min(len(want), 1) || len(want) > 0 && page.Messages[0].Text != want {
				t.Errorf("%s finds %d, %v", query, len(page.Messages), err)
			}
		}
		writers.Go(func() {
			for n := range rounds {
				m, err := w.Send(t.Context(), w.ada, draft(n))
				if err != nil {
					t.Error(err)
					return
				}
				query := fmt.Sprintf(`"%s number %d"`, word, n)
				check(query, m.Text)
				if _, err := w.Edit(t.Context(), w.ada, "lobby", m.Seq, query+" changed"); err != nil {
					t.Error(err)
				}
				check(query[:len(query)-1]+` changed"`, query+" changed")
				if _, err := w.Delete(t.Context(), w.ada, "lobby", m.Seq); err != nil {
					t.Error(err)
				}
				check(query, "")
			}
		})
	}
	writers.Wait()
	cancel()
	others.Wait()
	intact(t, w.db)
}
