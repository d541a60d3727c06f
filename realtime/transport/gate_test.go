package transport

import (
	"errors"
	"maps"
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

func TestWebSocketRequestsAreRefusedInPlainText(t *testing.T) {
	r := newRig(t, nil)
	c := r.Client(t)
	polling := c.Handshake()
	for query, message := range map[string]string{
		"EIO=4&transport=abc":                       "Transport unknown",
		"EIO=4&transport=websocket&sid=nobody":      "Session ID unknown",
		"EIO=4&transport=polling":                   "Bad request",
		"EIO=4&transport=polling&sid=" + polling:    "Bad request",
		"EIO=3&transport=websocket&sid=" + polling:  "Bad request",
		"EIO=3&transport=websocket":                 "Unsupported protocol version",
		"EIO=3&transport=websocket&sid=":            "Unsupported protocol version",
		"EIO=abc&transport=websocket&__proto__=abc": "Unsupported protocol version",
	} {
		_, a, err := c.TryDial(query)
		if err == nil || a.Status != 400 || a.Body != message {
			t.Errorf("?%s answered %d %q", query, a.Status, a.Body)
		}
	}
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
	for _, who := range []string{"bob", ""} {
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

func TestWebSocketHandshakesAreReadAsTheReferenceDoes(t *testing.T) {
	r := newRig(t, nil)
	const key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
	for name, c := range map[string]struct {
		method, headers, said string
	}{
		"plain":                       {"GET", wsHeaders, "101"},
		"in other letters":            {"GET", "connection: keep-alive, UPGRADE\r\nupgrade: WebSocket\r\nsec-websocket-version: 13\r\n" + key, "101"},
		"an extension is not taken":   {"GET", wsHeaders + "Sec-WebSocket-Extensions: permessage-deflate\r\n", "101"},
		"the first protocol is taken": {"GET", wsHeaders + "Sec-WebSocket-Protocol: chat.v1, chat.v2\r\n", "101 chat.v1"},
		"a protocol that is no token": {"GET", wsHeaders + "Sec-WebSocket-Protocol: a b\r\n", "400 Bad request"},
		"no protocol but a comma":     {"GET", wsHeaders + "Sec-WebSocket-Protocol: ,a\r\n", "400 Bad request"},
		"a key of 15 bytes":           {"GET", strings.Replace(wsHeaders, "AAAA==", "AAA=", 1), "400 Bad request"},
		"no version":                  {"GET", "Connection: Upgrade\r\nUpgrade: websocket\r\n" + key, "400 Bad request"},
		"not by GET":                  {"POST", wsHeaders, "400 Bad handshake method"},
	} {
		conn := dialRaw(t, r)
		conn.write(c.method + " /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n" + c.headers + "\r\n")
		if said := conn.hear(); said != c.said {
			t.Errorf("%s: answered %q", name, said)
		}
		conn.close()
	}
	// The example of RFC 6455, 1.3.
	res := dialRaw(t, r)
	res.write(strings.Replace(webSocket(""), "AAAAAAAAAAAAAAAAAAAAAA==", "dGhlIHNhbXBsZSBub25jZQ==", 1))
	head, err := http.ReadResponse(res.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer head.Body.Close()
	if got := head.Header.Get("Sec-WebSocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("accepted with %q", got)
	}
}

func TestTheFirstAnswerCarriesCookieAndHeaders(t *testing.T) {
	var initial int
	r := newRig(t, func(s *setup) {
		s.transport.Cookie = &fiber.Cookie{Name: "io", Path: "/", HTTPOnly: true, SameSite: "Lax"}
		s.transport.InitialHeaders = func(c *fiber.Ctx) {
			initial++
			c.Set("X-Node", "a")
		}
	})
	c := r.Client(t)
	first := c.Get("EIO=4&transport=polling")
	sid := sidOf(t, first)
	if got, want := first.Header.Get("Set-Cookie"), "io="+sid+"; path=/; HttpOnly; SameSite=Lax"; got != want {
		t.Errorf("cookie %q, want %q", got, want)
	}
	if first.Header.Get("X-Node") != "a" {
		t.Errorf("headers %v", first.Header)
	}
	_, upgraded, err := c.TryDial("EIO=4&transport=websocket&sid=" + sid)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []wiretest.Answer{c.Push(sid, "4x"), c.Poll(sid), upgraded, c.Get("EIO=3&transport=polling")} {
		if a.Header.Get("Set-Cookie") != "" || a.Header.Get("X-Node") != "" {
			t.Errorf("a later answer has the headers %v", a.Header)
		}
	}
	_, direct, err := c.TryDial("EIO=4&transport=websocket")
	if err != nil {
		t.Fatal(err)
	}
	// The reference sets no cookie there either.
	if direct.Header.Get("X-Node") != "a" || direct.Header.Get("Set-Cookie") != "" {
		t.Errorf("headers %v", direct.Header)
	}
	if initial != 2 {
		t.Errorf("asked %d times for the first headers", initial)
	}
}

func TestRefusalsAreCounted(t *testing.T) {
	r := newRig(t, func(s *setup) {
		s.transport.Identify = byHeader
		s.transport.MaxConnsPerUser, s.transport.MaxConnsPerAddr, s.transport.HandshakeRate = 1, 3, 7
	})
	c := r.Client(t)
	handshake := func(who string) wiretest.Answer { return c.With("X-Who", who).Get("EIO=4&transport=polling") }
	sid := sidOf(t, handshake("anna"))
	handshake("anna")
	handshake("ben")
	handshake("cleo")
	handshake("dan")
	for handshake("").Status == http.StatusOK {
		t.Error("the limit of connections does not hold")
	}
	anna := c.With("X-Who", "anna")
	anna.Push("nobody", "4x")
	c.Push(sid, "4x")
	c.With("Origin", "https://evil.example").Get("EIO=4&transport=polling")
	anna.Push(sid, strings.Repeat("4", 1001))
	anna.With("Content-Encoding", "br").Push(sid, "4x")
	c.Get("EIO=4&transport=" + strings.Repeat("x", 100))
	c.Get("EIO=3&transport=polling")
	anna.Push(sid, "abc")
	for range 20 {
		handshake("")
	}
	got := r.transport.Stats().Refused
	if got["rate"] < 10 {
		t.Errorf("rate counted %d times", got["rate"])
	}
	delete(got, "rate")
	delete(got, "connections per address")
	want := map[string]uint64{
		"connections per user": 1, "session id unknown": 2, "origin": 1, "too large": 1, "encoding": 1,
		"transport unknown": 1, "unsupported protocol version": 1, "bad request": 1,
	}
	if !maps.Equal(got, want) {
		t.Errorf("counted %v", got)
	}
}

// sidOf reads the session id from the answer to a polling handshake.
func sidOf(t *testing.T, a wiretest.Answer) string {
	t.Helper()
	parts := strings.Split(a.Body, `"`)
	if a.Status != http.StatusOK || len(parts) < 4 {
		t.Fatalf("answered %d %q", a.Status, a.Body)
	}
	return parts[3]
}
