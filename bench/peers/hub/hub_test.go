package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestWhoDoesNotReadIsDroppedAndTheOthersHearEverything(t *testing.T) {
	h := newHub()
	app := h.app()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- app.Listener(listener) }()
	t.Cleanup(func() {
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})

	_, asleep := join(t, listener.Addr())
	conn, awake := join(t, listener.Addr())

	// More than the kernel keeps for a socket, and the channel for a client.
	const messages, size = 600, 60_000
	for i := range messages {
		payload := bytes.Repeat([]byte{byte(i)}, size)
		header := binary.BigEndian.AppendUint16([]byte{0x81, 0x80 | 126}, size)
		if _, err := conn.Write(append(append(header, 0, 0, 0, 0), payload...)); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 4+size)
		if _, err := io.ReadFull(awake, got); err != nil || !bytes.Equal(got[4:], payload) {
			t.Fatalf("message %d: %v, or not what was sent", i, err)
		}
	}

	h.mu.Lock()
	left := len(h.clients)
	h.mu.Unlock()
	if left != 1 {
		t.Errorf("%d clients are left, want the one that reads", left)
	}
	if _, err := io.Copy(io.Discard, asleep); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the connection of who did not read: %v, want its end", err)
	}
}

func join(t *testing.T, address net.Addr) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", address.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(c, "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", address)
	in := bufio.NewReaderSize(c, 64<<10)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == "\r\n" {
			return c, in
		}
	}
}
