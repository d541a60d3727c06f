package wiretest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/fasthttp/websocket"
)

// Client makes requests. Its methods fail the test when the network does; Header goes with
// every request, so cookies and origins are set there. The fields may be changed between
// requests.
type Client struct {
	T      testing.TB
	Addr   string
	Path   string
	Header http.Header
	http   *http.Client
}

// Answer is what came back.
type Answer struct {
	Status int
	Body   string
	Header http.Header
}

// With returns a copy of the client with one header more.
func (c *Client) With(key, value string) *Client {
	other := *c
	other.Header = c.Header.Clone()
	other.Header.Set(key, value)
	return &other
}

// Get requests the path with a query ("EIO=4&transport=polling").
func (c *Client) Get(query string) Answer {
	c.T.Helper()
	return c.Do(http.MethodGet, query, "")
}

// Post sends a body.
func (c *Client) Post(query, body string) Answer {
	c.T.Helper()
	return c.Do(http.MethodPost, query, body)
}

// Do makes any request.
func (c *Client) Do(method, query, body string) Answer {
	c.T.Helper()
	a, err := c.Try(method, query, body)
	if err != nil {
		c.T.Fatalf("%s ?%s: %v", method, query, err)
	}
	return a
}

// Try is Do for requests that may fail, and for goroutines beside the test's.
func (c *Client) Try(method, query, body string) (Answer, error) {
	req, err := http.NewRequestWithContext(c.T.Context(), method, "http://"+c.Addr+c.Path+"?"+query, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	req.Header = c.Header.Clone()
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return Answer{Status: res.StatusCode, Body: string(text), Header: res.Header}, err
}

// Handshake opens a polling session and returns its sid.
func (c *Client) Handshake() string {
	c.T.Helper()
	a := c.Get("EIO=4&transport=polling")
	if a.Status != http.StatusOK {
		c.T.Fatalf("handshake: %d %s", a.Status, a.Body)
	}
	return c.sid(a.Body)
}

// Poll makes one GET of a session.
func (c *Client) Poll(sid string) Answer {
	c.T.Helper()
	return c.Get("EIO=4&transport=polling&sid=" + sid)
}

// Push makes one POST of a session.
func (c *Client) Push(sid string, packets ...string) Answer {
	c.T.Helper()
	return c.Post("EIO=4&transport=polling&sid="+sid, strings.Join(packets, "\x1e"))
}

// sid reads the session id from an OPEN packet.
func (c *Client) sid(packet string) string {
	c.T.Helper()
	var open struct{ SID string }
	if !strings.HasPrefix(packet, "0") || json.Unmarshal([]byte(packet[1:]), &open) != nil || open.SID == "" {
		c.T.Fatalf("no OPEN packet: %q", packet)
	}
	return open.SID
}

// Dial opens a WebSocket with a query ("EIO=4&transport=websocket").
func (c *Client) Dial(query string) *Socket {
	c.T.Helper()
	ws, a, err := c.TryDial(query)
	if err != nil {
		c.T.Fatalf("dial ?%s: %v (%d %s)", query, err, a.Status, a.Body)
	}
	return ws
}

// TryDial is Dial for handshakes that may be refused: then the answer is what the server said.
func (c *Client) TryDial(query string) (*Socket, Answer, error) {
	c.T.Helper()
	dialer := websocket.Dialer{HandshakeTimeout: patience}
	conn, res, err := dialer.DialContext(c.T.Context(), "ws://"+c.Addr+c.Path+"?"+query, c.Header.Clone())
	var a Answer
	if res != nil {
		body, _ := io.ReadAll(res.Body) // at most a kilobyte that the dialer kept
		_ = res.Body.Close()            // it is in memory
		a = Answer{Status: res.StatusCode, Body: string(body), Header: res.Header}
	}
	if err != nil {
		return nil, a, err
	}
	s := &Socket{T: c.T, Conn: conn}
	c.T.Cleanup(func() { _ = conn.Close() }) // the test may have closed it
	return s, a, nil
}
