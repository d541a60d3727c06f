package transport

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

func TestPollsAndPostsAnswerWithTheReferencesHeaders(t *testing.T) {
	r := newRig(t, nil)
	c := r.Client(t)
	open := c.Get("EIO=4&transport=polling")
	expect(t, open, 200, `0{"sid":"*","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}`)
	sid := c.Handshake()
	post := c.Push(sid, "4a", "4b", "bAQID")
	expect(t, post, 200, "ok")
	poll := c.Poll(sid)
	expect(t, poll, 200, "4a\x1e4b\x1ebAQID")
	for _, h := range []struct {
		answer wiretest.Answer
		kind   string
	}{{open, "text/plain; charset=UTF-8"}, {post, "text/html"}, {poll, "text/plain; charset=UTF-8"}} {
		expectNoStore(t, h.answer)
		if got := h.answer.Header.Get("Content-Type"); got != h.kind {
			t.Errorf("type %q, want %q", got, h.kind)
		}
	}
}

func TestLongAnswersAreCompressedForWhoAsks(t *testing.T) {
	r := newRig(t, func(s *setup) { s.transport.CompressOver = 200 })
	plain := r.Client(t)
	c := plain.With("Accept-Encoding", "gzip, br")
	sid := c.Handshake()
	session, _ := r.engine.Session(sid)
	long := strings.Repeat("long ", 100)
	send := func(packet engineio.Packet) {
		t.Helper()
		packet.Type = engineio.Message
		if err := session.Send(packet); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name       string
		client     *wiretest.Client
		packets    []engineio.Packet
		compressed bool
	}{
		{"a long answer", c, []engineio.Packet{{Data: []byte(long)}}, true},
		{"a short answer", c, []engineio.Packet{{Data: []byte("short")}}, false},
		{"an answer nobody wants compressed", c, []engineio.Packet{{Data: []byte(long), Plain: true}}, false},
		{"an answer of both kinds", c, []engineio.Packet{{Data: []byte(long), Plain: true}, {Data: []byte("x")}}, true},
		{"a client that does not ask", plain, []engineio.Packet{{Data: []byte(long)}}, false},
	} {
		for _, p := range c.packets {
			send(p)
		}
		a := c.client.Poll(sid)
		if got := a.Header.Get("Content-Encoding") == "gzip"; got != c.compressed || got != (a.Header.Get("Vary") == "Accept-Encoding") {
			t.Errorf("%s: %v", c.name, a.Header)
		}
		body := []byte(a.Body)
		if c.compressed {
			var err error
			if body, err = fasthttp.AppendGunzipBytes(nil, body); err != nil || len(a.Body) > 150 {
				t.Errorf("%s: %d bytes, %v", c.name, len(a.Body), err)
			}
		}
		want := "4" + string(c.packets[0].Data)
		if !strings.HasPrefix(string(body), want) {
			t.Errorf("%s: got %q", c.name, body)
		}
	}
}

func TestABodyMayBeAsLongAsMaxPayloadAndNoLonger(t *testing.T) {
	for name, change := range map[string]func(*setup){
		"checked by the handler":     nil,
		"read as a stream":           func(s *setup) { s.app.StreamRequestBody = true },
		"refused before it is read":  func(s *setup) { s.app.BodyLimit = 1000 },
		"and characters are no unit": nil,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, change)
			c := r.Client(t)
			sid := c.Handshake()
			letter := "x"
			if strings.HasPrefix(name, "and") {
				letter = "é"
			}
			full := "4" + strings.Repeat(letter, 999/len(letter))
			expect(t, c.Push(sid, full), 200, "ok")
			expect(t, c.Poll(sid), 200, full)
			a, err := c.Try("POST", "EIO=4&transport=polling&sid="+sid, full+"xx")
			if err == nil && a.Status != 413 {
				t.Errorf("answered %d", a.Status)
			}
			if change == nil && a.Body != "" {
				t.Errorf("said %q", a.Body)
			}
			expect(t, c.Push(sid, "4goes on"), 200, "ok")
		})
	}
}

func TestHeaderReceivedLimitsThisPathOnly(t *testing.T) {
	r := newRig(t, nil)
	for uri, want := range map[string]int{
		"/socket.io/?EIO=4&transport=polling": 1 << 20,
		"/socket.io":                          1 << 20,
		"/chat/socket.io/?x=/":                1 << 20,
		"/":                                   0,
		"/upload?to=/socket.io/":              0,
	} {
		var h fasthttp.RequestHeader
		h.SetRequestURI(uri)
		if got := r.transport.HeaderReceived(&h).MaxRequestBodySize; got != want {
			t.Errorf("%s may have %d bytes, want %d", uri, got, want)
		}
	}
}

func TestBodiesAreReadPacketByPacket(t *testing.T) {
	const unknown = `{"code":1,"message":"Session ID unknown"}`
	r := newRig(t, nil)
	for name, c := range map[string]struct {
		body   string
		status int
		heard  string          // by the next poll; what is said to nobody's sid once the session has ended
		reason engineio.Reason // "": it goes on
	}{
		"a message":                {"4a", 200, "4a", ""},
		"an empty message":         {"4", 200, "4", ""},
		"several":                  {"4a\x1ebAQID\x1e4b", 200, "4a\x1ebAQID\x1e4b", ""},
		"what servers send":        {"0\x1e5\x1e6\x1e4a", 200, "4a", ""},
		"a pong that nobody wants": {"3\x1e4a", 200, "4a", ""},
		"nothing":                  {"", 400, unknown, "parse error"},
		"a separator":              {"\x1e", 400, unknown, "parse error"},
		"one behind a message":     {"4a\x1e", 400, unknown, "parse error"},
		"one before a message":     {"\x1e4a", 400, unknown, "parse error"},
		"no packet":                {"abc", 400, unknown, "parse error"},
		"no packet's type":         {"7", 400, unknown, "parse error"},
		"no packet behind one":     {"4a\x1e7", 400, unknown, "parse error"},
		"a form":                   {"d=4a", 400, unknown, "parse error"},
		"bytes that are no base64": {"b!!!!", 400, unknown, "parse error"},
		"base64 without its end":   {"bAQ", 400, unknown, "parse error"},
		"no UTF-8":                 {"4\xff", 400, unknown, "parse error"},
		"a ping":                   {"2", 200, unknown, "transport error"},
		"a close":                  {"1", 200, unknown, "transport close"},
		"a message behind a close": {"1\x1e4x", 200, unknown, "transport close"},
	} {
		t.Run(name, func(t *testing.T) {
			client := r.Client(t)
			sid := client.Handshake()
			a := client.Push(sid, c.body)
			said := "ok"
			if c.status == 400 {
				said = `{"code":3,"message":"Bad request"}`
			}
			expect(t, a, c.status, said)
			if c.reason == "" {
				expect(t, client.Poll(sid), 200, c.heard)
				r.expectOpen(t)
				return
			}
			r.expectReason(t, c.reason)
			expect(t, client.Poll(sid), 400, c.heard)
			expect(t, client.Push(sid, "4x"), 400, c.heard)
		})
	}
}

func TestBodiesOfOtherKindsAreRefused(t *testing.T) {
	r := newRig(t, nil)
	c := r.Client(t)
	sid := c.Handshake()
	for _, encoding := range []string{"gzip", "br", "deflate"} {
		expect(t, c.With("Content-Encoding", encoding).Push(sid, "4x"), 415, "")
	}
	expect(t, c.With("Content-Encoding", "identity").Push(sid, "4x"), 200, "ok")
	r.expectOpen(t)
	expect(t, c.With("Content-Type", "application/octet-stream").Push(sid, "4x"), 400, "")
	r.expectReason(t, engineio.TransportError)
	expect(t, c.Poll(sid), 400, `{"code":1,*`)
}

func TestAPostOfTooManyPacketsCloses(t *testing.T) {
	r := newRig(t, nil)
	c := r.Client(t)
	sid := c.Handshake()
	expect(t, c.Push(sid, strings.Split("44444444", "")...), 200, "ok")
	expect(t, c.Push(sid, strings.Split("444444444", "")...), 400, "*")
	r.expectReason(t, engineio.ParseError)
	sid = c.Handshake()
	expect(t, c.Push(sid, strings.Repeat("\x1e", 999)), 400, "*")
	r.expectReason(t, engineio.ParseError)
}

func TestAnOverlapOfPollsEndsBoth(t *testing.T) {
	r := newRig(t, nil)
	c := r.Client(t)
	sid := c.Handshake()
	first := pollBeside(r, c, sid)
	eventually(t, "the first poll waits", (<-r.ear.opened).Writable)
	expect(t, c.Poll(sid), 400, "")
	expect(t, <-first, 200, "1")
	r.expectReason(t, engineio.TransportError)
	expect(t, c.Poll(sid), 400, `{"code":1,*`)
}

func TestAnOverlapOfPostsEndsTheSession(t *testing.T) {
	busy, release := make(chan struct{}), make(chan struct{})
	r := newRig(t, func(s *setup) {
		s.ear.message = func(*engineio.Session, []byte, bool) {
			close(busy)
			<-release
		}
	})
	c := r.Client(t)
	sid := c.Handshake()
	first := make(chan wiretest.Answer, 1)
	go func() {
		a, _ := c.Try("POST", "EIO=4&transport=polling&sid="+sid, "4a\x1e4b") // a failure shows as status 0
		first <- a
	}()
	<-busy
	expect(t, c.Push(sid, "4c"), 400, "")
	r.expectReason(t, engineio.TransportError)
	close(release)
	expect(t, <-first, 200, "ok")
}

func TestAClosingClientIsReleased(t *testing.T) {
	r := newRig(t, nil)
	c := r.Client(t)
	sid := c.Handshake()
	poll := pollBeside(r, c, sid)
	eventually(t, "the poll waits", (<-r.ear.opened).Writable)
	expect(t, c.Push(sid, "1"), 200, "ok")
	expect(t, <-poll, 200, "6")
	r.expectReason(t, engineio.TransportClose)
	expect(t, c.Poll(sid), 400, `{"code":1,*`)
}

func TestAClientThatLeavesItsPollEndsItsSession(t *testing.T) {
	for name, host := range hosts() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, host)
			c := r.Client(t)
			sid := c.Handshake()
			s := <-r.ear.opened
			raw := dialRaw(t, r)
			raw.write(again(http.MethodGet, sid, ""))
			eventually(t, "the poll waits", s.Writable)
			raw.close()
			if r.transport.parked() == nil { // then it is missed when there is something to tell
				eventually(t, "the end of the session", func() bool {
					return s.Send(engineio.Packet{Type: engineio.Message, Data: []byte("precious")}) != nil
				})
			}
			r.expectReason(t, engineio.TransportError)
			expect(t, c.Poll(sid), 400, `{"code":1,*`)
		})
	}
}

func TestAPollEndsWhenTheServerCloses(t *testing.T) {
	r := newRig(t, nil)
	c := r.Client(t)
	sid := c.Handshake()
	poll := pollBeside(r, c, sid)
	eventually(t, "the poll waits", (<-r.ear.opened).Writable)
	between := c.Handshake()
	if err := r.engine.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, <-poll, 200, "1")
	expect(t, c.Poll(between), 200, "1")
	expect(t, c.Get("EIO=4&transport=polling"), 503, "*")
	r.expectReason(t, engineio.ServerShuttingDown)
}

func TestAPollEndsWhenTheHostShutsDownFirst(t *testing.T) {
	r := newRig(t, nil)
	c := r.Client(t)
	poll := pollBeside(r, c, c.Handshake())
	eventually(t, "the poll waits", (<-r.ear.opened).Writable)
	if err := r.App.ShutdownWithTimeout(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	expect(t, <-poll, 200, "6")
}
