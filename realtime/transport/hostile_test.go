package transport

import (
	"strconv"
	"strings"
	"testing"
	"time"

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

func TestBrokenFramesCloseTheConnection(t *testing.T) {
	for name, c := range map[string]struct {
		frames string
		code   int
	}{
		"RSV1":                         {masked(0xc1, "4x"), 1002},
		"RSV2":                         {masked(0xa1, "4x"), 1002},
		"RSV3":                         {masked(0x91, "4x"), 1002},
		"not masked":                   {"\x81\x024x", 1002},
		"unknown opcode":               {masked(0x83, "4x"), 1002},
		"unknown control opcode":       {masked(0x8b, ""), 1002},
		"continuation of nothing":      {masked(0x80, "4x"), 1002},
		"data within fragments":        {masked(0x01, "4") + masked(0x81, "4x"), 1002},
		"fragmented ping":              {masked(0x09, "x"), 1002},
		"long ping":                    {masked(0x89, strings.Repeat("x", 126)), 1002},
		"close with a reserved code":   {masked(0x88, "\x03\xed"), 1002},
		"a continuation of 2^63 - 1":   {masked(0x01, "4") + "\x80\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", 1009},
		"HTTP instead of frames":       {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1002},
		"a record separator for frame": {"\x1e\x1e\x1e\x1e", 1002},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			ws := dialRawWebSocket(t, r, "EIO=4&transport=websocket", "", "")
			ws.write(c.frames)
			if code := ws.expectEnd(); code != c.code {
				t.Errorf("closed with %d", code)
			}
			r.expectReason(t, engineio.TransportError)
		})
	}
}

func TestFramesBehindTheRequestAreNotLost(t *testing.T) {
	r := newRig(t, nil)
	ws := dialRawWebSocket(t, r, "EIO=4&transport=websocket", "", masked(0x81, "4early"))
	for _, want := range []string{`0{*}`, "4early"} {
		if _, got, err := ws.frame(); err != nil || !wiretest.Match(want, got) {
			t.Errorf("read %q, %v; want %q", got, err, want)
		}
	}
}

func TestAResetInTheUpgradeHarmsNobody(t *testing.T) {
	r := newRig(t, func(s *setup) { s.transport.MaxConnsPerAddr = 5 })
	for i := range 40 {
		c := dialRaw(t, r)
		c.write("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
		if i%2 == 0 {
			c.reset()
		} else {
			c.close()
		}
	}
	eventually(t, "every place is free again", func() bool { return r.sessions() == 0 })
	alive(t, r)
}

func TestManyFragmentsMakeOneMessage(t *testing.T) {
	r := newRig(t, nil)
	ws := dialRawWebSocket(t, r, "EIO=4&transport=websocket", "", "")
	ws.write(masked(0x01, "4") + strings.Repeat(masked(0x00, ""), 5000) + strings.Repeat(masked(0x00, "x"), 900) + masked(0x80, ""))
	for _, want := range []string{`0{*}`, "4" + strings.Repeat("x", 900)} {
		if _, got, err := ws.frame(); err != nil || !wiretest.Match(want, got) {
			t.Errorf("read %q, %v; want %q", got, err, want)
		}
	}
}

func TestAFloodOfPingsWithUnreadPongsMakesNothingGrow(t *testing.T) {
	r := newRig(t, func(s *setup) { s.transport.WriteTimeout = 200 * time.Millisecond })
	ws := dialRawWebSocket(t, r, "EIO=4&transport=websocket", "", "")
	flood := strings.Repeat(masked(0x89, strings.Repeat("x", 125)), 1000)
	for range 50 {
		if _, err := ws.conn.Write([]byte(flood)); err != nil {
			break // the server had enough
		}
	}
	alive(t, r)

	k := &socket{writing: true} // by a writer that is stuck
	for range 1000 {
		k.answerPing(make([]byte, 125))
		k.answerProbe([]byte("\x81\x063probe"))
	}
	if n := len(k.pong) + len(k.probe); n != 127+8 {
		t.Errorf("%d bytes wait", n)
	}
}

func TestOddHeadersHarmNobody(t *testing.T) {
	r := newRig(t, func(s *setup) { s.app.ReadBufferSize = 16 << 10 })
	var many strings.Builder
	for i := range 2000 {
		many.WriteString("X-" + strconv.Itoa(i) + ": y\r\n")
	}
	for name, c := range map[string]struct {
		headers string
		status  string // 101, or what refuses it
	}{
		"2,000 headers":           {many.String(), "431"},
		"extension constructor":   {"Sec-WebSocket-Extensions: constructor\r\n", "101"},
		"protocol constructor":    {"Sec-WebSocket-Protocol: constructor, __proto__\r\n", "101"},
		"an extension of spaces":  {"Sec-WebSocket-Extensions: a" + strings.Repeat(" ", 8000) + "b\r\n", "101"},
		"malformed cookie":        {"Cookie: ;;=;%%%;\"=\x80; =; a\r\n", "101"},
		"no key at all":           {"Sec-WebSocket-Key:\r\n", "101"}, // the first one counts
		"origin with a control":   {"Origin: http://\x01\r\n", "400"},
		"two origins":             {"Origin: http://" + r.Addr + "\r\nOrigin: http://evil.example\r\n", "403"},
		"an origin of only a nul": {"Origin: \x00\r\n", "400"},
	} {
		raw := dialRaw(t, r)
		raw.write("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: " + r.Addr + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" + c.headers + "\r\n")
		if got := strconv.Itoa(raw.answer()); got != c.status {
			t.Errorf("%s: answered %s, want %s", name, got, c.status)
		}
	}
	alive(t, r)
}

func TestAnotherProtocolIsNotUpgradedTo(t *testing.T) {
	r := newRig(t, nil)
	for headers, status := range map[string]int{
		"Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n":                                    400,
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: x\r\n": 400,
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n":                         400,
	} {
		raw := dialRaw(t, r)
		raw.write("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: " + r.Addr + "\r\n" + headers + "\r\n")
		if got := raw.answer(); got != status {
			t.Errorf("%q answered %d", headers, got)
		}
	}
	alive(t, r)
}
