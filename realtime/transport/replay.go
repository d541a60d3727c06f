package transport

import (
	"context"
	"net"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// replayBytes bounds what is kept of one request, in bytes.
const replayBytes = 4 << 10

// Replay is what is kept of a handshake's request, its address and headers, to ask later whether it would still be
// admitted. It holds nothing of the *fiber.Ctx that it was made from.
type Replay struct {
	app     *fiber.App
	uri     string
	headers []string // names and values in turn
	from    net.Addr
}

// NewReplay copies a request. It returns nil if that would take more than 4 KB.
func NewReplay(c *fiber.Ctx) *Replay {
	r := &Replay{app: c.App(), uri: string(c.Request().RequestURI()), from: c.Context().RemoteAddr()}
	size := len(r.uri)
	for name, value := range c.Request().Header.All() {
		if aboutContent(string(name)) {
			continue
		}
		size += len(name) + len(value)
		r.headers = append(r.headers, string(name), string(value))
	}
	if size > replayBytes {
		return nil
	}
	r.headers = slices.Clip(r.headers)
	return r
}

// aboutContent reports whether a header describes the exchange and not who makes it.
func aboutContent(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"accept", "sec-", "content-", "if-", "upgrade", "access-control-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains([]string{"cache-control", "connection", "keep-alive", "origin", "pragma", "priority", "referer", "te"}, name)
}

// Run calls fn with a request like the one that was kept. No middleware of the app has seen it, and what fn answers
// goes nowhere.
func (r *Replay) Run(ctx context.Context, fn func(*fiber.Ctx)) {
	var request fasthttp.Request
	request.SetRequestURI(r.uri)
	for i := 0; i < len(r.headers); i += 2 {
		request.Header.Set(r.headers[i], r.headers[i+1])
	}
	var exchange fasthttp.RequestCtx
	exchange.Init(&request, r.from, nil)
	c := r.app.AcquireCtx(&exchange)
	defer r.app.ReleaseCtx(c)
	c.SetUserContext(ctx)
	fn(c)
}
