package handlers

import (
	linked "container/list"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"roomline/internal/options"
	"roomline/internal/recurring"
)

// The pauses between two attempts to accept after an error: doubled from the first to the last.
const (
	firstAcceptPause = 5 * time.Millisecond
	lastAcceptPause  = time.Second
)

// strangersShare is the part of ListenerConfig.MaxConns that connections without a signed-in
// user may take. The rest is reserved for members.
const strangersShare = 0.75

// ListenerConfig bounds the TCP connections of a Listener. Of its numbers 0 is the default
// (DefaultListenerConfig), and a negative one none.
type ListenerConfig struct {
	MaxConns        int            // open connections in all
	MaxConnsPerAddr int            // open connections of an IPv4 address or IPv6 /64
	Proxies         []netip.Prefix // trusted: their connections carry many people and are not bounded per address
	Logger          *slog.Logger   // nil: slog.Default()
}

// DefaultListenerConfig returns the bounds that ListenerConfig has where it says nothing.
func DefaultListenerConfig() ListenerConfig {
	return ListenerConfig{MaxConns: 10_000, MaxConnsPerAddr: 200}
}

// Listener accepts the connections of the site's app. It survives errors of accept, such as
// a lack of file descriptors, and bounds open connections per address and in all. Where a
// bound is reached, a new connection takes the place of the oldest one on which no member
// has made a request: strangers displace each other, never a member. A client refused in
// the middle of its request can still read the answer; without that the kernel would reset
// the connection over the unread rest.
//
// It may be closed twice: by its owner, to accept no more, and by the server.
type Listener struct {
	net.Listener
	cfg ListenerConfig
	log *recurring.Log

	closeOnce sync.Once
	closeErr  error
	closed    chan struct{}

	mu        sync.Mutex // guards what follows
	open      int
	addrs     map[netip.Prefix]*addrConns
	strangers *linked.List // of *siteConn, the oldest first
}

// addrConns are the open connections of one address.
type addrConns struct {
	open      int
	strangers *linked.List // of *siteConn, the oldest first
}

// NewListener returns a Listener on listener.
func NewListener(listener net.Listener, cfg ListenerConfig) *Listener {
	cfg = options.MustResolve("handlers: ListenerConfig", cfg, DefaultListenerConfig())
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &Listener{
		Listener:  listener,
		cfg:       cfg,
		log:       recurring.New(cfg.Logger),
		closed:    make(chan struct{}),
		addrs:     make(map[netip.Prefix]*addrConns),
		strangers: linked.New(),
	}
}

// Accept implements net.Listener. It returns an error only after Close.
func (l *Listener) Accept() (net.Conn, error) {
	pause := time.Duration(0)
	for {
		conn, err := l.Listener.Accept()
		if err == nil {
			pause = 0
			tcp, ok := conn.(*net.TCPConn)
			if !ok {
				return conn, nil
			}
			if admitted := l.admit(tcp); admitted != nil {
				return admitted, nil
			}
			_ = tcp.Close() // nothing was read or written
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		if errors.Is(err, syscall.ECONNABORTED) { // the client left while it waited
			continue
		}
		l.log.Warn("connections cannot be accepted", "error", err)
		if outOfDescriptors(err) {
			l.displaceStranger()
		}
		pause = min(max(2*pause, firstAcceptPause), lastAcceptPause)
		select {
		case <-time.After(pause):
		case <-l.closed:
			return nil, net.ErrClosed
		}
	}
}

func outOfDescriptors(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ENOMEM)
}

// Close implements net.Listener.
func (l *Listener) Close() error {
	l.closeOnce.Do(func() {
		close(l.closed)
		l.closeErr = l.Listener.Close()
	})
	return l.closeErr
}

// admit counts a connection, nil if it exceeds a bound that no stranger can make way for.
func (l *Listener) admit(tcp *net.TCPConn) *siteConn {
	c := &siteConn{TCPConn: tcp, listener: l}
	addr := tcp.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
	proxied := false
	for _, p := range l.cfg.Proxies {
		proxied = proxied || p.Contains(addr)
	}
	c.addr = network(addr)

	l.mu.Lock()
	victims, ok := l.makeWayLocked(c.addr, proxied)
	if ok {
		l.open++
		of := l.addrs[c.addr]
		if of == nil {
			of = &addrConns{strangers: linked.New()}
			l.addrs[c.addr] = of
		}
		of.open++
		if !proxied {
			c.inAll, c.inAddr = l.strangers.PushBack(c), of.strangers.PushBack(c)
		}
	}
	l.mu.Unlock()

	for _, victim := range victims {
		victim.cut()
	}
	if len(victims) > 0 || !ok {
		l.log.Warn("too many open connections", "address", addr, "displaced", len(victims), "refused", !ok,
			"advice", "if this address is your proxy, set --trusted-proxy "+addr.String()+"; if many people share it, raise --max-conns-per-addr")
	}
	if !ok {
		return nil
	}
	return c
}

// makeWayLocked takes out the strangers that have to make way for one more connection from
// addr, and reports whether there is a place for it then. l.mu is held.
func (l *Listener) makeWayLocked(addr netip.Prefix, proxied bool) (victims []*siteConn, ok bool) {
	take := func(strangers *linked.List) bool {
		victim := l.oldestLocked(strangers)
		if victim == nil {
			return false
		}
		victims = append(victims, victim)
		return true
	}
	if of := l.addrs[addr]; of != nil && !proxied && l.cfg.MaxConnsPerAddr > 0 && of.open >= l.cfg.MaxConnsPerAddr && !take(of.strangers) {
		return victims, false
	}
	if most := l.cfg.MaxConns; most > 0 {
		crowded := l.open >= most || !proxied && l.strangers.Len() >= max(1, int(strangersShare*float64(most)))
		if crowded && !take(l.strangers) {
			return victims, false
		}
	}
	return victims, true
}

// displaceStranger closes the oldest connection without a member, to free its descriptor.
func (l *Listener) displaceStranger() {
	l.mu.Lock()
	victim := l.oldestLocked(l.strangers)
	l.mu.Unlock()
	if victim != nil {
		victim.cut()
	}
}

// oldestLocked returns the oldest of strangers, which is no longer counted, nil if there is
// none. l.mu is held.
func (l *Listener) oldestLocked(strangers *linked.List) *siteConn {
	oldest := strangers.Front()
	if oldest == nil {
		return nil
	}
	victim := oldest.Value.(*siteConn)
	l.forgetLocked(victim)
	return victim
}

// forgetLocked stops counting a connection. l.mu is held.
func (l *Listener) forgetLocked(c *siteConn) {
	if c.forgotten {
		return
	}
	c.forgotten = true
	l.open--
	of := l.addrs[c.addr]
	l.strangerNoMoreLocked(c, of)
	if of.open--; of.open == 0 {
		delete(l.addrs, c.addr)
	}
}

func (l *Listener) strangerNoMoreLocked(c *siteConn, of *addrConns) {
	if c.inAll != nil {
		l.strangers.Remove(c.inAll)
		of.strangers.Remove(c.inAddr)
		c.inAll, c.inAddr = nil, nil
	}
}

// network returns what one subscriber has: an IPv4 address or an IPv6 /64.
func network(addr netip.Addr) netip.Prefix {
	bits := 64
	if addr.Is4() {
		bits = 32
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}
