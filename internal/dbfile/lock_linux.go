package dbfile

import (
	"errors"
	"fmt"
	"io"

	"golang.org/x/sys/unix"
)

// lockedByte is the offset of the byte that is locked, far behind those that SQLite locks.
const lockedByte = 1 << 60

// lockFile locks the file itself, by its inode. The lock belongs to the open file description, so it also
// excludes other openers in this process.
func lockFile(path string) (fd int, err error) {
	fd, err = unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("open %s: %w", path, err)
	}
	err = setLock(fd, unix.F_WRLCK)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return -1, ErrOtherName
	} else if err != nil {
		return -1, fmt.Errorf("lock %s: %w", path, err)
	}
	return fd, nil
}

func setLock(fd int, kind int16) error {
	lock := unix.Flock_t{Type: kind, Whence: io.SeekStart, Start: lockedByte, Len: 1}
	return unix.FcntlFlock(uintptr(fd), unix.F_OFD_SETLK, &lock)
}

func unlockFile(fd int, keep bool) error {
	if keep {
		return setLock(fd, unix.F_UNLCK)
	}
	return unix.Close(fd)
}
