package dbfile

import "golang.org/x/sys/unix"

// birthTime returns when the file was made, in nanoseconds since 1970. Nothing can set it: a copy, also one
// that was given the number of a removed inode, has another.
func birthTime(path string) (int64, bool) {
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_BTIME, &st)
	if err != nil || st.Mask&unix.STATX_BTIME == 0 {
		return 0, false
	}
	return st.Btime.Sec*1e9 + int64(st.Btime.Nsec), true
}
