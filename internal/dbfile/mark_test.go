package dbfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type state struct {
	Text string `json:"text"`
}

func openMark(t *testing.T, path string) (m *Mark[state], last state, found bool) {
	t.Helper()
	m, last, found, err := OpenMark[state](path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m, last, found
}

func write(t *testing.T, m *Mark[state], texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := m.Write(state{text}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAMarkKeepsTheLastState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mark")
	first, _, found := openMark(t, path)
	if found {
		t.Error("a new mark has a state")
	}
	write(t, first, "a", "b", "c")
	// It is not closed: a process that is killed does not close it either.
	second, last, found := openMark(t, path)
	if !found || last.Text != "c" {
		t.Errorf("the state is %+v, %v", last, found)
	}
	write(t, second, "d")
	if last, found, err := ReadMark[state](path); !found || last.Text != "d" || err != nil {
		t.Errorf("the state is %+v, %v, %v", last, found, err)
	}
	if err := first.Write(state{strings.Repeat("x", slotSize)}); err == nil {
		t.Error("a state that is too long was written")
	}
}

func TestACopiedMarkHasNoState(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "mark")
	m, _, _ := openMark(t, path)
	write(t, m, "a")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A new file may get the inode of the removed one.
	if err := errors.Join(os.WriteFile(filepath.Join(folder, "copy"), data, PrivateMode), os.Remove(path), os.WriteFile(path, data, PrivateMode)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"copy", "mark"} {
		if last, found, err := ReadMark[state](filepath.Join(folder, name)); found || err != nil {
			t.Errorf("%s has the state %+v, %v", name, last, err)
		}
	}
}

func TestAWriteThatIsCutShortLeavesTheStateBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mark")
	m, _, _ := openMark(t, path)
	write(t, m, "a", "b")
	latest := int(m.number % slots * slotSize)
	for cut := range 60 {
		whole := append([]byte{}, m.memory...)
		write(t, m, "longer than before")
		next := int(m.number % slots * slotSize)
		copy(m.memory[next+cut:next+slotSize], whole[next+cut:next+slotSize])
		if last, found, err := ReadMark[state](path); !found || last.Text != "b" || err != nil {
			t.Fatalf("cut after %d bytes: the state is %+v, %v, %v", cut, last, found, err)
		}
		copy(m.memory, whole)
		m.number--
		if latest == next {
			t.Fatal("the latest state was overwritten")
		}
	}
}

func TestAMarkThatIsTruncatedIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mark")
	m, _, _ := openMark(t, path)
	write(t, m, "a")
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if err := m.Write(state{"b"}); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("error is %v, want what happened", err)
	}
	if _, _, err := m.Read(); err == nil {
		t.Error("it was read")
	}
	again, _, found := openMark(t, path)
	if found {
		t.Error("it has a state")
	}
	write(t, again, "c")
}

func TestALockIsReleased(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	link := path + ".hard"
	if err := errors.Join(os.WriteFile(path, nil, PrivateMode), os.Link(path, link)); err != nil {
		t.Fatal(err)
	}
	for _, shared := range []bool{true, false} {
		lock, err := Take(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Take(path); !errors.Is(err, ErrLocked) {
			t.Errorf("the same path: %v", err)
		}
		if _, err := Take(link); !errors.Is(err, ErrOtherName) {
			t.Errorf("another path: %v", err)
		}
		if err := lock.Release(shared); err != nil {
			t.Error(err)
		}
	}
	if lock, err := Take(link); err != nil {
		t.Error(err)
	} else if err := lock.Release(false); err != nil {
		t.Error(err)
	}
}
