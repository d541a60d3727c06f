package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
)

// foldNames is the migration of the site that computes the keys of names anew, which SQL cannot. Of several accounts
// whose names look alike by now the oldest keeps the look; the others have one that nobody else can have.
func foldNames(version int64) *goose.Migration {
	return goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `ALTER TABLE users ADD COLUMN find_key TEXT NOT NULL DEFAULT '';
CREATE INDEX users_find ON users (find_key);
UPDATE users SET look_key = char(10) || id;`)
		if err != nil {
			return fmt.Errorf("make room for the keys of names: %w", err)
		}
		names, err := allNames(ctx, tx)
		if err != nil {
			return fmt.Errorf("read names: %w", err)
		}
		taken := make(map[string]bool)
		for _, user := range names {
			look := lookOf(user.name)
			if taken[look] {
				look = fmt.Sprintf("%s\n%d", look, user.id)
			}
			taken[look] = true
			_, err := tx.ExecContext(ctx, "UPDATE users SET find_key = ?, look_key = ? WHERE id = ?", findOf(user.name), look, user.id)
			if err != nil {
				return fmt.Errorf("store the keys of a name: %w", err)
			}
		}
		return nil
	}}, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DROP INDEX users_find; ALTER TABLE users DROP COLUMN find_key")
		return err
	}})
}

type idAndName struct {
	id   int64
	name string
}

func allNames(ctx context.Context, tx *sql.Tx) (names []idAndName, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, name FROM users ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var user idAndName
		if err := rows.Scan(&user.id, &user.name); err != nil {
			return nil, err
		}
		names = append(names, user)
	}
	return names, rows.Err()
}
