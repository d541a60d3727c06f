package handlers

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"runtime/debug"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"roomline/realtime"
	"roomline/realtime/chat"
)

// Keys of what the middleware keeps in a request's Locals.
type (
	requestIDKey struct{}
	secureKey    struct{}
	visitorKey   struct{}
	formKey      struct{}
)

// trace is around every request: it gives it an id, answers its error, recovers its panic,
// counts it and logs it.
func (s *Site) trace(c *fiber.Ctx) error {
	start := s.now()
	s.forwarded(c)
	c.Locals(requestIDKey{}, rand.Text())
	c.Locals(secureKey{}, s.secure(c))
	s.setHeaders(c)

	var err error
	switch header := &c.Request().Header; {
	case !s.servesHost(c):
		s.refused(c, "requests refused: they are for another host than the site's", "if the site is also served there, add --origin with that address", "host", c.Hostname())
		err = &problem{
			status: fiber.StatusMisdirectedRequest, title: "Wrong address",
			message: "This site is not served under this address.",
			hint:    "Open " + s.cfg.URL + " instead.",
		}
	case ambiguous(header):
		err = fiber.ErrBadRequest
	case len(header.Peek(oversizedHeader)) > 0:
		err = refuseOversized(c)
	default:
		err = recovered(c)
	}
	if err != nil {
		// Answered here and not by Fiber, so that the status below is the one sent.
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	status, took := c.Response().StatusCode(), s.now().Sub(start)
	s.metrics.observe(c, err, status, took)
	s.log.Debug("request", "id", requestID(c), "method", c.Method(), "path", loggedPath(c),
		"status", status, "took", took, "address", c.IP())
	return nil
}

// loggedPath is the path of a request as it may stand in the log: without what is a key there.
func loggedPath(c *fiber.Ctx) string {
	const reset = "/reset/"
	if path := c.Path(); !strings.HasPrefix(path, reset) {
		return path
	}
	return reset + "…"
}

// ambiguous reports whether a request says in two ways where it ends, so that a proxy in
// front may have seen another request than we do (RFC 9112, 6.3).
func ambiguous(h *fasthttp.RequestHeader) bool {
	var length, encoding bool
	for line := range bytes.Lines(h.RawHeaders()) { // what was parsed is already settled
		name, _, _ := bytes.Cut(line, []byte(":"))
		length = length || strings.EqualFold(string(name), fiber.HeaderContentLength)
		encoding = encoding || strings.EqualFold(string(name), fiber.HeaderTransferEncoding)
	}
	return length && encoding
}

// panicError is a panic of a handler, with its stack for the operator.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

func recovered(c *fiber.Ctx) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{value: v, stack: debug.Stack()}
		}
	}()
	return c.Next()
}

// requestID returns the id given by trace, or a new one if the request never got that far.
func requestID(c *fiber.Ctx) string {
	if id, ok := c.Locals(requestIDKey{}).(string); ok {
		return id
	}
	id := rand.Text()
	c.Locals(requestIDKey{}, id)
	return id
}

// forwarded makes the forwarded headers honest, so that c.IP and c.Protocol may be believed
// anywhere after it: from a trusted proxy X-Forwarded-For is cut down to the nearest address
// that is no trusted proxy itself, since everything left of it is the client's own claim.
func (s *Site) forwarded(c *fiber.Ctx) {
	header := &c.Request().Header
	if !c.IsProxyTrusted() {
		s.noteProxy(c)
		return // Fiber ignores them
	}
	var chain []string
	for _, line := range header.PeekAll(fiber.HeaderXForwardedFor) {
		chain = append(chain, strings.Split(string(line), ",")...)
	}
	header.Del(fiber.HeaderXForwardedFor)
	for i := len(chain) - 1; i >= 0; i-- {
		addr, err := realtime.ParseForwarded(chain[i])
		if err != nil {
			return
		}
		header.Set(fiber.HeaderXForwardedFor, addr.String())
		if !s.trusts(addr) {
			return
		}
	}
}

func (s *Site) trusts(addr netip.Addr) bool {
	for _, p := range s.cfg.Proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// plainHost reports whether a host may be repeated in a header.
func plainHost(host string) bool {
	return host != "" && len(host) < 256 && strings.IndexFunc(host, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:[]-", r)
	}) < 0
}

// noDocument is the policy of what is no page: a browser that is made to show it may do nothing
// with it.
const noDocument = "default-src 'none'; frame-ancestors 'none'"

// setHeaders sets what every answer carries; a handler may loosen Cache-Control after it.
func (s *Site) setHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderXRequestID, requestID(c))
	if isSecure(c) {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
	if chatPath(c.Path()) {
		c.Set(fiber.HeaderContentSecurityPolicy, noDocument)
		return
	}
	s.setPageHeaders(c)
}

func (s *Site) setPageHeaders(c *fiber.Ctx) {
	// Older browsers do not count WebSockets of the own origin as 'self'.
	connect := "'self'"
	if host := c.Hostname(); plainHost(host) {
		connect += " ws://" + host + " wss://" + host
	}
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'; style-src 'self'; "+
		"img-src 'self' data:; font-src 'self'; manifest-src 'self'; connect-src "+connect+
		"; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	// Not no-referrer: browsers then send "Origin: null" with our own forms.
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set(fiber.HeaderPermissionsPolicy, "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
}

// hurry bounds the work behind a page.
func (s *Site) hurry(c *fiber.Ctx) error {
	whole := c.UserContext()
	ctx, cancel := context.WithTimeout(whole, pageTimeout)
	defer cancel()
	c.SetUserContext(ctx)
	defer c.SetUserContext(whole) // an error page is still to be made
	return c.Next()
}

// signedIn sends whoever has no account to the sign-in page.
func (s *Site) signedIn(c *fiber.Ctx) error {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	if v != nil {
		return c.Next()
	}
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		return c.Redirect("/login", fiber.StatusSeeOther)
	}
	return c.Redirect(loginPath(c.OriginalURL()), fiber.StatusSeeOther)
}

// moderators lets only them through, after signedIn; to others there is nothing.
func (s *Site) moderators(c *fiber.Ctx) error {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	if !v.user.Role.AtLeast(chat.RoleModerator) {
		return fiber.ErrNotFound
	}
	return c.Next()
}

// logFailure is the one place where the site logs a fault.
func (s *Site) logFailure(c *fiber.Ctx, err error) {
	attrs := []any{"id", requestID(c), "method", c.Method(), "path", loggedPath(c), "err", err}
	if p := (*panicError)(nil); errors.As(err, &p) {
		attrs = append(attrs, "stack", string(p.stack))
	}
	s.log.Error("request failed", attrs...)
}
