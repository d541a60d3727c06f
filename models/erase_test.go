package models

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roomline/realtime/chat"
)

// marker stands in all that ada writes, and nowhere else.
const marker = "qqmarkerqq"

func TestTheTextOfAnErasedUserIsInNoTableAndAfterVacuumInNoByteOfTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roomline.db")
	db, err := Open(t.Context(), Config{Path: path, Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	ada, ben := addUser(t, db, "ada", chat.RoleMember).Chat(), addUser(t, db, "ben", chat.RoleOwner).Chat()
	service := chat.New(chat.Config{Store: db.Store(), Limits: chat.Limits{SendRate: -1, SearchRate: -1, ReportRate: -1, PageSize: -1, MaxPageSize: -1, ReplayCap: -1, TextLength: -1}})
	in := func(u chat.User) chat.Actor { return chat.Actor{ID: u.ID, Space: chat.SpaceGeneral} }
	say := func(u chat.User, i int, text string) chat.Message {
		t.Helper()
		m, err := service.Send(t.Context(), in(u), chat.Draft{Room: "lobby", ID: fmt.Sprintf("message-%d", i), Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for i := range 300 {
		say(ben, i, fmt.Sprintf("what ben wrote, number %d", i))
		m := say(ada, i, fmt.Sprintf("%s number %d %s", marker, i, strings.Repeat("and more ", i)))
		switch i % 5 {
		case 0:
			_, err = service.Edit(t.Context(), in(ada), "lobby", m.Seq, fmt.Sprintf("%s edited %d", marker, i))
		case 1:
			_, err = service.Delete(t.Context(), in(ada), "lobby", m.Seq)
		case 2:
			err = service.Report(t.Context(), in(ben), "lobby", m.Seq, "for a reason")
		case 3:
			err = service.Report(t.Context(), in(ada), "lobby", m.Seq-1, "because of "+marker)
		}
		if err != nil {
			t.Fatal(err)
		}
		if i%50 == 0 {
			if _, err := db.Store().CatchUp(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := service.Erase(t.Context(), ada.ID); err != nil {
		t.Fatal(err)
	}
	page, err := service.Search(t.Context(), in(ben), chat.SearchQuery{Query: "ben wrote", Limit: 50})
	if err != nil || len(page.Messages) != 50 {
		t.Errorf("of ben's are found %d: %v", len(page.Messages), err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	if n := found(t, pool, "what ben wrote, number 7"); n == 0 {
		t.Error("what others wrote is gone")
	}
	if n := found(t, pool, marker); n > 0 {
		t.Errorf("the marker is in %d rows", n)
	}
	for _, statement := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(data, []byte(marker)); n > 0 {
		t.Errorf("the marker is in the file %d times", n)
	}
	if !bytes.Contains(data, []byte("what ben wrote, number 7")) {
		t.Error("what others wrote is gone")
	}
}

// found counts the rows of all tables that have a text, the words of the index among them.
func found(t *testing.T, pool *sql.DB, text string) (n int) {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), `SELECT s.name, c.name FROM sqlite_schema s, pragma_table_info(s.name) c
WHERE s.type = 'table' AND s.sql NOT LIKE 'CREATE VIRTUAL%'`)
	if err != nil {
		t.Fatal(err)
	}
	var columns [][2]string
	for rows.Next() {
		var c [2]string
		if err := rows.Scan(&c[0], &c[1]); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, c)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	for _, c := range columns {
		some := 0
		query := fmt.Sprintf("SELECT count(*) FROM %q WHERE instr(CAST(%q AS BLOB), CAST(? AS BLOB)) > 0", c[0], c[1])
		if err := pool.QueryRowContext(t.Context(), query, text).Scan(&some); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		n += some
	}
	return n
}
