//go:build !linux

package dbfile

// lockFile does nothing where locks of an open file description are not available: the lock file alone
// excludes openers of the same path.
func lockFile(string) (fd int, err error) { return -1, nil }

func unlockFile(int, bool) error { return nil }
