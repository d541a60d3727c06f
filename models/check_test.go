package models

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"roomline/realtime/chat"
)

// crashed is a database whose file has everything and whose last stop was not clean.
func crashed(t *testing.T) (path string, files stateFiles) {
	t.Helper()
	path = fresh(t)
	openClosed(t, path, func(db *DB) {
		addUser(t, db, "ada", chat.RoleOwner)
		grow(t, db, 200)
		copyNow(t, db)
		files = freeze(t, path)
	})
	delete(files, "-wal")
	return path, files
}

func TestADamagedFileIsRefusedAfterACrash(t *testing.T) {
	const page = 4096
	for name, damage := range map[string]func(data []byte) []byte{
		"garbage in the pages": func(data []byte) []byte {
			for at := 2 * page; at+page <= len(data); at += page {
				copy(data[at:], bytes.Repeat([]byte{0xA5}, 64))
			}
			return data
		},
		"a page of zeros": func(data []byte) []byte { copy(data[3*page:], make([]byte, page)); return data },
		"the header":      func(data []byte) []byte { copy(data, "something else entirely"); return data },
		"cut off":         func(data []byte) []byte { return data[:len(data)/2/page*page] },
		"a page twice":    func(data []byte) []byte { copy(data[4*page:5*page], data[2*page:3*page]); return data },
	} {
		t.Run(name, func(t *testing.T) {
			path, files := crashed(t)
			files[""] = damage(files[""])
			thaw(t, path, files)
			_, err := Open(t.Context(), Config{Path: path, Exclusive: true})
			if err == nil || !strings.Contains(err.Error(), "is damaged") || !strings.Contains(err.Error(), "roomline restore --force") {
				t.Fatalf("error is %v, want what to do", err)
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, files[""]) {
				t.Error("the refusal changed the file")
			}
		})
	}
}

func TestOnlyAnUncleanStopIsFollowedByACheck(t *testing.T) {
	path, files := crashed(t)
	checked := func() bool {
		var log strings.Builder
		db, err := Open(t.Context(), Config{Path: path, Exclusive: true, Logger: textLogger(&log)})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		return strings.Contains(log.String(), "checked the database")
	}
	if checked() {
		t.Error("it is checked after a clean stop")
	}
	thaw(t, path, files)
	if !checked() {
		t.Error("it is not checked after a crash")
	}
	if checked() {
		t.Error("it is checked twice")
	}
}

func TestACheckEndsWithItsContext(t *testing.T) {
	path, _ := crashed(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if problem, err := findDamage(ctx, dsn(path, readParams)); problem != "" || err == nil {
		t.Errorf("got %q, %v, want that it was ended", problem, err)
	}
}

// bad returns the checks of Examine that failed.
func bad(t *testing.T, path string) (checks string) {
	t.Helper()
	for _, f := range Examine(t.Context(), path) {
		if f.Bad {
			checks += f.Check + ": " + f.Text + "\n"
		}
	}
	return checks
}

func TestExamineNamesWhatIsWrong(t *testing.T) {
	type outcome struct {
		files stateFiles
		harm  func(path string) error
		want  string // "" for nothing
	}
	cases := func(p past) map[string]outcome {
		return map[string]outcome{
			"a stop":            {p.lateStop, nil, ""},
			"a crash":           {p.lateRunning, nil, ""},
			"no file":           {stateFiles{}, nil, "file: "},
			"an empty file":     {stateFiles{"": {}}, nil, "is empty"},
			"another file":      {stateFiles{"": []byte(strings.Repeat("no database ", 1000))}, nil, "pages: the file is damaged"},
			"an older copy":     {stateFiles{"": p.early[""], "-id": p.lateStop["-id"]}, nil, "history: the database is an older copy"},
			"a stale log":       {stateFiles{"": p.early[""], "-wal": p.lateRunning["-wal"], "-id": p.lateRunning["-id"]}, nil, "history: the file is an older copy"},
			"others may read":   {p.lateStop, func(path string) error { return os.Chmod(path, 0o640) }, "permissions: others may open"},
			"a damaged page":    {stateFiles{"": append(append([]byte{}, p.lateStop[""][:3*4096]...), make([]byte, len(p.lateStop[""])-3*4096)...)}, nil, "pages: the file is damaged"},
			"a copy brought in": {stateFiles{"": p.early[""]}, nil, ""},
		}
	}
	for name := range cases(livePast(t)) {
		t.Run(name, func(t *testing.T) {
			p := livePast(t)
			c := cases(p)[name]
			thaw(t, p.path, c.files)
			if c.harm != nil {
				if err := c.harm(p.path); err != nil {
					t.Fatal(err)
				}
			}
			before := freeze(t, p.path)
			if got := bad(t, p.path); c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("the findings are %q, want %q", got, c.want)
			}
			for suffix, data := range freeze(t, p.path) {
				if !bytes.Equal(before[suffix], data) {
					t.Errorf("examining changed the file %q", suffix)
				}
			}
		})
	}
}

func TestExamineWorksBesideAServer(t *testing.T) {
	db := openTest(t)
	addUser(t, db, "ada", chat.RoleOwner)
	grow(t, db, 5)
	if got := bad(t, db.Path()); got != "" {
		t.Errorf("the findings are %q", got)
	}
	grow(t, db, 1)
}

func TestALostEndOfTheAuditLogIsNoticed(t *testing.T) {
	path := fresh(t)
	var early, late stateFiles
	openClosed(t, path, func(db *DB) {
		addUser(t, db, "ada", chat.RoleOwner)
		addUser(t, db, "bob", chat.RoleMember)
		setBob(t, db, chat.RoleModerator)
	})
	early = freeze(t, path)
	openClosed(t, path, func(db *DB) { setBob(t, db, chat.RoleMember) })
	late = freeze(t, path)
	lost := func(files stateFiles, entries ...chat.Role) (entry int64) {
		thaw(t, path, files)
		openClosed(t, path, func(db *DB) {
			for _, role := range entries {
				setBob(t, db, role)
			}
			var err error
			if entry, err = db.LostAudit(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
		return entry
	}
	if entry := lost(late); entry != 0 {
		t.Errorf("entry %d is missing from the whole log", entry)
	}
	if entry := lost(stateFiles{"": early[""], "-id": late["-id"]}); entry != 2 {
		t.Errorf("entry %d is missing, want 2", entry)
	}
	// Another entry of the same number does not make up for it.
	if entry := lost(stateFiles{"": early[""], "-id": late["-id"]}, chat.RoleOwner, chat.RoleMember); entry != 2 {
		t.Errorf("entry %d is missing behind new ones, want 2", entry)
	}
}

func setBob(t *testing.T, db *DB, role chat.Role) {
	t.Helper()
	if _, err := db.SetRole(t.Context(), "bob", role); err != nil {
		t.Fatal(err)
	}
}
