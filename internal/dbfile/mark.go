package dbfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// markSize is the size of a mark in bytes: one sector, which a disk writes as a whole.
const markSize = 512

// Mark is a small file beside a database that says which state the database had last. A copy of
// the database does not have it, and a copy of the mark is recognised, so a state that was restored is told
// from one that went on. T is what is kept; its JSON takes 400 bytes at most.
//
// The mark is overwritten after a commit and before it is acknowledged, without waiting for the disk: that
// survives the process. After a power cut the mark may be older than the database, never newer.
type Mark[T any] struct {
	file *os.File
	self string // copyID of the file
}

type markContent[T any] struct {
	Self  string `json:"self"`
	State T      `json:"state"`
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
	if err == nil && made {
		err = SyncFolder(path)
	}
	if err == nil {
		state, found, err = m.Read()
	}
	if err != nil {
		return nil, state, false, errors.Join(err, file.Close())
	}
	return m, state, found, nil
}

// ReadMark returns the state in the mark at path without changing anything; found is false for one that is missing,
// damaged or a copy.
func ReadMark[T any](path string) (state T, found bool, err error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return state, false, nil
	}
	if err != nil {
		return state, false, err
	}
	m := &Mark[T]{file: file}
	if m.self, err = copyID(path); err == nil {
		state, found, err = m.Read()
	}
	return state, found, errors.Join(err, file.Close())
}

// Read returns the state that was written last, by any process.
func (m *Mark[T]) Read() (state T, found bool, err error) {
	buf := make([]byte, markSize)
	n, err := m.file.ReadAt(buf, 0)
	if n < markSize {
		return state, false, nil // new, or cut off
	}
	if err != nil {
		return state, false, err
	}
	var c markContent[T]
	if json.Unmarshal(buf, &c) != nil || c.Self != m.self {
		return state, false, nil
	}
	return c.State, true, nil
}

// Write stores the state.
func (m *Mark[T]) Write(state T) error {
	data, err := json.Marshal(markContent[T]{m.self, state})
	if err != nil {
		return err
	}
	if len(data) >= markSize {
		return fmt.Errorf("the state takes %d bytes, more than %d", len(data), markSize-1)
	}
	data = append(data, bytes.Repeat([]byte(" "), markSize-1-len(data))...)
	_, err = m.file.WriteAt(append(data, '\n'), 0)
	return err
}

// Sync waits until the mark is on disk.
func (m *Mark[T]) Sync() error { return m.file.Sync() }

// Close closes the file.
func (m *Mark[T]) Close() error { return m.file.Close() }

// SyncFolder waits until the folder of path has its entries on disk.
func SyncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
