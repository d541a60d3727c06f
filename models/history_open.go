package models

import (
	"errors"
	"fmt"
	"os"

	"roomline/internal/dbfile"
)

// markPath names the file beside the database that says which state it had last.
func (db *DB) markPath() string { return db.path + "-id" }

// openHistory opens the mark, and refuses a file that does not fit the log beside it. Nothing is changed, and
// SQLite must not have the database open yet: to open it is to copy its log into the file in the end.
func (db *DB) openHistory() (found bool, err error) {
	h := &history{logger: db.cfg.Logger, path: db.markPath(), shared: db.beside, owns: db.cfg.Exclusive}
	if h.mark, h.state, found, err = dbfile.OpenMark[lastState](db.markPath()); err != nil {
		return false, fmt.Errorf("open the mark beside the database: %w", err)
	}
	db.history = h
	if found && !db.beside {
		return true, db.checkLog(h.state)
	}
	return found, nil
}

// checkLog refuses an older file beside the log of a later state: SQLite would mix the two.
func (db *DB) checkLog(last lastState) error {
	file, err := db.peek(fileOnly, last.Copied.Room)
	if err != nil {
		return nil // nothing is there yet, or opening the database says what is wrong
	}
	whole, err := db.peek(readParams, last.Point.Room)
	if err != nil || whole.token != last.Token || whole.before(last.Point) || !file.before(last.Copied) {
		return nil
	}
	return fmt.Errorf("the file is an older copy, but its log %s-wal is of a later state, and together they are damaged: "+
		"to use the copy, remove %[1]s-wal and %[1]s-shm, or put it in place with 'roomline restore'", db.path)
}

// peek returns the identity that the database has when it is opened with params, with the rev of that room.
func (db *DB) peek(params string, room int64) (identity, error) {
	c, err := openConn(db.dsn(params))
	if err != nil {
		return identity{}, err
	}
	i, err := readIdentity(c, room)
	return i, errors.Join(err, c.close())
}

// settle compares the database with its mark. If it is a copy, every room gets a new epoch: cursors of the
// state that was replaced must not be continued. c is the writing connection, found says whether there was a mark.
func (db *DB) settle(c *conn, found bool) (err error) {
	if err := c.exec("begin a write", "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = c.exec("roll back", "ROLLBACK")
		}
	}()
	h := db.history
	i, err := readIdentity(c, h.state.Point.Room)
	if err != nil {
		return err
	}
	next := lastState{Token: i.token, Point: i.point, Copied: h.state.Copied, Lost: h.state.Lost}
	copied := db.whyCopy(i, found)
	if copied != "" || i.token == "" {
		next = lastState{Token: newEpoch(), Lost: h.state.Lost}
		if err := c.first("set the identity", setToken, func(row *row) { next.Point.Commits = row.int() }, next.Token); err != nil {
			return err
		}
	}
	if copied != "" {
		if err := c.each("renew the epochs", renewEpochs, nil); err != nil {
			return err
		}
	}
	if next.Audit, err = readAudit(c, selectAuditHead); err != nil {
		return err
	}
	if lost, err := h.lostAudit(c); err != nil {
		return err
	} else if lost && !db.fresh {
		next.Lost = h.state.Audit
	}
	if err := c.exec("commit", "COMMIT"); err != nil {
		return err
	}
	db.reportCopy(copied, found)
	h.state = next
	if db.cfg.Exclusive {
		return h.mark.Renew(db.markPath(), next)
	}
	return errors.Join(h.mark.Write(next), h.mark.Sync())
}

// whyCopy says what shows that the database is not what was here last, "" for nothing.
func (db *DB) whyCopy(i identity, found bool) string {
	last := db.history.state
	switch {
	case db.fresh, i.token == "" && !found:
		return "" // new, or from before there was a mark
	case !found:
		return fmt.Sprintf("there is no %s beside it", db.markPath())
	case i.token != last.Token:
		return "it is not the database that was here last"
	case i.before(last.Point) && !last.Clean && !db.hadLog:
		return fmt.Sprintf("its last changes are missing, and so is its log (%s-wal)", db.path)
	case i.before(last.Point):
		return "its last changes are missing"
	}
	return ""
}

func (db *DB) reportCopy(copied string, found bool) {
	switch {
	case db.fresh && found:
		db.cfg.Logger.Warn("made a new database: the one that was here is gone", "path", db.path)
	case copied == "":
	case db.cfg.NoAccounts:
		db.cfg.Logger.Warn("the database is an older copy or was copied here. Every room has a new epoch, so clients load their rooms anew. "+
			"Bans and mutes are as of the copy, and the audit log may lack its end", "path", db.path, "because", copied)
	default:
		db.cfg.Logger.Warn("the database is an older copy or was copied here. Every room has a new epoch, so clients load their rooms anew. "+
			"Sessions, passwords, roles, bans and mutes are as of the copy, and the audit log may lack its end", "path", db.path, "because", copied)
	}
}

// lostAudit reports whether the entry that the mark has is not in the audit log.
func (h *history) lostAudit(c *conn) (bool, error) {
	if h.state.Audit == (auditHead{}) {
		return false, nil
	}
	entry, err := readAudit(c, selectAuditEntry, h.state.Audit.ID)
	return entry != h.state.Audit, err
}

// notEmpty reports whether there is a file at path with something in it.
func notEmpty(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0
}
