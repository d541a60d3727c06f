// Package load makes a server busy: thousands of raw WebSocket and polling connections of
// one process and one thread, which check that every text arrives once and in order. A
// connection costs two hundred bytes and a delivery little more than its read(2), so that
// what is measured is the server. It needs Linux.
package load

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	perSource = 20_000 // connections from one address of ours; a range of ports holds 28,000
	// Patience is how long anything may take that is waited for, before it counts as lost.
	Patience = 30 * time.Second
)

// Client is many connections to one server. It belongs to the goroutine that made it, which
// stays on its thread: everything happens inside Poll and what calls it.
type Client struct {
	// Linger is how long Poll lets packets gather before it looks: one read then takes
	// several. Who reads each packet the moment it is there keeps waking up beside the
	// server and costs it more than clients on other machines would. Zero is for scenarios
	// that measure how long something takes.
	Linger time.Duration
	// PerSource, if set before the first connection, is how many connections come from one
	// address: 127.0.1.1 and those that follow. Zero: as few addresses as it takes.
	PerSource int
	// Pings is how many heartbeats were answered.
	Pings int

	// set once
	epoll  int
	server unix.SockaddrInet4
	host   string

	now    time.Time // when the packets came that are being handled
	conns  []*Conn   // by slot; nil when closed
	events [1024]unix.EpollEvent
	err    error // of a write that nobody waits for

	buf, packet, frame []byte // scratch: read, said, sent
}

// Setup is how a connection begins.
type Setup struct {
	Dialect *Dialect
	Room    *Room
	Header  string // lines for its requests, each with CRLF
	Polling bool   // long-polling instead of a WebSocket
	Buffer  int    // bytes the kernel may keep for it unread, 0: as it likes
	// Ready, if set, is called once it is in the room, with the packet that said so.
	Ready func(c *Conn, answer []byte) error
}

// New makes a Client for the server at addr, an IPv4 address and port.
func New(addr string) (*Client, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil || !to.Addr().Is4() {
		return nil, fmt.Errorf("load %q: no IPv4 address and port", addr)
	}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create an epoll: %w", err)
	}
	runtime.LockOSThread()
	return &Client{
		epoll:  epoll,
		server: unix.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())},
		host:   addr,
		buf:    make([]byte, 256<<10),
	}, nil
}

// Close drops all connections without a word.
func (c *Client) Close() {
	for _, conn := range c.conns {
		c.Drop(conn)
	}
	_ = unix.Close(c.epoll)
	runtime.UnlockOSThread()
}

// Drop ends one connection without a word.
func (c *Client) Drop(conn *Conn) {
	if conn == nil || conn.state == closed {
		return
	}
	conn.state = closed
	c.conns[conn.slot] = nil
	_ = unix.Close(conn.fd)
}

// Deafen has a connection read nothing any more.
func (c *Client) Deafen(conn *Conn) error {
	if err := unix.EpollCtl(c.epoll, unix.EPOLL_CTL_DEL, conn.fd, nil); err != nil {
		return fmt.Errorf("stop listening to a connection: %w", err)
	}
	return nil
}

// Open opens n connections, atOnce of them at a time, and polls until all are in their rooms.
func (c *Client) Open(n, atOnce int, setup func(i int) Setup) error {
	opened, ready := 0, 0
	for ready < n {
		for opened < n && opened-ready < atOnce {
			s := setup(opened)
			then := s.Ready
			s.Ready = func(conn *Conn, answer []byte) error {
				ready++
				conn.setup.Ready = nil
				if then != nil {
					return then(conn, answer)
				}
				return nil
			}
			if _, err := c.open(s); err != nil {
				return err
			}
			opened++
		}
		before := ready
		if err := c.Until(func() bool { return ready > before }); err != nil {
			return fmt.Errorf("%d of %d connections are ready: %w", ready, n, err)
		}
	}
	return nil
}

// open begins to connect.
func (c *Client) open(setup Setup) (*Conn, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("make a socket: %w", err)
	}
	conn := &Conn{client: c, setup: setup, slot: len(c.conns), fd: fd}
	if setup.Polling {
		conn.poll = &polling{}
	}
	c.conns = append(c.conns, conn)
	err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if err == nil && setup.Buffer > 0 {
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, setup.Buffer)
	}
	if from := c.source(conn.slot); err == nil && from != nil {
		err = errors.Join(unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1), unix.Bind(fd, from))
	}
	if err == nil {
		err = unix.Connect(fd, &c.server)
	}
	if err == nil || errors.Is(err, unix.EINPROGRESS) {
		event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT, Fd: int32(conn.slot)}
		err = unix.EpollCtl(c.epoll, unix.EPOLL_CTL_ADD, fd, &event)
	}
	if err != nil {
		c.Drop(conn)
		return nil, fmt.Errorf("connect: %w", err)
	}
	return conn, nil
}

// source returns the loopback address that a connection comes from, nil for the system's choice.
func (c *Client) source(slot int) *unix.SockaddrInet4 {
	if c.PerSource > 0 {
		n := slot / c.PerSource
		return &unix.SockaddrInet4{Addr: [4]byte{127, 0, byte(1 + n/250), byte(1 + n%250)}}
	}
	if n := slot / perSource; n > 0 {
		return &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(1 + n)}}
	}
	return nil
}

// want changes what the epoll watches a connection for.
func (c *Client) want(conn *Conn, events uint32) {
	event := unix.EpollEvent{Events: events, Fd: int32(conn.slot)}
	if err := unix.EpollCtl(c.epoll, unix.EPOLL_CTL_MOD, conn.fd, &event); err != nil {
		c.fail(fmt.Errorf("watch connection %d: %w", conn.slot, err))
	}
}

func (c *Client) fail(err error) { c.err = errors.Join(c.err, err) }

// Poll waits for packets, at most so long, and handles them. An error is a fault of the
// server, or of ours, and the end of what was measured.
func (c *Client) Poll(wait time.Duration) error {
	if c.Linger > 0 {
		pause := unix.NsecToTimespec(c.Linger.Nanoseconds())
		_ = unix.Nanosleep(&pause, nil) // cut short it does as well
	}
	n, err := c.wait(max(wait, 0))
	if err != nil {
		return fmt.Errorf("wait for packets: %w", err)
	}
	for _, event := range c.events[:n] {
		conn := c.conns[event.Fd]
		if conn == nil {
			continue // dropped by what came before
		}
		if event.Events&unix.EPOLLOUT != 0 {
			err = conn.writable()
		}
		if err == nil && conn.state != closed && event.Events&^unix.EPOLLOUT != 0 {
			err = c.read(conn)
		}
		if err != nil {
			return fmt.Errorf("connection %d: %w", conn.slot, err)
		}
	}
	return c.err
}

// wait is epoll_wait(2) with a timeout finer than milliseconds.
func (c *Client) wait(wait time.Duration) (int, error) {
	timeout := unix.NsecToTimespec(wait.Nanoseconds())
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(c.epoll), uintptr(unsafe.Pointer(&c.events[0])),
		uintptr(len(c.events)), uintptr(unsafe.Pointer(&timeout)), 0, 0)
	if errno != 0 && errno != unix.EINTR {
		return 0, errno
	}
	if errno != 0 {
		n = 0
	}
	return int(n), nil
}

// read reads once and handles what is whole; the rest waits with the connection.
func (c *Client) read(conn *Conn) error {
	if len(conn.rest) > len(c.buf)/2 {
		c.buf = make([]byte, 2*len(c.buf))
	}
	have := copy(c.buf, conn.rest)
	n, err := unix.Read(conn.fd, c.buf[have:])
	switch {
	case err != nil && again(err):
		return nil
	case err != nil:
		return fmt.Errorf("read: %w", err)
	case n == 0:
		return fmt.Errorf("the server closed the connection: %w", io.ErrUnexpectedEOF)
	}
	c.now = time.Now()
	got := c.buf[:have+n]
	used, err := conn.consume(got)
	if err != nil {
		return err
	}
	if used == len(got) {
		conn.rest = nil
		return nil
	}
	conn.rest = append(conn.rest[:0], got[used:]...)
	return nil
}

func again(err error) bool { return errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) }

// Until polls until done says so, and fails after the time of Patience.
func (c *Client) Until(done func() bool) error {
	for end := time.Now().Add(Patience); !done(); {
		left := time.Until(end)
		if left <= 0 {
			return fmt.Errorf("nothing came of it in %v: something was lost", Patience)
		}
		if err := c.Poll(left); err != nil {
			return err
		}
	}
	return nil
}

// For polls for a time.
func (c *Client) For(total time.Duration) error {
	return c.Every(total, total, func(time.Time) {})
}

// Every polls for a time, and calls do at the beginning and at even intervals with the time
// at which it was due, however late it is.
func (c *Client) Every(interval, total time.Duration, do func(due time.Time)) error {
	due := time.Now()
	end := due.Add(total)
	for now := due; ; now = time.Now() {
		for ; !due.After(now) && due.Before(end); due = due.Add(interval) {
			do(due)
		}
		if !now.Before(end) {
			return nil
		}
		next := due
		if next.After(end) {
			next = end
		}
		if err := c.Poll(time.Until(next)); err != nil {
			return err
		}
	}
}
