package transport

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// limits counts open sessions by user and network and paces handshakes. A 0 means no limit.
type limits struct {
	// set once
	perUser, perAddr int
	rate             float64

	mu     sync.Mutex // guards what follows
	users  map[string]int
	addrs  map[netip.Prefix]int
	tokens float64 // handshakes that may come at once
	filled time.Time
}

func newLimits(perUser, perAddr int, rate float64) *limits {
	return &limits{
		perUser: perUser,
		perAddr: perAddr,
		rate:    rate,
		users:   make(map[string]int),
		addrs:   make(map[netip.Prefix]int),
		tokens:  max(rate, 1),
	}
}

// allow spends one handshake of the rate, if there is one.
func (l *limits) allow(now time.Time) bool {
	if l.rate <= 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.filled.IsZero() {
		l.tokens = min(max(l.rate, 1), l.tokens+now.Sub(l.filled).Seconds()*l.rate)
	}
	l.filled = now
	if l.tokens < 1 {
		return false
	}
	l.tokens--
	return true
}

// full says which limit a session more would break; "" if none. Another may be quicker:
// take decides.
func (l *limits) full(user string, addr netip.Prefix) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fullLocked(user, addr)
}

func (l *limits) fullLocked(user string, addr netip.Prefix) string {
	switch {
	case l.perUser > 0 && user != "" && l.users[user] >= l.perUser:
		return "connections per user"
	case l.perAddr > 0 && l.addrs[addr] >= l.perAddr:
		return "connections per address"
	}
	return ""
}

// take counts a session in, unless that would be too many: as full. Who got "" calls put once.
func (l *limits) take(user string, addr netip.Prefix) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	full := l.fullLocked(user, addr)
	if full == "" {
		l.users[user]++
		l.addrs[addr]++
	}
	return full
}

// put counts a session out.
func (l *limits) put(user string, addr netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.users[user]--; l.users[user] == 0 {
		delete(l.users, user)
	}
	if l.addrs[addr]--; l.addrs[addr] == 0 {
		delete(l.addrs, addr)
	}
}

// known is how many users have a session.
func (l *limits) known() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.users)
	if l.users[""] > 0 { // nobody in particular
		n--
	}
	return n
}

// clientAddr is the client's address as the host's proxy settings make it. From a list of
// forwarded addresses it takes the last: the one that the trusted proxy saw itself.
func clientAddr(c *fiber.Ctx) netip.Addr {
	list := strings.Split(c.IP(), ",")
	if addr, err := netip.ParseAddr(strings.TrimSpace(strings.Clone(list[len(list)-1]))); err == nil {
		return addr.Unmap().WithZone("")
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
