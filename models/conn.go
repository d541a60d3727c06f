package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// conn is one SQLite connection and the statements prepared on it. It is a gorm.ConnPool
// of one, for one goroutine at a time. GORM's own statement cache is not used: it keeps
// nothing of what is prepared inside a transaction, and leaves a goroutine behind.
//
// Statements are kept until close, so every SQL text of this package has a fixed form:
// bounds such as LIMIT are parameters.
type conn struct {
	raw   *sql.Conn
	stmts map[string]*sql.Stmt
	gorm  *gorm.DB // runs its queries on this connection
}

func newConn(ctx context.Context, pool *sql.DB) (*conn, error) {
	raw, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &conn{raw: raw, stmts: make(map[string]*sql.Stmt)}
	c.gorm, err = gorm.Open(sqlite.New(sqlite.Config{Conn: c}), &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard,
	})
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// close frees the statements first: a connection that still has some would keep its
// files open.
func (c *conn) close() error {
	var errs []error
	for _, stmt := range c.stmts {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, c.raw.Close())...)
}

// exec runs a statement without results.
func (c *conn) exec(query string) error {
	_, err := c.ExecContext(context.Background(), query)
	return err
}

// inSnapshot runs fn in a read transaction.
func (c *conn) inSnapshot(fn func(*gorm.DB) error) (err error) {
	if err := c.exec("BEGIN"); err != nil {
		return fault("begin a read", err)
	}
	defer func() {
		// Nothing was written: this only lets the snapshot go, also when fn panics.
		if end := c.exec("ROLLBACK"); end != nil && err == nil {
			err = fault("end a read", end)
		}
	}()
	return fn(c.gorm)
}

// PrepareContext implements gorm.ConnPool.
func (c *conn) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
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
