//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly) || portable

package transport

import (
	"errors"
	"net"
	"syscall"
)

// attempt is not for this system: rawOf says so.
type attempt struct{}

func (attempt) init() {}

func (attempt) tryRead(syscall.RawConn, []byte) (int, error)  { return 0, errors.ErrUnsupported }
func (attempt) tryWrite(syscall.RawConn, []byte) (int, error) { return 0, errors.ErrUnsupported }

func rawOf(net.Conn) syscall.RawConn { return nil }
