package transport

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/internal/ratelimit"
)

// Reasons for which admission refuses a connection (Stats.Refused).
const (
	fullUser    = "connections per user"
	fullAddr    = "connections per address"
	whyOrigin   = "origin"
	whyRate     = "rate"
	whyLoad     = "load"
	whyIdentity = "identity"
)

// handshakeSeconds is how many seconds' worth of Config.HandshakeRate may come at once: enough
// for all devices of a user, or all people behind one address, to come back together.
const handshakeSeconds = 5

// limits counts open sessions by user and address, and limits handshakes by the same keys.
// People who are signed in count apart from strangers: nothing that strangers at the same
// address do keeps them out. A 0 means no limit.
type limits struct {
	// set once
	perUser, perAddr int
	handshakes       *ratelimit.Limiter[handshaker]

	mu        sync.Mutex           // guards what follows
	users     map[string]int       // sessions of each user
	members   map[netip.Prefix]int // sessions of signed-in users, by address
	strangers map[netip.Prefix]int // sessions without a user, by address
	pending   map[netip.Prefix]int // handshakes in progress or waiting for it, by address
}

// handshaker is what a handshake counts against: a user, or an address without one.
type handshaker struct {
	user string
	addr netip.Prefix
}

func newLimits(perUser, perAddr int, rate float64) *limits {
	return &limits{
		perUser:    perUser,
		perAddr:    perAddr,
		handshakes: ratelimit.New[handshaker](max(1, int(handshakeSeconds*rate)), rate),
		users:      make(map[string]int),
		members:    make(map[netip.Prefix]int),
		strangers:  make(map[netip.Prefix]int),
		pending:    make(map[netip.Prefix]int),
	}
}

// handshake spends a handshake of the user, or of the address if nobody is signed in. It
// returns how long to wait if there is none.
func (l *limits) handshake(user string, addr netip.Prefix, now time.Time) time.Duration {
	if user != "" {
		addr = netip.Prefix{}
	}
	return l.handshakes.Take(handshaker{user, addr}, now)
}

// begin counts a handshake before its identity is known, and reports whether its address may
// have one more: no more than the sessions they could become, members' and strangers'. After
// true the caller calls finish once.
func (l *limits) begin(addr netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.perAddr > 0 && l.pending[addr] >= 2*l.perAddr {
		return false
	}
	l.pending[addr]++
	return true
}

// finish ends the counting of a handshake.
func (l *limits) finish(addr netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pending[addr]--; l.pending[addr] == 0 {
		delete(l.pending, addr)
	}
}

// ofAddr returns the counts by address that a session of user belongs to. l.mu is held.
func (l *limits) ofAddr(user string) map[netip.Prefix]int {
	if user == "" {
		return l.strangers
	}
	return l.members
}

// full says which limit one more session would exceed, "" if none. Another session may be
// quicker: take decides.
func (l *limits) full(user string, addr netip.Prefix) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fullLocked(user, addr)
}

func (l *limits) fullLocked(user string, addr netip.Prefix) string {
	switch {
	case l.perUser > 0 && user != "" && l.users[user] >= l.perUser:
		return fullUser
	case l.perAddr > 0 && l.ofAddr(user)[addr] >= l.perAddr:
		return fullAddr
	}
	return ""
}

// take counts a session, unless it exceeds a limit: as full. After "" the caller calls put once.
func (l *limits) take(user string, addr netip.Prefix) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	full := l.fullLocked(user, addr)
	if full == "" {
		if user != "" {
			l.users[user]++
		}
		l.ofAddr(user)[addr]++
	}
	return full
}

// put ends the counting of a session.
func (l *limits) put(user string, addr netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if user != "" {
		if l.users[user]--; l.users[user] == 0 {
			delete(l.users, user)
		}
	}
	of := l.ofAddr(user)
	if of[addr]--; of[addr] == 0 {
		delete(of, addr)
	}
}

// known returns how many users have a session.
func (l *limits) known() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.users)
}

// clientAddr is the client's address as the host's proxy settings make it. From a list of
// forwarded addresses it takes the last: the one that the trusted proxy saw itself.
func clientAddr(c *fiber.Ctx) netip.Addr {
	list := strings.Split(c.IP(), ",")
	if addr, err := ParseForwarded(list[len(list)-1]); err == nil {
		return addr
	}
	addr, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	return addr.Unmap()
}

// network is what one subscriber has: an IPv4 address or an IPv6 /64.
func network(addr netip.Addr) netip.Prefix {
	bits := 64
	if addr.Is4() {
		bits = 32
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address: all of those count as one
	}
	return prefix
}

// ParseForwarded reads an address as proxies put it into X-Forwarded-For: some add the port
// ("192.0.2.9:5678", "[2001:db8::1]:5678"). The result shares no memory with s.
func ParseForwarded(s string) (netip.Addr, error) {
	s = strings.Clone(strings.TrimSpace(s))
	addr, err := netip.ParseAddr(s)
	if err != nil {
		if withPort, portErr := netip.ParseAddrPort(s); portErr == nil {
			addr, err = withPort.Addr(), nil
		} else if inner, ok := strings.CutPrefix(s, "["); ok {
			addr, err = netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		}
	}
	return addr.Unmap().WithZone(""), err
}
