package wiretest

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// Line is one way to be connected. A scenario that runs over all Lines holds for every client.
type Line struct {
	Name string
	open func(c *Client) *Session
}

// Lines are polling, WebSocket, and polling upgraded to WebSocket.
func Lines() []Line { return []Line{Polling(), WebSocket(), Upgraded()} }

// Polling is the line that stays with long-polling.
func Polling() Line { return Line{"polling", (*Client).openPolling} }

// WebSocket is the line that is a WebSocket from the start.
func WebSocket() Line { return Line{"websocket", (*Client).openWebSocket} }

// Upgraded is the line that begins with polling, as browsers do.
func Upgraded() Line { return Line{"polling to websocket", (*Client).openUpgraded} }

// Open opens a session over the line.
func (l Line) Open(c *Client) *Session {
	c.T.Helper()
	return l.open(c)
}

// Run runs a scenario over each line as a subtest.
func Run(t *testing.T, scenario func(t *testing.T, line Line)) {
	t.Helper()
	for _, line := range Lines() {
		t.Run(line.Name, func(t *testing.T) { scenario(t, line) })
	}
}

// Session is an open session over any line. It answers the server's pings itself while it
// waits for something else. For the test's goroutine only.
type Session struct {
	SID    string
	client *Client
	socket *Socket  // nil: polling
	queue  []string // packets of a poll that nobody has asked for yet
}

func (c *Client) openPolling() *Session {
	c.T.Helper()
	return &Session{SID: c.Handshake(), client: c}
}

func (c *Client) openWebSocket() *Session {
	c.T.Helper()
	ws := c.Dial("EIO=4&transport=websocket")
	open, err := ws.Next()
	if err != nil {
		c.T.Fatalf("read OPEN: %v", err)
	}
	return &Session{SID: c.sid(open), client: c, socket: ws}
}

func (c *Client) openUpgraded() *Session {
	c.T.Helper()
	s := c.openPolling()
	s.Upgrade()
	return s
}

// Upgrade takes a polling session to a WebSocket.
func (s *Session) Upgrade() {
	s.client.T.Helper()
	ws := s.client.Dial("EIO=4&transport=websocket&sid=" + s.SID)
	ws.Send("2probe")
	ws.Expect("3probe")
	ws.Send("5")
	s.socket = ws
}

// Send sends packets: in one POST, or each in a frame.
func (s *Session) Send(packets ...string) {
	s.client.T.Helper()
	if s.socket != nil {
		s.socket.Send(packets...)
		return
	}
	if a := s.client.Push(s.SID, packets...); a.Status != http.StatusOK || a.Body != "ok" {
		s.client.T.Fatalf("send %q: %d %s", packets, a.Status, a.Body)
	}
}

// SendAny sends packets that the server may refuse.
func (s *Session) SendAny(packets ...string) {
	s.client.T.Helper()
	if s.socket == nil {
		s.client.Push(s.SID, packets...)
		return
	}
	for _, p := range packets {
		if s.socket.TrySend(p) != nil {
			return // closed meanwhile
		}
	}
}

// Next returns the next packet that is no ping; false when the session has ended.
func (s *Session) Next() (string, bool) {
	s.client.T.Helper()
	for {
		packet, ok := s.read()
		switch {
		case !ok:
			return "", false
		case packet == "2":
			s.SendAny("3")
		case packet == "6" && s.socket == nil:
		default:
			return packet, true
		}
	}
}

func (s *Session) read() (string, bool) {
	s.client.T.Helper()
	if s.socket != nil {
		packet, err := s.socket.Next()
		return packet, err == nil
	}
	if len(s.queue) == 0 {
		a := s.client.Poll(s.SID)
		if a.Status != http.StatusOK {
			return "", false
		}
		s.queue = strings.Split(a.Body, "\x1e")
	}
	packet := s.queue[0]
	s.queue = s.queue[1:]
	return packet, packet != "1"
}

// Expect reads packets that must match the patterns (see Match), in order.
func (s *Session) Expect(patterns ...string) {
	s.client.T.Helper()
	for _, pattern := range patterns {
		got, ok := s.Next()
		if !ok {
			s.client.T.Fatalf("expect %q, but the session has ended", pattern)
		}
		if !Match(pattern, got) {
			s.client.T.Fatalf("expect %q, got %q", pattern, got)
		}
	}
}

// ExpectClosed waits until the server has ended the session; no packets may come before.
func (s *Session) ExpectClosed() {
	s.client.T.Helper()
	if got, ok := s.Next(); ok {
		s.client.T.Fatalf("expect the end of the session, got %q", got)
	}
}

// Hangup leaves without a word: a WebSocket is cut, polling just stops.
func (s *Session) Hangup() {
	if s.socket != nil {
		_ = s.socket.Conn.Close() // that is the point
	}
}

// Match reports whether text is pattern, in which each * stands for any characters.
func Match(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`(?s)\A` + strings.Join(parts, `.*`) + `\z`).MatchString(text)
}
