package models

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// errLocked says that another process holds a lock file.
var errLocked = errors.New("locked by another process")

// takeLock locks the file at path, made if it is missing, for this process; it returns
// errLocked when another process, or another opener in this one, has it. Closing the
// file, or the end of the process however it comes, gives the lock up. The file stays:
// removing it would let two openers lock two files of one name.
func takeLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, privateMode)
	if err != nil {
		return nil, err
	}
	if err := makePrivate(path); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errLocked
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}
