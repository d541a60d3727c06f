package handlers

import (
	linked "container/list"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// A refused request is read and dropped for this many bytes and this long, so that its
// sender can read the answer.
const (
	lingerBytes = 8 << 20
	lingerTime  = 2 * time.Second
)

// siteConn is a connection that a Listener accepted.
type siteConn struct {
	*net.TCPConn
	listener *Listener
	addr     netip.Prefix
	refused  atomic.Bool // the request was refused before it was read
	member   atomic.Bool // a signed-in member has made a request on it

	// guarded by listener.mu
	forgotten     bool
	inAll, inAddr *linked.Element // among strangers; nil for a member's or a proxy's
}

// Close implements net.Conn. Of a refused request it first drops what is still arriving,
// within bounds.
func (c *siteConn) Close() error {
	if c.refused.Load() && c.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.CopyN(io.Discard, c.TCPConn, lingerBytes) // however it ends, it is over
	}
	c.listener.mu.Lock()
	c.listener.forgetLocked(c)
	c.listener.mu.Unlock()
	return c.TCPConn.Close()
}

// cut ends a displaced connection without waiting for its client. Whoever reads it, or
// watches it while it is parked, finds it ended and closes it; Close would take a parked
// connection away from its epoll unnoticed, and would wait for a refused one to linger.
func (c *siteConn) cut() {
	_ = c.CloseRead()
	_ = c.CloseWrite() // either fails only if the connection has ended already
}

// belongsToMember keeps the connection from being displaced by strangers.
func (c *siteConn) belongsToMember() {
	if c.member.Swap(true) {
		return
	}
	l := c.listener
	l.mu.Lock()
	defer l.mu.Unlock()
	if !c.forgotten {
		l.strangerNoMoreLocked(c, l.addrs[c.addr])
	}
}

// connOf returns the connection of a request, nil if no Listener accepted it.
func connOf(c *fiber.Ctx) *siteConn {
	conn := c.Context().Conn()
	if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok { // it has carried polls
		conn = wrapped.NetConn()
	}
	site, _ := conn.(*siteConn)
	return site
}

// linger makes the connection of a request that was refused before it was read close only
// after the client could read the answer.
func linger(c *fiber.Ctx) {
	if conn := connOf(c); conn != nil {
		conn.refused.Store(true)
	}
}
