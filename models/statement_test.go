package models

import (
	"errors"
	"reflect"
	"testing"

	"roomline/realtime/chat"
)

// onWriter runs fn in a transaction of the writer.
func onWriter(t *testing.T, db *DB, fn func(*conn) error) error {
	t.Helper()
	return db.writer.do(t.Context(), fn, nil)
}

func TestHotStatementsAreParsedOnce(t *testing.T) {
	db := openTest(t)
	ada := addUser(t, db, "ada", chat.RoleOwner)
	token, session, err := db.StartSession(t.Context(), ada.ID, Meta{UserAgent: "a", Address: "b"})
	if err != nil {
		t.Fatal(err)
	}
	service := chat.New(chat.Config{Store: db.Store(), Limits: chat.Limits{SendRate: -1, SearchRate: -1, PageSize: -1, MaxPageSize: -1, ReplayCap: -1, TextLength: -1}})
	actor := chat.Actor{ID: ada.Chat().ID, Space: chat.SpaceGeneral}
	epoch := lobby(t, db).Epoch
	for i := range int64(4 * readConns) {
		id := newEpoch()
		m, err := service.Send(t.Context(), actor, chat.Draft{Room: "lobby", ID: id, Text: id, ReplyTo: min(i, 1)})
		_, _, found := db.FindSession(t.Context(), token)
		_, entered := service.Rooms(t.Context(), actor)
		_, joined := service.Join(t.Context(), actor, "lobby", nil)
		_, rejoined := service.Join(t.Context(), actor, "lobby", &chat.Position{Epoch: epoch, Rev: i})
		_, history := service.History(t.Context(), actor, "lobby", chat.HistoryQuery{Around: max(1, i-2), Limit: 1 + int(i)})
		_, edited := service.Edit(t.Context(), actor, "lobby", m.Seq, "edited")
		_, read := service.MarkRead(t.Context(), actor, "lobby", m.Seq)
		slow := db.Store().Write(t.Context(), func(w chat.Writer) error {
			_, err := w.LastPost(m.RoomID, actor.ID)
			return errors.Join(err, w.SetLastPost(m.RoomID, actor.ID, m.SentAt))
		}, nil)
		err = errors.Join(err, found, db.UseSession(t.Context(), actor.ID, session.ID), entered, joined, rejoined, history, edited, read, slow,
			moderate(t, db, ada.Chat(), m, i))
		if err != nil {
			t.Fatal(err)
		}
	}
	again := func(c *conn) {
		for text, s := range c.statements {
			// The driver counts how often SQLite parsed a statement anew, and keeps it to itself.
			if n := reflect.ValueOf(s.stmt).Elem().FieldByName("repreps").Int(); n > 0 {
				t.Errorf("parsed anew %d times: %s", n, text)
			}
		}
	}
	for range readConns {
		c := <-db.readers
		again(c)
		db.readers <- c
	}
	if err := onWriter(t, db, func(c *conn) error { again(c); return nil }); err != nil {
		t.Error(err)
	}
}

func TestHotStatementsAndGORMShareATransaction(t *testing.T) {
	db := openTest(t)
	refused := errors.New("refused by the test")
	err := onWriter(t, db, func(c *conn) error {
		if err := rename("by GORM")(c.gorm); err != nil {
			return err
		}
		room, err := reader{conn: c, messageReads: &db.messageReads}.Room("lobby")
		if err != nil || room.Topic != "by GORM" {
			t.Errorf("beside GORM the topic is %q, %v", room.Topic, err)
		}
		if _, _, err := (chatWriter{reader{conn: c, messageReads: &db.messageReads}, new(bool)}).Advance(room.ID, true); err != nil {
			return err
		}
		var head int64
		if err := c.gorm.Raw("SELECT head FROM chat_rooms WHERE slug = 'lobby'").Scan(&head).Error; err != nil || head != 1 {
			t.Errorf("GORM sees head %d, %v", head, err)
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Error(err)
	}
	if room := lobby(t, db); room.Topic != "" || room.Head != 0 {
		t.Errorf("what failed left a trace: %+v", room)
	}
}

func TestAStatementThatGoesWrongLeavesTheConnectionUsable(t *testing.T) {
	db := openTest(t)
	const text = "SELECT id, slug FROM chat_rooms WHERE id >= ? ORDER BY id"
	ids := func(c *conn) (ids []int64, err error) {
		err = c.each("list", text, func(r *row) { ids = append(ids, r.int()) }, int64(1))
		return ids, err
	}
	for name, wrong := range map[string]func(c *conn) error{
		"a column of another type": func(c *conn) error {
			return c.each("list", text, func(r *row) { _, _ = r.text(), r.int() }, int64(1))
		},
		"bytes of another length": func(c *conn) error {
			return c.first("read", "SELECT x'0102'", func(r *row) { r.fill(make([]byte, 3)) })
		},
		"an argument of another type": func(c *conn) error { return c.each("list", text, func(*row) {}, 1) },
		"an argument too few":         func(c *conn) error { return c.each("list", text, func(*row) {}) },
		"an argument too many":        func(c *conn) error { return c.each("list", text, func(*row) {}, int64(1), int64(2)) },
		"no such table":               func(c *conn) error { return c.each("list", "SELECT 1 FROM nothing", func(*row) {}) },
		"a column too many": func(c *conn) error {
			return c.first("list", text, func(r *row) { _, _, _ = r.int(), r.text(), r.text() }, int64(1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := onWriter(t, db, wrong); err == nil { // its panic is an error too
				t.Error("it went well")
			}
			err := onWriter(t, db, func(c *conn) error {
				if list, err := ids(c); err != nil || len(list) != 2 {
					t.Errorf("after it the rooms are %v, %v", list, err)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAConnectionIsLentOnce(t *testing.T) {
	c, err := openConn(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.serveGORM(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	l := &lender{conn: c.sqlite}
	if _, err := l.Connect(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := l.Connect(t.Context()); err == nil {
		t.Error("it was lent twice")
	}
}
