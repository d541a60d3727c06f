package transport

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/cache"
	"github.com/gofiber/fiber/v2/middleware/compress"
	"github.com/gofiber/fiber/v2/middleware/cors"
	"github.com/gofiber/fiber/v2/middleware/csrf"
	"github.com/gofiber/fiber/v2/middleware/etag"
	"github.com/gofiber/fiber/v2/middleware/helmet"
	"github.com/gofiber/fiber/v2/middleware/limiter"
	"github.com/gofiber/fiber/v2/middleware/logger"
	"github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/gofiber/fiber/v2/middleware/requestid"
	"github.com/gofiber/fiber/v2/middleware/session"
	"github.com/gofiber/fiber/v2/middleware/timeout"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

// heard is a slog.Handler that keeps what is said.
type heard struct {
	mu    sync.Mutex // guards lines
	lines []string
}

func (h *heard) Enabled(context.Context, slog.Level) bool { return true }
func (h *heard) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h *heard) WithGroup(string) slog.Handler            { return h }

func (h *heard) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, line)
	return nil
}

// warnings serves an app with a handler in front of the transport, which is mounted under a prefix, makes requests
// there, and returns what was said by the time that all is closed.
func warnings(t *testing.T, prefix string, front func(app *fiber.App), requests ...func(*wiretest.Client)) []string {
	t.Helper()
	said := &heard{}
	engine := engineio.NewServer(engineio.Config{PingInterval: time.Minute, PingTimeout: time.Minute, MaxPayload: 1000}, &ear{})
	transport := New(Config{Logger: slog.New(said)}, engine)
	server := wiretest.Serve(t, func(app *fiber.App) {
		if front != nil {
			front(app)
		}
		if err := transport.Mount(app.Group(prefix)); err != nil {
			t.Fatal(err)
		}
	})
	if len(requests) == 0 {
		requests = append(requests, func(c *wiretest.Client) { c.Get("EIO=4&transport=polling&sid=unknown") })
	}
	for _, request := range requests {
		client := server.Client(t)
		client.Path = prefix + client.Path
		request(client)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := transport.Close(ctx); err != nil {
		t.Error(err)
	}
	if err := engine.Close(ctx); err != nil {
		t.Error(err)
	}
	said.mu.Lock()
	defer said.mu.Unlock()
	return slices.Clone(said.lines)
}

func TestACleanAppIsWarnedOfNothing(t *testing.T) {
	for _, prefix := range []string{"", "/community/chat"} {
		got := warnings(t, prefix, func(app *fiber.App) {
			sessions := session.New()
			app.Use(recover.New(), requestid.New(), helmet.New(), cors.New(), logger.New(logger.Config{Output: io.Discard}))
			app.Use(func(c *fiber.Ctx) error {
				if _, err := sessions.Get(c); err != nil {
					return err
				}
				return c.Next()
			})
		})
		if len(got) != 0 {
			t.Errorf("under %q is said %q", prefix, got)
		}
	}
}

func TestEachMiddlewareThatHurtsPollingIsNamedOnceWithWhatToDo(t *testing.T) {
	next := func(c *fiber.Ctx) bool { return strings.HasPrefix(c.Path(), "/community/chat/") }
	for name, c := range map[string]struct {
		handler, exempt fiber.Handler
		want            string
	}{
		"compress": {compress.New(), compress.New(compress.Config{Next: next}), "it compresses each poll"},
		"limiter":  {limiter.New(), limiter.New(limiter.Config{Next: next}), "it lets only 5 requests through"},
		"csrf":     {csrf.New(), csrf.New(csrf.Config{Next: next}), "it refuses what clients post with 403"},
		"cache":    {cache.New(), cache.New(cache.Config{Next: next}), "it answers polls with what others were told"},
		"etag":     {etag.New(), etag.New(etag.Config{Next: next}), "it hashes each poll"},
		"timeout": {
			timeout.NewWithContext(func(c *fiber.Ctx) error { return c.Next() }, time.Minute),
			func(c *fiber.Ctx) error { return c.Next() }, "a poll is held for longer",
		},
	} {
		t.Run(name, func(t *testing.T) {
			get := func(c *wiretest.Client) { c.Get("EIO=4&transport=polling&sid=unknown") }
			got := warnings(t, "/community/chat", func(app *fiber.App) { app.Use(c.handler) }, get, get)
			start := "WARN the " + name + " middleware in front of the chat hurts polling: " + c.want
			advice := `exempt=Next: func(c *fiber.Ctx) bool { return strings.HasPrefix(c.Path(), "/community/chat/") }`
			if len(got) != 1 || !strings.HasPrefix(got[0], start) || !strings.Contains(got[0], advice) {
				t.Errorf("said is %q, want %q with %q", got, start, advice)
			}
			if got := warnings(t, "/community/chat", func(app *fiber.App) { app.Use(c.exempt) }); len(got) != 0 {
				t.Errorf("exempt as is advised, said is still %q", got)
			}
		})
	}
}

func TestSeveralMiddlewaresAreNamedTogether(t *testing.T) {
	got := warnings(t, "", func(app *fiber.App) { app.Use(compress.New(), csrf.New(), limiter.New()) })
	if len(got) != 3 || !strings.Contains(got[0], `"/socket.io/"`) {
		t.Errorf("said is %q", got)
	}
}

func TestTheProbeAsksAsWhoeverCameFirst(t *testing.T) {
	wall := func(app *fiber.App) {
		app.Use(func(c *fiber.Ctx) error {
			if c.Cookies("session") != "mia" {
				return c.Redirect("/login")
			}
			return c.Next()
		}, csrf.New())
	}
	signed := func(c *wiretest.Client) {
		c.With("Cookie", "session=mia").Get("EIO=4&transport=polling&sid=unknown")
	}
	if got := warnings(t, "", wall, signed); len(got) != 1 || !strings.Contains(got[0], "the csrf middleware") {
		t.Errorf("said is %q", got)
	}
}

func TestNobodyElseIsAnsweredAsTheProbe(t *testing.T) {
	warnings(t, "", nil, func(c *wiretest.Client) {
		for _, secret := range []string{"", "1"} {
			a := c.With(probeHeader, secret).Get("EIO=4&transport=polling&sid=unknown")
			if a.Status != 400 || a.Header.Get(probeHeader) != "" {
				t.Errorf("with %q the answer is %+v", secret, a)
			}
		}
	})
}
