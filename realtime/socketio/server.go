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
// so a handler may wait for one.
package socketio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"sync"
	"time"

	"roomline/realtime/engineio"
)

// Config makes a Server. A bound of 0 means none; DefaultConfig has sensible ones.
type Config struct {
	Engine engineio.Config

	ConnectTimeout    time.Duration // a connection must join a namespace within
	AttachmentTimeout time.Duration // the attachments of a packet must follow within
	MaxAttachments    int           // of one packet
	MaxDepth          int           // nesting of a packet's JSON
	MaxNamespaces     int           // of one connection
	MaxAcks           int           // acknowledgements one socket may owe
	MaxPending        int           // events of one connection that wait for their handlers

	// StrictRequests refuses fields that the request type of a typed handler does not have.
	StrictRequests bool
	// AckError makes the acknowledgement of an event whose handler failed. Nil: the event
	// is acknowledged with {"error":"internal error"}, or with its message for a *RequestError.
	AckError func(s *Socket, event string, err error) any
	Logger   *slog.Logger // nil: slog.Default()
}

// DefaultConfig returns the bounds that suit most servers; pings as the reference's.
func DefaultConfig() Config {
	return Config{
		Engine: engineio.Config{
			PingInterval:   25 * time.Second,
			PingTimeout:    20 * time.Second,
			UpgradeTimeout: 10 * time.Second,
			MaxPayload:     1_000_000,
			MaxPackets:     64,
			OutboxBytes:    1 << 20,
		},
		ConnectTimeout:    45 * time.Second,
		AttachmentTimeout: 10 * time.Second,
		MaxAttachments:    10,
		MaxDepth:          16,
		MaxNamespaces:     8,
		MaxAcks:           64,
		MaxPending:        32,
	}
}

// Server is a Socket.IO server. Its methods may be called concurrently.
type Server struct {
	// set once
	cfg    Config
	engine *engineio.Server
	ctx    context.Context // of every handler; ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // the workers of all connections

	mu         sync.RWMutex // guards what follows
	namespaces map[string]*Namespace
}

// NewServer makes a Server. It serves once a transport is bound to Engine.
func NewServer(cfg Config) *Server {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.AckError == nil {
		cfg.AckError = defaultAckError
	}
	s := &Server{cfg: cfg, namespaces: make(map[string]*Namespace)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.engine = engineio.NewServer(cfg.Engine, engineHandler{s})
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
		n = newNamespace(s, name)
		s.namespaces[name] = n
	}
	return n
}

func (s *Server) lookup(name string) *Namespace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.namespaces[name]
}

// Close ends all connections with the reason "server shutting down", and waits until the
// handlers have returned, or for ctx. The context that handlers got ends when ctx does, or
// with the last of them.
func (s *Server) Close(ctx context.Context) error {
	defer s.cancel()
	if err := s.engine.Close(ctx); err != nil {
		return err
	}
	done := make(chan struct{})
	go func() { s.work.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.cancel()
		<-done // handlers heed their context
		return ctx.Err()
	}
}

// engineHandler receives what the Engine.IO server tells, out of sight of Server's users.
type engineHandler struct{ s *Server }

func (h engineHandler) Open(session *engineio.Session) {
	c := &conn{server: h.s, session: session, sockets: make(map[string]*Socket, 1)}
	c.room.L = &c.mu
	session.SetData(c)
	if timeout := h.s.cfg.ConnectTimeout; timeout > 0 {
		c.connectTimer = time.AfterFunc(timeout, c.connectTimedOut)
	}
}

func (h engineHandler) Message(session *engineio.Session, data []byte, binary bool) {
	session.Data().(*conn).receive(data, binary)
}

func (h engineHandler) Drain(session *engineio.Session) { session.Data().(*conn).drained() }

func (engineHandler) Pong(*engineio.Session) {}

func (h engineHandler) Close(session *engineio.Session, reason engineio.Reason) {
	session.Data().(*conn).closed(reason)
}

// newID returns 120 random bits in the 20 characters that Socket.IO ids have.
func newID() string {
	var b [15]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}
