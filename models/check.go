package models

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"
)

const (
	checkWithin = 5 * time.Second // at start

	quickCheck = "PRAGMA quick_check(5)"
)

// damagedError says that a database file is damaged, and what to do.
type damagedError struct {
	path, problem string
}

// Error implements error.
func (e damagedError) Error() string {
	return fmt.Sprintf("the file is damaged (%s): keep it and its -wal for later, and put a backup in place with 'roomline restore --force FILE'. "+
		"Without a backup, \"sqlite3 %s .recover\" saves what can be read", e.problem, e.path)
}

// damaged makes an error of SQLite about a damaged file a damagedError; others stay.
func damaged(path string, err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB) {
		return damagedError{path, e.Error()}
	}
	return err
}

// findDamage runs quick_check, and returns what it finds first, "" for nothing. It ends with ctx.
func findDamage(ctx context.Context, dsn string) (problem string, err error) {
	c, err := openConn(dsn)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	rows, err := c.pool.QueryContext(ctx, quickCheck)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return "", err
		}
		if line != "ok" && problem == "" {
			problem = line
		}
	}
	return problem, rows.Err()
}

// checkAfterCrash refuses a damaged file if the last stop was not clean.
func (db *DB) checkAfterCrash(ctx context.Context, found bool) error {
	if db.beside || db.fresh || found && db.history.state.Clean {
		return nil
	}
	within, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	begin := time.Now()
	problem, err := findDamage(within, db.dsn(readParams))
	switch {
	case problem != "":
		return damagedError{db.path, problem}
	case err == nil:
		db.cfg.Logger.Info("checked the database, as its last stop was not clean or is unknown", "path", db.path, "took", time.Since(begin).Round(time.Millisecond))
		return nil
	case within.Err() != nil && ctx.Err() == nil:
		db.cfg.Logger.Warn("the last stop was not clean or is unknown, and the database is too large to check it now: run 'roomline doctor'", "path", db.path, "within", checkWithin)
		return nil
	}
	return err
}
