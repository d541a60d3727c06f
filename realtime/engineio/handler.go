package engineio

import "time"

// Handler is the layer above: it hears what happens to every session.
type Handler interface {
	// Open is called once, before anything is received. It may SetData and Send; what it
	// sends follows the handshake.
	Open(s *Session)
	// Message is called in order, one at a time for a session. data is the handler's to
	// keep. While it blocks nothing more of this session is read.
	Message(s *Session, data []byte, binary bool)
	// Drain says that a transport has taken packets out and there is room again, after
	// TrySend had returned false or NotifyDrain true. It is called on a goroutine of its
	// own, and once for any number of them.
	Drain(s *Session)
	// Pong says that the client has answered a ping, in turn with Message. Everything that
	// was queued before that ping it has received; and the ping was queued after the Pong
	// before, or after Open.
	Pong(s *Session)
	// Close is called exactly once, on a goroutine of its own: never before Open returned,
	// possibly while a Message still runs. Nothing can be sent any more.
	Close(s *Session, reason Reason)
}

// Reason says why a session ended, in the reference server's words where it has one.
type Reason string

// The reasons of this package; the layer above may close with its own.
const (
	TransportClose     Reason = "transport close"      // the client left
	TransportError     Reason = "transport error"      // a connection failed or was misused
	PingTimeout        Reason = "ping timeout"         // nothing was heard in time
	ParseError         Reason = "parse error"          // bytes that mean nothing
	ForcedClose        Reason = "forced close"         // this server ended it
	ServerShuttingDown Reason = "server shutting down" // this server ends
	Slow               Reason = "slow"                 // it did not take what it was sent
	InternalError      Reason = "internal error"       // a handler panicked
)

// The names of the transports, as they stand in the query.
const (
	Polling   = "polling"
	WebSocket = "websocket"
)

// Identity is who opened a session, as the host sees it.
type Identity struct {
	Key   string // binds the sid: every request of the session must carry it; "" is anonymous
	User  string // connections are counted by it; "" is not counted
	Value any    // the host's own
}

// Handshake is what is kept of a session's first request, for as long as the session lives.
// Nothing in it aliases memory of the request.
type Handshake struct {
	Identity   Identity
	Query      map[string]string // without the protocol's own parameters; nil if none are left
	RemoteAddr string            // the client's address without a port
	Secure     bool              // over TLS, as the host sees it
	Time       time.Time
	Transport  any // the transport's own; other layers leave it alone
}
