package realtime_test

import (
	"fmt"
	"strings"
	"testing"

	"roomline/realtime/internal/wiretest"
)

// TestClientLikeSwiftTalks behaves as socket.io-client-swift 16 with Starscream does: a poll
// is held during the upgrade, the WebSocket has an Origin of its own scheme, the sid is
// percent-encoded, and a NOOP is posted between the probe and the upgrade.
func TestClientLikeSwiftTalks(t *testing.T) {
	h := newHost(t, nil)
	c := h.client(t, "2", "web-2")
	var sid strings.Builder
	for _, b := range []byte(c.Handshake()) {
		fmt.Fprintf(&sid, "%%%02X", b)
	}
	expectOK(t, c.Push(sid.String(), "40/general,"))
	if a := c.Poll(sid.String()); !wiretest.Match(`40/general,{"sid":*`, a.Body) {
		t.Fatalf("CONNECT is answered with %d %s", a.Status, a.Body)
	}
	held := make(chan wiretest.Answer, 1)
	go func() {
		a, err := c.Try("GET", "EIO=4&transport=polling&sid="+sid.String(), "")
		if err != nil {
			t.Error(err)
		}
		held <- a
	}()
	ws := c.With("Origin", "ws://"+h.Addr).Dial("EIO=4&transport=websocket&sid=" + sid.String())
	ws.Send("2probe")
	ws.Expect("3probe")
	expectOK(t, c.Push(sid.String(), "6"))
	for a := <-held; a.Body != "6"; a = c.Poll(sid.String()) { // until the NOOP that ends polling
		if a.Status != 200 {
			t.Fatalf("the held poll is answered with %d %s", a.Status, a.Body)
		}
	}
	ws.Send("5")
	talk(t, h, ws)
}

// TestClientLikeRustTalks behaves as rust_socketio 0.6 does: it upgrades without ever polling
// again, and sends a PONG that nobody asked for as soon as it is open.
func TestClientLikeRustTalks(t *testing.T) {
	t.Run("upgrade", func(t *testing.T) {
		h := newHost(t, nil)
		c := h.client(t, "2", "web-2")
		ws := c.Dial("EIO=4&transport=websocket&sid=" + c.Handshake())
		ws.Send("2probe")
		ws.Expect("3probe")
		ws.Send("5", "3", "40/general,")
		talk(t, h, ws)
	})
	t.Run("websocket", func(t *testing.T) {
		h := newHost(t, nil)
		ws := h.client(t, "2", "web-2").Dial("EIO=4&transport=websocket")
		ws.Expect(`0{"sid":*`)
		ws.Send("3", "40/general,")
		talk(t, h, ws)
	})
	t.Run("polling", func(t *testing.T) {
		h := newHost(t, nil)
		s := wiretest.Polling().Open(h.client(t, "2", "web-2"))
		s.Send("3")
		s.Send("40/general,")
		s.Expect(`40/general,{"sid":*`, `42/general,["hello",*`)
		ask(t, s, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,*`)
	})
}

// TestClientLikeElephantTalks behaves as PHP's Elephant.io does: its Origin is the server's
// URL, it joins the namespace / before it upgrades, and it upgrades without a probe.
func TestClientLikeElephantTalks(t *testing.T) {
	h := newHost(t, nil)
	c := h.client(t, "2", "web-2").With("Origin", "http://"+h.Addr)
	sid := c.Handshake()
	expectOK(t, c.Push(sid, "40"))
	if a := c.Poll(sid); !wiretest.Match(`40{"sid":*}`, a.Body) {
		t.Fatalf("CONNECT is answered with %d %s", a.Status, a.Body)
	}
	ws := c.Dial("EIO=4&transport=websocket&sid=" + sid)
	ws.Send("5", "40/general")
	talk(t, h, ws)
}

// TestClientLikeCSharpTalks behaves as SocketIOClient 4 for .NET does: it joins by polling,
// never polls for the answer, and upgrades without a probe.
func TestClientLikeCSharpTalks(t *testing.T) {
	h := newHost(t, nil)
	c := h.client(t, "2", "web-2")
	sid := c.Handshake()
	expectOK(t, c.Push(sid, "40/general,"))
	ws := c.Dial("EIO=4&transport=websocket&sid=" + sid)
	ws.Send("5")
	ws.Expect(`40/general,{"sid":*`, `42/general,["hello",*`)
	talk(t, h, ws)
}

// talk joins the lobby, sends a message, and hears the message of another user. CONNECT may
// have been sent just before.
func talk(t *testing.T, h *host, ws *wiretest.Socket) {
	t.Helper()
	await := func(pattern string) {
		t.Helper()
		for {
			packet, err := ws.Next()
			if err != nil {
				t.Fatalf("waiting for %s: %v", pattern, err)
			}
			if wiretest.Match(pattern, packet) {
				return
			}
		}
	}
	ws.Send(`42/general,1["room:join",{"room":"lobby"}]`)
	await(`43/general,1[{"ok":true,*`)
	ws.Send(`42/general,2["message:send",{"room":"lobby","id":"of-a-foreign-client","text":"hello"}]`)
	await(`43/general,2[{"ok":true,*"text":"hello"*`)
	h.say("3", "lobby", "welcome")
	await(`42/general,["message",{*"text":"welcome"*`)
}

func expectOK(t *testing.T, a wiretest.Answer) {
	t.Helper()
	if a.Status != 200 || a.Body != "ok" {
		t.Fatalf("a POST is answered with %d %s", a.Status, a.Body)
	}
}
