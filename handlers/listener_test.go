package handlers_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"roomline/handlers"
)

// flakyListener fails a number of times before each connection it accepts.
type flakyListener struct {
	net.Listener
	mu     sync.Mutex
	errors []error
}

func (l *flakyListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	if len(l.errors) > 0 {
		err := l.errors[0]
		l.errors = l.errors[1:]
		l.mu.Unlock()
		return nil, &net.OpError{Op: "accept", Err: err}
	}
	l.mu.Unlock()
	return l.Listener.Accept()
}

func listenLocally(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// dialFrom connects from a loopback address.
func dialFrom(t *testing.T, from string, to net.Addr) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 5 * time.Second}
	conn, err := dialer.DialContext(t.Context(), "tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// accepted accepts one connection.
func accepted(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// ended reports whether the server has closed a connection; it waits for what the server sends.
func ended(t *testing.T, conn net.Conn) bool {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := conn.Read(make([]byte, 1))
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
}

// answers reports whether a connection is still served: a byte sent by the server arrives.
func answers(t *testing.T, server, client net.Conn) bool {
	t.Helper()
	if _, err := server.Write([]byte("x")); err != nil {
		return false
	}
	return !ended(t, client)
}

func TestListenerSurvivesAcceptErrors(t *testing.T) {
	for _, cause := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.EPERM} {
		t.Run(cause.Error(), func(t *testing.T) {
			log := &lines{}
			flaky := &flakyListener{Listener: listenLocally(t), errors: []error{cause, cause, cause}}
			l := handlers.NewListener(flaky, handlers.ListenerConfig{Logger: slog.New(slog.NewTextHandler(log, nil))})
			client := dialFrom(t, "127.0.0.1", l.Addr())
			if !answers(t, accepted(t, l), client) {
				t.Error("the connection after the errors is not served")
			}
			warnings := strings.Count(log.String(), "connections cannot be accepted")
			if want := 1; cause != syscall.ECONNABORTED && warnings != want {
				t.Errorf("%d warnings, want %d: %s", warnings, want, log.String())
			}
		})
	}
}

func TestListenerEndsWhenClosedDuringAPause(t *testing.T) {
	failures := make([]error, 1000)
	for i := range failures {
		failures[i] = syscall.EMFILE
	}
	l := handlers.NewListener(&flakyListener{Listener: listenLocally(t), errors: failures}, handlers.ListenerConfig{Logger: slog.New(slog.DiscardHandler)})
	done := make(chan error)
	go func() {
		_, err := l.Accept()
		done <- err
	}()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept returned %v, want net.ErrClosed", err)
	}
}

func TestStrangersOfOneAddressDisplaceTheirOldest(t *testing.T) {
	log := &lines{}
	l := handlers.NewListener(listenLocally(t), handlers.ListenerConfig{MaxConnsPerAddr: 2, Logger: slog.New(slog.NewTextHandler(log, nil))})
	var clients, servers []net.Conn
	for _, from := range []string{"127.0.0.3", "127.0.0.2", "127.0.0.2", "127.0.0.2"} {
		clients = append(clients, dialFrom(t, from, l.Addr()))
		servers = append(servers, accepted(t, l))
	}
	if !ended(t, clients[1]) {
		t.Error("the oldest connection of the full address is still open")
	}
	for _, i := range []int{0, 2, 3} {
		if !answers(t, servers[i], clients[i]) {
			t.Errorf("connection %d was closed", i)
		}
	}
	if !strings.Contains(log.String(), "too many open connections") || !strings.Contains(log.String(), "127.0.0.2") {
		t.Errorf("the log does not name the address: %s", log.String())
	}
}

func TestStrangersLeaveAQuarterOfAllConnections(t *testing.T) {
	l := handlers.NewListener(listenLocally(t), handlers.ListenerConfig{MaxConns: 8, Logger: slog.New(slog.DiscardHandler)})
	var clients []net.Conn
	for i := range 7 {
		clients = append(clients, dialFrom(t, fmt.Sprintf("127.0.1.%d", i+1), l.Addr()))
		accepted(t, l)
	}
	if !ended(t, clients[0]) {
		t.Error("seven strangers are open of eight connections")
	}
}

func TestConnectionsOfATrustedProxyAreNotBoundPerAddress(t *testing.T) {
	l := handlers.NewListener(listenLocally(t), handlers.ListenerConfig{
		MaxConnsPerAddr: 1, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.8/32")}, Logger: slog.New(slog.DiscardHandler),
	})
	first, second := dialFrom(t, "127.0.0.8", l.Addr()), dialFrom(t, "127.0.0.8", l.Addr())
	one, two := accepted(t, l), accepted(t, l)
	if !answers(t, one, first) || !answers(t, two, second) {
		t.Error("a connection of the proxy was closed")
	}
}

func TestMembersConnectionIsNotDisplacedByStrangers(t *testing.T) {
	s := serve(t)
	member := s.member("mia")
	app, err := s.site.App()
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(listen(t, app, handlers.ListenerConfig{MaxConnsPerAddr: 2, Logger: slog.New(slog.DiscardHandler)}), "http://")
	t.Cleanup(func() { _ = app.Shutdown() })

	// exchange makes a request on a connection and returns the status, 0 if it is closed.
	exchange := func(conn net.Conn, path, cookie string) int {
		if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n", path, address, cookie); err != nil {
			return 0
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return 0
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body)
		return response.StatusCode
	}
	dial := func() net.Conn {
		conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	cookie := "roomline_session=" + member.cookie("roomline_session")
	own := dial()
	if got := exchange(own, "/account", cookie); got != http.StatusOK {
		t.Fatalf("the account page is answered %d", got)
	}
	for range 5 {
		if got := exchange(dial(), "/healthz", ""); got != http.StatusOK {
			t.Fatalf("a stranger is answered %d", got)
		}
	}
	if got := exchange(own, "/account", cookie); got != http.StatusOK {
		t.Errorf("after five strangers the member's connection is answered %d", got)
	}
}

// TestDisplacingARefusedConnectionDoesNotDelayAccept opens one connection after the other
// from a full address. Each is refused for its announced body and lingers, because its client
// neither sends the body nor closes, when the next one displaces it.
func TestDisplacingARefusedConnectionDoesNotDelayAccept(t *testing.T) {
	s := serve(t)
	app, err := s.site.App()
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(listen(t, app, handlers.ListenerConfig{MaxConnsPerAddr: 1, Logger: slog.New(slog.DiscardHandler)}), "http://")
	t.Cleanup(func() { _ = app.Shutdown() })

	began := time.Now()
	for range 6 { // each would linger for two seconds
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if _, err := fmt.Fprintf(conn, "POST /session HTTP/1.1\r\nHost: %s\r\nContent-Length: 90000000\r\n\r\n", address); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Fatalf("answered %d, want 413", response.StatusCode)
		}
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("six connections were served in %v: each waited for the one before to linger", took)
	}
}
