package models

import (
	"log/slog"
	"sync/atomic"
	"time"

	"roomline/internal/dbfile"
)

const (
	// checkpointAfter is how many pages of the log (SQLite's WAL) may wait to be copied into
	// the file before the checkpointer does it.
	checkpointAfter = 4000
	// A commit that finds the log this long, in pages, copies what is left itself, so that the
	// log can begin anew: it bounds the log even if the checkpointer never catches up.
	boundLog = "PRAGMA wal_autocheckpoint = 12000"
	// shrinkLog cuts the log down to that many bytes, the 12,000 pages of boundLog, when it begins anew.
	shrinkLog = "PRAGMA journal_size_limit = 49152000"

	lookAtLog = "PRAGMA wal_checkpoint(NOOP)"
	copyLog   = "PRAGMA wal_checkpoint(PASSIVE)"
	emptyLog  = "PRAGMA wal_checkpoint(TRUNCATE)"

	lookEvery = 64 // writes

	copyIdle   = time.Second     // the log is copied when nothing was written for so long
	copyWithin = 5 * time.Second // and so long after a write, however many follow

	// emptyAfter is the size in bytes from which on a log is emptied when nobody writes. A shorter one is left:
	// writing over it is cheaper than making it grow.
	emptyAfter = 4 << 20
)

// checkpointer copies what was committed from the log into the file, on a goroutine and a
// connection of its own, while the writer goes on: copying takes as long as many commits.
// The file alone is then nearly current.
type checkpointer struct {
	open    func() (*conn, error) // called when there is something to copy for the first time
	file    func() (point, error) // what the file has without the log
	history *history
	log     string // path of the log
	logger  *slog.Logger
	due     chan struct{} // of one place: many pages wait
	written chan struct{} // of one place: something was committed since it was taken
	stop    chan struct{} // closed by close
	done    chan error    // of one place: how closing the connection went

	commits atomic.Uint64
	failed  atomic.Bool // the last checkpoint did
}

// startCheckpointer starts the goroutine; close ends it. What is in the log already is copied soon.
func startCheckpointer(db *DB) *checkpointer {
	p := newCheckpointer(func() (*conn, error) {
		if err := db.files.check(); err != nil {
			return nil, err // SQLite would take the log for that of another file
		}
		return openConn(db.dsn(checkpointParams))
	}, db.cfg.Logger)
	p.history, p.log = db.history, db.path+"-wal"
	p.file = func() (point, error) {
		i, err := db.peek(fileOnly, db.history.last().Point.Room)
		return i.point, err
	}
	p.due <- struct{}{}
	go func() { p.done <- p.run() }()
	return p
}

func newCheckpointer(open func() (*conn, error), logger *slog.Logger) *checkpointer {
	return &checkpointer{
		open: open, logger: logger,
		due: make(chan struct{}, 1), written: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan error, 1),
	}
}

// close waits for a checkpoint that runs. It is called once.
func (p *checkpointer) close() error {
	close(p.stop)
	return <-p.done
}

// note says that something was committed.
func (p *checkpointer) note() {
	p.commits.Add(1)
	select {
	case p.written <- struct{}{}:
	default:
	}
}

// look asks for a checkpoint if many pages wait for one. c is the writer's connection,
// outside of a transaction.
func (p *checkpointer) look(c *conn) {
	length, copied, err := logPages(c, lookAtLog)
	if err != nil {
		p.logger.Warn("look at the database's log", "error", err)
		return
	}
	if length-copied < checkpointAfter {
		return
	}
	select {
	case p.due <- struct{}{}:
	default: // it is asked already
	}
}

// logPages runs a checkpoint, and returns how many pages are in the log and how many of them have been copied.
func logPages(c *conn, checkpoint string) (length, copied int64, err error) {
	err = c.first("copy the log", checkpoint, func(row *row) { _, length, copied = row.int(), row.int(), row.int() })
	return length, copied, err
}

func (p *checkpointer) run() (err error) {
	var c *conn
	defer func() {
		if c != nil {
			err = c.close()
		}
	}()
	again := false
	for {
		idle, more := p.wait(again)
		if !more {
			return nil
		}
		if c == nil {
			if c, err = p.open(); err != nil {
				p.report(err)
				continue // commits do it, less often
			}
		}
		complete, err := p.copy(c, idle)
		p.report(err)
		again = !complete
	}
}

// wait returns when there is something to copy: when many pages wait, or nothing is written for a while, or for
// long enough. With again something was left to do, and it does not wait for a commit. more is false at the end.
func (p *checkpointer) wait(again bool) (idle, more bool) {
	if !again {
		select {
		case <-p.stop:
			return false, false
		case <-p.due:
			return false, true
		case <-p.written:
		}
	}
	ticker := time.NewTicker(copyIdle)
	defer ticker.Stop()
	for begin, before := time.Now(), p.commits.Load(); ; before = p.commits.Load() {
		select {
		case <-p.stop:
			return false, false
		case <-p.due:
			return false, true
		case <-ticker.C:
		}
		if idle = p.commits.Load() == before; idle || time.Since(begin) >= copyWithin {
			return idle, true
		}
	}
}

// copy copies the log. If nobody writes, it empties a long one too. It reports whether nothing is left to do: as long as
// a reader needs the log, neither is possible as a whole.
func (p *checkpointer) copy(c *conn, idle bool) (complete bool, err error) {
	length, copied, err := logPages(c, copyLog)
	if err != nil {
		return false, err
	}
	if has, err := p.file(); err == nil {
		p.history.copied(has)
	}
	if _, size, err := dbfile.Identify(p.log); err != nil || size < emptyAfter {
		return length == copied, nil
	}
	if length == copied && idle {
		length, _, err = logPages(c, emptyLog)
	}
	return length == 0, err
}

// report logs that checkpoints fail, once until one succeeds again.
func (p *checkpointer) report(err error) {
	if p.failed.Swap(err != nil) || err == nil {
		return
	}
	p.logger.Warn("copy the database's log into its file", "error", err)
}
