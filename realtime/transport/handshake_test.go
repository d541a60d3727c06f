package transport

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/internal/wiretest"
)

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
		"no version":                  {"GET", "Connection: Upgrade\r\nUpgrade: websocket\r\n" + key, "426 WebSocket version 13 is required"},
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

// sidOf reads the session id from the answer to a polling handshake.
func sidOf(t *testing.T, a wiretest.Answer) string {
	t.Helper()
	parts := strings.Split(a.Body, `"`)
	if a.Status != http.StatusOK || len(parts) < 4 {
		t.Fatalf("answered %d %q", a.Status, a.Body)
	}
	return parts[3]
}
