package transport

import (
	"errors"
	"net/http"
	"slices"
	"strings"
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
	"github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/gofiber/fiber/v2/middleware/requestid"
	"github.com/gofiber/fiber/v2/middleware/session"
	"github.com/gofiber/fiber/v2/middleware/timeout"

	"roomline/realtime/engineio"
)

// behind makes an app with the transport under a prefix, behind handlers.
func behind(t *testing.T, prefix string, front ...fiber.Handler) *fiber.App {
	t.Helper()
	engine := engineio.NewServer(engineio.Config{MaxPayload: 1000}, &ear{})
	transport := New(Config{}, engine)
	t.Cleanup(func() {
		if err := errors.Join(engine.Close(t.Context()), transport.Close(t.Context())); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	for _, handler := range front {
		app.Use(handler)
	}
	if err := transport.Mount(app.Group(prefix)); err != nil {
		t.Fatal(err)
	}
	return app
}

func TestDiagnoseFindsNothingInFrontThatIsHarmless(t *testing.T) {
	sessions := session.New()
	for _, prefix := range []string{"", "/community/chat"} {
		app := behind(t, prefix, recover.New(), requestid.New(), helmet.New(), cors.New(), func(c *fiber.Ctx) error {
			if _, err := sessions.Get(c); err != nil {
				return err
			}
			return c.Next()
		})
		if got := Diagnose(app, prefix+DefaultPath, nil); len(got) != 0 {
			t.Errorf("under %q it finds %q", prefix, got)
		}
	}
}

func TestDiagnoseNamesEachMiddlewareThatHurts(t *testing.T) {
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
			got := Diagnose(behind(t, "/community/chat", c.handler), "/community/chat"+DefaultPath, nil)
			start := "the " + name + " middleware in front of the chat hurts polling: " + c.want
			if len(got) != 1 || !strings.HasPrefix(got[0], start) || !strings.Contains(got[0], "all paths below /community/chat/") {
				t.Errorf("it finds %q, want %q", got, start)
			}
			if got := Diagnose(behind(t, "/community/chat", c.exempt), "/community/chat"+DefaultPath, nil); len(got) != 0 {
				t.Errorf("exempt, it finds %q", got)
			}
		})
	}
}

func TestDiagnosePassesAWallWithTheHeadersItIsGiven(t *testing.T) {
	wall := func(c *fiber.Ctx) error {
		if c.Cookies("session") != "mia" {
			return c.Redirect("/login")
		}
		return c.Next()
	}
	app := behind(t, "", wall, compress.New(), csrf.New(), limiter.New())
	got := Diagnose(app, DefaultPath, nil)
	if len(got) != 1 || !strings.Contains(got[0], "answers a poll with 302") {
		t.Errorf("before the wall it finds %q", got)
	}
	if got := Diagnose(app, DefaultPath, map[string]string{"Cookie": "session=mia"}); len(got) != 3 {
		t.Errorf("behind the wall it finds %q", got)
	}
}

func TestVisitorsRequestsReachTheHostOnce(t *testing.T) {
	var seen []string
	app := behind(t, "", func(c *fiber.Ctx) error {
		seen = append(seen, strings.Clone(c.Method()+" "+c.Cookies("session")))
		return c.Next()
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.org"+DefaultPath+"?EIO=4&transport=polling&sid=unknown", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Cookie", "session=mia")
	request.Header.Set(diagnosisHeader, "1")
	answer, err := app.Test(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest || !slices.Equal(seen, []string{"GET mia"}) {
		t.Errorf("answered %d; the host saw %q", answer.StatusCode, seen)
	}
}

func TestMountRefusesPreforkByName(t *testing.T) {
	engine := engineio.NewServer(engineio.Config{}, &ear{})
	transport := New(Config{}, engine)
	t.Cleanup(func() { _ = errors.Join(engine.Close(t.Context()), transport.Close(t.Context())) })
	if err := transport.Mount(fiber.New(fiber.Config{Prefork: true})); !errors.Is(err, ErrPrefork) {
		t.Errorf("mounting in an app with Prefork returns %v", err)
	}
	t.Setenv("FIBER_PREFORK_CHILD", "1") // this process is a child
	if err := transport.Mount(fiber.New().Group("/chat")); !errors.Is(err, ErrPrefork) {
		t.Errorf("mounting in a child of Prefork returns %v", err)
	}
}
