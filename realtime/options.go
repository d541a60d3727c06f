// Package realtime is the door a host app uses: it mounts Roomline's chat, over the real
// Socket.IO protocol, into a Fiber app that has users of its own.
package realtime

import (
	"errors"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// ErrAnonymous is what Options.Identify returns for a visitor without an account.
var ErrAnonymous = errors.New("realtime: nobody is signed in")

// Options configures New. Store and Identify are required; the zero value of the rest is safe.
type Options struct {
	// Store keeps the rooms (see roomline/models).
	Store chat.Store
	// Identify says who makes a request, from the host's own session. It is asked at each
	// handshake, poll, POST and upgrade. ErrAnonymous: nobody. Any other error: 503.
	// What it returns must not alias memory of the *fiber.Ctx.
	Identify func(*fiber.Ctx) (chat.User, error)
	// Session names the web session of a request, for DisconnectSession; a connection is
	// bound to it and to the user. It is called after Identify on the same *fiber.Ctx.
	// Nil: connections are bound to the user alone.
	Session func(*fiber.Ctx) string
	// Origins are allowed beside the request's own ("https://chat.example.org").
	Origins []string
	// Limits bounds everything; the zero value means DefaultLimits.
	Limits *Limits
	// Logger hears what operators should know; nil: slog.Default().
	Logger *slog.Logger
}

// Limits are the bounds of connections and of the chat; a 0 means none.
type Limits struct {
	Chat chat.Limits

	PingInterval   time.Duration // the server pings this often
	PingTimeout    time.Duration // and closes after this long without a pong
	UpgradeTimeout time.Duration // an upgrade to WebSocket must finish
	ConnectTimeout time.Duration // a connection must join a namespace
	WriteTimeout   time.Duration // one write to a WebSocket
	MaxPayload     int           // bytes of a packet and of a polling body
	MaxPackets     int           // packets of one polling body
	OutboxBytes    int           // bytes waiting for one connection

	MaxConnsPerUser int     // open connections
	MaxConnsPerAddr int     // open connections of an IPv4 address or IPv6 /64
	HandshakeRate   float64 // new connections per second, in all

	NamespacesPerConn int           // namespaces one connection may join
	RoomsPerSocket    int           // rooms one socket may follow
	PendingAcks       int           // answers one socket may owe
	DrainTime         time.Duration // over which Close ends connections, at most
}

// DefaultLimits returns the published defaults.
func DefaultLimits() Limits {
	return Limits{
		Chat:              chat.DefaultLimits(),
		PingInterval:      25 * time.Second,
		PingTimeout:       20 * time.Second,
		UpgradeTimeout:    10 * time.Second,
		ConnectTimeout:    10 * time.Second,
		WriteTimeout:      10 * time.Second,
		MaxPayload:        100_000,
		MaxPackets:        64,
		OutboxBytes:       256 << 10,
		MaxConnsPerUser:   20,
		MaxConnsPerAddr:   50,
		HandshakeRate:     200,
		NamespacesPerConn: 8,
		RoomsPerSocket:    128,
		PendingAcks:       64,
		DrainTime:         8 * time.Second,
	}
}
