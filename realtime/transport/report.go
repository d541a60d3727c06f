package transport

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
)

// longestShown bounds the characters of what a client sent that are logged.
const longestShown = 200

// cause is why a request is refused, in words for the operator. The zero cause is a client's
// own mistake.
type cause struct{ message, advice string }

// report logs a refusal that the operator can do something about.
func (t *Transport) report(c *fiber.Ctx, r *refusal) {
	found := causeOf(c, r)
	if found == (cause{}) {
		return
	}
	attrs := []any{"advice", found.advice, "address", clientAddr(c).String()}
	if r.user != "" {
		attrs = append(attrs, "user", r.user)
	}
	if r.err != nil {
		attrs = append(attrs, "error", r.err)
	}
	if r.why == whyOrigin {
		attrs = append(attrs, "origin", shown(c.Get(fiber.HeaderOrigin)), "host", shown(c.Hostname()))
	}
	t.log.Warn(found.message, attrs...)
}

// causeOf returns why a request is refused. Its messages are constants.
func causeOf(c *fiber.Ctx, r *refusal) cause {
	if proxy := unnamedProxy(c); proxy != "" && (r.why == fullAddr || r.why == whyRate && r.user == "") {
		return cause{
			"connections refused: an address has too many, and seems to be a proxy's that is not trusted",
			"if it is your proxy, set --trusted-proxy " + proxy + " (embedded: TrustedProxies of fiber.Config)",
		}
	}
	switch r.why {
	case whyOrigin:
		return causeOfOrigin(c)
	case fullAddr:
		return cause{"connections refused: an address has too many", "if many people share it, raise --max-conns-per-addr (embedded: Limits.MaxConnsPerAddr)"}
	case fullUser:
		return cause{"connections refused: a user has too many", "if users need more tabs and devices, raise --max-conns-per-user (embedded: Limits.MaxConnsPerUser)"}
	case whyRate:
		return cause{"connections refused: too many new ones of a user or an address", "if this is no attack, raise --handshake-rate (embedded: Limits.HandshakeRate)"}
	case whyLoad:
		return cause{"connections refused: too many at once for this machine", "if this is no attack, give the server more processors, or find out why identities are checked slowly"}
	case whyIdentity:
		return cause{"connections refused: identities cannot be checked", "see the error; connections come back by themselves once it is gone"}
	}
	// A proxy that drops Upgrade passes the rest of a WebSocket's headers on.
	if c.Query("transport") == engineio.WebSocket && !isWebSocket(c) && c.Get("Sec-WebSocket-Key") != "" {
		return cause{
			"WebSockets refused: a proxy in front drops the Upgrade header, so clients only poll",
			`have the proxy pass it on; nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";`,
		}
	}
	return cause{}
}

// causeOfOrigin tells a page that is the site's own, behind a proxy that changes the request,
// from one of another site.
func causeOfOrigin(c *fiber.Ctx) cause {
	origin := shown(c.Get(fiber.HeaderOrigin))
	page, err := url.Parse(origin)
	if err != nil || page.Host == "" {
		return cause{"requests refused: their origin is not allowed", "allow it with --origin if it is yours (embedded: Options.Origins)"}
	}
	publicURL := "set --url " + origin + " (embedded: Options.Origins)"
	host, err := url.Parse("http://" + c.Hostname())
	switch {
	case err == nil && strings.EqualFold(page.Host, host.Host):
		return cause{
			"requests refused: the page is served over " + otherScheme(c.Protocol()) + ", but the proxy does not say so",
			publicURL + ", or have the proxy send X-Forwarded-Proto and name it with --trusted-proxy",
		}
	case err == nil && strings.EqualFold(page.Hostname(), host.Hostname()):
		return cause{
			"requests refused: their Host header lacks the port of the page's address",
			publicURL + ", or have the proxy pass the header on; nginx: proxy_set_header Host $http_host;",
		}
	case err == nil && isPrivate(host.Hostname()):
		return cause{
			"requests refused: their Host header is not the page's address; a proxy seems to replace it",
			"if the page is yours, " + publicURL + ", or have the proxy pass the header on; nginx: proxy_set_header Host $http_host;",
		}
	}
	return cause{
		"requests refused: they come from pages of another site",
		"if the site is yours, allow it with --origin " + origin + " (embedded: Options.Origins)",
	}
}

func otherScheme(scheme string) string {
	if scheme == "https" {
		return "http"
	}
	return "https"
}

// isPrivate reports whether a host is a name within a network, which visitors do not use.
func isPrivate(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.IsLoopback() || addr.IsPrivate()
	}
	return !strings.Contains(host, ".")
}

// unnamedProxy returns the address of a peer that forwards requests of others and is not
// trusted to, "" if there is none. A client can pretend to be one.
func unnamedProxy(c *fiber.Ctx) string {
	if c.IsProxyTrusted() || c.Get(fiber.HeaderXForwardedFor) == "" {
		return ""
	}
	return c.Context().RemoteIP().String()
}

// shown bounds what a client sent, and copies it.
func shown(text string) string { return strings.Clone(text[:min(len(text), longestShown)]) }
