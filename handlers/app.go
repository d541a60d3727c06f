package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Bounds of a request. The chat bounds its own bodies (realtime.Limits.MaxPayload).
const (
	formLimit   = 64 << 10 // bytes of a form
	headerLimit = 16 << 10
	pageTimeout = 10 * time.Second // of the work behind a page
)

// App makes a Fiber app with the bounds the site promises, and mounts the site in it.
// The caller listens with it and shuts it down, after the chat is closed.
func (s *Site) App() (*fiber.App, error) {
	proxies := make([]string, len(s.cfg.Proxies))
	for i, p := range s.cfg.Proxies {
		proxies[i] = p.String()
	}
	app := fiber.New(fiber.Config{
		AppName:               "Roomline",
		DisableStartupMessage: true,
		CaseSensitive:         true,
		// A handler runs once the first byte of the body is there and reads the rest itself,
		// after the checks that need no body. So memory grows with what has arrived and not
		// with the length that was announced.
		BodyLimit:                    1,
		StreamRequestBody:            true,
		DisablePreParseMultipartForm: true,
		ReadBufferSize:               headerLimit,
		ReduceMemoryUsage:            true, // who waits, for a poll or the next request, holds no buffers
		ReadTimeout:                  s.cfg.ReadTimeout,
		IdleTimeout:                  s.cfg.IdleTimeout,
		EnableTrustedProxyCheck:      true,
		TrustedProxies:               proxies,
		ProxyHeader:                  fiber.HeaderXForwardedFor, // made honest by forwarded
		EnableIPValidation:           true,
		ErrorHandler:                 s.fail,
	})
	// Quiet WebSockets cost next to nothing then. No other route of the site takes connections over.
	app.Server().KeepHijackedConns = true
	app.Server().HeaderReceived = s.refuseAnnounced
	if err := s.Mount(app); err != nil {
		return nil, err
	}
	return app, nil
}

// oversizedHeader marks a request whose announced body is too large. A client that sends it
// itself is refused likewise.
const oversizedHeader = "X-Roomline-Oversized"

// refuseAnnounced marks a request whose announced body is over its route's limit, so that it
// is refused before any of the body has arrived (fasthttp.Server.HeaderReceived).
func (s *Site) refuseAnnounced(h *fasthttp.RequestHeader) (unchanged fasthttp.RequestConfig) {
	limit := formLimit
	if chatPath(string(h.RequestURI())) {
		limit = s.live.HeaderReceived(h).MaxRequestBodySize // 0 for none
	}
	if limit > 0 && h.ContentLength() > limit {
		h.SetContentLength(0)
		h.Set(oversizedHeader, "1")
	}
	return unchanged
}
