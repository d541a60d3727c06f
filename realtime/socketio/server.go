// Package socketio is a Socket.IO v5 server on top of Engine.IO v4: namespaces multiplexed
// on one connection, events with typed handlers, acknowledgements both ways, rooms,
// broadcasts that are encoded once, and binary anywhere in the arguments.
//
// A Server holds Namespaces; a client's connection holds at most one Socket per namespace.
// Handlers are registered on a namespace before the server is mounted:
//
//	server := socketio.NewServer(socketio.DefaultConfig())
//	chat := server.Of("/chat")
//	socketio.On(chat, "say", func(ctx context.Context, s *socketio.Socket, text string) (int, error) {
//		return len(text), chat.To("everybody").Except(s.ID()).Emit("said", text)
//	})
//
// Events of one connection are handled one after another, in the order they came, on a
// goroutine that exists only while there are some; acknowledgements are handled at once,
// so a handler may wait for one. The middleware of a namespace delays only its own namespace.
package socketio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"roomline/internal/options"
	"roomline/realtime/engineio"
)

// Config makes a Server. A bound of 0 is that of DefaultConfig, a negative one means none; that goes for Engine, too.
type Config struct {
	Engine engineio.Config

	ConnectTimeout    time.Duration // a connection must join a namespace within
	AttachmentTimeout time.Duration // the attachments of a packet must follow within
	MaxAttachments    int           // of one packet
	MaxDepth          int           // nesting of a packet's JSON
	MaxNamespaces     int           // of one connection
	MaxAcks           int           // acknowledgements one socket may owe
	MaxPendingBytes   int           // packets of one connection that wait for their handlers; then reading pauses
	EventRate         Rate          // events of one connection; see Namespace.Limit for others
	RequestTimeout    time.Duration // for acknowledgements of a broadcast and answers of other nodes, where ctx has none

	// RemoveEmptyNamespaces removes children of dynamic namespaces when their last socket leaves.
	RemoveEmptyNamespaces bool

	// StrictRequests refuses fields that the request type of a typed handler does not have.
	StrictRequests bool
	// AckError makes the acknowledgement of an event whose handler failed. Nil: the event
	// is acknowledged with {"error":"internal error"}, or with its message for a *RequestError.
	AckError func(s *Socket, event string, err error) any
	// Handled, if not nil, is called when an event was handled: took is the time since its handler,
	// or the middleware before it, began, until the acknowledgement was queued. It must not block.
	Handled  func(event string, took time.Duration, err error)
	Recovery *Recovery    // nil: clients that come back start anew
	Adapter  Adapter      // nil: the server is alone
	Codec    Codec        // nil: the protocol's default encoding
	Logger   *slog.Logger // nil: slog.Default()
}

// DefaultConfig returns the bounds that suit most servers; pings as the reference's.
func DefaultConfig() Config {
	return Config{
		Engine:            engineio.DefaultConfig(),
		ConnectTimeout:    45 * time.Second,
		AttachmentTimeout: 10 * time.Second,
		MaxAttachments:    10,
		MaxDepth:          16,
		MaxNamespaces:     8,
		MaxAcks:           64,
		MaxPendingBytes:   4 << 20,
		RequestTimeout:    5 * time.Second,
	}
}

// Server is a Socket.IO server. Its methods may be called concurrently.
type Server struct {
	// set once
	cfg    Config
	engine *engineio.Server
	ctx    context.Context // of every handler; ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // the workers of all connections; and, raised under mu while not closing, the rest
	quotas quotas
	counts counts

	mu         sync.RWMutex // guards what follows
	namespaces map[string]*Namespace
	dynamic    []*Namespace
	trimming   *time.Timer // nil without Config.Recovery
	closing    bool
}

// NewServer makes a Server. It serves once a transport is bound to Engine, and must be closed. It panics if a bound is no
// finite number.
func NewServer(cfg Config) *Server {
	cfg = options.MustResolve("socketio: Config", cfg, DefaultConfig())
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.AckError == nil {
		cfg.AckError = defaultAckError
	}
	s := &Server{cfg: cfg, namespaces: make(map[string]*Namespace)}
	s.quotas.users = make(map[string]*quota)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.engine = engineio.NewServer(options.Explicit(cfg.Engine), engineHandler{s})
	if cfg.Recovery != nil {
		s.startRecovery()
	}
	if cfg.Adapter != nil {
		cfg.Adapter.Attach(node{s})
	}
	return s
}

// Engine is the Engine.IO server underneath, to bind transports to.
func (s *Server) Engine() *engineio.Server { return s.engine }

// Of returns the namespace of that name, made at the first call; a missing leading "/" is
// added. A namespace that no call of Of has made does not exist for clients.
func (s *Server) Of(name string) *Namespace {
	if name == "" || name[0] != '/' {
		name = "/" + name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.namespaces[name]
	if !ok {
		n = newNamespace(name, newBindings(s))
		s.namespaces[name] = n
	}
	return n
}

// Close ends all connections with the reason "server shutting down", one after another as
// engineio.Config.DrainTime says, and waits until the handlers have returned, or for ctx. The
// context that handlers got ends when ctx does, or with the last of them.
func (s *Server) Close(ctx context.Context) error {
	defer s.cancel()
	err := s.engine.Close(ctx)
	if err != nil {
		s.cancel()
		_ = s.engine.Close(context.Background()) // nothing of the host's runs in it; no worker begins after it
	}
	s.mu.Lock()
	s.closing = true
	stop(s.trimming)
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.work.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		s.cancel()
		<-done // handlers heed their context
		err = errors.Join(err, ctx.Err())
	}
	if s.cfg.Adapter != nil {
		err = errors.Join(err, s.cfg.Adapter.Close())
	}
	return err
}

// beginWork counts something in that Close waits for, unless it is too late. Then work.Done.
func (s *Server) beginWork() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.work.Add(1)
	}
	return !s.closing
}

// Stats are counts of this moment, and of what was refused since the start.
type Stats struct {
	Sockets map[string]int    // by namespace
	Refused map[string]uint64 // by reason: packets, events, connects, volatile events nobody could take
}

// Stats counts. Engine().Stats has the connections.
func (s *Server) Stats() Stats {
	all := Stats{Sockets: make(map[string]int), Refused: s.counts.all()}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for name, n := range s.namespaces {
		all.Sockets[name] = n.size()
	}
	return all
}

func (n *Namespace) size() int {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return len(n.sockets)
}

// counts is how often something was refused, by reason.
type counts struct {
	mu sync.Mutex // guards what follows
	by map[string]uint64
}

func (s *Server) count(reason string) {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	if s.counts.by == nil {
		s.counts.by = make(map[string]uint64)
	}
	s.counts.by[reason]++
}

func (c *counts) all() map[string]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.by)
}

// engineHandler receives what the Engine.IO server tells, out of sight of Server's users.
type engineHandler struct{ s *Server }

func (h engineHandler) Open(session *engineio.Session) {
	c := &conn{server: h.s, session: session}
	session.SetData(c)
	if timeout := h.s.cfg.ConnectTimeout; timeout > 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.connectTimer = time.AfterFunc(timeout, c.connectTimedOut)
	}
}

func (h engineHandler) Message(session *engineio.Session, data []byte, binary bool) {
	session.Data().(*conn).receive(data, binary)
}

func (h engineHandler) Drain(session *engineio.Session) { session.Data().(*conn).drained() }

func (h engineHandler) Pong(session *engineio.Session) { session.Data().(*conn).pong() }

func (h engineHandler) Close(session *engineio.Session, reason engineio.Reason) {
	session.Data().(*conn).closed(reason)
}

// newID returns 120 random bits in the 20 characters that Socket.IO ids have.
func newID() string {
	var b [15]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}
