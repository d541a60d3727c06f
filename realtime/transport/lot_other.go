//go:build !linux || portable

package transport

import (
	"errors"
	"syscall"
)

// lot is not for this system: each connection keeps its goroutine.
type lot struct{}

func newLot(func(id uint64, hungUp bool)) (*lot, error) { return nil, errors.ErrUnsupported }

func (*lot) watch(syscall.RawConn, uint64) error { return errors.ErrUnsupported }

func (*lot) close() {}
