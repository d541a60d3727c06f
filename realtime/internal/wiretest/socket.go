package wiretest

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// Socket is a raw WebSocket. Binary frames read and write as "b" and base64, as on
// polling, so that scenarios look the same everywhere.
type Socket struct {
	T    testing.TB
	Conn *websocket.Conn
}

// Send writes a frame for each packet.
func (s *Socket) Send(packets ...string) {
	s.T.Helper()
	for _, p := range packets {
		if err := s.TrySend(p); err != nil {
			s.T.Fatalf("send %q: %v", p, err)
		}
	}
}

// TrySend is Send for goroutines beside the test's and connections that may be closed.
func (s *Socket) TrySend(packet string) error {
	if err := s.Conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if len(packet) > 0 && packet[0] == 'b' {
		data, err := base64.StdEncoding.DecodeString(packet[1:])
		if err != nil {
			return err
		}
		return s.Conn.WriteMessage(websocket.BinaryMessage, data)
	}
	return s.Conn.WriteMessage(websocket.TextMessage, []byte(packet))
}

// Next returns the next packet; the error is the connection's, as a rule a
// *websocket.CloseError.
func (s *Socket) Next() (string, error) {
	if err := s.Conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	kind, data, err := s.Conn.ReadMessage()
	if err != nil {
		return "", err
	}
	if kind == websocket.BinaryMessage {
		return "b" + base64.StdEncoding.EncodeToString(data), nil
	}
	return string(data), nil
}

// Expect reads packets that must match the patterns (see Match), in order.
func (s *Socket) Expect(patterns ...string) {
	s.T.Helper()
	for _, pattern := range patterns {
		got, err := s.Next()
		if err != nil {
			s.T.Fatalf("expect %q: %v", pattern, err)
		}
		if !Match(pattern, got) {
			s.T.Fatalf("expect %q, got %q", pattern, got)
		}
	}
}

// ExpectClosed reads until the server closes, and returns the code of its close frame.
// Packets that come before fail the test, but for pings.
func (s *Socket) ExpectClosed() int {
	s.T.Helper()
	for {
		got, err := s.Next()
		var closed *websocket.CloseError
		switch {
		case errors.As(err, &closed):
			return closed.Code
		case err != nil:
			s.T.Fatalf("expect a close frame: %v", err)
		case got != "2":
			s.T.Fatalf("expect a close frame, got %q", got)
		}
	}
}
