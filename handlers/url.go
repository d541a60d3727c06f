package handlers

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime"
)

// ParseURL reads the public address of a site, scheme://host[:port] with http or https, and
// returns its one spelling.
func ParseURL(address string) (string, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return "", fmt.Errorf("%q must look like https://chat.example.org", address)
	case u.User != nil || strings.TrimSuffix(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("%q must end after the host and port: the site cannot be served under a path", address)
	case strings.Contains(u.Host, "*"):
		return "", fmt.Errorf("%q must name one host", address)
	}
	return realtime.NormalOrigin(u.Scheme + "://" + u.Host)
}

// secure reports whether browsers reach the site over HTTPS: by its public address if that
// is known, by the request otherwise.
func (s *Site) secure(c *fiber.Ctx) bool {
	if s.cfg.URL != "" {
		return strings.HasPrefix(s.cfg.URL, "https://")
	}
	return c.Secure()
}

// publicOrigin returns the origin under which a visitor sees the site.
func (s *Site) publicOrigin(c *fiber.Ctx) string {
	if s.cfg.URL != "" {
		return s.cfg.URL
	}
	origin, err := realtime.NormalOrigin(c.Protocol() + "://" + c.Hostname())
	if err != nil {
		return c.BaseURL()
	}
	return origin
}

// isSecure is Site.secure within a request that trace has seen.
func isSecure(c *fiber.Ctx) bool {
	secure, traced := c.Locals(secureKey{}).(bool)
	return secure || !traced && c.Secure()
}

// servesHost reports whether the site is served under the host that a request names: any if
// its public address is not known, otherwise that, those of the allowed origins and this
// machine itself. Probes of its health may use any.
func (s *Site) servesHost(c *fiber.Ctx) bool {
	host := c.Hostname()
	if s.cfg.URL == "" || isLocal(host) || s.origins.Allows("https://"+host) || s.origins.Allows("http://"+host) {
		return true
	}
	return c.Path() == "/healthz" || c.Path() == "/readyz"
}

// isLocal reports whether a Host header names this machine for itself.
func isLocal(host string) bool {
	name := host
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		name = host[:i]
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && addr.IsLoopback()
}

// publicLink returns the address of a path for somebody else: under the public address, or
// under the origin that the visitor's browser names where it is this site's. A Host header
// alone counts only if it names this machine, since anything can stand there: without any of
// these the link is the path.
func (s *Site) publicLink(c *fiber.Ctx, path string) string {
	if s.cfg.URL != "" {
		return s.cfg.URL + path
	}
	origin := header(c, fiber.HeaderOrigin)
	u, err := url.Parse(origin)
	isWeb := err == nil && (u.Scheme == "http" || u.Scheme == "https")
	switch {
	case isWeb && (strings.EqualFold(u.Host, c.Hostname()) || s.origins.Allows(origin)):
		return origin + path
	case isLocal(c.Hostname()):
		return c.Protocol() + "://" + strings.Clone(c.Hostname()) + path
	}
	return path
}
