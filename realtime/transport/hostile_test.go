package transport

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

// alive fails the test if the server does not serve any more.
func alive(t *testing.T, r *rig) {
	t.Helper()
	for _, line := range wiretest.Lines() {
		s := line.Open(r.Client(t))
		s.Send("4x")
		s.Expect("4x")
	}
}

const (
	wsHeaders = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
	huge      = "\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00" // a masked frame's length of 2^63 - 1
	hello     = `101 | 0{"sid":*}`
)

// request is a request for which the server closes the connection, or upgrades it.
func request(method, query, headers, body string) string {
	if !strings.Contains(headers, "Connection:") {
		headers += "Connection: close\r\n"
	}
	return method + " /socket.io/?EIO=4&" + query + " HTTP/1.1\r\nHost: x\r\n" + headers +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

func webSocket(headers string) string {
	return request("GET", "transport=websocket", wsHeaders+headers, "")
}

// frames is input for a new session over WebSocket.
func frames(f string) []string { return []string{webSocket(""), answer, answer, f} }

// answer stands in input for the wait for an answer or a frame.
const answer = ""

// leave is the close frame of a client that has no complaint.
var leave = masked(0x88, "\x03\xe8")

// hostile is bad input, what the server says until it ends the connection, and how the
// session ends that it met; "" if it met none. SID stands for that of a polling session.
type hostile struct {
	input  []string
	said   string
	reason engineio.Reason
}

var hostiles = map[string]hostile{
	"a POST of a thousand packets":       {[]string{request("POST", "transport=polling&sid=SID", "", strings.Repeat("\x1e", 999))}, `400 {"code":3,*`, "parse error"},
	"a POST over the limit":              {[]string{request("POST", "transport=polling&sid=SID", "", strings.Repeat("4", 1001))}, "413", ""},
	"a POST of bytes":                    {[]string{request("POST", "transport=polling&sid=SID", "Content-Type: application/octet-stream\r\n", "4x")}, "400", "transport error"},
	"a POST that unpacks":                {[]string{request("POST", "transport=polling&sid=SID", "Content-Encoding: gzip\r\n", "4x")}, "415", ""},
	"raw bytes behind the 101":           {frames("\x00\x01\x02\x03\x04\x05"), hello + " | close 1002", "transport error"},
	"raw bytes with the request":         {[]string{webSocket("") + "\x00\x01\x02\x03\x04\x05"}, "101 |*close 1002", "transport error"},
	"zeros behind the 101":               {frames(strings.Repeat("\x00", 5000)), hello + " | close 1002", "transport error"},
	"HTTP behind the 101":                {frames("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), hello + " | close 1002", "transport error"},
	"separators behind the 101":          {frames("\x1e\x1e\x1e\x1e"), hello + " | close 1002", "transport error"},
	"a packet behind the request":        {[]string{webSocket("") + masked(0x81, "4early"), answer, answer, answer, leave}, hello + " | 4early | close 1000", "transport close"},
	"h2c":                                {[]string{request("GET", "transport=websocket", "Connection: Upgrade, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n", "")}, `400 {"code":3,*`, ""},
	"h2c for polling":                    {[]string{request("POST", "transport=polling", "Connection: Upgrade, close\r\nUpgrade: h2c\r\n", "")}, `400 {"code":2,*`, ""},
	"another version of WebSocket":       {[]string{request("GET", "transport=websocket", strings.Replace(wsHeaders, "13", "12", 1), "")}, "426 WebSocket version 13 is required", ""},
	"no key":                             {[]string{request("GET", "transport=websocket", strings.Replace(wsHeaders, "AAAAAAAAAAAAAAAAAAAAAA==", "", 1), "")}, "400 Bad request", ""},
	"a short key":                        {[]string{request("GET", "transport=websocket", strings.Replace(wsHeaders, "AAAAAAAAAAAAAAAAAAAAAA==", "AAAA", 1), "")}, "400 Bad request", ""},
	"a WebSocket by POST":                {[]string{request("POST", "transport=websocket", wsHeaders, "")}, "400 Bad handshake method", ""},
	"EIO=3 with a sid, and a ping":       {[]string{request("GET", "EIO=3&transport=websocket&sid=SID", wsHeaders, "") + masked(0x81, "2")}, "101 | close 1000", ""},
	"only EIO=3 with a sid, and a ping":  {[]string{strings.Replace(request("GET", "transport=websocket&sid=SID", wsHeaders, ""), "EIO=4", "EIO=3", 1) + masked(0x81, "2")}, "400 Bad request", ""},
	"5,000 empty fragments":              {append(frames(masked(0x01, "4")+strings.Repeat(masked(0, ""), 5000)+masked(0x80, "x")), answer, leave), hello + " | 4x | close 1000", "transport close"},
	"900 fragments of a byte":            {append(frames(masked(0x01, "4")+strings.Repeat(masked(0, "x"), 900)+masked(0x80, "")), answer, leave), hello + " | 4" + strings.Repeat("x", 900) + " | close 1000", "transport close"},
	"20,000 empty fragments":             {frames(masked(0x01, "4") + strings.Repeat(masked(0, ""), 20_000) + masked(0x80, "x")), hello + " | close 1008", "transport error"},
	"fragments of a byte over the limit": {frames(masked(0x01, "4") + strings.Repeat(masked(0, "x"), 1000)), hello + " | close 1009", "transport error"},
	"a continuation of 2^63 - 1":         {frames(masked(0x01, "4") + "\x80" + huge), hello + " | close 1009", "transport error"},
	"a frame of 2^63 - 1":                {frames("\x82" + huge), hello + " | close 1009", "transport error"},
	"a frame of 2^64 - 1":                {frames("\x82\xff" + strings.Repeat("\xff", 8) + "\x00\x00\x00\x00"), hello + " | close 1009", "transport error"},
	"a ping of 2^63 - 1":                 {frames("\x89" + huge), hello + " | close 1002", "transport error"},
	"RSV1":                               {frames(masked(0xc1, "4x")), hello + " | close 1002", "transport error"},
	"RSV2":                               {frames(masked(0xa1, "4x")), hello + " | close 1002", "transport error"},
	"RSV3":                               {frames(masked(0x91, "4x")), hello + " | close 1002", "transport error"},
	"a frame without a mask":             {frames("\x81\x024x"), hello + " | close 1002", "transport error"},
	"an unknown opcode":                  {frames(masked(0x83, "4x")), hello + " | close 1002", "transport error"},
	"an unknown control opcode":          {frames(masked(0x8b, "")), hello + " | close 1002", "transport error"},
	"a continuation of nothing":          {frames(masked(0x80, "4x")), hello + " | close 1002", "transport error"},
	"a message within fragments":         {frames(masked(0x01, "4") + masked(0x81, "4x")), hello + " | close 1002", "transport error"},
	"a ping in fragments":                {frames(masked(0x09, "x")), hello + " | close 1002", "transport error"},
	"a long ping":                        {frames(masked(0x89, strings.Repeat("x", 126))), hello + " | close 1002", "transport error"},
	"a close with a reserved code":       {frames(masked(0x88, "\x03\xed")), hello + " | close 1002", "transport error"},
	"a close with an undefined code":     {frames(masked(0x88, "\x07\xd0")), hello + " | close 1002", "transport error"},
	"a close with half a code":           {frames(masked(0x88, "\x03")), hello + " | close 1002", "transport error"},
	"a close with a broken reason":       {frames(masked(0x88, "\x03\xe8\xff")), hello + " | close 1007", "parse error"},
	"a close without a code":             {frames(masked(0x88, "")), hello + " | 8", "transport close"},
	"text that is not UTF-8":             {frames(masked(0x81, "4\xff") + leave), hello + " | close 1007", "parse error"},
	"a packet that is none":              {frames(masked(0x81, "x") + leave), hello + " | close 1000", "parse error"},
	"2,000 headers":                      {[]string{webSocket(strings.Repeat("X-A: bcdefg\r\n", 2000))}, "431 *", ""},
	"an extension constructor":           {[]string{webSocket("Sec-WebSocket-Extensions: constructor\r\n"), answer, answer, leave}, hello + " | close 1000", "transport close"},
	"an extension of 8,000 spaces":       {[]string{webSocket("Sec-WebSocket-Extensions: a" + strings.Repeat(" ", 8000) + "b\r\n"), answer, answer, leave}, hello + " | close 1000", "transport close"},
	"an extension of 50,000 spaces":      {[]string{webSocket("Sec-WebSocket-Extensions: a" + strings.Repeat(" ", 50_000) + "b\r\n")}, "431 *", ""},
	"a protocol constructor":             {[]string{webSocket("Sec-WebSocket-Protocol: constructor, __proto__\r\n"), answer, answer, leave}, `101 constructor | 0{"sid":*} | close 1000`, "transport close"},
	"a protocol of 8,000 spaces":         {[]string{webSocket("Sec-WebSocket-Protocol: a" + strings.Repeat(" ", 8000) + "b\r\n")}, "400 Bad request", ""},
	"a protocol that is no token":        {[]string{webSocket("Sec-WebSocket-Protocol: ,,\r\n")}, "400 Bad request", ""},
	"a malformed cookie":                 {[]string{webSocket("Cookie: ;;=;%%%;\"=\x80; =; a\r\n"), answer, answer, leave}, hello + " | close 1000", "transport close"},
	"an origin with a control character": {[]string{webSocket("Origin: http://\x01\r\n")}, "400 *", ""},
	"an origin of only a nul":            {[]string{webSocket("Origin: \x00\r\n")}, "400 *", ""},
	"two origins":                        {[]string{webSocket("Origin: http://x\r\nOrigin: http://evil.example\r\n")}, "403 Origin not allowed", ""},
	"two lengths":                        {[]string{"POST /socket.io/?EIO=4&transport=polling&sid=SID HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n4x"}, "400 *", ""},
	"a length and chunks":                {[]string{"POST /socket.io/?EIO=4&transport=polling&sid=SID HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n4x\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"}, "200 ok", ""},
}

func TestBadInputEndsInOneKnownWay(t *testing.T) {
	r := newRig(t, func(s *setup) { s.app = fiber.Config{ReadBufferSize: 16 << 10} })
	witness := wiretest.Upgraded().Open(r.Client(t))
	still := func(t *testing.T) {
		t.Helper()
		witness.Send("4still here")
		witness.Expect("4still here")
	}
	t.Run("warm up", func(t *testing.T) { alive(t, r) })
	normal := measure(t, r)
	for name, c := range hostiles {
		t.Run(name, func(t *testing.T) {
			for len(r.ear.closed) > 0 {
				<-r.ear.closed
			}
			sid := ""
			if strings.Contains(c.input[0], "sid=SID") {
				sid = r.Client(t).Handshake()
			}
			conn := dialRaw(t, r)
			var said []string
			for _, input := range c.input {
				if input == answer {
					said = append(said, conn.hear())
				} else {
					conn.write(strings.Replace(input, "sid=SID", "sid="+sid, 1))
				}
			}
			for heard := conn.hear(); heard != ""; heard = conn.hear() {
				said = append(said, heard)
			}
			if said := strings.Join(said, " | "); !wiretest.Match(c.said, said) {
				t.Errorf("the server said %q", said)
			}
			if c.reason != "" {
				r.expectReason(t, c.reason)
			} else if sid != "" {
				expect(t, r.Client(t).Push(sid, "4x", "1"), 200, "ok")
				r.expectReason(t, engineio.TransportClose)
			}
			still(t)
		})
		normal.returns(t, r)
	}
	t.Run("all lines serve", func(t *testing.T) { alive(t, r) })
}

func TestAResetInTheUpgradeHarmsNobody(t *testing.T) {
	r := newRig(t, func(s *setup) { s.transport.MaxConnsPerAddr = 5 })
	normal := measure(t, r)
	for i := range 40 {
		c := dialRaw(t, r)
		c.write(webSocket(""))
		if i%2 == 0 {
			c.reset()
		} else {
			c.close()
		}
	}
	eventually(t, "every place is free again", func() bool { return r.sessions() == 0 })
	normal.returns(t, r)
	alive(t, r)
}

func TestAFloodOfPingsWithUnreadPongsMakesNothingGrow(t *testing.T) {
	r := newRig(t, func(s *setup) { s.transport.WriteTimeout = 200 * time.Millisecond })
	normal := measure(t, r)
	ws := dialRawWebSocket(t, r, "EIO=4&transport=websocket", "", "")
	flood := strings.Repeat(masked(0x89, strings.Repeat("x", 125)), 1000)
	for range 50 {
		if _, err := ws.conn.Write([]byte(flood)); err != nil {
			break // the server had enough
		}
	}
	t.Run("all lines serve", func(t *testing.T) { alive(t, r) })
	ws.close()
	eventually(t, "it is gone", func() bool { return r.sessions() <= 1 }) // alive's, which polls
	normal.returns(t, r)

	k := &socket{writing: true} // by a writer that is stuck
	for range 1000 {
		k.answerPing(make([]byte, 125))
		k.answerProbe([]byte("\x81\x063probe"))
	}
	if n := len(k.pong) + len(k.probe); n != 127+8 {
		t.Errorf("%d bytes wait", n)
	}
}
