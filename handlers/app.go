package handlers

import (
	"math"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Bounds of a request. The chat's bodies are bounded by Config.MaxPayload instead.
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
	payload := s.cfg.MaxPayload
	if payload == 0 {
		payload = math.MaxInt32
	}
	app := fiber.New(fiber.Config{
		AppName:                 "Roomline",
		DisableStartupMessage:   true,
		CaseSensitive:           true,
		BodyLimit:               max(payload, formLimit),
		ReadBufferSize:          headerLimit,
		ReduceMemoryUsage:       true, // who waits, for a poll or the next request, holds no buffers
		ReadTimeout:             s.cfg.ReadTimeout,
		IdleTimeout:             s.cfg.IdleTimeout,
		EnableTrustedProxyCheck: true,
		TrustedProxies:          proxies,
		ProxyHeader:             fiber.HeaderXForwardedFor, // made honest by forwarded
		EnableIPValidation:      true,
		ErrorHandler:            s.fail,
	})
	// Quiet WebSockets cost next to nothing then. No other route of the site takes connections over.
	app.Server().KeepHijackedConns = true
	// A body is refused by its announced length, before a byte of it is kept.
	app.Server().HeaderReceived = func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		if chatPath(string(h.RequestURI())) {
			return s.live.HeaderReceived(h)
		}
		return fasthttp.RequestConfig{MaxRequestBodySize: formLimit}
	}
	if err := s.Mount(app); err != nil {
		return nil, err
	}
	return app, nil
}
