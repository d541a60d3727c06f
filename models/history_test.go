package models

import (
	"bytes"
	"database/sql"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// stateFiles are the files of a database at some moment, by suffix.
type stateFiles map[string][]byte

// freeze returns the files as a crash would leave them.
func freeze(t *testing.T, path string) stateFiles {
	t.Helper()
	files := stateFiles{}
	for _, suffix := range []string{"", "-wal", "-id"} {
		data, err := os.ReadFile(path + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if err == nil {
			files[suffix] = data
		}
	}
	return files
}

// thaw makes the files what they were, as if the process had been killed then. A file that is nil is removed.
func thaw(t *testing.T, path string, files stateFiles) {
	t.Helper()
	files = maps.Clone(files)
	if now, err := os.ReadFile(path + "-id"); err == nil && files["-id"] != nil {
		files["-id"] = withSelf(files["-id"], markSelf.Find(now))
	}
	overwrite(t, path, files)
}

// markSelf finds what ties a mark to its file.
var markSelf = regexp.MustCompile(`"self":"[^"]*"`)

// withSelf returns the content of a mark, tied to another file.
func withSelf(mark, self []byte) []byte {
	var all []byte
	for slot := range bytes.SplitSeq(mark, []byte("\n")) {
		_, data, ok := bytes.Cut(bytes.TrimRight(slot, " \x00"), []byte(" "))
		if !ok || !markSelf.Match(data) {
			all = append(append(all, slot...), '\n')
			continue
		}
		data = markSelf.ReplaceAllLiteral(data, self)
		all = fmt.Appendf(all, "%-511s\n", fmt.Sprintf("%08x %s", crc32.ChecksumIEEE(data), data))
	}
	return all
}

// overwrite copies files over those that are there, which keep their inodes. A file that is nil is removed.
func overwrite(t *testing.T, path string, files stateFiles) {
	t.Helper()
	if err := os.RemoveAll(path + "-shm"); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-id"} {
		var err error
		if data := files[suffix]; data != nil {
			err = os.WriteFile(path+suffix, data, 0o600)
		} else {
			err = os.RemoveAll(path + suffix)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// past is a database that was closed, and what it was before.
type past struct {
	path                                                   string
	position                                               chat.Position // of a follower that has everything
	early, earlyRunning, lateRunning, lateCopied, lateStop stateFiles
}

// livePast lets a room grow to 10 and then to 20 messages, with a checkpoint in between.
func livePast(t *testing.T) past {
	t.Helper()
	p := past{path: fresh(t)}
	openClosed(t, p.path, func(db *DB) {
		addUser(t, db, "ada", chat.RoleOwner)
		grow(t, db, 5)
	})
	openClosed(t, p.path, func(db *DB) {
		grow(t, db, 5)
		p.earlyRunning = freeze(t, p.path)
	})
	p.early = freeze(t, p.path)
	openClosed(t, p.path, func(db *DB) {
		grow(t, db, 5)
		copyNow(t, db)
		p.lateCopied = freeze(t, p.path)
		grow(t, db, 5)
		p.lateRunning = freeze(t, p.path)
		room := lobby(t, db)
		p.position = chat.Position{Epoch: room.Epoch, Rev: room.Head}
	})
	p.lateStop = freeze(t, p.path)
	return p
}

func openClosed(t *testing.T, path string, use func(*DB)) {
	t.Helper()
	db, err := Open(t.Context(), Config{Path: path, Exclusive: true, PasswordMemory: 64})
	if err != nil {
		t.Fatal(err)
	}
	use(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// grow adds messages to the lobby, each in a commit of its own.
func grow(t *testing.T, db *DB, n int) {
	t.Helper()
	room := lobby(t, db)
	for i := range n {
		err := db.Store().Write(t.Context(), func(w chat.Writer) error {
			_, err := post(w, room, "1", fmt.Sprintf("message-%d-%d", room.Head, i))
			return err
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// copyNow does what the checkpointer does in time.
func copyNow(t *testing.T, db *DB) {
	t.Helper()
	c, err := openConn(db.dsn(checkpointParams))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.close() }()
	for deadline := time.Now().Add(20 * time.Second); ; runtime.Gosched() { // the indexer may be reading
		complete, err := db.log.copy(c, true)
		switch {
		case err != nil:
			t.Fatalf("copy the log: %v", err)
		case complete:
			return
		case time.Now().After(deadline):
			t.Fatal("the log is not copied")
		}
	}
}

// wantReset fails the test unless the follower's next join is answered with that reset.
func wantReset(t *testing.T, db *DB, since chat.Position, want string) {
	t.Helper()
	service := chat.New(chat.Config{Store: db.Store(), Limits: chat.Limits{SendRate: -1, SearchRate: -1, ReportRate: -1, PageSize: -1, MaxPageSize: -1, ReplayCap: -1, TextLength: -1}})
	joined, err := service.Join(t.Context(), chat.Actor{ID: "1", Space: chat.SpaceGeneral}, "lobby", &since)
	if err != nil || joined.Reset != want {
		t.Errorf("reset is %q, %v, want %q", joined.Reset, err, want)
	}
}

func TestFollowersOfAReplacedStateReset(t *testing.T) {
	with := func(base stateFiles, suffix string, data []byte) stateFiles {
		files := stateFiles{"": base[""], "-wal": base["-wal"], "-id": base["-id"]}
		files[suffix] = data
		return files
	}
	type outcome struct {
		files   stateFiles
		because string // "" for no reset
	}
	cases := func(p past) map[string]outcome {
		return map[string]outcome{
			"after a stop":                  {p.lateStop, ""},
			"after a crash":                 {p.lateRunning, ""},
			"crash between commit and mark": {with(p.lateRunning, "-id", p.lateCopied["-id"]), ""},
			"older copy":                    {with(p.early, "-id", p.lateStop["-id"]), "its last changes are missing"},
			"older copy after a crash":      {with(p.early, "-id", p.lateRunning["-id"]), "its last changes are missing"},
			"older copy with its log":       {with(p.earlyRunning, "-id", p.lateRunning["-id"]), "its last changes are missing"},
			"older copy without its log":    {stateFiles{"": p.earlyRunning[""], "-id": p.lateRunning["-id"]}, "its last changes are missing"},
			"log lost in a crash":           {with(p.lateRunning, "-wal", nil), "its last changes are missing, and so is its log"},
			"log cut short":                 {with(p.lateRunning, "-wal", p.lateRunning["-wal"][:len(p.lateRunning["-wal"])/2]), "its last changes are missing"},
			"mark lost":                     {with(p.lateStop, "-id", nil), "there is no"},
			"mark damaged":                  {with(p.lateStop, "-id", []byte("nothing of ours")), "there is no"},
		}
	}
	for name := range cases(livePast(t)) {
		t.Run(name, func(t *testing.T) {
			p := livePast(t)
			c := cases(p)[name]
			thaw(t, p.path, c.files)
			var log strings.Builder
			db := openAt(t, Config{Path: p.path, Exclusive: true, Logger: textLogger(&log)})
			before := lobby(t, db)
			want := "epoch"
			if c.because == "" {
				want = ""
			}
			wantReset(t, db, p.position, want)
			grow(t, db, 25-int(before.Head)) // beyond what the follower has seen
			wantReset(t, db, p.position, want)
			if said := strings.Contains(log.String(), "Sessions, passwords, roles, bans"); said != (want != "") || !strings.Contains(log.String(), c.because) {
				t.Errorf("the log is %q, want %q", log.String(), c.because)
			}
			current := chat.Position{Epoch: lobby(t, db).Epoch, Rev: before.Head}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			again := openAt(t, Config{Path: p.path, Exclusive: true})
			wantReset(t, again, current, "")
			if err := again.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestCopyOfAllFilesOverThemIsRecognised(t *testing.T) {
	copies := map[string]func(past) stateFiles{
		"of a stopped server": func(p past) stateFiles { return p.early },
		"of a running server": func(p past) stateFiles { return p.earlyRunning },
	}
	for name, files := range copies {
		for _, crashed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, crashed %v", name, crashed), func(t *testing.T) {
				p := livePast(t)
				if crashed {
					thaw(t, p.path, p.lateRunning)
				}
				overwrite(t, p.path, files(p))
				db := openAt(t, Config{Path: p.path, Exclusive: true})
				grow(t, db, 25-int(lobby(t, db).Head))
				wantReset(t, db, p.position, "epoch")
			})
		}
	}
}

func TestOnlineRestoreByAnotherProgramRefusesWrites(t *testing.T) {
	path := fresh(t)
	db, err := Open(t.Context(), Config{Path: path, Exclusive: true, PasswordMemory: 64})
	if err != nil {
		t.Fatal(err)
	}
	addUser(t, db, "ada", chat.RoleOwner)
	grow(t, db, 5)
	backup := filepath.Join(t.TempDir(), "backup.db")
	if _, err := Backup(t.Context(), path, backup, false); err != nil {
		t.Fatal(err)
	}
	grow(t, db, 5)
	room := lobby(t, db)
	// What .restore of sqlite3 does: it commits the pages of the copy.
	other, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	other.SetMaxOpenConns(1)
	for _, statement := range []string{
		"ATTACH '" + backup + "' AS copy", "BEGIN IMMEDIATE", "DELETE FROM main.chat_messages", "DELETE FROM main.chat_sends", "INSERT INTO main.chat_messages SELECT * FROM copy.chat_messages",
		"UPDATE main.chat_rooms SET head = (SELECT head FROM copy.chat_rooms c WHERE c.id = main.chat_rooms.id)", "COMMIT",
	} {
		if _, err := other.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err = db.Store().Write(t.Context(), func(w chat.Writer) error {
			_, err := post(w, lobby(t, db), "1", "message-late")
			return err
		}, nil)
		if err == nil || !strings.Contains(err.Error(), "restart the server") {
			t.Fatalf("a write over the restored copy: %v, want a refusal", err)
		}
	}
	if err := db.Close(); err == nil {
		t.Error("closing says nothing of the copy")
	}
	again := openAt(t, Config{Path: path, Exclusive: true})
	grow(t, again, 10)
	wantReset(t, again, chat.Position{Epoch: room.Epoch, Rev: room.Head}, "epoch")
}

func TestCheckpointTiesTheMarkToANewFile(t *testing.T) {
	path := fresh(t)
	openClosed(t, path, func(db *DB) {
		addUser(t, db, "ada", chat.RoleOwner)
		grow(t, db, 5)
		before := freeze(t, path)
		copyNow(t, db)
		if after := freeze(t, path); bytes.Equal(markSelf.Find(before["-id"]), markSelf.Find(after["-id"])) {
			t.Error("the mark is tied to the same file as before")
		}
	})
}

func TestACopyElsewhereHasNewEpochs(t *testing.T) {
	p := livePast(t)
	for name, files := range map[string]stateFiles{"file": {"": p.lateStop[""]}, "folder": p.lateStop, "running folder": p.lateRunning} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "copy.db")
			thaw(t, path, files)
			wantReset(t, openAt(t, Config{Path: path, Exclusive: true}), p.position, "epoch")
		})
	}
}

func TestAnOlderFileBesideALaterLogIsRefused(t *testing.T) {
	p := livePast(t)
	thaw(t, p.path, stateFiles{"": p.early[""], "-wal": p.lateRunning["-wal"], "-id": p.lateRunning["-id"]})
	for range 2 { // the refusal changes nothing
		_, err := Open(t.Context(), Config{Path: p.path, Exclusive: true})
		if err == nil || !strings.Contains(err.Error(), "older copy") || !strings.Contains(err.Error(), "remove "+p.path+"-wal") {
			t.Fatalf("error is %v, want what to do", err)
		}
	}
	thaw(t, p.path, stateFiles{"": p.early[""], "-id": p.lateRunning["-id"]})
	wantReset(t, openAt(t, Config{Path: p.path, Exclusive: true}), p.position, "epoch")
}

func TestALogWithoutItsFileIsRefused(t *testing.T) {
	p := livePast(t)
	for name, file := range map[string][]byte{"missing": nil, "empty": {}} {
		t.Run(name, func(t *testing.T) {
			files := stateFiles{"-wal": p.lateRunning["-wal"], "-id": p.lateRunning["-id"], "": file}
			thaw(t, p.path, files)
			for range 2 {
				if _, err := Open(t.Context(), Config{Path: p.path, Exclusive: true}); err == nil || !strings.Contains(err.Error(), "its log") {
					t.Fatalf("error is %v, want that the log is there", err)
				}
			}
			thaw(t, p.path, p.lateRunning)
			openClosed(t, p.path, func(db *DB) { wantReset(t, db, p.position, "") })
		})
	}
}

func TestACommandBesideTheServerKeepsTheHistory(t *testing.T) {
	path := fresh(t)
	server := openAt(t, Config{Path: path, Exclusive: true, PasswordMemory: 64})
	addUser(t, server, "ada", chat.RoleOwner)
	addUser(t, server, "bob", chat.RoleMember)
	grow(t, server, 3)
	early := freeze(t, path)
	command, err := Open(t.Context(), Config{Path: path})
	if err == nil {
		_, err = command.SetRole(t.Context(), "bob", chat.RoleModerator)
	}
	if err == nil {
		err = command.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	room := lobby(t, server)
	since := chat.Position{Epoch: room.Epoch, Rev: room.Head}
	late := freeze(t, path)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	thaw(t, path, late)
	openClosed(t, path, func(db *DB) { wantReset(t, db, since, "") })
	thaw(t, path, stateFiles{"": early[""], "-wal": early["-wal"], "-id": late["-id"]})
	openClosed(t, path, func(db *DB) { wantReset(t, db, since, "epoch") })
}

func TestADatabaseFromBeforeTheMarkIsAdopted(t *testing.T) {
	p := livePast(t)
	openClosed(t, p.path, func(db *DB) {
		if err := onWriter(t, db, func(c *conn) error { return c.each("drop", "UPDATE chat_identity SET token = ''", nil) }); err != nil {
			t.Fatal(err)
		}
	})
	if err := os.Remove(p.path + "-id"); err != nil {
		t.Fatal(err)
	}
	openClosed(t, p.path, func(db *DB) { wantReset(t, db, p.position, "") })
	openClosed(t, p.path, func(db *DB) { wantReset(t, db, p.position, "") })
}
