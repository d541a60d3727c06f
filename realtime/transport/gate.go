package transport

import (
	"bytes"
	"encoding/base64"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
)

// Seconds after which a refused handshake may be tried again.
const (
	retrySoon = 1
	retryFull = 10
)

// Bounds of handshakes in progress.
const (
	handshakesPerCPU = 64              // being checked and opened at once
	handshakeWait    = 5 * time.Second // that one with credentials waits for its turn
)

// refusal is an answer of the gate; code is the reference server's number for it.
type refusal struct {
	why        string // for Stats; one of few
	status     int
	code       int
	message    string
	retryAfter int    // seconds, 0 for none
	user       string // refused, for the log; "" if unknown
	err        error  // why, for the log
}

// to names the user who is refused.
func (r *refusal) to(user string) *refusal {
	r.user = user
	return r
}

func badRequest(code int, message string) *refusal {
	return &refusal{why: strings.ToLower(message), status: http.StatusBadRequest, code: code, message: message}
}

func unknownTransport() *refusal   { return badRequest(0, "Transport unknown") }
func unknownSession() *refusal     { return badRequest(1, "Session ID unknown") }
func badHandshakeMethod() *refusal { return badRequest(2, "Bad handshake method") }
func badRequestRefusal() *refusal  { return badRequest(3, "Bad request") }
func unsupportedVersion() *refusal { return badRequest(5, "Unsupported protocol version") }
func upgradeRequired() *refusal {
	return &refusal{why: "websocket version", status: http.StatusUpgradeRequired, code: 3, message: "WebSocket version 13 is required"}
}
func forbiddenOrigin() *refusal {
	return &refusal{why: whyOrigin, status: http.StatusForbidden, code: 4, message: "Origin not allowed"}
}

func overloaded(why, message string, retryAfter int) *refusal {
	return &refusal{why: why, status: http.StatusServiceUnavailable, code: 4, message: message, retryAfter: retryAfter}
}

func stopping() *refusal {
	return overloaded("shutting down", "The server is shutting down", retrySoon)
}

// refuse answers with a refusal: JSON, or plain text to a WebSocket.
func (t *Transport) refuse(c *fiber.Ctx, r *refusal) error {
	t.count(r.why)
	t.report(c, r)
	c.Set(fiber.HeaderCacheControl, "no-store")
	if r.retryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(r.retryAfter))
	}
	c.Status(r.status)
	if isWebSocket(c) {
		c.Set(fiber.HeaderConnection, "close")
		return c.SendString(r.message)
	}
	return c.JSON(struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}{r.code, r.message})
}

// admission is what the gate knows of a request that it lets through.
type admission struct {
	session *engineio.Session // nil: this is a handshake
	// only for a WebSocket
	webSocket bool
	kept      bool   // the connection outlives its handler
	protocol  string // of those that the client offers; "" if it offers none
	// only for a handshake
	handshake engineio.Handshake
	addr      netip.Prefix
	place     *place // among handshakes in progress
}

// admit is the gate: origin, session and identity of every request, in the order in which
// the reference server checks. Both results are nil for a preflight that CORS allows. A
// handshake takes p, which the caller leaves whatever the outcome.
func (t *Transport) admit(c *fiber.Ctx, p *place) (*admission, *refusal) {
	if t.cfg.CORS && c.Method() == fiber.MethodOptions && c.Get(fiber.HeaderAccessControlRequestMethod) != "" {
		return nil, t.preflight(c)
	}
	transport := c.Query("transport")
	if transport != engineio.Polling && transport != engineio.WebSocket {
		return nil, unknownTransport()
	}
	if r := t.checkOrigin(c); r != nil {
		return nil, r
	}
	adm := &admission{webSocket: isWebSocket(c), place: p}
	if adm.webSocket {
		if version := c.Get("Sec-WebSocket-Version"); version != "13" {
			c.Set("Sec-WebSocket-Version", "13") // RFC 6455, 4.4
			return nil, upgradeRequired()
		}
		if !adm.shakeHands(c) {
			return nil, badRequestRefusal()
		}
	}
	if sid := c.Query("sid"); sid != "" {
		return adm, t.admitToSession(c, adm, sid, transport)
	}
	return adm, t.admitHandshake(c, adm, transport)
}

// admitToSession checks a request that names a session.
func (t *Transport) admitToSession(c *fiber.Ctx, adm *admission, sid, transport string) *refusal {
	s, ok := t.engine.Session(sid)
	if !ok {
		return unknownSession()
	}
	identity, r := t.identify(c)
	switch {
	case r != nil:
		return r
	case identity.Key != s.Handshake().Identity.Key && !(identity.Key == "" && continues(c, s)):
		// In the same words: who stole a sid does not learn that it exists.
		return unknownSession()
	case adm.webSocket != (transport == engineio.WebSocket),
		!adm.webSocket && s.TransportName() != transport,
		c.Query("EIO") != "4",
		isJSONP(c):
		return badRequestRefusal()
	case c.Method() != fiber.MethodGet && (adm.webSocket || c.Method() != fiber.MethodPost):
		return badHandshakeMethod()
	}
	adm.session = s
	return nil
}

// admitHandshake checks a request that wants a new session.
func (t *Transport) admitHandshake(c *fiber.Ctx, adm *admission, transport string) *refusal {
	switch {
	case c.Method() != fiber.MethodGet:
		return badHandshakeMethod()
	case adm.webSocket != (transport == engineio.WebSocket):
		return badRequestRefusal()
	case c.Query("EIO") != "4":
		return unsupportedVersion()
	case isJSONP(c):
		return badRequestRefusal()
	}
	if t.engine.Draining() {
		return stopping()
	}
	if r := t.beginHandshake(c, adm.place); r != nil {
		return r
	}
	identity, r := t.identify(c)
	if r != nil {
		return r
	}
	now, ip := time.Now(), clientAddr(c)
	adm.addr = network(ip)
	if wait := t.limits.handshake(identity.User, adm.addr, now); wait > 0 {
		return overloaded(whyRate, "Too many new connections", int(math.Ceil(wait.Seconds()))).to(identity.User)
	}
	adm.handshake = engineio.Handshake{
		Identity:   identity,
		Query:      handshakeQuery(c),
		RemoteAddr: ip.String(),
		Secure:     c.Protocol() == "https",
		Time:       now.UTC(),
		Transport:  credentialsOf(c),
	}
	if full := t.limits.full(identity.User, adm.addr); full != "" {
		return overloaded(full, "Too many connections", retryFull).to(identity.User)
	}
	return nil
}

// beginHandshake takes one of the places for handshakes in progress, which bound the load of
// many clients that come at once; the caller of admit gives it back. Where none is free, a
// request that carries credentials waits for one, and a stranger is refused. Credentials may
// be forged, so one address can have only so many in progress and waiting together.
func (t *Transport) beginHandshake(c *fiber.Ctx, p *place) *refusal {
	addr := network(clientAddr(c))
	if !t.limits.begin(addr) {
		return overloaded(fullAddr, "Too many connections", retrySoon)
	}
	p.counted = func() { t.limits.finish(addr) }
	select {
	case t.handshaking <- struct{}{}:
		p.of = t.handshaking
		return nil
	default:
	}
	if !hasCredentials(c) {
		return overloaded(whyLoad, "The server is busy", retrySoon)
	}
	timeout := time.NewTimer(handshakeWait)
	defer timeout.Stop()
	select {
	case t.handshaking <- struct{}{}:
		p.of = t.handshaking
		return nil
	case <-timeout.C:
		return overloaded(whyLoad, "The server is busy", retrySoon)
	case <-t.stopped.Done():
		return stopping()
	}
}

// place is one among the handshakes in progress, once of is set.
type place struct {
	of      chan struct{}
	counted func() // ends the counting by address; nil if it is not counted
}

func (p *place) leave() {
	if p.of != nil {
		<-p.of
	}
	if p.counted != nil {
		p.counted()
	}
}

// hasCredentials reports whether a request may be a signed-in user's.
func hasCredentials(c *fiber.Ctx) bool {
	header := &c.Request().Header
	return len(header.Peek(fiber.HeaderCookie)) > 0 || len(header.Peek(fiber.HeaderAuthorization)) > 0
}

// identify asks the host who makes the request.
func (t *Transport) identify(c *fiber.Ctx) (engineio.Identity, *refusal) {
	identity, err := t.cfg.Identify(c)
	if err != nil {
		r := overloaded(whyIdentity, "Identity cannot be checked now", retrySoon)
		r.err = err
		return identity, r
	}
	identity.Key, identity.User = strings.Clone(identity.Key), strings.Clone(identity.User)
	return identity, nil
}

func isWebSocket(c *fiber.Ctx) bool {
	return listContains(c, fiber.HeaderConnection, "upgrade") && listContains(c, fiber.HeaderUpgrade, "websocket")
}

// list returns a header that is a list, whose parts may stand on several lines (RFC 9110, 5.3).
func list(c *fiber.Ctx, name string) string {
	lines := c.Request().Header.PeekAll(name)
	return string(bytes.Join(lines, []byte(", ")))
}

// listContains reports whether a header that is a list has an entry, in any case.
func listContains(c *fiber.Ctx, name, entry string) bool {
	for part := range strings.SplitSeq(list(c, name), ",") {
		if strings.EqualFold(strings.TrimSpace(part), entry) {
			return true
		}
	}
	return false
}

// shakeHands holds a WebSocket request against RFC 6455, 4.2, and reports whether it is one.
// Of the protocols that the client offers it takes the first, as the reference.
func (adm *admission) shakeHands(c *fiber.Ctx) bool {
	nonce, err := base64.StdEncoding.DecodeString(c.Get("Sec-WebSocket-Key"))
	if err != nil || len(nonce) != 16 {
		return false
	}
	offer := list(c, "Sec-WebSocket-Protocol")
	first, _, _ := strings.Cut(offer, ",")
	adm.protocol = strings.Clone(strings.TrimSpace(first))
	return offer == "" || isToken(adm.protocol)
}

func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// isJSONP reports whether the request wants a script: a way around the origin check.
func isJSONP(c *fiber.Ctx) bool { return c.Context().QueryArgs().Has("j") }

// handshakeQuery copies what the client put into the query for the layer above.
func handshakeQuery(c *fiber.Ctx) map[string]string {
	var query map[string]string
	for key, value := range c.Context().QueryArgs().All() {
		switch string(key) {
		case "EIO", "transport", "sid", "t", "b64":
			continue
		}
		if query == nil {
			query = make(map[string]string)
		}
		query[string(key)] = string(value)
	}
	return query
}

// checkOrigin refuses pages of foreign origins. No Origin at all means that no browser
// page is behind the request: namespaces decide by identity.
func (t *Transport) checkOrigin(c *fiber.Ctx) *refusal {
	origins := c.Context().Request.Header.PeekAll(fiber.HeaderOrigin)
	if len(origins) == 0 {
		return nil
	}
	origin := string(origins[0])
	if strings.ContainsFunc(origin, isControl) {
		return badRequestRefusal()
	}
	if len(origins) > 1 || !t.allowed(c, origin) {
		return forbiddenOrigin()
	}
	if t.cfg.CORS {
		c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
		c.Set(fiber.HeaderAccessControlAllowCredentials, "true")
		c.Vary(fiber.HeaderOrigin)
	}
	return nil
}

// preflight answers whether a page of another origin may ask ("CORS").
func (t *Transport) preflight(c *fiber.Ctx) *refusal {
	if r := t.checkOrigin(c); r != nil {
		return r
	}
	c.Set(fiber.HeaderAccessControlAllowMethods, "GET, POST")
	c.Set(fiber.HeaderAccessControlAllowHeaders, c.Get(fiber.HeaderAccessControlRequestHeaders))
	c.Vary(fiber.HeaderAccessControlRequestHeaders)
	c.Set(fiber.HeaderAccessControlMaxAge, "600")
	return nil
}

// allowed reports whether an origin is the request's own, as the host's proxy settings make
// it, or one of Config.Origins.
func (t *Transport) allowed(c *fiber.Ctx, origin string) bool {
	if t.origins.Allows(origin) {
		return true
	}
	own, err := NormalOrigin(c.Protocol() + "://" + c.Hostname())
	if err != nil {
		return false
	}
	normal, err := NormalOrigin(origin)
	return err == nil && normal == own
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
