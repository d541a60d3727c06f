package models

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

const (
	batchSize = 64                   // writes of one commit at most
	batchTime = 2 * time.Millisecond // how long after the first a write may still join
)

// writer owns the one connection that writes. Its goroutine takes a write, runs it, runs
// those that wait by then, and commits them together. Nobody waits for company: a write
// that is alone is committed at once.
type writer struct {
	// set once
	conn    *conn
	logger  *slog.Logger
	log     *checkpointer
	history *history
	files   *files
	health  *health
	queue   chan *write   // unbuffered: what waits to be sent has not been taken
	stop    chan struct{} // closed by close
	done    chan struct{} // closed when the goroutine has ended

	// owned by the goroutine
	batch []*write // of the current commit, in order
	dirty bool     // a write of the batch may have changed something
	short error    // why the batch must not change anything: too little space
	since int      // writes since the log was looked at
}

// write is one call of do.
type write struct {
	fn        func(*conn) error
	committed func()
	state     atomic.Int32
	err       error      // owned by the writer until done has it
	done      chan error // of one place: the writer never waits for the caller
}

// The states of a write: whoever moves it out of waiting decides.
const (
	waiting int32 = iota
	begun
	abandoned
)

func (w *write) begin() bool   { return w.state.CompareAndSwap(waiting, begun) }
func (w *write) abandon() bool { return w.state.CompareAndSwap(waiting, abandoned) }

// startWriter starts the goroutine, which close ends; the connection stays the caller's.
func startWriter(c *conn, db *DB) *writer {
	w := &writer{
		conn: c, logger: db.cfg.Logger, log: db.log, history: db.history, files: db.files, health: db.health,
		queue: make(chan *write), stop: make(chan struct{}), done: make(chan struct{}),
		batch: make([]*write, 0, batchSize),
	}
	go w.run()
	return w
}

// close waits for the writes that were taken. It is called once.
func (w *writer) close() {
	close(w.stop)
	<-w.done
}

// do runs fn in a transaction of the writer and returns when it is durable; it keeps
// the contract of chat.Store.Write.
func (w *writer) do(ctx context.Context, fn func(*conn) error, committed func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	item := newWrite(fn, committed)
	select {
	case <-w.stop:
		return closed()
	default:
	}
	select {
	case w.queue <- item:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stop:
		return closed()
	}
	select {
	case err := <-item.done:
		return err
	case <-ctx.Done():
		if item.abandon() {
			return ctx.Err()
		}
		return <-item.done
	}
}

// offer has fn run if the writer is idle, and reports whether it is taken; it never waits.
func (w *writer) offer(fn func(*conn) error) bool {
	select {
	case w.queue <- newWrite(fn, nil):
		return true
	default:
		return false
	}
}

func newWrite(fn func(*conn) error, committed func()) *write {
	return &write{fn: fn, committed: committed, done: make(chan error, 1)}
}

func (w *writer) run() {
	defer close(w.done)
	for {
		select {
		case <-w.stop:
			return
		case first := <-w.queue:
			// Those just answered are about to write again. Taking the first of them woke this
			// goroutine before they ran; without a turn of theirs it would commit alone.
			runtime.Gosched()
			w.turn(first)
		}
	}
}

// turn runs one transaction, from its first write to the answers.
func (w *writer) turn(first *write) {
	w.batch, w.dirty, w.conn.advanced = w.batch[:0], false, roomRev{}
	lost := w.fill(first)
	if lost == nil {
		lost = w.commit()
	}
	if lost != nil {
		// Often SQLite has rolled back by itself, and this fails; either way nothing is left.
		_ = w.conn.exec("roll back", "ROLLBACK")
		w.conn.known.forget()
		if concernsAll(lost) {
			w.health.failed(lost)
		}
	}
	for _, item := range w.batch {
		if item.err == nil {
			item.err = lost
		}
		if item.err == nil && item.committed != nil {
			w.tell(item.committed)
		}
	}
	for i, item := range w.batch {
		item.done <- item.err
		w.batch[i] = nil // or an idle writer would keep what the last batch refers to
	}
	if w.since += len(w.batch); w.since >= lookEvery {
		w.since = 0
		w.log.look(w.conn)
	}
}

// fill begins a transaction and runs first and those that wait behind it. Its error says
// that the transaction is lost, and that nothing of it took place.
func (w *writer) fill(first *write) error {
	begin := time.Now()
	if err := w.begin(); err != nil {
		// All that wait now would wait for the same lock, one after another.
		for item := first; item != nil; item = w.next() {
			if item.begin() {
				w.batch = append(w.batch, item)
			}
		}
		return err
	}
	for item := first; item != nil; item = w.next() {
		if item.begin() {
			w.batch = append(w.batch, item)
			if lost := w.apply(item); lost != nil {
				return lost
			}
		}
		if time.Since(begin) >= batchTime {
			break
		}
	}
	return nil
}

// begin begins a transaction. Nobody else can commit until it ends, so what is known as of
// its beginning stays known.
func (w *writer) begin() error {
	w.short = w.makeRoom()
	if err := w.conn.exec("begin a write", "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	version, err := dataVersion(w.conn)
	if w.conn.known.at(version) {
		w.conn.audited = true // perhaps by a command
		err = errors.Join(err, w.refuseReplaced())
	}
	return err
}

// refuseReplaced refuses all writes from now on if another program has put an older copy, or another database, into
// the open file, as .restore of sqlite3 does.
func (w *writer) refuseReplaced() error {
	last := w.history.last()
	i, err := readIdentity(w.conn, last.Point.Room)
	if err != nil || i.token == last.Token && !i.before(last.Point) {
		return err
	}
	w.history.disown()
	w.files.replaced.Store(true)
	return w.files.check()
}

// next takes a write that waits already, nil if there is none or the batch is full.
func (w *writer) next() *write {
	if len(w.batch) == batchSize {
		return nil
	}
	select {
	case item := <-w.queue:
		return item
	default:
		return nil
	}
}

// apply runs the last of the batch so that it leaves no trace if it fails. The second error
// says that the whole transaction is gone, which some errors of SQLite (a full disk) bring
// about, or has to go: the first of a batch needs no savepoint, because its failure is
// undone with the transaction, in which there is nobody else yet.
func (w *writer) apply(item *write) (lost error) {
	c, first := w.conn, len(w.batch) == 1
	if !first {
		if err := c.exec("begin one write", "SAVEPOINT one"); err != nil {
			return err
		}
	}
	c.changed = false
	before := c.advanced
	item.err = w.call(item.fn)
	if item.err != nil {
		c.advanced = before
	}
	undo := item.err != nil && c.changed
	w.dirty = w.dirty || item.err == nil && c.changed
	if undo {
		c.known.forget()
	}
	switch {
	case !first:
		return w.endShared(item.err)
	case undo:
		return item.err
	case c.sqlite.AutoCommit():
		return errors.New("the transaction has ended within a write")
	}
	return nil
}

// endShared ends the savepoint of a write, and undoes the write if it failed.
func (w *writer) endShared(failed error) error {
	if failed != nil {
		if err := w.conn.exec("undo one write", "ROLLBACK TO one"); err != nil {
			return err
		}
	}
	return w.conn.exec("end one write", "RELEASE one")
}

func (w *writer) call(fn func(*conn) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(w.conn)
}

// tell calls committed. The write is durable whatever happens there, so a panic is not
// its caller's matter.
func (w *writer) tell(committed func()) {
	defer func() {
		if p := recover(); p != nil {
			w.logger.Error("panic after a commit", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	committed()
}
