package models

import "log/slog"

const (
	// checkpointAfter is how many pages of the log (SQLite's WAL) may wait to be copied into
	// the file before the checkpointer does it.
	checkpointAfter = 4000
	// A commit that finds the log this long, in pages, copies what is left itself, so that the
	// log can begin anew: it bounds the log even if the checkpointer never catches up.
	boundLog = "PRAGMA wal_autocheckpoint = 12000"

	lookAtLog = "PRAGMA wal_checkpoint(NOOP)"
	copyLog   = "PRAGMA wal_checkpoint(PASSIVE)"

	lookEvery = 64 // writes
)

// checkpointer copies what was committed from the log into the file, on a goroutine and a
// connection of its own, while the writer goes on: copying takes as long as many commits.
type checkpointer struct {
	open   func() (*conn, error) // called when there is something to copy for the first time
	logger *slog.Logger
	due    chan struct{} // of one place
	stop   chan struct{} // closed by close
	done   chan error    // of one place: how closing the connection went
}

// startCheckpointer starts the goroutine; close ends it.
func startCheckpointer(open func() (*conn, error), logger *slog.Logger) *checkpointer {
	p := &checkpointer{
		open: open, logger: logger,
		due: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan error, 1),
	}
	go func() { p.done <- p.run() }()
	return p
}

// close waits for a checkpoint that runs. It is called once.
func (p *checkpointer) close() error {
	close(p.stop)
	return <-p.done
}

// look asks for a checkpoint if many pages wait for one. c is the writer's connection,
// outside of a transaction.
func (p *checkpointer) look(c *conn) {
	var length, copied int64
	err := c.first("look at the log", lookAtLog, func(row *row) { _, length, copied = row.int(), row.int(), row.int() })
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

func (p *checkpointer) run() (err error) {
	var c *conn
	defer func() {
		if c != nil {
			err = c.close()
		}
	}()
	for {
		select {
		case <-p.stop:
			return nil
		case <-p.due:
		}
		if c == nil {
			if c, err = p.open(); err != nil {
				p.logger.Warn("open the database for checkpoints", "error", err)
				continue // commits do it, less often
			}
		}
		if err := c.each("copy the log", copyLog, func(*row) {}); err != nil {
			p.logger.Warn("copy the database's log into its file", "error", err)
		}
	}
}
