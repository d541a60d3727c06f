package models

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-sqlite3"

	"roomline/realtime/chat"
)

// statement is a prepared statement of a conn, run by the driver itself. GORM and
// database/sql cost several times what SQLite needs for a row (docs/adr/0010): what every
// connect and every message asks goes this way, everything else through GORM.
//
// It always runs as a query, also when it has no rows: the driver then binds, steps and
// reads in one call to C, where Exec makes one for each parameter.
type statement struct {
	stmt    *sqlite3.SQLiteStmt
	changes bool                // it may change something
	args    []driver.NamedValue // kept for the next run
	row     row
}

// row is a row of a result. Its methods return its columns from left to right; one that
// is of another type is an error of the query.
type row struct {
	values []driver.Value
	at     int
	err    error
}

func (r *row) next() driver.Value {
	v := r.values[r.at]
	r.at++
	return v
}

func (r *row) int() int64 {
	v := r.next()
	n, ok := v.(int64)
	if !ok {
		r.wrong("a number", v)
	}
	return n
}

func (r *row) text() string {
	v := r.next()
	s, ok := v.(string)
	if !ok {
		r.wrong("a text", v)
	}
	return s
}

// fill copies a column of exactly that many bytes into b.
func (r *row) fill(b []byte) {
	v := r.next()
	if bytes, ok := v.([]byte); !ok || copy(b, bytes) != len(bytes) || len(bytes) != len(b) {
		r.wrong(fmt.Sprintf("%d bytes", len(b)), v)
	}
}

func (r *row) wrong(want string, got driver.Value) {
	r.err = errors.Join(r.err, fmt.Errorf("column %d is a %T and not %s", r.at, got, want))
}

// exec runs a statement without parameters and results. Its errors are faults of what was
// being done.
func (c *conn) exec(doing, text string) error { return fault(doing, c.run(text, nil, nil)) }

// first runs a statement and calls scan with the first row of its result, or returns
// chat.ErrMissing if there is none. Other errors are faults of what was being done.
func (c *conn) first(doing, text string, scan func(*row), args ...any) error {
	found := false
	err := c.run(text, args, func(r *row) bool {
		found = true
		scan(r)
		return false
	})
	if err == nil && !found {
		return chat.ErrMissing
	}
	return fault(doing, err)
}

// each runs a statement and calls scan with every row of its result. Its errors are faults
// of what was being done.
func (c *conn) each(doing, text string, scan func(*row), args ...any) error {
	return fault(doing, c.run(text, args, func(r *row) bool {
		scan(r)
		return true
	}))
}

// run runs a statement and calls scan with its rows until scan has seen enough. Arguments
// are int64, string, []byte or bool. scan must not use the connection.
func (c *conn) run(text string, args []any, scan func(*row) (more bool)) (err error) {
	s, err := c.statement(text)
	if err != nil {
		return err
	}
	if want := s.stmt.NumInput(); len(args) != want {
		return fmt.Errorf("%d arguments for %d parameters", len(args), want)
	}
	c.changed = c.changed || s.changes
	s.args = s.args[:0]
	for i, arg := range args {
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: arg})
	}
	rows, err := s.stmt.QueryContext(context.Background(), s.args)
	clear(s.args) // or an idle connection would keep what the last query was about
	if err != nil {
		return err
	}
	defer func() {
		clear(s.row.values)
		if end := rows.Close(); err == nil {
			err = end
		}
	}()
	return s.scan(rows, scan)
}

func (s *statement) scan(rows driver.Rows, scan func(*row) bool) error {
	if s.row.values == nil {
		s.row.values = make([]driver.Value, len(rows.Columns()))
	}
	for {
		if err := rows.Next(s.row.values); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		s.row.at, s.row.err = 0, nil
		if more := scan(&s.row); s.row.err != nil || !more {
			return s.row.err
		}
	}
}

// statement returns the prepared statement of a text.
func (c *conn) statement(text string) (*statement, error) {
	if s, ok := c.statements[text]; ok {
		return s, nil
	}
	stmt, err := c.sqlite.Prepare(text)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	s := &statement{stmt: stmt.(*sqlite3.SQLiteStmt), changes: changes(text)}
	if n := s.stmt.NumInput(); n > 0 {
		s.args = make([]driver.NamedValue, 0, n)
	}
	c.statements[text] = s
	return s, nil
}

// changes reports whether a statement may change something: every one but a plain SELECT, and what is asked of SQLite itself.
func changes(text string) bool {
	return !strings.HasPrefix(text, "SELECT ") && !strings.HasPrefix(text, "PRAGMA ")
}
