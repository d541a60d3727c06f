package transport

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"roomline/realtime/internal/wiretest"
)

func TestUpgradeWithoutProbeIsAccepted(t *testing.T) {
	for _, polled := range []bool{false, true} { // with and without a poll that is held
		t.Run(fmt.Sprint("polled ", polled), func(t *testing.T) {
			r := newRig(t, nil)
			c := r.Client(t)
			sid := c.Handshake()
			answered := make(chan wiretest.Answer, 1)
			if polled {
				go func() {
					a, err := c.Try("GET", "EIO=4&transport=polling&sid="+sid, "")
					if err != nil {
						t.Error(err)
					}
					answered <- a
				}()
				session, _ := r.engine.Session(sid)
				eventually(t, "the poll is held", session.Writable)
			}
			ws := c.Dial("EIO=4&transport=websocket&sid=" + sid)
			ws.Send("5", "4hello")
			ws.Expect("4hello")
			if polled {
				expect(t, <-answered, 200, "6")
			}
		})
	}
}

func TestWebSocketWithoutProbeMaySendNothingElse(t *testing.T) {
	for _, packet := range []string{"4x", "2", "3probe", "6", "40"} {
		r := newRig(t, nil)
		c := r.Client(t)
		sid := c.Handshake()
		ws := c.Dial("EIO=4&transport=websocket&sid=" + sid)
		ws.Send(packet)
		ws.ExpectClosed()
		expect(t, c.Push(sid, "4still here"), 200, "ok")
	}
}

func TestBodyMayBeLargerThanAPacket(t *testing.T) {
	r := newRig(t, func(s *setup) { s.engine.MaxPayload, s.engine.MaxPackets = 100_000, 1000 })
	c := r.Client(t)
	packet := "4" + strings.Repeat("漢", 30_000) // 90,001 bytes
	for _, test := range []struct {
		name    string
		packets []string
		status  int
	}{
		{"five packets of the largest text", []string{packet, packet, packet, packet, packet}, 200},
		{"one packet over the limit", []string{"4" + strings.Repeat("x", 100_000)}, 413},
		{"one of many packets over the limit", []string{packet, "4" + strings.Repeat("x", 100_000), packet}, 413},
		{"a binary packet within the limit", []string{"b" + strings.Repeat("AAAA", 24_000)}, 200},
		{"a binary packet over the limit", []string{"b" + strings.Repeat("AAAA", 25_000)}, 413},
		{"a body over 1 MB", strings.Split(strings.Repeat(packet+" ", 11)+packet, " "), 413},
		{"too many packets", strings.Split(strings.Repeat("4x ", 1000)+"4x", " "), 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			if a := c.Push(c.Handshake(), test.packets...); a.Status != test.status {
				t.Errorf("answered %d %s, want %d", a.Status, a.Body, test.status)
			}
		})
	}
}

func TestUpgradeHeadersMayStandOnSeveralLines(t *testing.T) {
	for _, headers := range []string{
		"Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
		"Connection: Upgrade\r\nConnection: keep-alive\r\nUpgrade: websocket\r\n",
		"Connection: keep-alive, upgrade\r\nUpgrade: WebSocket\r\n",
		"Connection: keep-alive , ,Upgrade\r\nUpgrade: h2c\r\nUpgrade: websocket\r\n",
	} {
		r := newRig(t, nil)
		answer := rawRequest(t, r.Addr, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n"+headers+
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
		if !strings.HasPrefix(answer, "HTTP/1.1 101 ") {
			t.Errorf("%q is answered %q", headers, answer)
		}
	}
}

func TestOtherWebSocketVersionsAreToldTheRightOne(t *testing.T) {
	for _, version := range []string{"Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: 14\r\n", ""} {
		r := newRig(t, nil)
		answer := rawRequest(t, r.Addr, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+version+"\r\n")
		if !strings.HasPrefix(answer, "HTTP/1.1 426 ") || !strings.Contains(strings.ToLower(answer), "\r\nsec-websocket-version: 13\r\n") {
			t.Errorf("%q is answered %q", version, answer)
		}
	}
}

// rawRequest sends a request as it is and returns the head of the answer.
func rawRequest(t *testing.T, addr, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	var head []byte
	for buf := make([]byte, 1); !strings.HasSuffix(string(head), "\r\n\r\n"); head = append(head, buf...) {
		if _, err := conn.Read(buf); err != nil {
			t.Fatalf("%q: %v after %q", request, err, head)
		}
	}
	return string(head)
}

func TestForwardedAddressesMayHaveAPort(t *testing.T) {
	for forwarded, want := range map[string]string{
		"192.0.2.9":                 "192.0.2.9",
		"192.0.2.9:5678":            "192.0.2.9",
		" 192.0.2.10:1 ":            "192.0.2.10",
		"2001:db8::1":               "2001:db8::1",
		"[2001:db8::1]":             "2001:db8::1",
		"[2001:db8::1]:5678":        "2001:db8::1",
		"::ffff:192.0.2.9":          "192.0.2.9",
		"[::ffff:192.0.2.9]:443":    "192.0.2.9",
		"fe80::1%eth0":              "fe80::1",
		"unknown":                   "",
		"":                          "",
		"192.0.2.9:x":               "",
		"_hidden":                   "",
		"192.0.2.9:5678:9":          "",
		"[2001:db8::1":              "2001:db8::1",
		"192.0.2.300":               "",
		"192.0.2.9, 198.51.100.7:1": "",
	} {
		addr, err := ParseForwarded(forwarded)
		if want == "" && err == nil || want != "" && (err != nil || addr != netip.MustParseAddr(want)) {
			t.Errorf("ParseForwarded(%q) = %v, %v; want %q", forwarded, addr, err, want)
		}
	}
}
