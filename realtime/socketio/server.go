// Package socketio is a Socket.IO v5 server on top of Engine.IO v4: namespaces multiplexed
// on one connection, events with typed handlers, acknowledgements both ways, rooms,
// broadcasts that are encoded once, and binary anywhere in the arguments.
//
// A Server holds Namespaces; a client's connection holds at most one Socket per namespace.
// Handlers are registered on a namespace before the server is mounted:
//
//	server := socketio.NewServer(socketio.Config{Engine: engineio.DefaultConfig()})
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

// Config makes a Server. A bound of 0 means the default named beside it.
type Config struct {
	Engine engineio.Config

	ConnectTimeout    time.Duration // a connection must join a namespace within; 45 s
	AttachmentTimeout time.Duration // the attachments of a packet must follow within; 10 s
	MaxAttachments    int           // of one packet; 10
	MaxDepth          int           // nesting of a packet's JSON; 16
	MaxNamespaces     int           // of one connection; 8
	MaxAcks           int           // acknowledgements one socket may owe; 64
	MaxPending        int           // events of one connection that wait for their handlers; 32

	// StrictRequests refuses fields that the request type of a typed handler does not have.
	StrictRequests bool
	// AckError makes the acknowledgement of an event whose handler failed. Nil: the event
	// is acknowledged with {"error":"internal error"}, or with its message for a *RequestError.
	AckError func(s *Socket, event string, err error) any
	Logger   *slog.Logger // nil: slog.Default()
}

func (c *Config) setDefaults() {
	def(&c.ConnectTimeout, 45*time.Second)
	def(&c.AttachmentTimeout, 10*time.Second)
	def(&c.MaxAttachments, 10)
	def(&c.MaxDepth, 16)
	def(&c.MaxNamespaces, 8)
	def(&c.MaxAcks, 64)
	def(&c.MaxPending, 32)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.AckError == nil {
		c.AckError = defaultAckError
	}
}

func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
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
	cfg.setDefaults()
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
	c.connectTimer = time.AfterFunc(h.s.cfg.ConnectTimeout, c.connectTimedOut)
}

func (h engineHandler) Message(session *engineio.Session, data []byte, binary bool) {
	session.Data().(*conn).receive(data, binary)
}

func (h engineHandler) Drain(session *engineio.Session) { session.Data().(*conn).drained() }

func (h engineHandler) Close(session *engineio.Session, reason engineio.Reason) {
	session.Data().(*conn).closed(reason)
}

// newID returns 120 random bits in the 20 characters that Socket.IO ids have.
func newID() string {
	var b [15]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}
