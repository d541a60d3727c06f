package dbfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// ID tells a file from every other file on this machine.
type ID struct{ device, inode uint64 }

// Identify returns the ID and the size in bytes of the file at path.
func Identify(path string) (id ID, size int64, err error) {
	var st syscall.Stat_t // os.Stat allocates, and this runs before every commit
	if err := ignoringEINTR(func() error { return syscall.Stat(path, &st) }); err != nil {
		return ID{}, 0, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return ID{uint64(st.Dev), st.Ino}, st.Size, nil //nolint:unconvert // other systems have another type
}

// Free returns how many bytes this process may still write where path is, and how many the file system has in all.
func Free(path string) (free, total int64, err error) {
	var st syscall.Statfs_t
	if err := ignoringEINTR(func() error { return syscall.Statfs(path, &st) }); err != nil {
		return 0, 0, &fs.PathError{Op: "statfs", Path: path, Err: err}
	}
	blocks, all := uint64(st.Bavail), uint64(st.Blocks) //nolint:unconvert // other systems have other types
	if os.Geteuid() == 0 {
		blocks = st.Bfree // root may use what is reserved for it
	}
	size := int64(st.Bsize) //nolint:unconvert // likewise
	return int64(blocks) * size, int64(all) * size, nil
}

func ignoringEINTR(call func() error) error {
	for {
		if err := call(); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// copyID returns a text that a copy of the file at path does not share: its inode, and when it was made. Where the file
// system does not tell the latter, it is the device and the inode.
func copyID(path string) (string, error) {
	id, _, err := Identify(path)
	if err != nil {
		return "", err
	}
	if born, ok := birthTime(path); ok {
		return fmt.Sprintf("%d-%d", id.inode, born), nil
	}
	return fmt.Sprintf("%d/%d", id.device, id.inode), nil
}
