package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestReadinessFollowsTheFile(t *testing.T) {
	s := start(t, newDB(t))
	want := func(status int) {
		t.Helper()
		for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
			if got, _ := s.get(t, "/readyz"); got == status {
				return
			} else if time.Since(begin) > 20*time.Second {
				t.Fatalf("/readyz is %d, want %d: %s", got, status, s.stderr)
			}
		}
	}
	want(http.StatusOK)
	if err := os.Rename(s.db, s.db+".moved"); err != nil {
		t.Fatal(err)
	}
	want(http.StatusServiceUnavailable)
	if status, _ := s.get(t, "/signup"); status != http.StatusOK {
		t.Errorf("pages are %d", status)
	}
	if err := os.Rename(s.db+".moved", s.db); err != nil {
		t.Fatal(err)
	}
	want(http.StatusOK)
	if log := s.stderr.String(); strings.Count(log, "takes no writes") != 1 || !strings.Contains(log, "was removed while the server runs") {
		t.Errorf("the log is %s", log)
	}
}

func TestBackupsAreMadeAndRestored(t *testing.T) {
	s := start(t, newDB(t))
	file := filepath.Join(t.TempDir(), "backup.db")
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"backup", file}, 0, "backed up to " + file + ": 2 rooms, 0 messages"},
		{[]string{"backup", file}, 1, "--force replaces it"},
		{[]string{"backup", "--force", file}, 0, "backed up"},
		{[]string{"backup", "--force", s.db}, 1, "belongs to the database itself"},
		{[]string{"backup", filepath.Join(file, "within")}, 1, "not a directory"},
		{[]string{"backup", "-"}, 0, "SQLite format 3"},
		{[]string{"restore", "--force", file}, 1, "stop it first"},
		{[]string{"restore", file}, 1, "--force replaces it"},
		{[]string{"doctor"}, 0, "ok   lock: a server is using the database"},
	} {
		status, out, errs := command(t, "", append([]string{"--db=" + s.db}, c.args...)...)
		if status != c.status || !strings.Contains(out+errs, c.says) {
			t.Errorf("%q: exit status %d, %.300q, %q", c.args, status, out, errs)
		}
	}
	s.stop()
	s.wait(t)
	status, out, errs := command(t, "", "--db="+s.db, "restore", "--force", file)
	if status != 0 || !strings.Contains(out, "2 rooms") {
		t.Errorf("restore: exit status %d, %q, %q", status, out, errs)
	}
	if err := os.Chmod(s.db, 0o644); err != nil {
		t.Fatal(err)
	}
	status, out, errs = command(t, "", "--db="+s.db, "doctor")
	if status != 1 || !strings.Contains(out, "BAD  permissions: ") || !strings.Contains(errs, "1 of the checks failed") {
		t.Errorf("doctor: exit status %d, %q, %q", status, out, errs)
	}
}
