package models

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"roomline/internal/dbfile"
)

// prepareFiles makes the file, and lets nobody but its owner read or write it or what
// SQLite may find beside it, whatever the umask or their modes before. SQLite gives the
// files it makes itself the mode of the database.
func (db *DB) prepareFiles() error {
	if db.cfg.Path == "" {
		return errors.New("the path is empty")
	}
	// Only a file that is new may be opened here: closing one that SQLite has open in
	// this process would give up SQLite's locks on it.
	file, err := os.OpenFile(db.cfg.Path, os.O_RDWR|os.O_CREATE|os.O_EXCL, dbfile.PrivateMode)
	if err == nil {
		db.fresh = true
		err = file.Close()
	}
	if err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	// Two names of one file must meet at one lock.
	resolved, err := filepath.EvalSymlinks(db.cfg.Path)
	if err != nil {
		return err
	}
	if db.path, err = filepath.Abs(resolved); err != nil {
		return err
	}
	if db.hosts {
		return nil // whose file it is says who may read it
	}
	if err := dbfile.MakePrivate(db.path); err != nil {
		return err
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := dbfile.MakePrivate(db.path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// takeLock makes this the only opener of the file: for good if it is exclusive, or else while it opens. nil: a server has it,
// beside which a command may work.
func (db *DB) takeLock() (*dbfile.Lock, error) {
	lock, err := dbfile.Take(db.path)
	switch {
	case errors.Is(err, dbfile.ErrOtherName):
		return nil, fmt.Errorf("another Roomline server is using this database under another name of its file, a hard link or a mount: open it by the server's")
	case errors.Is(err, dbfile.ErrLocked) && db.cfg.Exclusive:
		return nil, fmt.Errorf("another Roomline server is using this database (it holds %s.lock)", db.path)
	case errors.Is(err, dbfile.ErrLocked):
		db.beside = true
		return nil, nil
	case err != nil:
		return nil, err
	}
	if db.cfg.Exclusive {
		db.lock = lock
	}
	return lock, nil
}

// refuseLostFile refuses a log without its file: SQLite would delete it.
func (db *DB) refuseLostFile() error {
	db.hadLog = notEmpty(db.path + "-wal")
	if db.hosts || !db.hadLog || notEmpty(db.path) && !db.fresh {
		return nil
	}
	err := fmt.Errorf("the file is missing or empty, but its log %s-wal is there: put the file back beside it, or remove the log to begin anew", db.path)
	if db.fresh {
		err = errors.Join(err, os.Remove(db.path))
	}
	return err
}
