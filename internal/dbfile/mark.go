package dbfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
)

const (
	slotSize = 512 // bytes of one state; it takes 440 at most
	slots    = 2   // states are written in turns, so that one that is cut short leaves the one before
)

// Mark is a small file beside a database that says which state the database had last. A copy of
// the database does not have it, and a copy of the mark is recognised, so a state that was restored is told
// from one that went on. T is what is kept, as JSON.
//
// The mark is overwritten after a commit and before it is acknowledged, without waiting for the disk: that
// survives the process. After a power cut the mark may be older than the database, never newer. It is written through
// memory: a system call would give each sync of the database one more inode to write.
type Mark[T any] struct {
	file   *os.File
	memory []byte // the file
	self   string // copyID of the file
	number int64  // of the slot that was read or written last
}

type slot[T any] struct {
	Number int64  `json:"n"` // the highest is the latest
	Self   string `json:"self"`
	State  T      `json:"state"`
}

// OpenMark opens the mark at path, which is made if it is missing. It returns the state that was written last, and whether there is
// one: a mark that is new, damaged or a copy has none. The caller closes the Mark.
func OpenMark[T any](path string) (m *Mark[T], state T, found bool, err error) {
	made := false
	file, err := os.OpenFile(path, os.O_RDWR, PrivateMode)
	if errors.Is(err, os.ErrNotExist) {
		made = true
		file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, PrivateMode)
	}
	if err != nil {
		return nil, state, false, err
	}
	m = &Mark[T]{file: file}
	m.self, err = copyID(path)
	if err == nil {
		err = MakePrivate(path)
	}
	if err == nil {
		err = allocate(file)
	}
	if err == nil {
		m.memory, err = syscall.Mmap(int(file.Fd()), 0, slots*slotSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	}
	if err == nil && made {
		err = SyncFolder(path)
	}
	if err != nil {
		return nil, state, false, errors.Join(err, file.Close())
	}
	state, found, err = m.Read()
	return m, state, found, err
}

// allocate makes the file have its size on disk: to write through memory to what is not there needs free space.
func allocate(file *os.File) error {
	info, err := file.Stat()
	if missing := slots*slotSize - info.Size(); err == nil && missing > 0 {
		_, err = file.WriteAt(make([]byte, missing), info.Size())
	}
	return err
}

// ReadMark returns the state in the mark at path without changing anything; found is false for one that is missing,
// damaged or a copy.
func ReadMark[T any](path string) (state T, found bool, err error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return state, false, nil
	}
	m := Mark[T]{}
	if err == nil {
		m.self, err = copyID(path)
	}
	if err != nil {
		return state, false, err
	}
	latest, found := m.latest(append(data, make([]byte, slots*slotSize)...))
	return latest.State, found, nil
}

// Read returns the state that was written last, by any process.
func (m *Mark[T]) Read() (state T, found bool, err error) {
	defer recoverFault(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	latest, found := m.latest(m.memory)
	m.number = latest.Number
	return latest.State, found, nil
}

// latest returns the latest slot that is whole and not a copy's.
func (m *Mark[T]) latest(memory []byte) (latest slot[T], found bool) {
	for i := range slots {
		var s slot[T]
		sum, data, ok := bytes.Cut(bytes.TrimRight(memory[i*slotSize:(i+1)*slotSize], " \n\x00"), []byte(" "))
		if !ok || string(sum) != checksum(data) || json.Unmarshal(data, &s) != nil || s.Self != m.self {
			continue
		}
		if !found || s.Number > latest.Number {
			latest, found = s, true
		}
	}
	return latest, found
}

func checksum(data []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(data)) }

// Write stores the state. Calls must not overlap.
func (m *Mark[T]) Write(state T) (err error) {
	defer recoverFault(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	next := slot[T]{m.number + 1, m.self, state}
	data, err := json.Marshal(next)
	if err != nil {
		return err
	}
	text := append(append([]byte(checksum(data)), ' '), data...)
	if len(text) >= slotSize {
		return fmt.Errorf("the state takes %d bytes, more than %d", len(text), slotSize-1)
	}
	text = append(append(text, bytes.Repeat([]byte(" "), slotSize-1-len(text))...), '\n')
	copy(m.memory[next.Number%slots*slotSize:], text)
	m.number = next.Number
	return nil
}

// Renew moves the mark at path to a new file and writes the state there, so that a copy of the mark that was taken
// before is recognised also if it is written over the mark. Calls must not overlap with others.
func (m *Mark[T]) Renew(path string, state T) error {
	temp := path + ".new"
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	next, _, _, err := OpenMark[T](temp)
	if err != nil {
		return err
	}
	next.number = m.number
	if err := errors.Join(next.Write(state), next.Sync()); err != nil {
		return errors.Join(err, next.Close(), os.Remove(temp))
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, next.Close(), os.Remove(temp))
	}
	before := *m
	*m = *next
	return errors.Join(before.Close(), SyncFolder(path))
}

// recoverFault makes an error of the fault that reading or writing a file brings about which was cut short meanwhile.
func recoverFault(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the mark was changed by another program: %v", p)
	}
}

// Sync waits until the mark is on disk.
func (m *Mark[T]) Sync() error { return m.file.Sync() }

// Close closes the file.
func (m *Mark[T]) Close() error { return errors.Join(syscall.Munmap(m.memory), m.file.Close()) }

// SyncFolder waits until the folder of path has its entries on disk.
func SyncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
