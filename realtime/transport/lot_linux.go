//go:build !portable

package transport

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
)

// lot is where quiet connections are parked: an epoll of its own tells when one has something
// to read, and until then nothing of it but its socket exists, no goroutine and no buffer.
//
// The epoll itself is watched by the runtime's poller, so that waiting takes no thread.
type lot struct {
	// set once
	ready func(id uint64, hungUp bool) // must not block
	file  *os.File
	raw   syscall.RawConn
	done  sync.WaitGroup
}

// newLot opens a lot that calls ready for each connection that something has happened to: once
// when it is watched if there is something to read, and whenever more comes; hungUp says that the
// client has closed its end. It must be closed.
func newLot(ready func(id uint64, hungUp bool)) (*lot, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make an epoll: %w", err)
	}
	if err := syscall.SetNonblock(fd, true); err != nil { // os.NewFile goes by that
		return nil, errors.Join(fmt.Errorf("make an epoll: %w", err), syscall.Close(fd))
	}
	l := &lot{ready: ready, file: os.NewFile(uintptr(fd), "epoll")}
	if l.raw, err = l.file.SyscallConn(); err != nil {
		return nil, errors.Join(fmt.Errorf("make an epoll: %w", err), l.file.Close())
	}
	l.done.Go(l.run)
	return l, nil
}

// close ends the watch, and waits for what runs in ready. A nil lot has nothing to close.
func (l *lot) close() {
	if l == nil {
		return
	}
	_ = l.file.Close() // nothing of it is to be kept
	l.done.Wait()
}

// watch adds a connection for as long as it is open. The error is the system's: it may have
// no room for more.
func (l *lot) watch(conn syscall.RawConn, id uint64) error {
	event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | edgeTriggered, Fd: int32(id), Pad: int32(id >> 32)}
	var failed error
	err := l.raw.Control(func(epoll uintptr) {
		failed = conn.Control(func(fd uintptr) {
			failed = syscall.EpollCtl(int(epoll), syscall.EPOLL_CTL_ADD, int(fd), &event)
			if errors.Is(failed, syscall.EEXIST) { // under another id
				failed = syscall.EpollCtl(int(epoll), syscall.EPOLL_CTL_MOD, int(fd), &event)
			}
		})
	})
	return errors.Join(err, failed)
}

// edgeTriggered is EPOLLET, which package syscall has with the wrong sign.
const edgeTriggered = 1 << 31

func (l *lot) run() {
	events := make([]syscall.EpollEvent, 256)
	for {
		var n int
		var failed error
		err := l.raw.Read(func(fd uintptr) bool {
			n, failed = syscall.EpollWait(int(fd), events, 0)
			return n > 0 || failed != nil && !errors.Is(failed, syscall.EINTR)
		})
		if err != nil || failed != nil {
			return // closed
		}
		for _, e := range events[:n] {
			const over = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR
			l.ready(uint64(uint32(e.Fd))|uint64(uint32(e.Pad))<<32, e.Events&over != 0)
		}
	}
}
