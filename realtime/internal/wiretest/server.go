// Package wiretest is a test client that speaks Engine.IO in raw wire strings over
// loopback, so that a scenario reads like the protocol: send "40/general,", expect
// "40/general,{...}". Nothing in it decides what is right.
package wiretest

import (
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// patience is how long anything may take before a test fails.
const patience = 10 * time.Second

// Server is a Fiber app that listens on loopback for the length of a test.
type Server struct {
	App  *fiber.App
	Addr string // host:port
}

// Serve starts an app. mount adds its routes, before the app listens; what mount hands to
// t.Cleanup runs before the app is shut down, as in a real host.
func Serve(t testing.TB, mount func(app *fiber.App)) *Server {
	t.Helper()
	return ServeConfig(t, fiber.Config{}, mount)
}

// ServeConfig is Serve with the app's configuration.
func ServeConfig(t testing.TB, cfg fiber.Config, mount func(app *fiber.App)) *Server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg.DisableStartupMessage = true
	app := fiber.New(cfg)
	// fasthttp's cleaner outlives the server by this long, which leak checks would see.
	app.Server().MaxIdleWorkerDuration = 50 * time.Millisecond
	app.Server().KeepHijackedConns = true // have WebSockets parked; mount may say otherwise
	served := make(chan error, 1)
	t.Cleanup(func() {
		if err := app.ShutdownWithTimeout(patience); err != nil {
			t.Errorf("shut the app down: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	mount(app)
	accepting := &listener{Listener: ln, accepts: make(chan struct{})}
	go func() { served <- app.Listener(accepting) }()
	// An app that is shut down before it accepts would never stop.
	<-accepting.accepts
	return &Server{App: app, Addr: ln.Addr().String()}
}

// listener tells when it is used for the first time.
type listener struct {
	net.Listener
	once    sync.Once
	accepts chan struct{}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	l.once.Do(func() { close(l.accepts) })
	return l.Listener.Accept()
}

// Client returns a client of the server, without cookies or headers of its own.
func (s *Server) Client(t testing.TB) *Client {
	t.Helper()
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &Client{
		T:      t,
		Addr:   s.Addr,
		Path:   "/socket.io/",
		Header: http.Header{},
		http:   &http.Client{Transport: transport, Timeout: patience},
	}
}
