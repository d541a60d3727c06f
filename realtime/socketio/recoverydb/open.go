package recoverydb

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"

	"roomline/internal/dbfile"
)

const (
	version = 1 // of the schema
	readers = 4 // reads that may run at once
)

const schema = `
BEGIN;
CREATE TABLE entries (
	namespace TEXT    NOT NULL,
	offset    INTEGER NOT NULL,
	entry     BLOB    NOT NULL,
	PRIMARY KEY (namespace, offset)
) WITHOUT ROWID;
CREATE TABLE states (
	namespace TEXT NOT NULL,
	pid       TEXT NOT NULL,
	left_at   INTEGER, -- microseconds; null: connected
	state     BLOB NOT NULL,
	PRIMARY KEY (namespace, pid)
) WITHOUT ROWID;
CREATE INDEX states_by_age ON states (left_at) WHERE left_at IS NOT NULL;
PRAGMA user_version = 1;
COMMIT;`

// Open opens the store in the file at path, which is made if it is missing and must be for
// nothing else. Only its owner may read it. It is refused while another process has it open, and
// if a later version of this package made it. The caller closes the Store.
func Open(path string) (*Store, error) {
	s := &Store{}
	if err := s.open(path); err != nil {
		return nil, fmt.Errorf("open recovery store %s: %w", path, errors.Join(err, s.Close()))
	}
	return s, nil
}

// Close closes the file. The server that uses the store is to be closed before.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.reading, s.writing} { // who writes can put the log away
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.mark != nil {
		errs = append(errs, s.mark.Sync(), s.mark.Close())
		s.mark = nil
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Release(false))
		s.lock = nil
	}
	return errors.Join(errs...)
}

func (s *Store) open(path string) (err error) {
	if path, err = s.seize(path); err != nil {
		return err
	}
	if s.writing, err = connect(path, 1, "_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=5000&_stmt_cache_size=8"); err != nil {
		return err
	}
	if err := s.migrate(); err != nil {
		return err
	}
	if err := s.settle(path); err != nil {
		return err
	}
	s.reading, err = connect(path, readers, "mode=ro&_query_only=1&_busy_timeout=5000&_stmt_cache_size=8")
	return err
}

// seize makes the file private and this process its only user. It returns its one true path.
func (s *Store) seize(path string) (string, error) {
	// Closing a file that SQLite has open in this process would give up SQLite's locks: so only
	// one that is new is opened here.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, dbfile.PrivateMode)
	if err == nil {
		err = file.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", err
	}
	if s.lock, err = dbfile.Take(path); err != nil {
		return "", err
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := dbfile.MakePrivate(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return path, nil
}

// connect opens a handle with up to conns connections, which last until it is closed.
func connect(path string, conns int, params string) (*sql.DB, error) {
	// As a URL, so that no character of the path is taken for the start of parameters.
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: params}
	db, err := sql.Open("sqlite3", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

func (s *Store) migrate() error {
	var found, tables int
	err := s.writing.QueryRow(`SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version`).Scan(&found, &tables)
	switch {
	case err != nil:
		return fmt.Errorf("read its version: %w", err)
	case found > version:
		return fmt.Errorf("it is of version %d, this program knows up to %d", found, version)
	case found == version:
		return nil
	case tables > 0:
		return errors.New("it is a database of something else")
	}
	if _, err := s.writing.Exec(schema); err != nil {
		return fmt.Errorf("create tables: %w", err)
	}
	return nil
}

// settle forgets everything if the file is a copy, or lacks what was stored last: clients must not be recovered over a gap. Such
// a file does not have the entry that the mark beside it has.
func (s *Store) settle(path string) error {
	mark, last, found, err := dbfile.OpenMark[lastEntry](path + "-id")
	if err != nil {
		return fmt.Errorf("open the mark beside it: %w", err)
	}
	s.mark = mark
	var current bool
	err = s.writing.QueryRow(`SELECT ?1 = 0 OR EXISTS (SELECT 1 FROM entries WHERE offset = ?1)`, clamp(last.Offset)).Scan(&current)
	if err != nil {
		return fmt.Errorf("look for the last entry: %w", err)
	}
	if found && current {
		return mark.Renew(path+"-id", last)
	}
	if _, err := s.writing.Exec(`DELETE FROM entries; DELETE FROM states`); err != nil {
		return fmt.Errorf("forget what was restored: %w", err)
	}
	return mark.Renew(path+"-id", lastEntry{})
}
