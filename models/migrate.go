package models

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// sets returns the sets of migrations. Each has its own version table: a host that keeps its users itself takes the
// chat's set alone.
func (c Config) sets() []migrationSet {
	sets := []migrationSet{{dir: "migrations/chat", table: "chat_migrations"}}
	if !c.NoAccounts {
		sets = append(sets, migrationSet{dir: "migrations/site", table: "site_migrations", code: []*goose.Migration{foldNames(5)}})
	}
	return sets
}

type migrationSet struct {
	dir, table string
	code       []*goose.Migration // those that are not SQL
}

func (s migrationSet) provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, s.dir)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithTableName(s.table), goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(s.code...))
}

// schemaState tells how a database's schema relates to this program.
type schemaState int

const (
	schemaCurrent schemaState = iota
	schemaBehind              // migrations are pending
)

// inspect reports the state of the schema; one newer than this program is an error.
func inspect(ctx context.Context, db *sql.DB, sets []migrationSet) (schemaState, error) {
	state := schemaCurrent
	for _, set := range sets {
		provider, err := set.provider(db)
		if err != nil {
			return state, fmt.Errorf("read %s: %w", set.dir, err)
		}
		have, want, err := provider.GetVersions(ctx)
		if err != nil {
			return state, fmt.Errorf("read %s: %w", set.table, err)
		}
		if have > want {
			return state, errors.New("the database was made by a newer Roomline")
		}
		if have < want {
			state = schemaBehind
		}
	}
	return state, nil
}

// migrate brings the schema up to date. Nobody else may be writing the database.
func migrate(ctx context.Context, db *sql.DB, sets []migrationSet) error {
	for _, set := range sets {
		provider, err := set.provider(db)
		if err != nil {
			return fmt.Errorf("read %s: %w", set.dir, err)
		}
		if _, err := provider.Up(ctx); err != nil {
			return fmt.Errorf("apply %s: %w", set.dir, err)
		}
	}
	return nil
}
