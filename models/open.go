package models

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"

	"roomline/internal/dbfile"
	"roomline/internal/options"
	"roomline/realtime/chat"
)

const (
	// Below this SQLite has a bug that can corrupt a database in WAL mode.
	oldestSQLite     = 3_051_003
	oldestSQLiteName = "3.51.3"

	preforkChild = "FIBER_PREFORK_CHILD" // the variable by which Fiber marks the processes that Prefork starts

	readConns = 4 // reads that may run at once

	// forever is the lifetime of a session without a limit: 292 years, which times and milliseconds can hold.
	forever = time.Duration(math.MaxInt64)

	// A connection is used by one goroutine at a time: it needs no mutex of SQLite's.
	writeParams = "_mutex=no&mode=rw&_journal_mode=WAL&_busy_timeout=5000&_foreign_keys=on&_synchronous=FULL&_txlock=immediate"
	readParams  = "_mutex=no&mode=ro&_query_only=1&_busy_timeout=5000"
	copyParams  = "mode=ro&_busy_timeout=5000"
	// Emptying the log must not wait for readers: writes would wait for it meanwhile.
	checkpointParams = "_mutex=no&mode=rw&_journal_mode=WAL&_busy_timeout=0&_synchronous=FULL"
)

// Config opens a DB. Path is required; the zero value of the rest is safe.
type Config struct {
	// Path is the database file; it is made if it is missing, its directory is not.
	Path string
	// Exclusive is for the server: a second exclusive opener of the same file is refused.
	// Commands open without it and work beside a running server.
	Exclusive bool
	// NoAccounts is for a host that keeps the users itself: only the chat's own tables are made.
	NoAccounts bool
	// Logger hears of faults nobody waits for; nil: slog.Default().
	Logger *slog.Logger

	// ReservedNames are names that no account but the first may get, however they are spelled; nil:
	// DefaultReservedNames. Those that stand for the chat or for many are reserved for everyone.
	ReservedNames []string

	// PasswordMemory is how much a password's hash takes in KiB; 0: 19,456. Less is for tests only.
	PasswordMemory uint32

	SessionIdle time.Duration    // an unused session ends after this; 0: 7 days, negative: never
	SessionLife time.Duration    // every session ends after this; 0: 30 days, negative: never
	Now         func() time.Time // nil: time.Now

	free func(path string) (free, total int64, err error) // of the file system in bytes; nil: dbfile.Free
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.ReservedNames == nil {
		c.ReservedNames = DefaultReservedNames()
	}
	if c.PasswordMemory == 0 {
		c.PasswordMemory = argonMemory
	}
	c = options.MustResolve("models: Config", c, Config{SessionIdle: 7 * 24 * time.Hour, SessionLife: 30 * 24 * time.Hour})
	c.SessionIdle, c.SessionLife = cmp.Or(c.SessionIdle, forever), cmp.Or(c.SessionLife, forever)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.free == nil {
		c.free = dbfile.Free
	}
	return c
}

// DB is an open database. Its methods may be called concurrently.
type DB struct {
	// set once
	cfg        Config
	path       string       // absolute, symbolic links resolved
	fresh      bool         // the file was made by this
	hadLog     bool         // there was something in its log
	lock       *dbfile.Lock // nil unless exclusive
	beside     bool         // another process has the lock
	hosts      bool         // the file is a host's: see Attach
	history    *history
	files      *files
	health     *health // of writes
	readHealth health  // of reads
	writer     *writer
	log        *checkpointer
	index      *indexer
	guard      *guard
	readers    chan *conn // those not in use
	reading    int        // how many there are
	recent     recent
	hashing    chan struct{} // a place for each password being hashed
	opened     int64         // data_version right after opening, for Watch
	closing    chan struct{} // closed when Close begins

	reads, messageReads atomic.Uint64 // begun since Open

	close func() error // once
}

// Open opens the database of cfg and brings its schema up to date. The caller closes the
// DB. Files are readable by their owner only. A command (not Exclusive) that finds a
// schema to be updated while a server runs is refused.
func Open(ctx context.Context, cfg Config) (*DB, error) { return open(ctx, cfg, false) }

// open opens a file of the chat's own, or a host's.
func open(ctx context.Context, cfg Config, hosts bool) (*DB, error) {
	if err := checkSQLite(sqlite3.Version()); err != nil {
		return nil, err
	}
	if cfg.Exclusive && os.Getenv(preforkChild) != "" {
		return nil, fmt.Errorf("open database %s: one process at a time has the chat, and this is a child of Fiber's Prefork: turn fiber.Config.Prefork off", cfg.Path)
	}
	db := newDB(cfg)
	db.hosts = hosts
	if err := db.open(ctx); err != nil {
		return nil, fmt.Errorf("open database %s: %w", cfg.Path, errors.Join(damaged(db.path, err), db.Close()))
	}
	return db, nil
}

func newDB(cfg Config) *DB {
	db := &DB{
		cfg:     cfg.withDefaults(),
		readers: make(chan *conn, readConns),
		hashing: make(chan struct{}, runtime.GOMAXPROCS(0)),
		closing: make(chan struct{}),
	}
	db.close = sync.OnceValue(db.shut)
	db.readHealth.logger, db.readHealth.path, db.readHealth.what = db.cfg.Logger, cfg.Path, "reads"
	return db
}

// Close waits for the reads and writes that have begun, refuses all others, and frees
// the file. It returns an error if the file was removed or replaced meanwhile. Calling it again returns the first outcome.
func (db *DB) Close() error { return db.close() }

// Path returns the file's absolute path, symbolic links resolved.
func (db *DB) Path() string { return db.path }

func (db *DB) open(ctx context.Context) error {
	if err := db.prepareFiles(); err != nil {
		return err
	}
	lock, err := db.takeLock()
	if err != nil {
		return err
	}
	if lock != nil && !db.cfg.Exclusive {
		// SQLite has the file open by then: its descriptor must stay.
		defer func() { _ = lock.Release(true) }()
	}
	if err := db.refuseLostFile(); err != nil {
		return err
	}
	found, err := db.openHistory()
	if err != nil {
		return err
	}
	if err := db.checkAfterCrash(ctx, found); err != nil {
		return err
	}
	writing, err := openConn(db.dsn(writeParams))
	if err != nil {
		return err
	}
	if err := db.prepareWriting(ctx, writing, found); err != nil {
		return errors.Join(err, writing.close())
	}
	if db.files, err = watchFiles(db.path, db.cfg.free); err != nil {
		return errors.Join(err, writing.close())
	}
	db.start(writing)
	return db.openReaders(ctx)
}

// start starts the goroutines that work on the file; shut ends them.
func (db *DB) start(writing *conn) {
	db.health = &health{logger: db.cfg.Logger, path: db.path, what: "writes"}
	db.log = startCheckpointer(db)
	db.writer = startWriter(writing, db)
	db.index = startIndexer(db.writer, db.cfg.Exclusive, db.cfg.Logger)
	if db.cfg.Exclusive {
		db.guard = startGuard(db.writer)
	}
}

func (db *DB) openReaders(ctx context.Context) error {
	for range readConns {
		c, err := openConn(db.dsn(readParams))
		if err != nil {
			return err
		}
		if err := c.serveGORM(ctx); err != nil {
			return errors.Join(err, c.close())
		}
		db.readers <- c
		db.reading++
	}
	return nil
}

func (db *DB) prepareWriting(ctx context.Context, c *conn, found bool) error {
	if err := db.migrate(ctx, c.pool); err != nil {
		return err
	}
	if err := c.serveGORM(ctx); err != nil {
		return err
	}
	for _, pragma := range []string{boundLog, shrinkLog} {
		if err := c.each("bound the log", pragma, func(*row) {}); err != nil {
			return err
		}
	}
	if !db.beside {
		if err := db.settle(c, found); err != nil {
			return err
		}
	}
	var err error
	db.opened, err = dataVersion(c)
	return err
}

func (db *DB) migrate(ctx context.Context, writing *sql.DB) error {
	state, err := inspect(ctx, writing, db.cfg.sets())
	if err != nil || state == schemaCurrent {
		return err
	}
	if db.beside {
		return errors.New("its schema is older than this program and a Roomline server is using it; restart the server with this version first")
	}
	return migrate(ctx, writing, db.cfg.sets())
}

// dsn names the file with these parameters.
func (db *DB) dsn(params string) string { return dsn(db.path, params) }

func dsn(path, params string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute // or SQLite takes the first folder for a host
	}
	// As a URL, so that no character of the path is taken for the start of parameters.
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: params}
	return dsn.String()
}

// shut undoes open, as far as open came, in the reverse order.
func (db *DB) shut() error {
	close(db.closing)
	db.recent.close()
	var errs []error
	intact := db.files != nil
	if intact { // before SQLite removes the log
		err := db.files.check()
		intact, errs = err == nil, append(errs, err)
	}
	if db.writer != nil {
		if db.guard != nil {
			db.guard.close()
		}
		db.index.close()
		db.writer.close()
		errs = append(errs, db.log.close())
	}
	for range db.reading {
		// A read that runs gives its connection back in the end.
		errs = append(errs, (<-db.readers).close())
	}
	if db.writer != nil {
		// Last, as the last to close puts what the log has into the file, which readers cannot.
		errs = append(errs, db.writer.conn.close())
	}
	if db.history != nil {
		errs = append(errs, db.history.close(intact, !notEmpty(db.path+"-wal")))
	}
	if db.lock != nil {
		errs = append(errs, db.lock.Release(db.hosts))
	}
	return errors.Join(errs...)
}

func checkSQLite(name string, number int, _ string) error {
	if number < oldestSQLite {
		return fmt.Errorf("built with SQLite %s, which can corrupt its files: %s or later is needed", name, oldestSQLiteName)
	}
	return nil
}

// closed is what every use after Close gets.
func closed() error {
	return chat.Errorf(chat.CodeUnavailable, "The server is shutting down. Try again in a moment.")
}
