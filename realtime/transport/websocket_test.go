package transport

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

func TestAMessageMayBeAsLongAsMaxPayloadAndNoLonger(t *testing.T) {
	full := "4" + strings.Repeat("x", 999)
	for name, c := range map[string]struct {
		frames string
		code   int // of the close frame; 0: the message is echoed
	}{
		"in one frame, equal":  {masked(0x81, full), 0},
		"in one frame, over":   {masked(0x81, full+"x"), 1009},
		"in fragments, equal":  {masked(0x01, full[:500]) + masked(0x00, full[500:999]) + masked(0x80, full[999:]), 0},
		"in fragments, over":   {masked(0x01, full[:500]) + masked(0x00, full[500:]) + masked(0x80, "x"), 1009},
		"binary, over":         {masked(0x82, full+"x"), 1009},
		"a frame of 2^63 - 1":  {"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", 1009},
		"bytes, no characters": {masked(0x81, "4"+strings.Repeat("é", 500)), 1009},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			ws := dialRawWebSocket(t, r, "EIO=4&transport=websocket", "", "")
			if _, open, err := ws.frame(); err != nil || !strings.HasPrefix(open, "0") {
				t.Fatalf("read %q, %v", open, err)
			}
			ws.write(c.frames)
			if c.code == 0 {
				if _, got, err := ws.frame(); err != nil || got != full {
					t.Errorf("echoed %q, %v", got, err)
				}
				return
			}
			if code := ws.expectEnd(); code != c.code {
				t.Errorf("closed with %d", code)
			}
			r.expectReason(t, engineio.TransportError)
		})
	}
}

func TestSeparatorsMeanNothingInAFrame(t *testing.T) {
	r := newRig(t, nil)
	ws := r.Client(t).Dial("EIO=4&transport=websocket")
	ws.Expect("0*")
	ws.Send("4a\x1e4b")
	ws.Expect("4a\x1e4b")
}

func TestWebSocketPingsAndClosesAreAnswered(t *testing.T) {
	r := newRig(t, nil)
	ws := dialRawWebSocket(t, r, "EIO=4&transport=websocket", "", "")
	if _, open, err := ws.frame(); err != nil || !strings.HasPrefix(open, "0") {
		t.Fatalf("read %q, %v", open, err)
	}
	ws.write(masked(0x89, "are you there"))
	if opcode, payload, err := ws.frame(); err != nil || opcode != 10 || payload != "are you there" {
		t.Errorf("got %d %q, %v", opcode, payload, err)
	}
	ws.write(masked(0x88, "\x03\xe9")) // 1001
	if opcode, payload, err := ws.frame(); err != nil || opcode != 8 || payload != "\x03\xe9" {
		t.Errorf("got %d %q, %v", opcode, payload, err)
	}
	ws.expectEnd()
	r.expectReason(t, engineio.TransportClose)
}

func TestAnUpgradeReleasesTheWaitingPoll(t *testing.T) {
	r := newRig(t, nil)
	c := r.Client(t)
	sid := c.Handshake()
	s := <-r.ear.opened
	poll := pollBeside(r, c, sid)
	eventually(t, "the poll waits", s.Writable)
	ws := c.Dial("EIO=4&transport=websocket&sid=" + sid)
	ws.Send("2probe")
	ws.Expect("3probe")
	expect(t, <-poll, 200, "6")
	expect(t, c.Push(sid, "4from polling"), 200, "ok")
	expect(t, c.Poll(sid), 200, "4from polling")
	expect(t, c.Push(sid, "4nobody polls for"), 200, "ok")
	ws.Send("5", "4from websocket")
	ws.Expect("4nobody polls for", "4from websocket")
	expect(t, c.Poll(sid), 400, `{"code":3,*`)
	expect(t, c.Push(sid, "4x"), 400, `{"code":3,*`)

	second := c.Dial("EIO=4&transport=websocket&sid=" + sid)
	second.ExpectClosed()
	ws.Send("4still here")
	ws.Expect("4still here")
	r.expectOpen(t)
}

func TestAFailedProbeClosesItselfOnly(t *testing.T) {
	for name, fail := range map[string]func(ws *wiretest.Socket){
		"a message":              func(ws *wiretest.Socket) { ws.Send("4x") },
		"a close":                func(ws *wiretest.Socket) { ws.Send("1") },
		"another ping":           func(ws *wiretest.Socket) { ws.Send("2other") },
		"an upgrade with a word": func(ws *wiretest.Socket) { ws.Send("2probe", "4x") },
		"an empty frame":         func(ws *wiretest.Socket) { ws.Send("") },
		"no packet":              func(ws *wiretest.Socket) { ws.Send("abc") },
		"bytes":                  func(ws *wiretest.Socket) { ws.Send("bAQID") },
		"silence":                func(*wiretest.Socket) {},
		"silence after a probe":  func(ws *wiretest.Socket) { ws.Send("2probe") },
		"too long a message":     func(ws *wiretest.Socket) { ws.Send(strings.Repeat("x", 1001)) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(s *setup) { s.engine.UpgradeTimeout = 300 * time.Millisecond })
			c := r.Client(t)
			sid := c.Handshake()
			ws := c.Dial("EIO=4&transport=websocket&sid=" + sid)
			fail(ws)
			for {
				packet, err := ws.Next()
				var closed *websocket.CloseError
				if errors.As(err, &closed) {
					break
				}
				if err != nil || packet != "3probe" {
					t.Fatalf("got %q, %v", packet, err)
				}
			}
			eventually(t, "polling goes on", func() bool {
				expect(t, c.Push(sid, "4x"), 200, "ok")
				return c.Poll(sid).Body != "6"
			})
			r.expectOpen(t)
		})
	}
}

func TestASecondProbeIsClosedWhileTheFirstTries(t *testing.T) {
	r := newRig(t, nil)
	c := r.Client(t)
	sid := c.Handshake()
	first := c.Dial("EIO=4&transport=websocket&sid=" + sid)
	first.Send("2probe")
	first.Expect("3probe")
	c.Dial("EIO=4&transport=websocket&sid=" + sid).ExpectClosed()
	first.Send("5", "4x")
	first.Expect("4x")
}

func TestASlowClientIsClosedAndHoldsNothingUp(t *testing.T) {
	r := newRig(t, func(s *setup) { s.transport.WriteTimeout = 300 * time.Millisecond })
	ws := r.Client(t).Dial("EIO=4&transport=websocket")
	ws.Expect("0*")
	s := <-r.ear.opened
	packet := engineio.Packet{Type: engineio.Message, Data: make([]byte, 32<<10)}
	for s.Send(packet) == nil {
		// Loopback buffers megabytes; then the outbox fills, or the writer gives up.
	}
	select {
	case reason := <-r.ear.closed:
		if reason != engineio.Slow && reason != engineio.TransportClose {
			t.Errorf("closed with %q", reason)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the session is not closed")
	}
	r.close(t) // returns only if the writer and the reader have
}

func TestADrainFollowsWhatAWebSocketTakes(t *testing.T) {
	r := newRig(t, nil)
	ws := r.Client(t).Dial("EIO=4&transport=websocket")
	ws.Expect("0*")
	s := <-r.ear.opened
	packet := engineio.Packet{Type: engineio.Message, Data: make([]byte, 8<<10)}
	for s.TrySend(64<<10, packet) {
		// until a write is on its way and room is used up behind it
	}
	go func() {
		for {
			if _, err := ws.Next(); err != nil {
				return
			}
		}
	}()
	eventually(t, "Drain is called", func() bool {
		r.ear.mu.Lock()
		defer r.ear.mu.Unlock()
		return r.ear.drains > 0
	})
}

func TestCloseEndsEveryConnection(t *testing.T) {
	r := newRig(t, nil)
	c := r.Client(t)
	ws, probe := c.Dial("EIO=4&transport=websocket"), c.Dial("EIO=4&transport=websocket&sid="+c.Handshake())
	ws.Expect("0*")
	closed := make(chan error, 2)
	for _, s := range []*wiretest.Socket{ws, probe} {
		go func() {
			_, err := s.Next()
			closed <- err
		}()
	}
	r.close(t)
	for range 2 {
		if err := <-closed; !websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway) {
			t.Errorf("closed with %v", err)
		}
	}
	if _, a, err := c.TryDial("EIO=4&transport=websocket"); err == nil || a.Status != 503 {
		t.Errorf("dialled: %d", a.Status)
	}
}

func TestCloseCutsOffWhoDoesNotLeave(t *testing.T) {
	release := make(chan struct{})
	busy := make(chan struct{})
	r := newRig(t, func(s *setup) {
		s.ear.message = func(*engineio.Session, []byte, bool) {
			close(busy)
			<-release
		}
	})
	dialRawWebSocket(t, r, "EIO=4&transport=websocket", "", masked(0x81, "4x"))
	<-busy
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.transport.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
}
