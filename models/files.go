package models

import (
	"errors"
	"os"
	"sync/atomic"

	"roomline/internal/dbfile"
)

const (
	// minFree is how many bytes have to be free for a write. On a small file system it is smallShare of it.
	minFree    = 4 << 20
	smallShare = 8 // one in
)

// files are the files of an open database. SQLite goes on with a file that was removed, and what is written to it
// is lost with the process.
type files struct {
	path  string // of the database
	free  func(path string) (free, total int64, err error)
	opens []openFile

	replaced atomic.Bool // another program has put another state into the file
}

type openFile struct {
	path string
	id   dbfile.ID
}

// watchFiles notes which files SQLite has open. Some connection of this process has read the database before.
func watchFiles(path string, free func(string) (int64, int64, error)) (*files, error) {
	f := &files{path: path, free: free}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		id, _, err := dbfile.Identify(path + suffix)
		if errors.Is(err, os.ErrNotExist) && suffix != "" {
			continue
		}
		if err != nil {
			return nil, err
		}
		f.opens = append(f.opens, openFile{path + suffix, id})
	}
	return f, nil
}

// check returns an error if a file was removed or replaced since it was opened.
func (f *files) check() error {
	if f.replaced.Load() {
		return fileFault("another program put an older copy into %s while the server runs: restart the server to use it", f.path)
	}
	for _, open := range f.opens {
		id, _, err := dbfile.Identify(open.path)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return fileFault("%s was removed while the server runs: put it back, or stop the server and restore a backup", open.path)
		case err != nil:
			return fileFault("look at the file: %v", err)
		case id != open.id:
			return fileFault("%s was replaced while the server runs: restart the server to use the new file", open.path)
		}
	}
	return nil
}

// space returns an error if too little is free for a write. What copying the log into the file may need is not free: a
// disk that the log alone fills stays full.
func (f *files) space() error {
	free, total, err := f.free(f.path)
	if err != nil {
		return fileFault("look for free space: %v", err)
	}
	_, log, err := dbfile.Identify(f.path + "-wal")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fileFault("look at the log: %v", err)
	}
	if need := min(minFree, total/smallShare) + log; free < need {
		return fileFault("the disk is full: %d kB are free where %s is, and a write needs %d kB", free>>10, f.path, need>>10)
	}
	return nil
}
