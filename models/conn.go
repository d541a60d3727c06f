package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// conn is one SQLite connection and the statements prepared on it, for one goroutine at a
// time. It has two entrances: GORM, for which it is a gorm.ConnPool of one, and first,
// each and exec (statement.go) for what is asked all the time. Both work on the one
// connection, and so in the same transaction.
//
// GORM's own statement cache is not used: it keeps nothing of what is prepared inside a
// transaction, and leaves a goroutine behind. Statements are kept until close, so every
// SQL text of this package has a fixed form: bounds such as LIMIT are parameters.
type conn struct {
	sqlite     *sqlite3.SQLiteConn
	pool       *sql.DB // of this connection alone; closing it closes the connection
	statements map[string]*statement
	known      known   // of the writer's connection
	changed    bool    // a statement that may change something was asked for since this was cleared
	audited    bool    // the audit log may have a new entry since the last commit; of the writer's connection
	advanced   roomRev // the last rev that was taken in this transaction

	// of GORM; set by serveGORM
	raw   *sql.Conn
	stmts map[string]*sql.Stmt
	gorm  *gorm.DB // runs its queries on this connection
}

// roomRev is a rev of a room.
type roomRev struct{ room, rev int64 }

// openConn opens a connection. The caller closes it.
func openConn(dsn string) (*conn, error) {
	opened, err := new(sqlite3.SQLiteDriver).Open(dsn)
	if err != nil {
		return nil, err
	}
	c := &conn{
		sqlite:     opened.(*sqlite3.SQLiteConn),
		statements: make(map[string]*statement),
		stmts:      make(map[string]*sql.Stmt),
	}
	c.pool = sql.OpenDB(&lender{conn: c.sqlite})
	c.pool.SetMaxOpenConns(1)
	c.pool.SetMaxIdleConns(1)
	return c, nil
}

// lender is a driver.Connector that lends database/sql the one connection it has.
type lender struct {
	conn *sqlite3.SQLiteConn
	lent atomic.Bool
}

// Connect implements driver.Connector.
func (l *lender) Connect(context.Context) (driver.Conn, error) {
	if l.lent.Swap(true) {
		return nil, errors.New("the connection was lent before, and has been closed")
	}
	return l.conn, nil
}

// Driver implements driver.Connector.
func (l *lender) Driver() driver.Driver { return new(sqlite3.SQLiteDriver) }

// serveGORM makes the connection GORM's too, and nobody else's: pool is spent by it.
func (c *conn) serveGORM(ctx context.Context) (err error) {
	if c.raw, err = c.pool.Conn(ctx); err != nil {
		return err
	}
	c.gorm, err = gorm.Open(sqlite.New(sqlite.Config{Conn: c}), &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard,
	})
	return err
}

// close frees the statements first: a connection that still has some would keep its
// files open.
func (c *conn) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.stmt.Close())
	}
	for _, stmt := range c.stmts {
		errs = append(errs, stmt.Close())
	}
	if c.raw != nil {
		errs = append(errs, c.raw.Close())
	}
	// The pool closes the connection if it was ever lent; closing it again is nothing.
	return errors.Join(append(errs, c.pool.Close(), c.sqlite.Close())...)
}

// inSnapshot runs fn in a read transaction.
func (c *conn) inSnapshot(fn func(*conn) error) (err error) {
	if err := c.exec("begin a read", "BEGIN"); err != nil {
		return err
	}
	defer func() {
		// Nothing was written: this only lets the snapshot go, also when fn panics.
		if end := c.exec("end a read", "ROLLBACK"); err == nil {
			err = end
		}
	}()
	return fn(c)
}

// PrepareContext implements gorm.ConnPool. Everything that GORM runs is prepared first,
// each time: what it changes may be a user or a room.
func (c *conn) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if changes(query) {
		c.changed = true
		c.known.forget()
	}
	if stmt, ok := c.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := c.raw.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	c.stmts[query] = stmt
	return stmt, nil
}

// ExecContext implements gorm.ConnPool.
func (c *conn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

// QueryContext implements gorm.ConnPool.
func (c *conn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// QueryRowContext implements gorm.ConnPool.
func (c *conn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		// A Row cannot be made with an error of ours; asking again unprepared gives one.
		return c.raw.QueryRowContext(ctx, query, args...)
	}
	return stmt.QueryRowContext(ctx, args...)
}
