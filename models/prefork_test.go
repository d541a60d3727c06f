package models

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestChildOfPreforkIsRefusedByName(t *testing.T) {
	t.Setenv("FIBER_PREFORK_CHILD", "1")
	path := filepath.Join(t.TempDir(), "chat.db")
	if _, err := Open(t.Context(), Config{Path: path, Exclusive: true, NoAccounts: true}); err == nil || !strings.Contains(err.Error(), "Prefork") {
		t.Errorf("Open returns %v", err)
	}
}
