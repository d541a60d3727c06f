package load

import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// state is how far a connection has come.
type state uint8

const (
	connecting state = iota // TCP
	upgrading               // the WebSocket's request is on its way
	open                    // frames or polls go to and fro
	closed
)

// Conn is one client of the server. It belongs to the thread of its Client.
type Conn struct {
	// set once
	client *Client
	setup  Setup
	slot   int // of Client.conns
	fd     int

	state state
	step  uint8    // of the dialect's steps
	heard int      // texts, the room's count
	rest  []byte   // read and not whole yet
	out   []byte   // to be written when the socket takes more
	poll  *polling // nil for a WebSocket
}

// Heard is how many texts of the room it has heard.
func (c *Conn) Heard() int { return c.heard }

// Ready reports whether the connection is in its room.
func (c *Conn) Ready() bool {
	return c.state == open && int(c.step) == len(c.setup.Dialect.steps)
}

// send sends text number n, of so many bytes.
func (c *Conn) send(n uint32, size int) {
	c.client.packet = c.setup.Dialect.appendSend(c.client.packet[:0], n, size)
	c.say(c.client.packet)
}

// say sends one packet.
func (c *Conn) say(packet []byte) {
	if c.poll != nil {
		c.poll.say(c, packet)
		return
	}
	c.frame(opText, packet)
}

func (c *Conn) frame(opcode byte, payload []byte) {
	c.client.frame = appendFrame(c.client.frame[:0], opcode, payload)
	c.write(c.client.frame)
}

// write writes b, now or when the socket takes it. What fails is the client's next error.
func (c *Conn) write(b []byte) {
	if c.state == closed {
		return
	}
	if len(c.out) == 0 {
		n, err := unix.Write(c.fd, b)
		if err != nil && !again(err) {
			c.client.fail(fmt.Errorf("connection %d: write: %w", c.slot, err))
			return
		}
		b = b[max(n, 0):]
	}
	if len(b) > 0 {
		c.out = append(c.out, b...)
		c.client.want(c, unix.EPOLLIN|unix.EPOLLOUT)
	}
}

// writable goes on where the socket took no more; it is also how a connect ends.
func (c *Conn) writable() error {
	if c.state == connecting {
		if code, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || code != 0 {
			return fmt.Errorf("connect: %w", errors.Join(err, unix.Errno(code)))
		}
		c.begin()
		return nil
	}
	if len(c.out) > 0 {
		n, err := unix.Write(c.fd, c.out)
		if err != nil && !again(err) {
			return fmt.Errorf("write: %w", err)
		}
		c.out = c.out[max(n, 0):]
	}
	if len(c.out) == 0 {
		c.out = nil
		c.client.want(c, unix.EPOLLIN)
	}
	return nil
}

// begin says the first words on a fresh connection.
func (c *Conn) begin() {
	c.client.want(c, unix.EPOLLIN)
	if c.poll != nil {
		c.state = open
		c.poll.next(c)
		return
	}
	c.state = upgrading
	c.write(upgradeRequest(c.setup.Dialect.target, c.client.host, c.setup.Header))
}

// consume handles what b holds whole, and returns how much of it that was.
func (c *Conn) consume(b []byte) (used int, err error) {
	for used < len(b) && c.state != closed && err == nil {
		var size int
		switch {
		case c.state == upgrading:
			size, err = c.upgraded(b[used:])
		case c.poll != nil:
			var status int
			var body []byte
			if status, body, size, err = parseAnswer(b[used:]); err == nil && size > 0 {
				err = c.poll.answered(c, status, body)
			}
		default:
			var opcode byte
			var payload []byte
			if opcode, payload, size, err = parseFrame(b[used:]); err == nil && size > 0 {
				err = c.framed(opcode, payload)
			}
		}
		if size == 0 {
			break
		}
		used += size
	}
	return used, err
}

// upgraded reads the answer to the WebSocket's request.
func (c *Conn) upgraded(b []byte) (size int, err error) {
	status, size, _, err := parseHead(b)
	if err != nil || size == 0 {
		return 0, err
	}
	if status != 101 {
		return 0, fmt.Errorf("the upgrade was answered with %.300q", b)
	}
	c.state = open
	return size, c.advance(nil)
}

func (c *Conn) framed(opcode byte, payload []byte) error {
	switch opcode {
	case opText:
		return c.packets(payload, c.setup.Dialect.split)
	case opPing:
		c.frame(opPong, payload)
	case opPong:
	case opClose:
		return fmt.Errorf("the server says close: %q", payload)
	default:
		return fmt.Errorf("a frame of kind %#x", opcode)
	}
	return nil
}

// packets handles the packets of a frame or body. The last may end with split or not.
func (c *Conn) packets(b []byte, split string) error {
	for len(b) > 0 {
		p, rest := b, []byte(nil)
		if split != "" {
			p, rest, _ = bytes.Cut(b, []byte(split))
		}
		if err := c.packet(p); err != nil {
			return err
		}
		b = rest
	}
	return nil
}

// packet handles one packet. What it does not know is for other clients.
func (c *Conn) packet(p []byte) error {
	d := c.setup.Dialect
	switch {
	case int(c.step) < len(d.steps) && hasPrefix(p, d.steps[c.step].hear):
		return c.advance(p)
	case d.event != "" && hasPrefix(p, d.event):
		n, _, found := Number(p)
		if !found {
			return fmt.Errorf("a message without a text of ours: %.200q", p)
		}
		return c.setup.Room.hear(c, n, c.client.now)
	case d.ping != "" && string(p) == d.ping:
		c.client.Pings++
		c.say([]byte(d.pong))
	case d.ack != "" && hasPrefix(p, d.ack):
		n, taken := d.answer(p)
		if !taken {
			return fmt.Errorf("refused: %.300q", p)
		}
		return c.setup.Room.answer(n, c.client.now)
	case d.refuses(p):
		return fmt.Errorf("the server ends it: %.300q", p)
	}
	return nil
}

// advance takes the step that p brings on, and those that need not wait for a packet.
func (c *Conn) advance(p []byte) error {
	steps := c.setup.Dialect.steps
	if p != nil {
		if c.poll != nil && c.step == 0 {
			if err := c.poll.opened(c, p); err != nil {
				return err
			}
		}
		c.take(steps[c.step])
	}
	for int(c.step) < len(steps) && steps[c.step].hear == "" {
		c.take(steps[c.step])
	}
	if int(c.step) < len(steps) {
		return nil
	}
	c.setup.Room.enter(c)
	if c.setup.Ready != nil {
		return c.setup.Ready(c, p)
	}
	return nil
}

func (c *Conn) take(s step) {
	c.step++
	if s.say != "" {
		c.say([]byte(s.say))
	}
}
