package models

import (
	"database/sql"
	"errors"
	"reflect"
	"testing"

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
	provider, err := sets()[0].provider(pool)
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
