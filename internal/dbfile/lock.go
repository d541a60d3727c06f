package dbfile

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// PrivateMode is the mode of every file that holds data: only the owner may read it.
const PrivateMode = 0o600

// The reasons why Take fails although nothing is wrong with the file.
var (
	// ErrLocked: another process, or another opener in this one, holds the lock under this path.
	ErrLocked = errors.New("another process is using it")
	// ErrOtherName: the same, under another path of the same file.
	ErrOtherName = errors.New("another process is using it under another name (a hard link or a bind mount)")
)

// Lock makes one opener the only user of a database file, whatever path it is opened by. It ends with
// Release or with the process.
type Lock struct {
	byPath *os.File // the lock file: also excludes openers that share a folder but no kernel
	byFile int      // descriptor of the database file itself, -1 for none
}

// Take locks the database at path, which must exist with symbolic links resolved. The lock file beside it is
// made and never removed: removing it would let two openers lock two files of one name.
//
// The descriptor of the database file is opened only if no other opener in this process uses the path,
// and is never closed if locking it fails: closing any descriptor of a file drops all of the process's POSIX locks on it, which
// are SQLite's.
func Take(path string) (*Lock, error) {
	byPath, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, PrivateMode)
	if err != nil {
		return nil, err
	}
	if err := MakePrivate(path + ".lock"); err != nil {
		return nil, errors.Join(err, byPath.Close())
	}
	err = syscall.Flock(int(byPath.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrLocked
	} else if err != nil {
		err = fmt.Errorf("lock %s.lock: %w", path, err)
	}
	l := &Lock{byPath: byPath, byFile: -1}
	if err == nil {
		l.byFile, err = lockFile(path)
	}
	if err != nil {
		return nil, errors.Join(err, byPath.Close())
	}
	return l, nil
}

// Release gives the lock up. With shared, other code of this process may still have the database open: its
// descriptor is then unlocked and left open until the process ends. Otherwise SQLite's connections must be closed before.
func (l *Lock) Release(shared bool) error {
	return errors.Join(unlockFile(l.byFile, shared), l.byPath.Close())
}

// MakePrivate takes a file from all but its owner.
func MakePrivate(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", path)
	}
	if info.Mode().Perm() == PrivateMode {
		return nil
	}
	return os.Chmod(path, PrivateMode)
}
