package transport

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"roomline/realtime/engineio"
)

// extraHold ends a poll that no heartbeat has ended.
const extraHold = 25 * time.Second

// openPolling answers a handshake. What the layer above has sent meanwhile waits for the
// first poll.
func (t *Transport) openPolling(c *fiber.Ctx, adm *admission) error {
	s, r := t.open(adm, engineio.Polling)
	if r != nil {
		return t.refuse(c, r)
	}
	if t.cfg.Cookie != nil {
		cookie := *t.cfg.Cookie
		cookie.Value = s.ID()
		c.Cookie(&cookie)
	}
	return t.answerPoll(c, s.OpenPacket())
}

// poll answers with everything that waits, or holds the request until there is something.
func (t *Transport) poll(c *fiber.Ctx, s *engineio.Session) error {
	h := t.pollConn(c)
	if h == nil {
		return t.pollHere(c, s)
	}
	if err := s.BeginPoll(h); err != nil {
		return t.refuseBegin(c, err)
	}
	if packets, due := pollAnswer(s, h); due {
		s.EndPoll(h)
		return t.answerPoll(c, packets...)
	}
	h.offer(c, s)
	return nil
}

// pollAnswer takes what a poll is to be answered with; false: nothing yet.
func pollAnswer(s *engineio.Session, p engineio.Puller) (packets []engineio.Packet, due bool) {
	packets, next := s.Take(p, nil, 0)
	switch {
	case next == engineio.End:
		return append(packets, engineio.Packet{Type: engineio.Close}), true
	case len(packets) > 0:
		return packets, true
	case next == engineio.Release:
		return append(packets, engineio.Packet{Type: engineio.Noop}), true
	}
	return nil, false
}

// poll is a GET that waits for packets, on the request's own goroutine.
type poll struct{ wake chan struct{} }

// Wake implements engineio.Puller.
func (p *poll) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// pollHere is poll on the request's own goroutine.
func (t *Transport) pollHere(c *fiber.Ctx, s *engineio.Session) error {
	p := &poll{wake: make(chan struct{}, 1)}
	if err := s.BeginPoll(p); err != nil {
		return t.refuseBegin(c, err)
	}
	defer s.EndPoll(p)

	hold := time.NewTimer(t.hold())
	defer hold.Stop()
	for {
		if clientLeft(c.Context().Conn()) {
			s.Abort(engineio.TransportError) // as the reference
			c.Set(fiber.HeaderConnection, "close")
			return t.answerPoll(c, engineio.Packet{Type: engineio.Noop})
		}
		if packets, due := pollAnswer(s, p); due {
			return t.answerPoll(c, packets...)
		}
		select {
		case <-p.wake:
		case <-hold.C:
			return t.answerPoll(c, engineio.Packet{Type: engineio.Noop})
		case <-c.Context().Done(): // the host's server shuts down
			return t.answerPoll(c, engineio.Packet{Type: engineio.Noop})
		}
	}
}

// hold is longer than any poll under a heartbeat, which ends each with a ping or for want
// of a pong. It is for when there is none.
func (t *Transport) hold() time.Duration {
	cfg := t.engine.Config()
	return cfg.PingInterval + cfg.PingTimeout + extraHold
}

// pollType is the Content-Type of the answer to a poll.
const pollType = "text/plain; charset=UTF-8"

func (t *Transport) answerPoll(c *fiber.Ctx, packets ...engineio.Packet) error {
	c.Set(fiber.HeaderContentType, pollType)
	body, zipped := t.pollBody(packets, c.Request().Header.HasAcceptEncoding("gzip"))
	if zipped != "" {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		c.Vary(fiber.HeaderAcceptEncoding)
	}
	c.Context().Response.SetBodyRaw(body)
	return nil
}

// pollBody is the body of an answer, and what its header says of the encoding, if any.
func (t *Transport) pollBody(packets []engineio.Packet, gzip bool) (body []byte, encoding string) {
	body = engineio.AppendPayload(nil, packets)
	over := t.cfg.CompressOver
	if over > 0 && gzip && len(body) > over && slices.ContainsFunc(packets, func(p engineio.Packet) bool { return !p.Plain }) {
		return fasthttp.AppendGzipBytesLevel(nil, body, fasthttp.CompressBestSpeed),
			"Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"
	}
	return body, ""
}

// post hands the packets of a body to the session, on the request's own goroutine: while
// the layer above is busy the client waits for its answer.
func (t *Transport) post(c *fiber.Ctx, s *engineio.Session) error {
	if encoding := c.Get(fiber.HeaderContentEncoding); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return t.refuseEmpty(c, "encoding", http.StatusUnsupportedMediaType)
	}
	if isBinary(c) {
		s.Abort(engineio.TransportError)
		return t.refuseEmpty(c, "encoding", http.StatusBadRequest)
	}
	body, err := readBody(c, t.maxBody())
	switch {
	case errors.Is(err, errTooLarge):
		return t.refuseEmpty(c, "too large", http.StatusRequestEntityTooLarge)
	case err != nil: // the client left, or was too slow
		c.Context().SetConnectionClose()
		return t.refuseEmpty(c, "incomplete", http.StatusRequestTimeout)
	}
	if err := s.BeginPost(); err != nil {
		return t.refuseBegin(c, err)
	}
	defer s.EndPost()

	limit, largest := t.engine.Config().MaxPackets, t.engine.Config().MaxPayload
	if largest > 0 && engineio.LargestPacket(body) > largest {
		return t.refuseEmpty(c, "too large", http.StatusRequestEntityTooLarge)
	}
	if !utf8.Valid(body) || limit > 0 && engineio.CountPackets(body) > limit {
		s.Abort(engineio.ParseError)
		return t.refuse(c, badRequestRefusal())
	}
	for packet, err := range engineio.DecodePayload(body) {
		if err != nil {
			s.Abort(engineio.ParseError)
			return t.refuse(c, badRequestRefusal())
		}
		if packet.Type == engineio.Message && !packet.Binary {
			packet.Data = bytes.Clone(packet.Data) // the body is Fiber's
		}
		if !s.Receive(packet) {
			break
		}
	}
	// "text/html", as the reference: some clients would offer text/plain as a download.
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTML)
	return c.SendString("ok")
}

// minMaxBody is the least limit of a polling body in bytes. Many clients ignore maxPayload and
// send all that waits in one body.
const minMaxBody = 1 << 20

// maxBody returns the limit of a polling body in bytes, 0 for none. Each packet in it is
// bounded by MaxPayload, and their number by MaxPackets.
func (t *Transport) maxBody() int {
	largest := t.engine.Config().MaxPayload
	if largest <= 0 {
		return 0
	}
	return max(minMaxBody, largest)
}

// isBinary reports whether the body is declared as raw bytes, which v4 no longer knows.
func isBinary(c *fiber.Ctx) bool {
	kind, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";")
	return strings.EqualFold(strings.TrimSpace(kind), fiber.MIMEOctetStream)
}

var errTooLarge = errors.New("body too large")

// readBody returns the body as it came, which is valid until the handler returns. The error
// is errTooLarge, or the connection's if the host streams bodies.
func readBody(c *fiber.Ctx, limit int) ([]byte, error) {
	request := c.Request()
	if limit > 0 && request.Header.ContentLength() > limit {
		return nil, errTooLarge
	}
	if !request.IsBodyStream() {
		// Not c.Body(), which would unpack it.
		if body := request.Body(); limit == 0 || len(body) <= limit {
			return body, nil
		}
		return nil, errTooLarge
	}
	stream := request.BodyStream()
	if limit > 0 {
		stream = io.LimitReader(stream, int64(limit)+1)
	}
	body, err := io.ReadAll(stream)
	if err == nil && limit > 0 && len(body) > limit {
		err = errTooLarge
	}
	return body, err
}

// refuseBegin answers a request that the session does not take.
func (t *Transport) refuseBegin(c *fiber.Ctx, err error) error {
	switch {
	case errors.Is(err, engineio.ErrOverlap):
		return t.refuseEmpty(c, "overlap", http.StatusBadRequest)
	case errors.Is(err, engineio.ErrTransport):
		return t.refuse(c, badRequestRefusal())
	}
	return t.refuse(c, unknownSession())
}

// refuseEmpty answers where the reference says nothing but a status.
func (t *Transport) refuseEmpty(c *fiber.Ctx, why string, status int) error {
	t.count(why)
	return c.Status(status).Send(nil)
}
