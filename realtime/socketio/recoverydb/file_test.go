package recoverydb_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"roomline/realtime/socketio"
	"roomline/realtime/socketio/recoverydb"
)

// burstPath is the variable that makes the test binary a process which writes to that store,
// says what has returned, and has to be killed.
const burstPath = "ROOMLINE_TEST_RECOVERY_BURST"

func TestMain(m *testing.M) {
	if path := os.Getenv(burstPath); path != "" {
		fmt.Fprintln(os.Stderr, burst(path))
		os.Exit(1)
	}
	// fasthttp keeps one clock for the whole process.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// burst has a journal and a socket in each of some namespaces, and goes on for ever.
func burst(path string) error {
	ctx := context.Background()
	store, err := recoverydb.Open(path)
	if err != nil {
		return err
	}
	failed := make(chan error)
	var out sync.Mutex
	for n := range 4 {
		namespace := fmt.Sprintf("/%d", n)
		head, err := store.Head(ctx, namespace)
		if err != nil {
			return err
		}
		go func() {
			for offset := head + 1; ; offset++ {
				err := store.Append(ctx, namespace, entry(offset))
				if err == nil {
					err = store.Save(ctx, namespace, socketio.State{PID: "p", Received: offset})
				}
				if err != nil {
					failed <- err
				}
				out.Lock()
				fmt.Println(namespace, offset, "kept")
				out.Unlock()
			}
		}()
	}
	return <-failed
}

func TestWhatHasReturnedSurvivesKill9(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recovery.db")
	kept := map[string]uint64{} // the last offset by namespace
	for range 3 {
		killBurst(t, path, kept)
		store, err := recoverydb.Open(path)
		must(t, err)
		for namespace, last := range kept {
			entries, err := store.Between(t.Context(), namespace, 0, math.MaxUint64)
			must(t, err)
			for i, e := range entries {
				if e.Offset != uint64(i)+1 || string(e.Packet[0]) != string(entry(e.Offset).Packet[0]) {
					t.Fatalf("entry %d of %s is %+v", i+1, namespace, e)
				}
			}
			st, ok, err := store.Load(t.Context(), namespace, "p")
			if err != nil || !ok || st.Received < last || uint64(len(entries)) < st.Received {
				t.Errorf("%s had kept %d; there are %d entries and the state %+v (%v), %v", namespace, last, len(entries), st, ok, err)
			}
		}
		must(t, store.Close())
	}
}

// killBurst runs a burst, kills it amid its writes, and notes what it had kept.
func killBurst(t *testing.T, path string, kept map[string]uint64) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), burstPath+"="+path)
	var complaints strings.Builder
	child.Stderr = &complaints
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	lines, heard := bufio.NewScanner(out), 0
	for ; lines.Scan(); heard++ {
		var namespace string
		var offset uint64
		if _, err := fmt.Sscanf(lines.Text(), "%s %d kept", &namespace, &offset); err != nil {
			break // cut short by the kill
		}
		kept[namespace] = offset
		if heard == 300 {
			if store, err := recoverydb.Open(path); err == nil || !strings.Contains(err.Error(), "another process is using it") {
				t.Errorf("a second process got %v, %v", store, err)
			}
			must(t, child.Process.Kill())
		}
	}
	_ = child.Wait() // killed: an error in any case
	if complaints.Len() > 0 || heard < 300 {
		t.Fatalf("the burst ended after %d writes: %s", heard, complaints.String())
	}
}

func TestAFileHasOneUser(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "recovery.db"), filepath.Join(dir, "link")
	store := open(t, path)
	must(t, os.Symlink(path, link))
	for _, name := range []string{path, link} {
		if _, err := recoverydb.Open(name); err == nil || !strings.Contains(err.Error(), "another process is using it") {
			t.Errorf("%s was opened twice: %v", name, err)
		}
	}
	must(t, store.Append(t.Context(), "/", entry(1)), store.Close())
	wantEntries(t, open(t, link), "/", 0, 1)
}

func TestAHardLinkIsTheSameFile(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "recovery.db"), filepath.Join(dir, "link.db")
	open(t, path)
	must(t, os.Link(path, link))
	if _, err := recoverydb.Open(link); err == nil || !strings.Contains(err.Error(), "under another name") {
		t.Errorf("a second name of the file was opened: %v", err)
	}
}

func TestCopyOverAllFilesRecoversNobody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recovery.db")
	store, err := recoverydb.Open(path)
	must(t, err, store.Append(t.Context(), "/", entry(1)), store.Close())
	copies := map[string][]byte{}
	for _, suffix := range []string{"", "-id"} {
		copies[suffix], err = os.ReadFile(path + suffix)
		must(t, err)
	}
	store, err = recoverydb.Open(path)
	must(t, err, store.Append(t.Context(), "/", entry(2)), store.Close())
	for suffix, data := range copies {
		must(t, os.WriteFile(path+suffix, data, 0o600))
	}
	store = open(t, path)
	entries, err := store.Between(t.Context(), "/", 0, math.MaxInt64)
	must(t, err)
	if len(entries) != 0 {
		t.Errorf("%d entries are left", len(entries))
	}
}

func TestARestoredCopyRecoversNobody(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "recovery.db")
	fill := func(offsets ...uint64) {
		t.Helper()
		store, err := recoverydb.Open(path)
		must(t, err)
		for _, offset := range offsets {
			must(t, store.Append(t.Context(), "/", entry(offset)), store.Save(t.Context(), "/", socketio.State{PID: "p", Received: offset}))
		}
		must(t, store.Close())
	}
	empty := func(path string) bool {
		store := open(t, path)
		entries, err := store.Between(t.Context(), "/", 0, math.MaxInt64)
		must(t, err)
		_, found, err := store.Load(t.Context(), "/", "p")
		must(t, err, store.Close())
		return len(entries) == 0 && !found
	}
	fill(1, 2, 3)
	older, err := os.ReadFile(path)
	must(t, err)
	fill(4, 5)
	if empty(path) {
		t.Error("the store lost what it had")
	}
	must(t, os.WriteFile(path, older, 0o600))
	if !empty(path) {
		t.Error("an older copy still has its entries")
	}
	fill(6, 7)
	for _, suffix := range []string{"", "-id"} {
		data, err := os.ReadFile(path + suffix)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, "elsewhere.db"+suffix), data, 0o600))
	}
	if !empty(filepath.Join(dir, "elsewhere.db")) {
		t.Error("a copy elsewhere still has its entries")
	}
}

func TestOnlyTheOwnerMayReadTheFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recovery.db?mode=memory#%41") // no part of it is a parameter
	must(t, os.WriteFile(path, nil, 0o644))
	must(t, open(t, path).Append(t.Context(), "/", entry(1)))
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	must(t, err)
	if len(files) != 5 { // with the log, its index, the lock and the mark
		t.Errorf("the files are %q", files)
	}
	for _, name := range files {
		info, err := os.Stat(name)
		must(t, err)
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %o", name, got)
		}
	}
}

func TestAFileThatIsNotAStoreIsRefused(t *testing.T) {
	dir := t.TempDir()
	prepare := func(name, statement string) string {
		path := filepath.Join(dir, name)
		db, err := sql.Open("sqlite3", path)
		must(t, err)
		_, err = db.Exec(statement)
		must(t, err, db.Close())
		return path
	}
	text := filepath.Join(dir, "text")
	must(t, os.WriteFile(text, []byte(strings.Repeat("no database ", 100)), 0o600))
	for path, want := range map[string]string{
		prepare("later", "PRAGMA user_version = 2"): "it is of version 2, this program knows up to 1",
		prepare("other", "CREATE TABLE t (c)"):      "a database of something else",
		text:                                        "not a database",
		dir:                                         "directory",
		filepath.Join(dir, "nowhere", "recovery.db"): "no such file",
	} {
		store, err := recoverydb.Open(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, %v, want %q", path, store, err, want)
		}
	}
}

func TestWhatIsTrimmedMakesRoom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recovery.db")
	store := open(t, path)
	ctx, offset, size := t.Context(), uint64(0), int64(0)
	for cycle := range 8 {
		for range 400 {
			offset++
			pid := fmt.Sprint(offset)
			must(t, store.Append(ctx, "/", socketio.Entry{Offset: offset, Packet: [][]byte{make([]byte, 4000)}}),
				store.Save(ctx, "/", socketio.State{PID: pid, Data: make([]byte, 500), Left: time.UnixMicro(int64(offset))}))
		}
		must(t, store.Trim(ctx, offset, time.UnixMicro(int64(offset))))
		var now int64
		for _, name := range []string{path, path + "-wal"} {
			info, err := os.Stat(name)
			must(t, err)
			now += info.Size()
		}
		if cycle == 3 {
			size = now
		}
		if cycle > 3 && now > size+size/4 {
			t.Errorf("the files have grown from %d bytes to %d", size, now)
		}
	}
}

func TestAStoreThatIsClosedSaysSo(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "recovery.db"))
	must(t, store.Close(), store.Close())
	if err := store.Append(t.Context(), "/", entry(1)); err == nil {
		t.Error("appended")
	}
	if _, err := store.Between(t.Context(), "/", 0, math.MaxUint64); err == nil {
		t.Error("read")
	}
}

func TestAWriteIsNotInterrupted(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "recovery.db"))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	must(t, store.Append(ended, "/", entry(1)))
	if err := store.Trim(ended, 2, time.Time{}); err == nil {
		t.Error("trimming went on")
	}
	wantEntries(t, store, "/", 0, 1)
}
