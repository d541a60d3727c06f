package transport

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

func TestBadHandshakesGetTheReferencesErrors(t *testing.T) {
	r := newRig(t, nil)
	c := r.Client(t)
	polling, webSocket := c.Handshake(), wiretest.WebSocket().Open(c).SID
	for _, q := range []struct {
		method, query string
		code          int
		message       string
	}{
		{"GET", "", 0, "Transport unknown"},
		{"GET", "EIO=4", 0, "Transport unknown"},
		{"GET", "EIO=4&transport=", 0, "Transport unknown"},
		{"GET", "EIO=4&transport=abc", 0, "Transport unknown"},
		{"GET", "EIO=4&transport=__proto__", 0, "Transport unknown"},
		{"GET", "EIO=4&transport=webtransport", 0, "Transport unknown"},
		{"POST", "transport=abc&sid=x", 0, "Transport unknown"},
		{"GET", "EIO=4&transport=polling&sid=nobody", 1, "Session ID unknown"},
		{"POST", "EIO=4&transport=polling&sid=__proto__", 1, "Session ID unknown"},
		{"GET", "EIO=3&transport=polling&sid=nobody", 1, "Session ID unknown"},
		{"POST", "EIO=4&transport=polling", 2, "Bad handshake method"},
		{"PUT", "EIO=4&transport=polling", 2, "Bad handshake method"},
		{"OPTIONS", "EIO=4&transport=polling", 2, "Bad handshake method"},
		{"POST", "EIO=3&transport=polling", 2, "Bad handshake method"},
		{"PUT", "EIO=4&transport=polling&sid=" + polling, 2, "Bad handshake method"},
		{"GET", "EIO=4&transport=websocket", 3, "Bad request"},
		{"GET", "EIO=4&transport=websocket&sid=" + polling, 3, "Bad request"},
		{"GET", "EIO=4&transport=polling&sid=" + webSocket, 3, "Bad request"},
		{"POST", "EIO=4&transport=polling&sid=" + webSocket, 3, "Bad request"},
		{"GET", "EIO=3&transport=polling&sid=" + polling, 3, "Bad request"},
		{"GET", "EIO=4&transport=polling&j=0", 3, "Bad request"},
		{"GET", "EIO=4&transport=polling&j=0&sid=" + polling, 3, "Bad request"},
		{"GET", "transport=polling", 5, "Unsupported protocol version"},
		{"GET", "EIO=3&transport=polling", 5, "Unsupported protocol version"},
		{"GET", "EIO=4x&transport=polling&sid=", 5, "Unsupported protocol version"},
	} {
		a := c.Do(q.method, q.query, "")
		if want := `{"code":` + strconv.Itoa(q.code) + `,"message":"` + q.message + `"}`; a.Status != 400 || a.Body != want {
			t.Errorf("%s ?%s answered %d %s", q.method, q.query, a.Status, a.Body)
		}
		if got := a.Header.Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
			t.Errorf("%s ?%s has type %q", q.method, q.query, got)
		}
		expectNoStore(t, a)
	}
	r.expectOpen(t)
}

func TestOnlyAllowedOriginsGetIn(t *testing.T) {
	r := newRig(t, func(s *setup) { s.transport.Origins = []string{"https://chat.example.org"} })
	host, port, _ := strings.Cut(r.Addr, ":")
	for _, o := range []struct {
		origin string
		status int
	}{
		{"", 200},
		{"http://" + r.Addr, 200},
		{"https://chat.example.org", 200},
		{"https://" + r.Addr, 403},
		{"http://" + host, 403},
		{"http://" + host + ":1" + port, 403},
		{"null", 403},
		{"https://evil.example", 403},
		{"https://chat.example.org.evil.example", 403},
		{"https://evilchat.example.org", 403},
		{"https://chat.example.org:8443", 403},
		{"http://chat.example.org", 403},
		{"https://chat.example.org/", 403},
	} {
		t.Run(o.origin, func(t *testing.T) {
			plain := r.Client(t)
			sid, c := plain.Handshake(), plain
			if o.origin != "" {
				c = plain.With("Origin", o.origin)
			}
			want := func(a wiretest.Answer, body string) {
				t.Helper()
				if o.status == 403 {
					body = `{"code":4,"message":"*"}`
				}
				expect(t, a, o.status, body)
				expectNoStore(t, a)
			}
			want(c.Get("EIO=4&transport=polling"), "0*")
			want(c.Push(sid, "4x"), "ok")
			if o.status == 403 {
				expect(t, plain.Push(sid, "4x"), 200, "ok")
			}
			want(c.Poll(sid), "4x")
			for _, query := range []string{"EIO=4&transport=websocket", "EIO=4&transport=websocket&sid=" + sid} {
				if _, a, err := c.TryDial(query); (err == nil) != (o.status == 200) || err != nil && a.Status != 403 {
					t.Errorf("?%s: %v, %d", query, err, a.Status)
				}
			}
		})
	}
}

func TestTheOwnOriginIsWhatATrustedProxySays(t *testing.T) {
	for _, trusted := range []bool{true, false} {
		r := newRig(t, func(s *setup) {
			s.app.EnableTrustedProxyCheck = true
			if trusted {
				s.app.TrustedProxies = []string{"127.0.0.1"}
			}
		})
		c := r.Client(t).With("X-Forwarded-Proto", "https").With("X-Forwarded-Host", "chat.example.org").
			With("Origin", "https://chat.example.org")
		want := http.StatusForbidden
		if trusted {
			want = http.StatusOK
		}
		if a := c.Get("EIO=4&transport=polling"); a.Status != want {
			t.Errorf("trusted %v: answered %d", trusted, a.Status)
		}
	}
}

func TestCORSIsOffUnlessConfigured(t *testing.T) {
	for _, on := range []bool{false, true} {
		r := newRig(t, func(s *setup) {
			s.transport.Origins = []string{"https://chat.example.org"}
			s.transport.CORS = on
		})
		c := r.Client(t).With("Origin", "https://chat.example.org")
		a := c.Get("EIO=4&transport=polling")
		preflight := c.With("Access-Control-Request-Method", "POST").With("Access-Control-Request-Headers", "x-a,x-b").Do("OPTIONS", "EIO=4&transport=polling&sid=x", "")
		evil := r.Client(t).With("Origin", "https://evil.example").With("Access-Control-Request-Method", "POST").
			Do("OPTIONS", "EIO=4&transport=polling", "")
		if !on {
			expect(t, preflight, 400, "*")
			if got := a.Header.Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("allows %q", got)
			}
			continue
		}
		expect(t, preflight, 204, "")
		if got := preflight.Header.Get("Access-Control-Allow-Headers"); got != "x-a,x-b" {
			t.Errorf("allows the headers %q", got)
		}
		expect(t, evil, 403, `{"code":4,*`)
		for _, a := range []wiretest.Answer{a, preflight} {
			h := a.Header
			if h.Get("Access-Control-Allow-Origin") != "https://chat.example.org" ||
				h.Get("Access-Control-Allow-Credentials") != "true" || !strings.HasPrefix(h.Get("Vary"), "Origin") {
				t.Errorf("headers %v", h)
			}
		}
		if evil.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Error("a foreign origin is allowed")
		}
	}
}

func TestASidBelongsToWhoOpenedIt(t *testing.T) {
	r := newRig(t, func(s *setup) {
		s.transport.Identify = func(c *fiber.Ctx) (engineio.Identity, error) {
			if who := c.Get("X-Who"); who != "broken" {
				return engineio.Identity{Key: who, User: who}, nil
			}
			return engineio.Identity{}, errors.New("no database")
		}
	})
	anna := r.Client(t).With("X-Who", "anna")
	sid := anna.Handshake()
	for _, who := range []string{"bob", "carol"} {
		thief := r.Client(t).With("X-Who", who)
		expect(t, thief.Poll(sid), 400, `{"code":1,*`)
		expect(t, thief.Push(sid, "4x"), 400, `{"code":1,*`)
		expect(t, thief.Push(sid, "1"), 400, `{"code":1,*`)
		if _, a, err := thief.TryDial("EIO=4&transport=websocket&sid=" + sid); err == nil || a.Status != 400 {
			t.Errorf("%q dialled: %d", who, a.Status)
		}
	}
	expect(t, anna.With("X-Who", "broken").Poll(sid), 503, "*")
	expect(t, anna.With("X-Who", "broken").Get("EIO=4&transport=polling"), 503, "*")
	expect(t, anna.Push(sid, "4mine"), 200, "ok")
	expect(t, anna.Poll(sid), 200, "4mine")
	r.expectOpen(t)
}

func expectNoStore(t *testing.T, a wiretest.Answer) {
	t.Helper()
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
}
