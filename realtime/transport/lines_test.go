package transport

import (
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

func TestMessagesGoBothWaysOverEveryLine(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		r := newRig(t, nil)
		s := line.Open(r.Client(t))
		for _, packet := range []string{"4hello", "4", "4€ \u2028 <&>", "bAQIDBA==", "b", "4" + strings.Repeat("x", 999)} {
			s.Send(packet)
			s.Expect(packet)
		}
		s.Send("4a", "bAQID", "4b")
		s.Expect("4a", "bAQID", "4b")
		r.expectOpen(t)
	})
}

func TestWhatMeansNothingClosesEveryLine(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		r := newRig(t, nil)
		for packet, reason := range map[string]engineio.Reason{
			"":      engineio.ParseError,
			"abc":   engineio.ParseError,
			"7":     engineio.ParseError,
			"4\xff": engineio.ParseError,
			"2":     engineio.TransportError,
			"1":     engineio.TransportClose,
		} {
			s := line.Open(r.Client(t))
			s.SendAny(packet)
			s.ExpectClosed()
			r.expectReason(t, reason)
		}
	})
}

func TestTheServerClosesAfterWhatWaits(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		r := newRig(t, func(s *setup) {
			s.ear.message = func(s *engineio.Session, data []byte, _ bool) {
				_ = s.Send(engineio.Packet{Type: engineio.Message, Data: data})
				s.Close("bye")
				s.Close(engineio.ForcedClose)
			}
		})
		s := line.Open(r.Client(t))
		s.Send("4last words", "4never read")
		s.Expect("4last words")
		s.ExpectClosed()
		r.expectReason(t, "bye")
	})
}

func TestTheServerPingsAndTheClientsPongKeepsItAlive(t *testing.T) {
	r := newRig(t, func(s *setup) {
		s.engine.PingInterval = 50 * time.Millisecond
		s.engine.PingTimeout = 2 * time.Second
	})
	c := r.Client(t)
	sid := c.Handshake()
	for range 3 {
		expect(t, c.Poll(sid), 200, "2")
		expect(t, c.Push(sid, "3"), 200, "ok")
	}
	ws := c.Dial("EIO=4&transport=websocket")
	ws.Expect("0*")
	for range 3 {
		ws.Expect("2")
		ws.Send("3")
	}
	r.expectOpen(t)
}

func TestASilentClientIsClosed(t *testing.T) {
	r := newRig(t, func(s *setup) {
		s.engine.PingInterval = 50 * time.Millisecond
		s.engine.PingTimeout = 50 * time.Millisecond
	})
	c := r.Client(t)
	sid := c.Handshake()
	expect(t, c.Poll(sid), 200, "2")
	expect(t, c.Poll(sid), 200, "1") // the waiting poll is answered
	r.expectReason(t, engineio.PingTimeout)
	expect(t, c.Poll(sid), 400, `{"code":1,*`)

	ws := c.Dial("EIO=4&transport=websocket")
	ws.Expect("0*", "2")
	if code := ws.ExpectClosed(); code != 1000 {
		t.Errorf("closed with %d", code)
	}
	r.expectReason(t, engineio.PingTimeout)
}

func TestAHangupIsNoticed(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		r := newRig(t, func(s *setup) {
			s.engine.PingInterval = 100 * time.Millisecond
			s.engine.PingTimeout = 100 * time.Millisecond
		})
		s := line.Open(r.Client(t))
		s.Hangup()
		reason := engineio.TransportClose
		if line.Name == "polling" {
			reason = engineio.PingTimeout
		}
		r.expectReason(t, reason)
	})
}

func TestAPanicClosesItsSessionOnly(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		r := newRig(t, func(s *setup) {
			s.ear.message = func(s *engineio.Session, data []byte, _ bool) {
				if string(data) == "boom" {
					panic("a secret")
				}
				_ = s.Send(engineio.Packet{Type: engineio.Message, Data: data})
			}
		})
		c := r.Client(t)
		s, other := line.Open(c), line.Open(c)
		s.SendAny("4boom")
		s.ExpectClosed()
		r.expectReason(t, engineio.InternalError)
		other.Send("4still here")
		other.Expect("4still here")
	})
}

func TestItMountsUnderAnyRouterAndPath(t *testing.T) {
	for _, c := range []struct {
		group, path, client string
		strict              bool
	}{
		{"", "", "/socket.io/", false},
		{"", "", "/socket.io", false},
		{"", "", "/socket.io", true},
		{"", "", "/socket.io/", true},
		{"/chat", "", "/chat/socket.io/", false},
		{"/chat/v1", "/rt", "/chat/v1/rt/", true},
	} {
		r := newRig(t, func(s *setup) {
			s.app.StrictRouting = c.strict
			s.transport.Path = c.path
			s.mount = func(app *fiber.App, tr *Transport) error { return tr.Mount(app.Group(c.group)) }
		})
		client := r.Client(t)
		client.Path = c.client
		wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
			s := line.Open(client)
			s.Send("4x")
			s.Expect("4x")
		})
	}
	if err := New(Config{Path: "/"}, nil).Mount(fiber.New()); err == nil {
		t.Error("a path without a name was mounted")
	}
}
