package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"roomline/internal/dbfile"
)

// Contents is what a database holds.
type Contents struct {
	Rooms, Messages int64
	Latest          time.Time // when the last message was sent, zero for none
}

const selectContents = `SELECT (SELECT count(*) FROM chat_rooms), (SELECT count(*) FROM chat_messages),
	(SELECT ifnull(max(sent_at), 0) FROM chat_messages)`

// ErrExists says that a file is in the way, and that force replaces it.
var ErrExists = errors.New("the file exists; --force replaces it")

// Backup writes a consistent copy of the database at path to a file, also beside a running server: everything that was
// acknowledged before it began is in it. It has mode 0600, and is on disk and checked when Backup returns. An existing file is
// replaced only with force, and only by a copy that is complete.
func Backup(ctx context.Context, path, file string, force bool) (c Contents, err error) {
	if err := refuseSame(path, file); err != nil {
		return c, err
	}
	if _, err := os.Lstat(file); err == nil && !force {
		return c, ErrExists
	}
	temp, err := copyDatabase(ctx, path, file)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, removeIfThere(temp)) }()
	if c, err = contents(temp); err != nil {
		return c, err
	}
	return c, place(temp, file, force)
}

// BackupTo does what Backup does, and writes the copy to w.
func BackupTo(ctx context.Context, path string, w io.Writer) (c Contents, err error) {
	temp, err := copyDatabase(ctx, path, filepath.Join(os.TempDir(), "roomline"))
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, os.Remove(temp)) }()
	if c, err = contents(temp); err != nil {
		return c, err
	}
	file, err := os.Open(temp)
	if err != nil {
		return c, err
	}
	_, err = io.Copy(w, file)
	return c, errors.Join(err, file.Close())
}

// Restore puts a copy of a database in place of the one of cfg, which no server may be using. Every room gets a new epoch, so
// that clients load their rooms anew instead of going on from what is gone. What is there is replaced only with force.
func Restore(ctx context.Context, cfg Config, file string, force bool) (c Contents, err error) {
	path := cfg.Path
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	if err := refuseSame(path, file); err != nil {
		return c, err
	}
	made, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, dbfile.PrivateMode) // for its lock
	switch {
	case err == nil:
		defer func() {
			if err != nil {
				err = errors.Join(err, removeIfThere(path))
			}
		}()
		err = made.Close()
	case errors.Is(err, os.ErrExist) && !force:
		return c, ErrExists
	case errors.Is(err, os.ErrExist):
		err = nil
	}
	if err != nil {
		return c, err
	}
	if err := replaceDatabase(ctx, path, file); err != nil {
		return c, err
	}
	cfg.Path, cfg.Exclusive = path, true
	db, err := Open(ctx, cfg)
	if err != nil {
		return c, err
	}
	c, err = contents(path)
	return c, errors.Join(err, db.Close())
}

func replaceDatabase(ctx context.Context, path, file string) (err error) {
	lock, err := dbfile.Take(path)
	if errors.Is(err, dbfile.ErrLocked) || errors.Is(err, dbfile.ErrOtherName) {
		return fmt.Errorf("a Roomline server is using %s: stop it first", path)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release(false)) }()
	temp, err := copyDatabase(ctx, file, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeIfThere(temp)) }()
	if _, err := contents(temp); err != nil {
		return err
	}
	if err := renewCopy(temp); err != nil {
		return err
	}
	// The mark first: whatever comes between, the next server takes the file for a copy.
	for _, suffix := range []string{"-id", "-wal", "-shm"} {
		if err := removeIfThere(path + suffix); err != nil {
			return err
		}
	}
	return place(temp, path, true)
}

// copyDatabase copies the database at path, with what is in its log, into a new file beside near, whose name it returns. It is on
// disk and checked.
func copyDatabase(ctx context.Context, path, near string) (temp string, err error) {
	if !notEmpty(path) {
		return "", fmt.Errorf("there is no database at %s", path)
	}
	made, err := os.CreateTemp(filepath.Dir(near), "."+filepath.Base(near)+".*.tmp")
	if err != nil {
		return "", err
	}
	temp = made.Name()
	defer func() {
		if err != nil {
			err = errors.Join(damaged(path, err), os.Remove(temp))
		}
	}()
	c, err := openConn(dsn(path, copyParams))
	if err != nil {
		return temp, errors.Join(err, made.Close())
	}
	_, err = c.pool.ExecContext(ctx, "VACUUM INTO ?", temp)
	if err := errors.Join(err, c.close(), made.Sync(), made.Close()); err != nil {
		return temp, fmt.Errorf("copy %s: %w", path, err)
	}
	problem, err := findDamage(ctx, dsn(temp, fileOnly))
	if problem != "" {
		err = fmt.Errorf("the copy is damaged: %s", problem)
	}
	return temp, err
}

// contents says what a database file holds, without its log; a file of another program is an error.
func contents(path string) (c Contents, err error) {
	conn, err := openConn(dsn(path, fileOnly))
	if err != nil {
		return c, err
	}
	var latest int64
	err = conn.first("count", selectContents, func(row *row) { c.Rooms, c.Messages, latest = row.int(), row.int(), row.int() })
	c.Latest = fromMillis(latest)
	if err := errors.Join(err, conn.close()); err != nil {
		return c, fmt.Errorf("it is no database of Roomline: %w", err)
	}
	return c, nil
}

// renewCopy gives every room of a database a new epoch.
func renewCopy(path string) error {
	c, err := openConn(dsn(path, "_synchronous=FULL"))
	if err != nil {
		return err
	}
	return errors.Join(c.each("renew the epochs", renewEpochs, nil), c.close())
}

// place gives a complete file its name. It is on disk then.
func place(temp, file string, force bool) error {
	if force {
		return errors.Join(os.Rename(temp, file), dbfile.SyncFolder(file))
	}
	err := os.Link(temp, file) // which replaces nothing
	if errors.Is(err, os.ErrExist) {
		return ErrExists
	}
	if err != nil { // this file system has no links
		err = os.Rename(temp, file)
	}
	return errors.Join(err, dbfile.SyncFolder(file))
}

// refuseSame refuses to copy a database over itself or a file that belongs to it.
func refuseSame(path, file string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-id", ".lock"} {
		there, err := os.Stat(path + suffix)
		other, also := os.Stat(file)
		if err == nil && also == nil && os.SameFile(there, other) {
			return fmt.Errorf("%s belongs to the database itself", file)
		}
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
