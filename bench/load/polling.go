package load

import (
	"bytes"
	"fmt"
)

// separator stands between the packets of one body.
const separator = "\x1e"

// polling is what a connection knows that polls instead of holding a WebSocket. It speaks
// HTTP/1.1 over one connection: a GET waits while there is nothing to say, else a POST says
// it. Who must be heard while a GET waits has a second connection for POSTs (the poster).
type polling struct {
	target string // with the session's id
	get    []byte // the request that waits
	outbox []byte // packets to be posted
	posted bool   // the request on its way is a POST
	busy   bool   // a request is on its way
	poster *Conn  // says what this one has to say; nil: itself
	posts  bool   // this is a poster
}

// say leaves a packet for the next POST.
func (p *polling) say(c *Conn, packet []byte) {
	if p.poster != nil {
		p.poster.poll.say(p.poster, packet)
		return
	}
	if len(p.outbox) > 0 {
		p.outbox = append(p.outbox, separator...)
	}
	p.outbox = append(p.outbox, packet...)
	if c.state == open && !p.busy {
		p.next(c)
	}
}

// next makes the next request of a connection that waits for no answer.
func (p *polling) next(c *Conn) {
	p.busy, p.posted = true, len(p.outbox) > 0
	switch {
	case p.posted:
		c.client.frame = appendPost(c.client.frame[:0], p.target, c.client.host, c.setup.Header, p.outbox)
		p.outbox = p.outbox[:0]
		c.write(c.client.frame)
	case p.posts:
		p.busy = false
	case p.get == nil:
		c.write(getRequest(c.setup.Dialect.poll, c.client.host, c.setup.Header))
	default:
		c.write(p.get)
	}
}

// opened reads the session's id from the packet that opens it.
func (p *polling) opened(c *Conn, packet []byte) error {
	_, rest, _ := bytes.Cut(packet, []byte(`"sid":"`))
	sid, _, found := bytes.Cut(rest, []byte(`"`))
	if !found {
		return fmt.Errorf("a session without an id: %.200q", packet)
	}
	p.target = c.setup.Dialect.poll + "&sid=" + string(sid)
	p.get = getRequest(p.target, c.client.host, c.setup.Header)
	return nil
}

// answered handles an answer and goes on.
func (p *polling) answered(c *Conn, status int, body []byte) error {
	if status != 200 || p.posted && string(body) != "ok" {
		return fmt.Errorf("a request was answered with status %d: %.300q", status, body)
	}
	if !p.posted {
		if err := c.packets(body, separator); err != nil {
			return err
		}
	}
	p.next(c)
	return nil
}

// AddPoster opens a second connection for what a polling connection says from now on, or a
// text would wait for the end of a poll. For a WebSocket it does nothing.
func (c *Conn) AddPoster() error {
	if c.poll == nil {
		return nil
	}
	setup := c.setup
	setup.Ready = nil
	poster, err := c.client.open(setup)
	if err != nil {
		return err
	}
	poster.poll = &polling{target: c.poll.target, posts: true}
	poster.step = uint8(len(setup.Dialect.steps))
	c.poll.poster = poster
	return nil
}
