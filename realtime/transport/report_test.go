package transport

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
)

// lockedLog is a log that may be read while it is written.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newLoggedRig is newRig for a host that trusts no proxy, and its log.
func newLoggedRig(t *testing.T, change func(*Config)) (*rig, *lockedLog) {
	t.Helper()
	log := &lockedLog{}
	r := newRig(t, func(s *setup) {
		s.app.EnableTrustedProxyCheck = true
		s.transport.Logger = slog.New(slog.NewTextHandler(log, nil))
		change(&s.transport)
	})
	return r, log
}

// handshake makes a polling handshake with these header lines.
func handshake(t *testing.T, r *rig, host string, headers ...string) int {
	t.Helper()
	c := dialRaw(t, r)
	c.write("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: " + host + "\r\n" + strings.Join(append(headers, "\r\n"), "\r\n"))
	return c.answer()
}

func TestRefusedOriginIsLoggedWithItsCause(t *testing.T) {
	for _, c := range []struct{ origin, host, want string }{
		{"https://rooms.example.net", "rooms.example.net", "set --url https://rooms.example.net (embedded: Options.Origins), or have the proxy send X-Forwarded-Proto"},
		{"https://rooms.example.net:8443", "rooms.example.net", "set --url https://rooms.example.net:8443 (embedded: Options.Origins), or have the proxy pass the header on"},
		{"http://rooms.example.net", "10.0.0.7:3000", "if the page is yours, set --url http://rooms.example.net"},
		{"http://rooms.example.net", "chat_backend", "if the page is yours, set --url http://rooms.example.net"},
		{"https://other.example.com", "rooms.example.net", "if the site is yours, allow it with --origin https://other.example.com"},
		{"null", "rooms.example.net", "allow it with --origin"},
	} {
		t.Run(c.origin+" at "+c.host, func(t *testing.T) {
			r, log := newLoggedRig(t, func(*Config) {})
			for range 20 {
				if status := handshake(t, r, c.host, "Origin: "+c.origin); status != http.StatusForbidden {
					t.Fatalf("answered %d", status)
				}
			}
			if text := log.String(); strings.Count(text, "level=WARN") != 1 || !strings.Contains(text, c.want) {
				t.Errorf("logged %q", text)
			}
		})
	}
}

func TestUnnamedProxyIsNamedWhenItsAddressIsFull(t *testing.T) {
	r, log := newLoggedRig(t, func(c *Config) { c.MaxConnsPerAddr = 2 })
	for range 12 {
		handshake(t, r, "rooms.example.net", "X-Forwarded-For: 192.0.2.77")
	}
	text := log.String()
	if strings.Count(text, "level=WARN") != 1 || !strings.Contains(text, "set --trusted-proxy 127.0.0.1 ") {
		t.Errorf("logged %q", text)
	}
	if strings.Contains(text, "192.0.2.77") {
		t.Errorf("a client's claim is taken for an address: %q", text)
	}
}

func TestFullAddressWithoutProxyIsNotCalledOne(t *testing.T) {
	r, log := newLoggedRig(t, func(c *Config) { c.MaxConnsPerAddr = 2 })
	for range 12 {
		handshake(t, r, "rooms.example.net")
	}
	if text := log.String(); strings.Count(text, "--max-conns-per-addr") != 1 || strings.Contains(text, "--trusted-proxy") {
		t.Errorf("logged %q", text)
	}
}

func TestEachLimitIsLoggedOnceWithItsFlag(t *testing.T) {
	for flag, change := range map[string]func(*Config){
		"--max-conns-per-user": func(c *Config) { c.MaxConnsPerUser = 1; c.Identify = everybodyIs("zoe") },
		"--handshake-rate":     func(c *Config) { c.HandshakeRate = 0.01 },
		"disk is gone": func(c *Config) {
			c.Identify = func(*fiber.Ctx) (engineio.Identity, error) { return engineio.Identity{}, errors.New("disk is gone") }
		},
	} {
		t.Run(flag, func(t *testing.T) {
			r, log := newLoggedRig(t, change)
			for range 10 {
				handshake(t, r, r.Addr)
			}
			text := log.String()
			if strings.Count(text, "level=WARN") != 1 || !strings.Contains(text, flag) {
				t.Errorf("logged %q", text)
			}
			if flag == "--max-conns-per-user" && !strings.Contains(text, "user=zoe") {
				t.Errorf("the user is not named: %q", text)
			}
		})
	}
}

func TestWebSocketWithoutUpgradeHeaderIsLogged(t *testing.T) {
	r, log := newLoggedRig(t, func(*Config) {})
	for range 3 {
		c := dialRaw(t, r)
		c.write("GET /socket.io/?EIO=4&transport=websocket HTTP/1.0\r\nHost: rooms.example.net\r\nConnection: close\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
		if status := c.answer(); status != http.StatusBadRequest {
			t.Errorf("answered %d", status)
		}
	}
	if text := log.String(); strings.Count(text, "proxy_set_header Upgrade") != 1 {
		t.Errorf("logged %q", text)
	}
}

func TestMistakesOfClientsAreNotLogged(t *testing.T) {
	r, log := newLoggedRig(t, func(*Config) {})
	c := r.Client(t)
	c.Get("EIO=4&transport=websocket")
	c.Get("EIO=3&transport=polling")
	c.Push("nobody", "4x")
	if text := log.String(); text != "" {
		t.Errorf("logged %q", text)
	}
}
