package transport

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

// hosts are the ways in which a host's server can be set up.
func hosts() map[string]func(*setup) {
	keep := func(keep bool) func(app *fiber.App, t *Transport) error {
		return func(app *fiber.App, t *Transport) error {
			app.Server().KeepHijackedConns = keep
			return t.Mount(app)
		}
	}
	return map[string]func(*setup){
		"connections are kept":                     func(s *setup) { s.mount = keep(true) },
		"connections are kept, buffers given back": func(s *setup) { s.mount, s.app.ReduceMemoryUsage = keep(true), true },
		"connections end with their handler":       func(s *setup) { s.mount = keep(false) },
		"connections end, buffers given back":      func(s *setup) { s.mount, s.app.ReduceMemoryUsage = keep(false), true },
	}
}

// again is a request of polling that others follow on the same connection.
func again(method, sid, body string) string {
	return request(method, "transport=polling&sid="+sid, "Connection: keep-alive\r\n", body)
}

func TestEveryLineWorksOnEveryHost(t *testing.T) {
	for name, host := range hosts() {
		t.Run(name, func(t *testing.T) {
			wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
				r := newRig(t, host)
				s := line.Open(r.Client(t))
				session, _ := r.engine.Session(s.SID)
				long := strings.Repeat("long", 200)
				for range 3 {
					s.Send("4a", "bAQID", "4"+long)
					s.Expect("4a", "bAQID", "4"+long)
					if err := session.Send(engineio.Packet{Type: engineio.Message, Data: []byte("unasked")}); err != nil {
						t.Fatal(err)
					}
					s.Expect("4unasked")
				}
				s.Send("1")
				r.expectReason(t, engineio.TransportClose)
			})
		})
	}
}

func TestWhoIsQuietHasNoGoroutine(t *testing.T) {
	const quiet = 50
	r := newRig(t, func(s *setup) { s.app.ReduceMemoryUsage = true })
	before := measure(t, r).goroutines
	for range quiet {
		silent := dialRawWebSocket(t, r, "EIO=4&transport=websocket", "", "")
		if _, open, err := silent.frame(); err != nil || !strings.HasPrefix(open, "0") {
			t.Fatalf("read %q, %v", open, err)
		}
		hello := dialRaw(t, r)
		hello.write(request(http.MethodGet, "transport=polling", "", ""))
		poll := dialRaw(t, r)
		poll.write(again(http.MethodGet, strings.Split(hello.hear(), `"`)[3], ""))
	}
	each := 0
	if r.transport.parked() == nil {
		each = 1
	}
	const passing = 10 // on their way to an end
	eventually(t, "all are quiet", func() bool {
		waiting := 0
		r.engine.Each(func(s *engineio.Session) {
			if s.Writable() {
				waiting++
			}
		})
		return waiting == 2*quiet && wiretest.Goroutines() <= before+each*2*quiet+passing
	})
}

func TestAMessageMayComeInPieces(t *testing.T) {
	for name, host := range hosts() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, host)
			ws := dialRawWebSocket(t, r, "EIO=4&transport=websocket", "", "")
			if _, open, err := ws.frame(); err != nil || !strings.HasPrefix(open, "0") {
				t.Fatalf("read %q, %v", open, err)
			}
			text := "4" + strings.Repeat("in pieces ", 20)
			for _, piece := range strings.SplitAfter(masked(0x01, text[:50])+masked(0x89, "ping")+masked(0x80, text[50:]), "") {
				ws.write(piece)
				runtime.Gosched()
			}
			for _, want := range []string{"ping", text} {
				if _, got, err := ws.frame(); err != nil || got != want {
					t.Errorf("heard %q, %v", got, err)
				}
			}
		})
	}
}

func TestLastWordsAreHeardBeforeTheEnd(t *testing.T) {
	for name, host := range hosts() {
		t.Run(name, func(t *testing.T) {
			heard := make(chan string, 10)
			r := newRig(t, func(s *setup) {
				host(s)
				s.ear.message = func(_ *engineio.Session, data []byte, _ bool) { heard <- string(data) }
			})
			ws := dialRawWebSocket(t, r, "EIO=4&transport=websocket", "", "")
			if _, open, err := ws.frame(); err != nil || !strings.HasPrefix(open, "0") {
				t.Fatalf("read %q, %v", open, err)
			}
			ws.write(masked(0x81, "4the last") + masked(0x81, "4words"))
			ws.close()
			for _, want := range []string{"the last", "words"} {
				if got := <-heard; got != want {
					t.Errorf("heard %q", got)
				}
			}
			r.expectReason(t, engineio.TransportClose)
		})
	}
}

func TestOneConnectionCarriesPollAfterPoll(t *testing.T) {
	for name, host := range hosts() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(s *setup) {
				host(s)
				mount := s.mount
				s.mount = func(app *fiber.App, tr *Transport) error {
					app.Use(func(c *fiber.Ctx) error {
						err := c.Next()
						c.Set("X-Host", "was here")
						return err
					})
					return mount(app, tr)
				}
			})
			sid := r.Client(t).Handshake()
			session, _ := r.engine.Session(sid)
			c := dialRaw(t, r)
			poll := again(http.MethodGet, sid, "")
			for i := range 5 {
				c.write(poll)
				if i == 3 { // what comes too early waits its turn
					c.write(again(http.MethodPost, sid, "4pipelined"))
				}
				eventually(t, "the poll waits", session.Writable)
				text := fmt.Sprint("text ", i)
				if err := session.Send(engineio.Packet{Type: engineio.Message, Data: []byte(text)}); err != nil {
					t.Fatal(err)
				}
				res, err := http.ReadResponse(c.in, nil)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(res.Body)
				if err != nil || string(body) != "4"+text || res.StatusCode != http.StatusOK {
					t.Fatalf("answered %d %q, %v", res.StatusCode, body, err)
				}
				for name, want := range map[string]string{"X-Host": "was here", "Cache-Control": "no-store", "Content-Type": pollType} {
					if got := res.Header.Get(name); got != want {
						t.Errorf("%s is %q", name, got)
					}
				}
				if i == 3 {
					if heard := c.hear(); heard != "200 ok" {
						t.Fatalf("the POST was answered %q", heard)
					}
					c.write(poll)
					if heard := c.hear(); heard != "200 4pipelined" {
						t.Fatalf("heard %q", heard)
					}
				}
			}
			r.transport.mu.Lock()
			defer r.transport.mu.Unlock()
			if n := len(r.transport.polls); n > 1 {
				t.Errorf("%d connections are remembered", n)
			}
		})
	}
}

func TestWhatComesBehindAPollIsAnsweredInItsTurn(t *testing.T) {
	for name, host := range hosts() {
		t.Run(name, func(t *testing.T) {
			const posts, polls = 200, 3 // more bytes than are read at once
			r := newRig(t, host)
			sid := r.Client(t).Handshake()
			session, _ := r.engine.Session(sid)
			c := dialRaw(t, r)
			for round := range polls {
				c.write(again(http.MethodGet, sid, "") + strings.Repeat(again(http.MethodPost, sid, "3"), posts))
				eventually(t, "the poll waits", session.Writable)
				text := fmt.Sprint("text ", round)
				if err := session.Send(engineio.Packet{Type: engineio.Message, Data: []byte(text)}); err != nil {
					t.Fatal(err)
				}
				if heard := c.hear(); heard != "200 4"+text {
					t.Fatalf("heard %q", heard)
				}
				for range posts {
					if heard := c.hear(); heard != "200 ok" {
						t.Fatalf("a POST was answered %q", heard)
					}
				}
			}
		})
	}
}

func TestALongAnswerReachesASlowPoll(t *testing.T) {
	for name, host := range hosts() {
		t.Run(name, func(t *testing.T) {
			const packets, size = 64, 128 << 10 // more than the system keeps for who does not read yet
			r := newRig(t, func(s *setup) {
				host(s)
				s.engine.OutboxBytes = 0
			})
			sid := r.Client(t).Handshake()
			session, _ := r.engine.Session(sid)
			c := dialRaw(t, r)
			if err := c.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			c.write(again(http.MethodGet, sid, ""))
			eventually(t, "the poll waits", session.Writable)
			var all []engineio.Packet
			for range packets {
				all = append(all, engineio.Packet{Type: engineio.Message, Data: []byte(strings.Repeat("x", size))})
			}
			if err := session.Send(all...); err != nil {
				t.Fatal(err)
			}
			if heard := c.hear(); len(heard) != len("200 ")+packets*(size+2)-1 {
				t.Errorf("heard %d bytes", len(heard))
			}
			c.write(again(http.MethodGet, sid, ""))
			eventually(t, "the next poll waits", session.Writable)
		})
	}
}

func TestAConnectionThatNobodyUsesAnyMoreIsClosed(t *testing.T) {
	for name, host := range hosts() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(s *setup) {
				host(s)
				s.app.IdleTimeout = 200 * time.Millisecond
			})
			sid := r.Client(t).Handshake()
			session, _ := r.engine.Session(sid)
			c := dialRaw(t, r)
			c.write(again(http.MethodGet, sid, ""))
			eventually(t, "the poll waits", session.Writable)
			if err := session.Send(engineio.Packet{Type: engineio.Message, Data: []byte("x")}); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"200 4x", ""} {
				if heard := c.hear(); heard != want {
					t.Fatalf("heard %q, want %q", heard, want)
				}
			}
			eventually(t, "it is forgotten", func() bool {
				r.transport.mu.Lock()
				defer r.transport.mu.Unlock()
				return len(r.transport.polls) == 0
			})
		})
	}
}
