package realtime_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/etag"
	"github.com/valyala/fasthttp"

	"roomline/models"
	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
	"roomline/realtime/internal/wiretest"
)

func TestHostsWaysToSayThatNobodyIsSignedIn(t *testing.T) {
	for name, answer := range map[string]func() (chat.User, error){
		"fiber.ErrForbidden": func() (chat.User, error) { return chat.User{}, fiber.ErrForbidden },
		"a wrapped 401": func() (chat.User, error) {
			return chat.User{}, fmt.Errorf("read the session: %w", fiber.NewError(fiber.StatusUnauthorized, "expired"))
		},
		"a wrapped ErrAnonymous": func() (chat.User, error) { return chat.User{}, fmt.Errorf("no: %w", realtime.ErrAnonymous) },
		"a user without an id":   func() (chat.User, error) { return chat.User{Name: "nobody"}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, nil, func(_ *host, o *realtime.Options) {
				o.Identify = func(*fiber.Ctx) (chat.User, error) { return answer() }
			})
			s := wiretest.Polling().Open(h.Client(t))
			s.Send("40/general")
			s.Expect(`44/general,{"message":"*","data":{"code":"unauthenticated"}}`)
			page := h.Client(t)
			page.Path = "/widget/config.json"
			if a := page.Get(""); a.Status != http.StatusOK || !strings.HasPrefix(a.Body, `{"user":null`) {
				t.Errorf("the widget is told %d %q", a.Status, a.Body)
			}
		})
	}
}

func TestIdentifyThatFailsOrPanicsIsUnavailable(t *testing.T) {
	for name, identify := range map[string]func(*fiber.Ctx) (chat.User, error){
		"an error":  func(*fiber.Ctx) (chat.User, error) { return chat.User{}, errors.New("no database") },
		"a 500":     func(*fiber.Ctx) (chat.User, error) { return chat.User{}, fiber.ErrInternalServerError },
		"a panic":   func(*fiber.Ctx) (chat.User, error) { panic("a nil session") },
		"not found": func(*fiber.Ctx) (chat.User, error) { return chat.User{}, fiber.ErrNotFound },
	} {
		h := newHost(t, nil, func(_ *host, o *realtime.Options) { o.Identify = identify })
		if a := h.Client(t).Get("EIO=4&transport=polling"); a.Status != http.StatusServiceUnavailable {
			t.Errorf("%s: answered %d", name, a.Status)
		}
	}
}

func TestStoreWithoutUsersNeedsADirectory(t *testing.T) {
	db, err := models.Open(t.Context(), models.Config{Path: filepath.Join(t.TempDir(), "chat.db"), NoAccounts: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	type decorated struct{ chat.Store }
	for _, store := range []chat.Store{db.Store(), decorated{db.Store()}} {
		_, err := realtime.New(realtime.Options{Store: store, Identify: anonymous})
		if err == nil || !strings.Contains(err.Error(), "Options.Users is required") {
			t.Errorf("New returns %v", err)
		}
	}
}

func anonymous(*fiber.Ctx) (chat.User, error) { return chat.User{}, realtime.ErrAnonymous }

func TestMethodsOfANilChatDoNothing(t *testing.T) {
	var live *realtime.Chat
	app := fiber.New()
	app.Use(func(c *fiber.Ctx) error {
		if live.Owns(c) {
			t.Error("a nil chat owns a request")
		}
		return c.SendString(string(live.Widget("lobby")))
	})
	app.Server().HeaderReceived = live.HeaderReceived
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.org/socket.io/", nil)
	response, err := app.Test(request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("answered %v, %v", response, err)
	}
	if got := live.HeaderReceived(new(fasthttp.RequestHeader)); got != (fasthttp.RequestConfig{}) {
		t.Errorf("HeaderReceived returns %+v", got)
	}
	if err := live.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestMountRefusesPreforkOfAGroupsApp(t *testing.T) {
	for name, router := range map[string]fiber.Router{
		"an app":             fiber.New(fiber.Config{Prefork: true}),
		"a group":            fiber.New(fiber.Config{Prefork: true}).Group("/chat"),
		"a group of a group": fiber.New(fiber.Config{Prefork: true}).Group("/a").Group("/b"),
	} {
		live, err := realtime.New(realtime.Options{Store: chattest.NewStore(), Identify: anonymous})
		if err != nil {
			t.Fatal(err)
		}
		if err := live.Mount(router); err == nil || !strings.Contains(err.Error(), "Prefork") {
			t.Errorf("%s: Mount returns %v", name, err)
		}
		if err := live.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func TestHostsTestFindsWhatHurtsItsChat(t *testing.T) {
	live, err := realtime.New(realtime.Options{Store: chattest.NewStore(), Identify: anonymous})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = live.Close(context.Background()) })
	app := fiber.New()
	exempt := func(*fiber.Ctx) bool { return false }
	app.Use(etag.New(etag.Config{Next: func(c *fiber.Ctx) bool { return exempt(c) }}))
	if err := live.Mount(app.Group("/community/chat")); err != nil {
		t.Fatal(err)
	}
	if got := live.Diagnose(app, nil); len(got) != 1 || !strings.Contains(got[0], "etag") {
		t.Errorf("it finds %q", got)
	}
	exempt = live.Owns
	if got := live.Diagnose(app, nil); len(got) != 0 {
		t.Errorf("with Next: live.Owns it finds %q", got)
	}
}
