package models

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"roomline/realtime/chat"
)

// hostParams are how a host opens its database if it does it well.
const hostParams = "_journal_mode=WAL&_busy_timeout=5000"

// hostUser is a row of a host's own table.
type hostUser struct {
	ID   string `gorm:"primaryKey"`
	Name string
}

// openHost opens a host's database with a table of its own.
func openHost(t *testing.T, dsn string) *gorm.DB {
	t.Helper()
	host, err := gorm.Open(sqlite.Open(dsn), &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := host.DB()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	if err := host.AutoMigrate(&hostUser{}); err != nil {
		t.Fatal(err)
	}
	return host
}

func hostPath(t *testing.T) string { return filepath.Join(t.TempDir(), "a host's.db") }

func attach(t *testing.T, host *gorm.DB) *DB {
	t.Helper()
	db, err := Attach(t.Context(), host, Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestInAHostsDatabaseBothWriteAtOnce(t *testing.T) {
	host := openHost(t, "file:"+hostPath(t)+"?"+hostParams)
	db := attach(t, host)
	room := lobby(t, db)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 25 {
				if err := host.Create(&hostUser{ID: fmt.Sprintf("u-%d-%d", i, j), Name: "somebody"}).Error; err != nil {
					t.Errorf("the host: %v", err)
				}
			}
		})
		all.Go(func() {
			for j := range 25 {
				err := db.Store().Write(t.Context(), func(w chat.Writer) error {
					_, err := post(w, room, "u-1", fmt.Sprintf("message-%d-%d", i, j))
					return err
				}, nil)
				if err != nil {
					t.Errorf("the chat: %v", err)
				}
			}
		})
	}
	all.Wait()
	var users, messages int64
	err := errors.Join(host.Model(&hostUser{}).Count(&users).Error, host.Table("chat_messages").Count(&messages).Error)
	if err != nil || users != 100 || messages != 100 {
		t.Errorf("there are %d users and %d messages: %v", users, messages, err)
	}
}

func TestInAHostsDatabaseTheChatHasItsOwnTablesOnly(t *testing.T) {
	path := hostPath(t)
	host := openHost(t, "file:"+path+"?"+hostParams)
	type object struct{ Type, Name, TblName, SQL string }
	objects := func() (all []object) {
		t.Helper()
		err := host.Raw("SELECT type, name, tbl_name, ifnull(sql, '') AS sql FROM sqlite_schema ORDER BY name").Scan(&all).Error
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := objects()
	attach(t, host)
	after := objects()
	for _, o := range after {
		switch {
		case strings.HasPrefix(o.TblName, "chat_"), o.Name == "sqlite_sequence", o.Name == "sqlite_stat1":
		case !hasObject(before, o):
			t.Errorf("%s %s of %s is new, or another: %s", o.Type, o.Name, o.TblName, o.SQL)
		}
	}
	if len(after) < len(before)+20 {
		t.Errorf("there are %d tables and indexes", len(after))
	}
	var versions int64
	if err := host.Table("chat_migrations").Count(&versions).Error; err != nil || versions < 8 {
		t.Errorf("there are %d versions: %v", versions, err)
	}
	var parents []string
	err := host.Raw(`SELECT DISTINCT f."table" FROM sqlite_schema s, pragma_foreign_key_list(s.name) f WHERE s.type = 'table'`).Scan(&parents).Error
	if err != nil || len(parents) == 0 {
		t.Errorf("foreign keys point to %q: %v", parents, err)
	}
	for _, parent := range parents {
		if !strings.HasPrefix(parent, "chat_") {
			t.Errorf("a foreign key points to %s", parent)
		}
	}
}

func hasObject[T comparable](all []T, one T) bool {
	for _, o := range all {
		if o == one {
			return true
		}
	}
	return false
}

func TestAHostsFileKeepsItsMode(t *testing.T) {
	path := hostPath(t)
	host := openHost(t, "file:"+path+"?"+hostParams)
	if err := os.Chmod(path, 0o664); err != nil {
		t.Fatal(err)
	}
	attach(t, host)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o664 {
		t.Errorf("the mode is %v: %v", info.Mode(), err)
	}
}

func TestAHostsDatabaseThatTheChatCannotBeInIsRefusedInClearWords(t *testing.T) {
	path := hostPath(t)
	for _, c := range []struct{ dsn, want string }{
		{":memory:", "it is in memory"},
		{"file::memory:?cache=shared", "it is in memory"},
		{"file:" + hostPath(t), "its journal mode is delete"},
		{"file:" + hostPath(t) + "?_journal_mode=WAL&_busy_timeout=0", "its busy timeout is 0 ms"},
		{"file:" + hostPath(t) + "?_journal_mode=WAL&_busy_timeout=999", "its busy timeout is 999 ms"},
		{"file:" + hostPath(t) + "?_journal_mode=WAL&_busy_timeout=5000&_locking_mode=EXCLUSIVE", "its locking mode is exclusive"},
	} {
		_, err := Attach(t.Context(), openHost(t, c.dsn), Config{})
		if err == nil || !strings.HasPrefix(err.Error(), "attach the chat to the host's database: "+c.want) {
			t.Errorf("%s is refused with %v, want %s", c.dsn, err, c.want)
		}
	}
	if _, err := Attach(t.Context(), nil, Config{}); err == nil || !strings.HasSuffix(err.Error(), "there is none") {
		t.Errorf("no database is refused with %v", err)
	}
	host := openHost(t, "file:"+path+"?_journal_mode=WAL&_busy_timeout=1000")
	attach(t, host)
}

// mysql is a dialect of another database on top of SQLite's.
type mysql struct{ gorm.Dialector }

func (mysql) Name() string { return "mysql" }

func TestAnotherDatabaseThanSQLiteIsRefused(t *testing.T) {
	host, err := gorm.Open(mysql{sqlite.Open("file:" + hostPath(t) + "?" + hostParams)}, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := host.DB()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	if _, err := Attach(t.Context(), host, Config{}); err == nil || !strings.Contains(err.Error(), "it is mysql; the chat needs SQLite") {
		t.Errorf("it is refused with %v", err)
	}
}

// otherDriver is a driver that is not the chat's, as far as anybody can see.
type otherDriver struct{}

func (otherDriver) Open(dsn string) (driver.Conn, error) { return new(sqlite3.SQLiteDriver).Open(dsn) }

func TestAnotherCopyOfSQLiteIsRefused(t *testing.T) {
	path := hostPath(t)
	sql.Register("foreign", otherDriver{})
	host, err := gorm.Open(sqlite.New(sqlite.Config{DriverName: "foreign", DSN: "file:" + path + "?" + hostParams}), &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := host.DB()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	_, err = Attach(t.Context(), host, Config{})
	if err == nil || !strings.Contains(err.Error(), "its driver is models.otherDriver; two copies of SQLite in one process can corrupt a file") {
		t.Errorf("it is refused with %v", err)
	}
}

func TestTwoChatsInOneFileAreRefused(t *testing.T) {
	path := hostPath(t)
	host := openHost(t, "file:"+path+"?"+hostParams)
	first, err := Attach(t.Context(), host, Config{})
	if err != nil {
		t.Fatal(err)
	}
	again := openHost(t, "file:"+path+"?"+hostParams)
	if _, err := Attach(t.Context(), again, Config{}); err == nil || !strings.Contains(err.Error(), "another Roomline server is using this database") {
		t.Errorf("a second is refused with %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	attach(t, again)
	if err := host.Create(&hostUser{ID: "1"}).Error; err != nil {
		t.Errorf("the host's handle is not its own any more: %v", err)
	}
}

func TestAHostThatKeepsATransactionOpenDelaysTheChatAndDoesNotLockIt(t *testing.T) {
	path := hostPath(t)
	host := openHost(t, "file:"+path+"?"+hostParams+"&_txlock=immediate")
	pool, err := host.DB()
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	db := attach(t, host)
	room := lobby(t, db)
	write := func(id string) error {
		return db.Store().Write(t.Context(), func(w chat.Writer) error {
			_, err := post(w, room, "u-1", id)
			return err
		}, nil)
	}
	// While the one connection of the host is in a transaction that has written, the chat reads, and writes when it ends.
	tx := host.Begin()
	if err := tx.Create(&hostUser{ID: "1"}).Error; err != nil {
		t.Fatal(err)
	}
	lobby(t, db)
	written := make(chan error)
	go func() { written <- write("message-1") }()
	select {
	case err := <-written:
		t.Fatalf("it is written beside the host: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if err := tx.Commit().Error; err != nil {
		t.Fatal(err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
	// A host that never ends its transaction: the write fails in the end, and says why.
	tx = host.Begin()
	if err := tx.Create(&hostUser{ID: "2"}).Error; err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	err = write("message-2")
	if took := time.Since(begun); err == nil || !strings.Contains(err.Error(), "locked") || took > 20*time.Second {
		t.Errorf("after %v the write failed with %v", took, err)
	}
	if err := tx.Rollback().Error; err != nil {
		t.Fatal(err)
	}
	if err := write("message-2"); err != nil {
		t.Error(err)
	}
}

func TestWithoutAccountsTheChatsTablesAreAloneInTheirFile(t *testing.T) {
	db := openAt(t, Config{Path: filepath.Join(t.TempDir(), "chat.db"), NoAccounts: true})
	var tables []string
	err := db.view(t.Context(), func(tx *gorm.DB) error {
		return tx.Raw("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'chat\\_%' ESCAPE '\\'").Scan(&tables).Error
	})
	if err != nil || len(tables) != 1 || tables[0] != "sqlite_sequence" {
		t.Errorf("there are %q: %v", tables, err)
	}
}

func TestAChatCanOpenAFileThatOtherTablesAreIn(t *testing.T) {
	path := hostPath(t)
	host := openHost(t, "file:"+path+"?"+hostParams)
	if err := host.Create(&hostUser{ID: "1", Name: "Ada"}).Error; err != nil {
		t.Fatal(err)
	}
	db := openAt(t, Config{Path: path, NoAccounts: true})
	room := lobby(t, db)
	store(t, db.Store(), func(w chat.Writer) error {
		_, err := post(w, room, "1", "message-1")
		return err
	})
	var user hostUser
	if err := host.First(&user).Error; err != nil || user.Name != "Ada" {
		t.Errorf("the host has %+v: %v", user, err)
	}
}

func TestAHostsRestoredFileHasNewEpochs(t *testing.T) {
	path := hostPath(t)
	attached := func(use func(*DB)) {
		t.Helper()
		host := openHost(t, path+"?"+hostParams)
		db, err := Attach(t.Context(), host, Config{})
		if err != nil {
			t.Fatal(err)
		}
		use(db)
		pool, err := host.DB()
		if err := errors.Join(err, db.Close(), pool.Close()); err != nil {
			t.Fatal(err)
		}
	}
	attached(func(db *DB) { grow(t, db, 10) })
	early := freeze(t, path)
	var since chat.Position
	attached(func(db *DB) {
		grow(t, db, 10)
		room := lobby(t, db)
		since = chat.Position{Epoch: room.Epoch, Rev: room.Head}
	})
	attached(func(db *DB) {
		if epoch := lobby(t, db).Epoch; epoch != since.Epoch {
			t.Error("the epoch changed without a restore")
		}
	})
	late := freeze(t, path)
	thaw(t, path, stateFiles{"": early[""], "-id": late["-id"]})
	attached(func(db *DB) {
		grow(t, db, 15)
		if epoch := lobby(t, db).Epoch; epoch == since.Epoch {
			t.Error("the epoch is that of the state that was replaced")
		}
	})
}
