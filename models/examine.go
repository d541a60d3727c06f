package models

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"roomline/internal/dbfile"
	"roomline/realtime/chat"
)

// Finding is the result of one check of Examine.
type Finding struct {
	Check string // "file", "lock", …
	Bad   bool   // an operator must act
	Text  string // a sentence without its period
}

// examination collects findings about the database at path.
type examination struct {
	ctx      context.Context
	path     string
	findings []Finding
	server   bool // is running
}

func (x *examination) ok(check, format string, args ...any) {
	x.findings = append(x.findings, Finding{check, false, fmt.Sprintf(format, args...)})
}

func (x *examination) bad(check, format string, args ...any) {
	x.findings = append(x.findings, Finding{check, true, fmt.Sprintf(format, args...)})
}

// Examine checks the database at path and the files beside it, also beside a running server. It changes nothing.
func Examine(ctx context.Context, path string) []Finding {
	x := &examination{ctx: ctx, path: path}
	if !x.file() {
		return x.findings
	}
	x.lock()
	x.permissions()
	x.space()
	if x.history() && x.pages() {
		x.schema()
		x.audit()
	}
	return x.findings
}

func (x *examination) file() bool {
	resolved, err := filepath.EvalSymlinks(x.path)
	if err != nil {
		x.bad("file", "%v", err)
		return false
	}
	x.path = resolved
	_, size, err := dbfile.Identify(x.path)
	_, log, logErr := dbfile.Identify(x.path + "-wal")
	switch {
	case err != nil:
		x.bad("file", "%v", err)
		return false
	case size == 0:
		x.bad("file", "%s is empty", x.path)
		return false
	case logErr != nil:
		x.ok("file", "%s has %d kB and no log", x.path, size>>10)
	default:
		x.ok("file", "%s has %d kB, and its log (-wal) %d kB", x.path, size>>10, log>>10)
	}
	return true
}

func (x *examination) lock() {
	lock, err := dbfile.Take(x.path)
	switch {
	case errors.Is(err, dbfile.ErrLocked):
		x.server = true
		x.ok("lock", "a server is using the database")
	case errors.Is(err, dbfile.ErrOtherName):
		x.server = true
		x.bad("lock", "a server is using the file under another name, a hard link or a mount; use one name only, as each has a log of its own")
	case err != nil:
		x.bad("lock", "%v", err)
	default:
		x.ok("lock", "no server is using the database")
		if err := lock.Release(true); err != nil {
			x.bad("lock", "%v", err)
		}
	}
}

func (x *examination) permissions() {
	for _, suffix := range []string{"", "-wal", "-shm", "-id", ".lock"} {
		info, err := os.Stat(x.path + suffix)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			x.bad("permissions", "%v", err)
			return
		}
		if info.Mode().Perm()&0o077 != 0 {
			x.bad("permissions", "others may open %s%s (mode %o): chmod 600 it", x.path, suffix, info.Mode().Perm())
			return
		}
	}
	x.ok("permissions", "only the owner may open the files")
}

func (x *examination) space() {
	f := &files{path: x.path, free: dbfile.Free}
	if err := f.space(); err != nil {
		x.bad("space", "%s", reason(err))
		return
	}
	free, _, err := dbfile.Free(x.path)
	if err != nil {
		x.bad("space", "%v", err)
		return
	}
	x.ok("space", "%d MB are free", free>>20)
}

// history compares the database with its mark. It returns false if the database must not be read together with its log.
func (x *examination) history() bool {
	last, found, err := dbfile.ReadMark[lastState](x.path + "-id")
	if err != nil {
		x.bad("history", "%v", err)
		return true
	}
	db := &DB{path: x.path, beside: x.server}
	if found && !x.server {
		if err := db.checkLog(last); err != nil {
			x.bad("history", "%v", err)
			return false
		}
	}
	whole, err := db.peek(readParams, last.Point.Room)
	switch {
	case err != nil:
		x.ok("history", "the database has no identity yet, which the next start gives it")
	case !found && whole.token == "":
		x.ok("history", "the database has not been used by a server yet")
	case !found:
		x.ok("history", "the database was copied here: the next start gives every room a new epoch")
	case whole.token != last.Token || whole.before(last.Point):
		x.bad("history", "the database is an older copy than what was here last: the next start gives every room a new epoch")
	case !x.server && !last.Clean:
		x.ok("history", "the last stop was not clean; nothing that was acknowledged is missing")
	default:
		x.ok("history", "nothing that was acknowledged is missing")
	}
	return true
}

func (x *examination) pages() bool {
	problem, err := findDamage(x.ctx, dsn(x.path, readParams))
	if err != nil {
		err = damaged(x.path, err)
	} else if problem != "" {
		err = damagedError{x.path, problem}
	}
	if err != nil {
		x.bad("pages", "%v", err)
		return false
	}
	x.ok("pages", "quick_check finds no damage")
	return true
}

func (x *examination) schema() {
	set := Config{}.sets()[0]
	want, err := set.newest()
	if err != nil {
		x.bad("schema", "%v", err)
		return
	}
	c, err := openConn(dsn(x.path, readParams))
	if err != nil {
		x.bad("schema", "%v", err)
		return
	}
	var have int64
	err = c.first("read the schema's version", "SELECT max(version_id) FROM "+set.table, func(row *row) { have = row.int() })
	switch err := errors.Join(err, c.close()); {
	case err != nil:
		x.bad("schema", "it is no database of Roomline: %v", err)
	case have > want:
		x.bad("schema", "version %d, made by a newer Roomline: this one knows up to %d", have, want)
	case have < want:
		x.ok("schema", "version %d, which the next start brings to %d", have, want)
	default:
		x.ok("schema", "version %d, the newest", have)
	}
}

// newest returns the highest version of the set.
func (s migrationSet) newest() (version int64, err error) {
	entries, err := fs.ReadDir(migrations, s.dir)
	for _, entry := range entries {
		number, _, _ := strings.Cut(path.Base(entry.Name()), "_")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			version = max(version, n)
		}
	}
	return version, err
}

func (x *examination) audit() {
	db, err := openReaders(x.ctx, x.path)
	if err != nil {
		x.bad("audit log", "%v", err)
		return
	}
	entries, _, broken, err := chat.New(chat.Config{Store: db.Store()}).VerifyAudit(x.ctx)
	lost, also := db.LostAudit(x.ctx)
	switch err := errors.Join(err, also, db.Close()); {
	case err != nil:
		x.bad("audit log", "%v", err)
	case broken != 0:
		x.bad("audit log", "entry %d does not fit: it, or an entry before it, was changed", broken)
	case lost != 0:
		x.bad("audit log", "entry %d, which was recorded beside the file, is not in it: its end was lost or replaced", lost)
	default:
		x.ok("audit log", "%d entries, unbroken", entries)
	}
}

// openReaders opens the database to read only: it changes nothing and takes no lock.
func openReaders(ctx context.Context, path string) (*DB, error) {
	db := newDB(Config{Path: path})
	db.path = path
	if err := db.openReaders(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// LostAudit returns the number of an entry that the audit log had, as recorded beside the file, and does not have now; 0 for
// none. The chain alone cannot tell that its end is missing.
func (db *DB) LostAudit(ctx context.Context) (entry int64, err error) {
	last, found, err := dbfile.ReadMark[lastState](db.markPath())
	if err != nil || !found {
		return 0, err
	}
	err = db.ask(ctx, func(c *conn) error {
		for _, head := range []auditHead{last.Lost, last.Audit} {
			if head == (auditHead{}) {
				continue
			}
			has, err := readAudit(c, selectAuditEntry, head.ID)
			if err != nil {
				return err
			}
			if has != head {
				entry = head.ID
				return nil
			}
		}
		return nil
	})
	return entry, err
}
