package transport

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

// raw is a TCP connection on which a test writes what no client would.
type raw struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader

	upgraded bool // hear has heard the 101
}

func dialRaw(t testing.TB, r *rig) *raw {
	t.Helper()
	conn, err := net.Dial("tcp", r.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // the test may have closed it
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &raw{t: t, conn: conn, in: bufio.NewReader(conn)}
}

// dialRawWebSocket makes the handshake; with is written in the same segment as the request.
func dialRawWebSocket(t testing.TB, r *rig, query, headers, with string) *raw {
	t.Helper()
	c := dialRaw(t, r)
	c.write("GET /socket.io/?" + query + " HTTP/1.1\r\nHost: " + r.Addr + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" + headers + "\r\n" + with)
	if status := c.answer(); status != http.StatusSwitchingProtocols {
		t.Fatalf("answered %d", status)
	}
	return c
}

func (c *raw) write(data string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(data)); err != nil {
		c.t.Fatal(err)
	}
}

// answer reads the head of a response and returns its status.
func (c *raw) answer() int {
	c.t.Helper()
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return res.StatusCode
}

// hear reads an answer, or behind a 101 a frame, and says it in short; "" is the end of the
// connection.
func (c *raw) hear() string {
	c.t.Helper()
	if _, err := c.in.Peek(1); errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Fatal("the connection does not end")
	} else if err != nil {
		return ""
	}
	if c.upgraded {
		opcode, payload, err := c.frame()
		switch {
		case err != nil:
			c.t.Fatal(err)
		case opcode == 8 && len(payload) >= 2:
			return "close " + strconv.Itoa(int(payload[0])<<8|int(payload[1])) + payload[2:]
		case opcode != 1:
			return strings.TrimSpace(strconv.Itoa(int(opcode)) + " " + payload)
		}
		return payload
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	said := res.Header.Get("Sec-WebSocket-Protocol") + res.Header.Get("Sec-WebSocket-Extensions")
	if c.upgraded = res.StatusCode == http.StatusSwitchingProtocols; !c.upgraded {
		body, err := io.ReadAll(res.Body)
		if err != nil {
			c.t.Fatal(err)
		}
		said = string(body)
	}
	return strings.TrimSpace(strconv.Itoa(res.StatusCode) + " " + said)
}

// frame reads one short frame and returns its opcode and payload.
func (c *raw) frame() (opcode byte, payload string, err error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(c.in, head); err != nil {
		return 0, "", err
	}
	length := int(head[1])
	if length == 126 {
		long := make([]byte, 2)
		if _, err := io.ReadFull(c.in, long); err != nil {
			return 0, "", err
		}
		length = int(long[0])<<8 | int(long[1])
	}
	data := make([]byte, length)
	_, err = io.ReadFull(c.in, data)
	return head[0] & 0xf, string(data), err
}

// expectEnd reads until the connection ends and returns the code of the close frame, if
// there was one.
func (c *raw) expectEnd() int {
	c.t.Helper()
	code := 0
	for {
		opcode, payload, err := c.frame()
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				c.t.Fatal("the connection does not end")
			}
			return code
		}
		if opcode == 8 && len(payload) >= 2 {
			code = int(payload[0])<<8 | int(payload[1])
		}
	}
}

func (c *raw) close() { _ = c.conn.Close() }

// reset closes with RST instead of FIN.
func (c *raw) reset() {
	c.t.Helper()
	if err := c.conn.(*net.TCPConn).SetLinger(0); err != nil {
		c.t.Fatal(err)
	}
	c.close()
}

// masked is a client's frame with a mask of zeros; b0 is its first byte.
func masked(b0 byte, payload string) string {
	var b strings.Builder
	b.WriteByte(b0)
	if n := len(payload); n < 126 {
		b.WriteByte(0x80 | byte(n))
	} else {
		b.WriteString(string([]byte{0x80 | 126, byte(n >> 8), byte(n)}))
	}
	return b.String() + "\x00\x00\x00\x00" + payload
}

// pollBeside polls on another goroutine. A failed request shows as status 0.
func pollBeside(r *rig, c *wiretest.Client, sid string) <-chan wiretest.Answer {
	answer := make(chan wiretest.Answer, 1)
	go func() {
		a, _ := c.Try("GET", "EIO=4&transport=polling&sid="+sid, "")
		answer <- a
	}()
	return answer
}

func everybodyIs(user string) func(*fiber.Ctx) (engineio.Identity, error) {
	return func(*fiber.Ctx) (engineio.Identity, error) {
		return engineio.Identity{Key: user, User: user}, nil
	}
}
