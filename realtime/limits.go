package realtime

import (
	"time"

	"roomline/realtime/chat"
)

// Limits are the bounds of connections and of the chat. A 0 is the default, a negative number means none.
type Limits struct {
	Chat chat.Limits

	PingInterval   time.Duration // the server pings this often
	PingTimeout    time.Duration // and closes after this long without a pong
	UpgradeTimeout time.Duration // an upgrade to WebSocket must finish
	ConnectTimeout time.Duration // a connection must join a namespace
	WriteTimeout   time.Duration // one write to a WebSocket
	MaxPayload     int           // bytes of a packet; a polling body may have 1 MB
	MaxPackets     int           // packets of one polling body
	JSONDepth      int           // nesting of a packet's JSON
	Attachments    int           // binary attachments of a packet
	AttachmentTime time.Duration // within which they must be complete
	OutboxBytes    int           // bytes waiting for one connection

	MaxConnsPerUser int     // open connections
	MaxConnsPerAddr int     // open connections of an IPv4 address or IPv6 /64, members and strangers counted apart
	HandshakeRate   float64 // new connections per second of one user, or of one address without sign-in

	EventRate    float64       // events of a connection per second, of whatever kind
	EventBurst   int           // and at once
	RecheckEvery time.Duration // each connection's identity is checked anew this often

	NamespacesPerConn int           // namespaces one connection may join
	RoomsPerSocket    int           // rooms one socket may follow
	PendingAcks       int           // answers one socket may owe
	PresenceEvery     time.Duration // changes of presence are told together, this often at most
	Retention         time.Duration // messages are deleted when they are this old
	DrainTime         time.Duration // over which Close ends connections, at most
}

// DefaultLimits returns the published defaults. Where it has a 0 there is no bound.
func DefaultLimits() Limits {
	return Limits{
		Chat:              chat.DefaultLimits(),
		PingInterval:      25 * time.Second,
		PingTimeout:       20 * time.Second,
		UpgradeTimeout:    10 * time.Second,
		ConnectTimeout:    10 * time.Second,
		WriteTimeout:      10 * time.Second,
		MaxPayload:        100_000,
		MaxPackets:        1000,
		JSONDepth:         16,
		Attachments:       10,
		AttachmentTime:    10 * time.Second,
		OutboxBytes:       256 << 10,
		MaxConnsPerUser:   20,
		MaxConnsPerAddr:   50,
		HandshakeRate:     20,
		EventRate:         20,
		EventBurst:        100,
		RecheckEvery:      time.Minute,
		NamespacesPerConn: 8,
		RoomsPerSocket:    128,
		PendingAcks:       64,
		PresenceEvery:     time.Second,
		DrainTime:         8 * time.Second,
	}
}
