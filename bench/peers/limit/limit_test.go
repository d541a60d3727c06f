package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

func TestFramesOfAnyLengthAreReadAsTheyWereWritten(t *testing.T) {
	for _, length := range []int{0, 1, 125, 126, 127, 60_000} {
		want := bytes.Repeat([]byte{'x'}, length)
		sent := masked(want)
		for _, cut := range []int{0, 1, 2, 5, len(sent) - 1} {
			if _, size, err := nextFrame(sent[:cut]); size != 0 || err != nil {
				t.Errorf("%d of %d bytes: size %d, %v; want a wait for more", cut, len(sent), size, err)
			}
		}
		f, size, err := nextFrame(append(sent, "more"...))
		if err != nil || size != len(sent) || f.opcode != text || !bytes.Equal(f.payload, want) {
			t.Errorf("payload of %d: opcode %d, %d bytes in %d, %v", length, f.opcode, len(f.payload), size, err)
		}
	}
}

func TestFramesThatNobodySendsAreRefused(t *testing.T) {
	for name, sent := range map[string]string{
		"unmasked": "\x81\x00", "fragment": "\x01\x80\x00\x00\x00\x00",
		"compressed": "\xc1\x80\x00\x00\x00\x00", "64-bit length": "\x81\xff",
	} {
		if _, _, err := nextFrame([]byte(sent)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestEverybodyHearsEveryMessageInOrder(t *testing.T) {
	address := serve(t)
	clients := make([]net.Conn, 5)
	for i := range clients {
		clients[i] = join(t, address)
	}
	clients[2].Close() // who leaves is not waited for
	clients = append(clients[:2], clients[3:]...)

	const messages = 100
	want := new(bytes.Buffer)
	for i := range messages {
		payload := fmt.Appendf(nil, "%d %s", i, strings.Repeat("x", i*2))
		want.Write(appendFrame(nil, text, payload))
		sent := masked(payload)
		for len(sent) > 0 { // in pieces that end anywhere
			n := min(len(sent), 1+i%50)
			if _, err := clients[0].Write(sent[:n]); err != nil {
				t.Fatal(err)
			}
			sent = sent[n:]
		}
	}
	for i, c := range clients {
		got := make([]byte, want.Len())
		if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("client %d: %v; what came is not what was sent", i, err)
		}
	}
}

// serve runs a server until the test ends.
func serve(t *testing.T) (address string) {
	t.Helper()
	s, port, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	stop, stopper, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- s.serve(int(stop.Fd())) }()
	t.Cleanup(func() {
		stopper.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
		stop.Close()
	})
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// join returns a connection that has been upgraded.
func join(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// The key and its answer are the example of RFC 6455, section 1.3.
	fmt.Fprintf(c, "GET /ws HTTP/1.1\r\nHost: %s\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", address)
	want := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("%q, %v", got, err)
	}
	return c
}

// masked frames a text as clients do.
func masked(payload []byte) []byte {
	b := []byte{0x80 | text, 0x80 | byte(len(payload))}
	if len(payload) > 125 {
		b = binary.BigEndian.AppendUint16([]byte{0x80 | text, 0x80 | 126}, uint16(len(payload)))
	}
	key := []byte{1, 2, 3, 4}
	b = append(b, key...)
	for i, c := range payload {
		b = append(b, c^key[i&3])
	}
	return b
}
