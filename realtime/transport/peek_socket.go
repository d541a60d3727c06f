//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package transport

import (
	"errors"
	"net"
	"syscall"
)

// clientLeft reports whether the client has closed its end of the connection, as far as
// that can be seen without reading from it: a flushed answer is no delivery.
func clientLeft(conn net.Conn) bool {
	raw, ok := conn.(syscall.Conn) // not so for TLS in process, whose bytes tell nothing
	if !ok {
		return false
	}
	rc, err := raw.SyscallConn()
	if err != nil {
		return true
	}
	var n int
	var recvErr error
	// Control, not Read: Read obeys the read deadline, which a long poll has outlived.
	err = rc.Control(func(fd uintptr) {
		var b [1]byte
		n, _, recvErr = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	switch {
	case err != nil:
		return true
	case recvErr == nil:
		return n == 0
	}
	return !errors.Is(recvErr, syscall.EAGAIN) && !errors.Is(recvErr, syscall.EWOULDBLOCK) && !errors.Is(recvErr, syscall.EINTR)
}
