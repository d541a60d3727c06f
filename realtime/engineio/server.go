package engineio

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"

	"roomline/internal/options"
)

// defaultLinger is how long a session that the server closed waits for the poll that is to
// hear of it, when no ping timeout says otherwise.
const defaultLinger = 10 * time.Second

// ErrClosed is returned by whatever needs an open session or an open server.
var ErrClosed = errors.New("engineio: closed")

// Config bounds the sessions of a Server. 0 is the default, a negative number is none.
type Config struct {
	PingInterval   time.Duration // between a pong and the next ping
	PingTimeout    time.Duration // for a sign of life after a ping
	UpgradeTimeout time.Duration // for an upgrade, from the WebSocket's opening; kept by the transport
	MaxPayload     int           // bytes of a packet; told to clients, kept by the transport
	MaxPackets     int           // packets of one polling body; kept by the transport
	OutboxBytes    int           // waiting for one session, 40 counted on top of each packet
	DrainTime      time.Duration // over which Close ends the sessions, at most; negative: at once
	Logger         *slog.Logger  // hears of panics in handlers; nil: slog.Default()
}

// DefaultConfig returns the bounds that suit most servers; pings as the reference's.
func DefaultConfig() Config {
	return Config{
		PingInterval:   25 * time.Second,
		PingTimeout:    20 * time.Second,
		UpgradeTimeout: 10 * time.Second,
		MaxPayload:     1_000_000,
		MaxPackets:     10_000, // clients send what they have buffered in one POST
		OutboxBytes:    1 << 20,
		DrainTime:      5 * time.Second,
	}
}

// Server is the registry of sessions. Its methods may be called concurrently.
type Server struct {
	// set once
	cfg     Config
	handler Handler
	made    time.Time
	crew    *crew
	alarms  *alarms
	running sync.WaitGroup // opening sessions, running Close handlers

	mu       sync.RWMutex // guards what follows; may be taken with a session's lock held
	sessions map[string]*Session
	draining bool
	past     Stats // without what is there now
}

// NewServer returns a Server. It must be closed.
func NewServer(cfg Config, h Handler) *Server {
	cfg = options.MustResolve("engineio: Config", cfg, DefaultConfig())
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	s := &Server{
		cfg:      cfg,
		handler:  h,
		made:     time.Now(),
		crew:     newCrew(),
		sessions: make(map[string]*Session),
		past:     Stats{Closed: make(map[Reason]uint64)},
	}
	s.alarms = newAlarms(cfg, s.now)
	return s
}

// Config returns the bounds in force: 0 is none.
func (s *Server) Config() Config { return s.cfg }

// Open starts a session and returns after Handler.Open has. On Polling the transport answers
// with OpenPacket; on WebSocket that is the first packet to be taken, after Attach. ended,
// if not nil, is called once when the session is no longer to be found, with its lock held:
// it must not block. The error is ErrClosed, and then nothing was called.
func (s *Server) Open(h Handshake, transport string, ended func()) (*Session, error) {
	sess := &Session{
		id:        newID(),
		server:    s,
		handshake: h,
		ended:     ended,
		upgraded:  transport == WebSocket,
		drainAt:   noDrain,
	}
	if transport == WebSocket {
		sess.out.push(sess.OpenPacket())
	}
	s.mu.Lock()
	if s.draining {
		s.mu.Unlock()
		return nil, ErrClosed
	}
	s.running.Add(1)
	s.sessions[sess.id] = sess
	s.past.Opened++
	s.mu.Unlock()
	defer s.running.Done()

	s.guard(sess, func() { s.handler.Open(sess) })
	sess.start(s.now())
	return sess, nil
}

// Run runs f on another goroutine, one that is at hand if there is. It is for the short work of
// transports and the layer above, who wait for it themselves.
func (s *Server) Run(f func()) { s.crew.run(f) }

// Session finds a session by its sid. One that was closed by the server is found until a
// poll has taken its end, for the time of a ping timeout.
func (s *Server) Session(sid string) (*Session, bool) {
	s.mu.RLock()
	sess := s.sessions[sid]
	s.mu.RUnlock()
	if sess == nil || sess.gone(s.now()) {
		return nil, false
	}
	return sess, true
}

// Each calls f for every session that is there now. It holds no lock meanwhile.
func (s *Server) Each(f func(*Session)) {
	s.mu.RLock()
	all := slices.AppendSeq(make([]*Session, 0, len(s.sessions)), maps.Values(s.sessions))
	s.mu.RUnlock()
	for _, sess := range all {
		f(sess)
	}
}

// forget removes a session, whose lock is held, from the registry.
func (s *Server) forget(sess *Session) {
	s.mu.Lock()
	delete(s.sessions, sess.id)
	s.mu.Unlock()
	if sess.ended != nil {
		sess.ended()
	}
}

// linger is how long the end of a session waits for a poll.
func (s *Server) linger() time.Duration {
	if s.cfg.PingTimeout > 0 {
		return min(s.cfg.PingTimeout, defaultLinger)
	}
	return defaultLinger
}

// guard runs a handler of sess. A panic ends the session, not the process.
func (s *Server) guard(sess *Session, call func()) {
	defer func() {
		if v := recover(); v != nil {
			s.cfg.Logger.Error("engine.io handler panicked", "panic", v, "stack", string(debug.Stack()))
			sess.Abort(InternalError)
		}
	}()
	call()
}

// newID returns 128 random bits in base64url.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// openPacket is the handshake's answer ("Handshake"): exactly these five members. Of the sid and
// the names of transports nothing has to be escaped.
func openPacket(cfg Config, sid string, upgrades ...string) Packet {
	data := append(append(append(make([]byte, 0, 128), `{"sid":"`...), sid...), `","upgrades":[`...)
	for i, name := range upgrades {
		if i > 0 {
			data = append(data, ',')
		}
		data = append(append(append(data, '"'), name...), '"')
	}
	data = strconv.AppendInt(append(data, `],"pingInterval":`...), cfg.PingInterval.Milliseconds(), 10)
	data = strconv.AppendInt(append(data, `,"pingTimeout":`...), cfg.PingTimeout.Milliseconds(), 10)
	data = strconv.AppendInt(append(data, `,"maxPayload":`...), int64(cfg.MaxPayload), 10)
	return Packet{Type: Open, Data: append(data, '}')}
}
