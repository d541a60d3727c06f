package handlers

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// How much of a refused request is still taken in, unread, so that its sender hears why.
const (
	lingerBytes = 8 << 20
	lingerTime  = 2 * time.Second
)

// Door is the listener that an App listens with. It may be closed twice: by its owner, to
// accept no more, and by the server. A client refused in the middle of its request can read
// the answer: without this the kernel would reset the connection over the unread rest.
func Door(listener net.Listener) net.Listener { return &door{Listener: listener} }

type door struct {
	net.Listener
	once sync.Once
	err  error
}

// Accept implements net.Listener.
func (d *door) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &guest{TCPConn: tcp}, nil
	}
	return conn, err
}

// Close implements net.Listener.
func (d *door) Close() error {
	d.once.Do(func() { d.err = d.Listener.Close() })
	return d.err
}

// guest is a connection that came in by the door.
type guest struct {
	*net.TCPConn
	refused atomic.Bool
}

// Close implements net.Conn. Of a refused request it first drops what is still arriving,
// within bounds.
func (g *guest) Close() error {
	if g.refused.Load() && g.CloseWrite() == nil && g.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.CopyN(io.Discard, g.TCPConn, lingerBytes) // however it ends, it is over
	}
	return g.TCPConn.Close()
}

// linger has the connection of a request refused before it was read closed patiently.
func linger(c *fiber.Ctx) {
	conn := c.Context().Conn()
	if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok { // it has carried polls
		conn = wrapped.NetConn()
	}
	if g, ok := conn.(*guest); ok {
		g.refused.Store(true)
	}
}
