package models

import (
	"database/sql"
	"errors"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"roomline/realtime/chat"
)

func TestMessagesSurviveNewIndexesAndTheirEnd(t *testing.T) {
	path := t.TempDir() + "/roomline.db"
	db := openAt(t, Config{Path: path})
	room := lobby(t, db)
	var admin chat.Room
	var want []chat.Message
	err := db.Store().Write(t.Context(), func(w chat.Writer) error {
		for _, id := range []string{"message-1", "message-2", "message-3"} {
			if _, err := post(w, room, "1", id); err != nil {
				return err
			}
		}
		var err error
		if admin, err = w.Room("admin"); err != nil {
			return err
		}
		if _, err := post(w, admin, "1", "message-4"); err != nil {
			return err
		}
		rev, _, err := w.Advance(room.ID, false)
		if err != nil {
			return err
		}
		if err := w.UpdateMessage(chat.Message{RoomID: room.ID, Seq: 1, Rev: rev, Text: "edited"}); err != nil {
			return err
		}
		want, err = w.Changes(room.ID, 0, 10)
		return err
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	pool, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := Config{}.sets()[0].provider(pool)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	var old int
	err = pool.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE name = 'chat_messages_rev'").Scan(&old)
	if err != nil || old != 1 {
		t.Errorf("there are %d of the old index, %v", old, err)
	}
	if _, err := pool.ExecContext(t.Context(), "UPDATE chat_rooms SET slow_mode = 30 WHERE slug = 'lobby'"); err != nil {
		t.Fatal(err)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}

	err = openAt(t, Config{Path: path}).Store().Write(t.Context(), func(w chat.Writer) error {
		got, err := w.Changes(room.ID, 0, 10)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("changes are %+v, want %+v", got, want)
		}
		lobby, err1 := w.LastPost(room.ID, "1")
		admin, err2 := w.LastPost(admin.ID, "1")
		if latest := want[1].SentAt; lobby != latest || !admin.IsZero() {
			t.Errorf("last posts are at %v and %v, want %v where slow mode is on, and never", lobby, admin, latest)
		}
		return errors.Join(err, err1, err2)
	}, nil)
	if err != nil {
		t.Error(err)
	}
}

// migrated takes a set of migrations of a closed database down to a version, and does something there.
func migrated(t *testing.T, path string, set int, version int64, there func(*sql.DB) error) {
	t.Helper()
	pool, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := Config{}.sets()[set].provider(pool)
	if err == nil {
		_, err = provider.DownTo(t.Context(), version)
	}
	if err == nil {
		err = there(pool)
	}
	if err := errors.Join(err, pool.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestModerationComesToADatabaseThatHasMessages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roomline.db")
	db := openAt(t, Config{Path: path})
	room := lobby(t, db)
	store(t, db.Store(), func(w chat.Writer) error {
		_, err := post(w, room, "7", "message-1")
		_, err2 := post(w, room, "8", "message-2")
		return errors.Join(err, err2, w.InsertEntry(chat.Entry{ID: 1, Act: "lost"}))
	})
	if complete, err := db.Store().CatchUp(t.Context(), ""); err != nil || !complete {
		t.Fatalf("complete: %t, %v", complete, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	migrated(t, path, 0, 6, func(pool *sql.DB) error {
		var authors, documents int
		err := pool.QueryRow("SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%author_id%' AND name <> 'chat_messages'").Scan(&authors)
		err2 := pool.QueryRow("SELECT count(*) FROM chat_documents").Scan(&documents)
		if authors != 0 || documents != 2 {
			t.Errorf("%d tables and indexes still know authors, %d documents are left", authors, documents)
		}
		return errors.Join(err, err2)
	})
	err := openAt(t, Config{Path: path}).Store().Read(t.Context(), func(r chat.Reader) error {
		latest, err := r.LatestOf("8", []int64{room.ID}, 9)
		if len(latest) != 1 || latest[0].ID != "message-2" {
			t.Errorf("the latest of an author are %+v", latest)
		}
		_, none := r.LastEntry()
		if !errors.Is(none, chat.ErrMissing) {
			t.Errorf("the new audit log has an entry, %v", none)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWhoWasSeenIsTakenFromTheSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roomline.db")
	c := &clock{}
	c.now.Store(1_700_000_000)
	db := openAt(t, Config{Path: path, Now: c.Now})
	ada, bob := addUser(t, db, "ada", chat.RoleOwner), addUser(t, db, "bob", chat.RoleMember)
	start(t, db, ada)
	c.advance(time.Hour)
	start(t, db, ada)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	migrated(t, path, 1, 1, func(pool *sql.DB) error {
		if _, err := pool.Exec("SELECT seen_at FROM users"); err == nil {
			return errors.New("the column is still there")
		}
		return nil
	})
	db = openAt(t, Config{Path: path})
	if got := seen(t, db, ada).SeenAt; !got.Equal(c.Now()) {
		t.Errorf("seen at %v, want %v", got, c.Now())
	}
	if got := seen(t, db, bob).SeenAt; !got.IsZero() {
		t.Errorf("who never came was seen at %v", got)
	}
}

func TestWhatAHostNeedsComesToADatabaseThatHasRooms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roomline.db")
	db := openAt(t, Config{Path: path})
	room := lobby(t, db)
	store(t, db.Store(), func(w chat.Writer) error {
		_, err := post(w, room, "7", "message-1")
		return errors.Join(err, w.Delivered(room.ID, 1), w.CreateRoom(&chat.Room{Slug: "topic", Space: chat.SpaceGeneral, Unlisted: true}))
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	migrated(t, path, 0, 7, func(pool *sql.DB) error {
		var tables int
		err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE name = 'chat_delivered'").Scan(&tables)
		if tables != 0 {
			t.Error("what was delivered is still there")
		}
		return err
	})
	err := openAt(t, Config{Path: path}).Store().Read(t.Context(), func(r chat.Reader) error {
		topic, err := r.Room("topic")
		if topic.Unlisted {
			t.Errorf("the room is %+v", topic)
		}
		behind, err2 := r.Undelivered(9)
		if len(behind) != 1 || behind[0].Room.ID != room.ID || behind[0].Delivered != 0 {
			t.Errorf("a host that hears of nothing yet has before it %+v", behind)
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Error(err)
	}
}
