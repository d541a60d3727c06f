package models

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestABindMountIsTheSameFile(t *testing.T) {
	dir := t.TempDir()
	path, mounted := filepath.Join(dir, "roomline.db"), filepath.Join(t.TempDir(), "mounted.db")
	openAt(t, Config{Path: path, Exclusive: true})
	if err := os.WriteFile(mounted, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount(path, mounted, "", syscall.MS_BIND, ""); err != nil {
		t.Logf("cannot mount here, so only hard links are tested: %v", err)
		return
	}
	defer func() {
		if err := syscall.Unmount(mounted, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	}()
	if _, err := Open(t.Context(), Config{Path: mounted, Exclusive: true}); err == nil || !strings.Contains(err.Error(), "under another name") {
		t.Errorf("error is %v, want that the file has another name", err)
	}
}
