// Command limit is what the machine allows: a WebSocket server that hands every text message to
// every client, the sender included, and does nothing else. One thread, one epoll, and per
// recipient one write(2) of a frame that was made once. There is no goroutine, queue, lock,
// buffer or timer per client that could cost anything, so what is measured is the kernel: a
// server that writes once per recipient cannot do with less, and one that joins several messages
// into a write can.
//
// What a real server could not leave out is left out here: a client that does not read is
// dropped, nobody is asked who they are, nothing is pinged, and messages come in one fragment.
package main

import (
	"bytes"
	"fmt"
	"log"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

func main() {
	runtime.LockOSThread()
	s, port, err := listen()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on http://127.0.0.1:%d\n", port)
	log.Fatal(s.serve(-1))
}

// server belongs to the thread that serves.
type server struct {
	listener int
	epoll    int
	clients  []*client // by descriptor; nil where there is none
	members  []*client // the upgraded ones
	in       []byte    // what was read last
	out      []byte    // the frame that is handed out
}

// client is a connection.
type client struct {
	fd     int    // -1: closed
	member int    // place in server.members; -1 before the upgrade
	rest   []byte // the beginning of a request or a frame, until the rest of it has come
}

func listen() (s *server, port int, err error) {
	s = &server{in: make([]byte, 64<<10)}
	if s.listener, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
		return nil, 0, fmt.Errorf("make a socket: %w", err)
	}
	// Inherited by what is accepted.
	if err := unix.SetsockoptInt(s.listener, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return nil, 0, fmt.Errorf("set TCP_NODELAY: %w", err)
	}
	if err := unix.Bind(s.listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return nil, 0, fmt.Errorf("bind: %w", err)
	}
	if err := unix.Listen(s.listener, unix.SOMAXCONN); err != nil {
		return nil, 0, fmt.Errorf("listen: %w", err)
	}
	address, err := unix.Getsockname(s.listener)
	if err != nil {
		return nil, 0, fmt.Errorf("ask for the port: %w", err)
	}
	if s.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, 0, fmt.Errorf("make an epoll: %w", err)
	}
	return s, address.(*unix.SockaddrInet4).Port, s.watch(s.listener)
}

func (s *server) watch(fd int) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}
	if err := unix.EpollCtl(s.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		return fmt.Errorf("watch a descriptor: %w", err)
	}
	return nil
}

// serve runs until waiting fails, or until the descriptor stop can be read; -1: for ever.
func (s *server) serve(stop int) error {
	if stop >= 0 {
		if err := s.watch(stop); err != nil {
			return err
		}
	}
	events := make([]unix.EpollEvent, 1024)
	for {
		n, err := unix.EpollWait(s.epoll, events, -1)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("wait for clients: %w", err)
		}
		for _, event := range events[:n] {
			switch fd := int(event.Fd); fd {
			case stop:
				return nil
			case s.listener:
				if err := s.accept(); err != nil {
					return err
				}
			default:
				if c := s.clients[fd]; c != nil { // nil: dropped by an event before this one
					s.read(c)
				}
			}
		}
	}
}

func (s *server) accept() error {
	for {
		fd, _, err := unix.Accept4(s.listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch err {
		case nil:
		case unix.EAGAIN:
			return nil
		case unix.ECONNABORTED, unix.EINTR:
			continue
		default:
			return fmt.Errorf("accept a client: %w", err)
		}
		if err := s.watch(fd); err != nil {
			return err
		}
		for fd >= len(s.clients) {
			s.clients = append(s.clients, nil)
		}
		s.clients[fd] = &client{fd: fd, member: -1}
	}
}

func (s *server) drop(c *client) {
	if c.member >= 0 {
		last := s.members[len(s.members)-1]
		last.member, s.members[c.member] = c.member, last
		s.members = s.members[:len(s.members)-1]
	}
	s.clients[c.fd] = nil
	_ = unix.Close(c.fd) // epoll forgets it
	c.fd = -1
}

// read handles what one read(2) brings. More is announced again.
func (s *server) read(c *client) {
	begun := copy(s.in, c.rest)
	n, errno := transfer(unix.SYS_READ, c.fd, s.in[begun:])
	if errno == unix.EAGAIN || errno == unix.EINTR {
		return
	}
	if errno != 0 || n == 0 {
		s.drop(c)
		return
	}
	left := s.in[:begun+n]
	if c.member < 0 {
		left = s.shakeHands(c, left)
	}
	for c.member >= 0 {
		f, size, err := nextFrame(left)
		if err != nil {
			s.drop(c)
			return
		}
		if size == 0 {
			break
		}
		left = left[size:]
		s.handle(c, f)
		if c.fd < 0 {
			return
		}
	}
	if len(left) == len(s.in) {
		s.drop(c)
		return
	}
	if c.rest = nil; len(left) > 0 {
		c.rest = bytes.Clone(left)
	}
}

// shakeHands upgrades c once its request is there, and returns what came after it.
func (s *server) shakeHands(c *client, data []byte) (rest []byte) {
	request, rest, whole := bytes.Cut(data, []byte("\r\n\r\n"))
	if !whole {
		return data
	}
	answer, ok := upgrade(request)
	if n, errno := transfer(unix.SYS_WRITE, c.fd, answer); !ok || errno != 0 || n < len(answer) {
		s.drop(c)
		return nil
	}
	c.member = len(s.members)
	s.members = append(s.members, c)
	return rest
}

func (s *server) handle(c *client, f frame) {
	switch f.opcode {
	case text:
		s.out = appendFrame(s.out[:0], text, f.payload)
		// From the end, as dropping moves the last one into the gap.
		for i := len(s.members) - 1; i >= 0; i-- {
			s.write(s.members[i])
		}
	case ping:
		s.out = appendFrame(s.out[:0], pong, f.payload)
		s.write(c)
	case pong:
	default:
		s.drop(c)
	}
}

func (s *server) write(c *client) {
	if n, errno := transfer(unix.SYS_WRITE, c.fd, s.out); errno != 0 || n < len(s.out) {
		log.Printf("drop a client that does not read: wrote %d of %d: %v", n, len(s.out), errno)
		s.drop(c)
	}
}

// transfer is read(2) or write(2) on a descriptor that does not block, so that Go's scheduler
// needs not hear of it.
func transfer(call uintptr, fd int, b []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}
