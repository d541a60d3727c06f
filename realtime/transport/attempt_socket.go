//go:build (linux || darwin || freebsd || netbsd || openbsd || dragonfly) && !portable

package transport

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// attempt reads and writes connections without waiting. It is for one goroutine at a time, and
// made by newAttempt: its functions are bound once, so that using it allocates nothing.
type attempt struct {
	buf         []byte
	n           int
	err         error
	read, write func(fd uintptr) bool
}

// init binds what the connections call.
func (a *attempt) init() {
	a.read = func(fd uintptr) bool { a.do(fd, syscall.Read); return true }
	a.write = func(fd uintptr) bool { a.do(fd, syscall.Write); return true }
}

func (a *attempt) do(fd uintptr, call func(int, []byte) (int, error)) {
	for {
		a.n, a.err = call(int(fd), a.buf)
		if !errors.Is(a.err, syscall.EINTR) {
			return
		}
	}
}

// tryRead reads what is there. The error is errAgain if nothing is, or io.EOF, or the connection's.
func (a *attempt) tryRead(raw syscall.RawConn, p []byte) (int, error) {
	n, err := a.try(raw.Read, a.read, p)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

// tryWrite writes what the connection takes, which may be less than p. The error is the connection's.
func (a *attempt) tryWrite(raw syscall.RawConn, p []byte) (int, error) {
	n, err := a.try(raw.Write, a.write, p)
	if errors.Is(err, errAgain) {
		err = nil
	}
	return n, err
}

func (a *attempt) try(do func(func(uintptr) bool) error, call func(uintptr) bool, p []byte) (int, error) {
	a.buf, a.n, a.err = p, 0, nil
	err := do(call)
	a.buf = nil
	switch {
	case err != nil:
		return 0, err
	case errors.Is(a.err, syscall.EAGAIN):
		return 0, errAgain
	case a.err != nil:
		return 0, a.err
	}
	return a.n, nil
}

// rawOf returns what attempts need of a connection; nil where they cannot be made, as with TLS.
func rawOf(conn net.Conn) syscall.RawConn {
	if c, ok := conn.(syscall.Conn); ok {
		if raw, err := c.SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}
