// Package transport binds engineio to Fiber: one gate for every request, long-polling and
// WebSocket. It is the only package under realtime, beside the file that mounts, that
// knows of HTTP.
package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"roomline/internal/options"
	"roomline/internal/recurring"
	"roomline/realtime/engineio"
)

// ErrPrefork is the error of mounting in an app with fiber.Config.Prefork.
var ErrPrefork = errors.New("fiber.Config.Prefork must be off: a connection lives in one process, and with Prefork its requests reach others")

// DefaultPath is where clients look for a Socket.IO server.
const DefaultPath = "/socket.io/"

// Config bounds and guards the requests. Of its numbers 0 is the default (DefaultConfig), and a negative one none.
type Config struct {
	// Path of the routes under the router given to Mount; DefaultPath if empty.
	Path string
	// Origins are allowed beside the request's own, scheme and host as the host app's proxy
	// settings make them: "https://chat.example.org". See ParseOrigins for what else there is.
	Origins []string
	// CORS lets pages of the allowed origins read answers and send cookies. Without it
	// their requests are admitted, but browsers keep polling from them.
	CORS bool
	// Identify says who makes a request. It is asked at each handshake, poll, POST and
	// upgrade; its error is logged and answered with 503. Nil: everybody is anonymous.
	Identify func(*fiber.Ctx) (engineio.Identity, error)
	// Recheck says whether an open session's identity is still good; its error ends the
	// session. It is asked every RecheckEvery, spread over that time, and by
	// Transport.Recheck. It must heed its context: what ends with that has decided nothing.
	Recheck      func(context.Context, engineio.Identity) error
	RecheckEvery time.Duration

	// Cookie goes with the answer to a polling handshake, the sid as its value. Nil: none.
	Cookie *fiber.Cookie
	// InitialHeaders may add headers to the answer to a handshake. Nil: none.
	InitialHeaders func(*fiber.Ctx)

	MaxConnsPerUser int // open sessions with the same Identity.User
	// MaxConnsPerAddr bounds the open sessions of an IPv4 address or IPv6 /64: those without
	// an Identity.User, and apart from them those of signed-in users.
	MaxConnsPerAddr int
	// HandshakeRate bounds the new sessions per second of one user, or of one address where
	// nobody is signed in. Five seconds' worth may come at once.
	HandshakeRate float64
	WriteTimeout  time.Duration // for one write to a WebSocket

	// CompressOver has polls of more bytes than this answered with gzip. What is secret must not
	// share an answer with what somebody else may have chosen. WebSockets are never compressed.
	CompressOver int

	// Logger hears what operators should know; nil: slog.Default().
	Logger *slog.Logger
}

// DefaultConfig returns the bounds that Config has where it says nothing.
func DefaultConfig() Config {
	return Config{
		RecheckEvery:    time.Minute,
		MaxConnsPerUser: 20,
		MaxConnsPerAddr: 50,
		HandshakeRate:   20,
		WriteTimeout:    10 * time.Second,
	}
}

// Transport serves the sessions of one engineio.Server. It must be closed.
//
// A host that wants bodies refused before they are read sets
// app.Server().HeaderReceived = t.HeaderReceived, or a fiber.Config.BodyLimit that suits
// its other routes too. With fiber.Config.StreamRequestBody, which all handlers of the app
// must then allow for, the memory of a body grows as it arrives instead of being allocated
// by its announced length. app.Server().MaxConnsPerIP must stay 0. Behind a proxy it sets
// fiber.Config's EnableTrustedProxyCheck, TrustedProxies and ProxyHeader.
//
// With app.Server().KeepHijackedConns set, a quiet WebSocket and a poll that is held have no
// goroutine and no buffer where the system allows that (Linux, TLS not in this process). All
// of the host's own WebSocket handlers must then close their connections themselves. Without
// it each one has a goroutine.
type Transport struct {
	// set once
	cfg     Config
	engine  *engineio.Server
	limits  *limits
	origins Origins
	invalid error          // what is wrong with cfg; Mount returns it
	log     *recurring.Log // refusals
	upgrade fiber.Handler
	stopped context.Context    // ends with stop, as the rechecks do
	stop    context.CancelFunc // the first thing that Close does
	scratch sync.Pool          // of *scratch

	handshaking chan struct{} // a place for each handshake in progress
	glances     sync.Pool     // of *glance

	mu      sync.Mutex // guards what follows
	closed  bool
	running sync.WaitGroup // requests and WebSockets; raised under mu while not closed
	sockets map[uint64]*socket
	polls   map[uint64]*pollConn
	latest  uint64                   // key in sockets or polls
	hosts   map[<-chan struct{}]bool // servers whose end is waited for
	parking *lot                     // nil until it is needed, or where there is none
	refused map[string]uint64
}

// New returns a Transport for engine. It panics with an error that names the field of a number that is not finite.
func New(cfg Config, engine *engineio.Server) *Transport {
	cfg = options.MustResolve("transport: Config", cfg, DefaultConfig())
	if cfg.Path == "" {
		cfg.Path = DefaultPath
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Identify == nil {
		cfg.Identify = func(*fiber.Ctx) (engineio.Identity, error) { return engineio.Identity{}, nil }
	}
	t := &Transport{
		cfg:         cfg,
		engine:      engine,
		log:         recurring.New(cfg.Logger),
		handshaking: make(chan struct{}, handshakesPerCPU*runtime.GOMAXPROCS(0)),
		limits:      newLimits(cfg.MaxConnsPerUser, cfg.MaxConnsPerAddr, cfg.HandshakeRate),
		scratch:     sync.Pool{New: func() any { return newScratch() }},
		glances:     sync.Pool{New: func() any { return newGlance() }},
		sockets:     make(map[uint64]*socket),
		polls:       make(map[uint64]*pollConn),
		hosts:       make(map[<-chan struct{}]bool),
		refused:     make(map[string]uint64),
	}
	t.origins, t.invalid = ParseOrigins(cfg.Origins)
	t.upgrade = websocket.New(t.serveWebSocket, websocket.Config{
		// Its own reading and writing are not used. Origins stays open: the gate decides before.
		ReadBufferSize: 1, WriteBufferPool: new(sync.Pool),
	})
	t.stopped, t.stop = context.WithCancel(context.Background())
	if cfg.Recheck != nil && cfg.RecheckEvery > 0 {
		t.running.Go(func() { t.recheckForever(t.stopped) })
	}
	return t
}

// Mount adds the routes to router, with and without the path's last slash. It may be called
// for several routers before the app listens.
func (t *Transport) Mount(router fiber.Router) error {
	if t.invalid != nil {
		return fmt.Errorf("mount engine.io: %w", t.invalid)
	}
	path := strings.TrimRight(t.cfg.Path, "/")
	if !strings.HasPrefix(path, "/") {
		return fmt.Errorf("mount engine.io: path %q must begin with a slash and name something", t.cfg.Path)
	}
	if app, ok := router.(*fiber.App); fiber.IsChild() || ok && app.Config().Prefork {
		return ErrPrefork
	}
	router.All(path, t.serve)
	router.All(path+"/", t.serve)
	return nil
}

// HeaderReceived is for the field of the same name of the host's fasthttp.Server: it has
// bodies for this transport refused with 413 before they are read, and leaves other
// paths alone.
func (t *Transport) HeaderReceived(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path, _, _ := strings.Cut(string(header.RequestURI()), "?")
	if !strings.HasSuffix(strings.TrimRight(path, "/"), strings.TrimRight(t.cfg.Path, "/")) {
		return fasthttp.RequestConfig{}
	}
	return fasthttp.RequestConfig{MaxRequestBodySize: t.maxBody()}
}

// Stats counts what was refused, by why: "origin", "rate", "load", "connections per user",
// "connections per address", "identity" (what Recheck ended, too), "shutting down",
// "overlap", "too large", "encoding", and the reference's "transport unknown", "session id
// unknown", "bad handshake method", "bad request" and "unsupported protocol version".
type Stats struct {
	Users   int // who have a session now, each once; visitors without an identity are left out
	Refused map[string]uint64
}

// Stats counts those who are there, and refusals since New. What it returns is the caller's.
func (t *Transport) Stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Stats{Users: t.limits.known(), Refused: maps.Clone(t.refused)}
}

// count notes a refusal. why is this package's own word.
func (t *Transport) count(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refused[why]++
}

// Close refuses new requests and waits until every request and every WebSocket, reader and
// writer, has ended. Close the engineio.Server first: it is what ends them. When ctx ends
// before, the WebSockets are cut off, and the error is ctx's.
func (t *Transport) Close(ctx context.Context) error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.stop()

	done := make(chan struct{})
	go func() {
		t.running.Wait()
		close(done)
	}()
	defer t.parked().close()
	t.expirePolls()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	left, polls := slices.Collect(maps.Values(t.sockets)), slices.Collect(maps.Values(t.polls))
	t.mu.Unlock()
	for _, k := range left {
		k.kill()
	}
	for _, h := range polls {
		_ = h.Conn.Close() // who writes to it fails
	}
	select {
	case <-done:
	case <-time.After(closeGrace): // a handler of the layer above does not return
	}
	return fmt.Errorf("close transports: %w", ctx.Err())
}

// parked returns the lot, nil if none was opened.
func (t *Transport) parked() *lot {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.parking
}

// openLot returns the lot, nil if there is none to be had.
func (t *Transport) openLot() *lot {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.parking == nil && !t.closed {
		lot, err := newLot(t.ready)
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			t.cfg.Logger.Warn("connections cannot be parked: each keeps a goroutine", "error", err)
		}
		t.parking = lot
	}
	return t.parking
}

// begin counts a request or WebSocket in, unless the transport is closed.
func (t *Transport) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.running.Add(1)
	return true
}

func (t *Transport) closing() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}

// remember gives h an id, by which the lot knows it.
func (t *Transport) remember(h *pollConn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.latest++
	h.id = t.latest
	t.polls[h.id] = h
}

// watchHost has polls end when the host's server does. The caller has begun.
func (t *Transport) watchHost(ended <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hosts[ended] {
		return
	}
	t.hosts[ended] = true
	t.running.Go(func() {
		select {
		case <-ended:
			t.expirePolls()
		case <-t.stopped.Done():
		}
	})
}

// expirePolls ends the polls that are held, and closes the connections that wait for another.
func (t *Transport) expirePolls() {
	t.mu.Lock()
	polls := slices.Collect(maps.Values(t.polls))
	t.mu.Unlock()
	for _, h := range polls {
		h.expire()
	}
}

func (t *Transport) forget(h *pollConn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.polls, h.id)
}

// serve is the one route: gate, then the transport.
func (t *Transport) serve(c *fiber.Ctx) error {
	if diagnosed(c) {
		return nil
	}
	if !t.begin() {
		return t.refuse(c, stopping())
	}
	defer t.running.Done()

	c.Set(fiber.HeaderCacheControl, "no-store")
	var p place
	defer p.leave() // also if the host's Identify panics
	adm, r := t.admit(c, &p)
	switch {
	case r != nil:
		return t.refuse(c, r)
	case adm == nil: // a CORS preflight
		return c.SendStatus(http.StatusNoContent)
	case adm.session == nil && t.cfg.InitialHeaders != nil:
		t.cfg.InitialHeaders(c)
	}
	switch {
	case adm.webSocket:
		return t.hijack(c, adm)
	case adm.session == nil:
		return t.openPolling(c, adm)
	case c.Method() == fiber.MethodPost:
		return t.post(c, adm.session)
	}
	return t.poll(c, adm.session)
}

// open starts a session that counts against the limits until it ends.
func (t *Transport) open(adm *admission, transport string) (*engineio.Session, *refusal) {
	user, addr := adm.handshake.Identity.User, adm.addr
	if full := t.limits.take(user, addr); full != "" {
		return nil, overloaded(full, "Too many connections", retryFull).to(user)
	}
	s, err := t.engine.Open(adm.handshake, transport, func() { t.limits.put(user, addr) })
	if errors.Is(err, engineio.ErrClosed) {
		t.limits.put(user, addr)
		return nil, stopping()
	}
	return s, nil
}
