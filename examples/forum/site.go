package main

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
	"github.com/gofiber/fiber/v2/middleware/csrf"
	"github.com/gofiber/fiber/v2/middleware/filesystem"
	"github.com/gofiber/fiber/v2/middleware/limiter"
	"github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/gofiber/fiber/v2/middleware/session"
	"github.com/gofiber/template/html/v2"
	"gorm.io/gorm"

	"roomline/models"
	"roomline/realtime"
)

//go:embed views public
var files embed.FS

// forum is the site. Its handlers may run at the same time.
type forum struct {
	db       *gorm.DB
	log      *slog.Logger
	sessions *session.Store
	requests int                   // of one address in a minute
	exempt   func(*fiber.Ctx) bool // requests that the middlewares let pass

	chatDB *models.DB
	chat   *realtime.Chat
}

func newForum(db *gorm.DB, log *slog.Logger, requests int) *forum {
	return &forum{
		db: db, log: log, requests: requests,
		sessions: session.New(session.Config{
			Storage: sessionTable{db}, Expiration: sessionLife,
			KeyLookup: "cookie:forum_session", CookieHTTPOnly: true, CookieSameSite: "Lax",
		}),
	}
}

// csrfKey is where the token of a page's forms is kept.
const csrfKey = "csrf"

// app has all routes of the forum, the chat's among them.
func (f *forum) app() (*fiber.App, error) {
	app := fiber.New(fiber.Config{
		AppName:               "The Workbench",
		Views:                 html.NewFileSystem(http.FS(files), ".html"),
		ViewsLayout:           "views/layout",
		ErrorHandler:          f.failed,
		DisableStartupMessage: true,
		Immutable:             true, // what handlers keep of a request outlives it
		ReduceMemoryUsage:     true,
		ReadTimeout:           time.Minute,
	})
	app.Server().KeepHijackedConns = true // quiet WebSockets of the chat then cost next to nothing

	app.Use(recover.New())
	app.Use("/public", filesystem.New(filesystem.Config{Root: http.FS(files), PathPrefix: "public", MaxAge: 300}))
	app.Use(limiter.New(limiter.Config{Next: f.exempt, Max: f.requests, Expiration: time.Minute}))
	app.Use(compress.New(compress.Config{Next: f.exempt}))
	app.Use(csrf.New(csrf.Config{
		Next: f.exempt, KeyLookup: "form:_csrf", ContextKey: csrfKey, CookieName: "forum_csrf",
		CookieHTTPOnly: true, CookieSessionOnly: true, Expiration: 12 * time.Hour,
	}))
	if err := f.chat.Mount(app.Group(chatHome)); err != nil {
		return nil, err
	}
	app.Use(secure)

	app.Get("/", f.showCategories)
	app.Get("/category/:slug", f.showCategory)
	app.Get("/category/:slug/new", f.members(f.showNewTopic))
	app.Post("/category/:slug", f.members(f.openTopic))
	app.Get("/topics/:id<int>", f.showTopic)
	app.Post("/topics/:id<int>", f.members(f.writePost))
	app.Get("/visited", f.members(f.showVisited))
	app.Get("/community", f.showCommunity)

	app.Get("/join", f.showJoin)
	app.Post("/join", f.join)
	app.Get("/signin", f.showSignIn)
	app.Post("/signin", f.checkIn)
	app.Post("/signout", f.signOut)
	app.Get("/account", f.members(f.showAccount))
	app.Post("/account/delete", f.members(f.deleteAccount))
	app.Get("/members", f.moderators(f.showMembers))
	app.Post("/members/:id/badge", f.moderators(f.setBadge))
	app.Get("/reports", f.moderators(f.showReports))
	app.Post("/reports/:id<int>", f.moderators(f.resolveReport))
	app.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
	return app, nil
}

// secure says what pages may load: their own files, and nothing written into them.
func secure(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Next()
}

// handler is what somebody does who is known.
type handler func(*fiber.Ctx, visitor) error

// members has those sign in who are not.
func (f *forum) members(next handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v, err := f.visitor(c)
		if err != nil {
			return err
		}
		if !v.in() {
			return c.Redirect("/signin", fiber.StatusSeeOther)
		}
		return next(c, v)
	}
}

// moderators hides a page from everybody else.
func (f *forum) moderators(next handler) fiber.Handler {
	return f.members(func(c *fiber.Ctx, v visitor) error {
		if !v.Moderator {
			return fiber.ErrNotFound
		}
		return next(c, v)
	})
}

// page is what every page shows.
type page struct {
	Title  string
	User   User // the zero User for a visitor
	Token  any  // of forms
	Unread int64
	Error  string // what was wrong with a form
	Chat   template.HTML
	Here   int64 // id of the topic that the page shows
	Data   any
}

// show answers with a page.
func (f *forum) show(c *fiber.Ctx, view string, p page) error {
	v, err := f.visitor(c)
	if err != nil {
		return err
	}
	if v.in() {
		if p.Unread, err = f.unread(c.UserContext(), v.User, p.Here); err != nil {
			return err
		}
	}
	p.User, p.Token = v.User, c.Locals(csrfKey)
	return c.Render("views/"+view, p)
}

// failed answers when a handler could not.
func (f *forum) failed(c *fiber.Ctx, err error) error {
	status, message := fiber.StatusInternalServerError, "Something went wrong here. It has been noted."
	var known *fiber.Error
	if errors.As(err, &known) {
		status, message = known.Code, known.Message
	}
	switch {
	case status == fiber.StatusNotFound:
		message = "There is no such page, or it is not yours to read."
	case status >= fiber.StatusInternalServerError:
		f.log.Error("a page failed", "path", c.Path(), "error", err)
	}
	if err := f.show(c.Status(status), "error", page{Title: "Not this time", Error: message}); err != nil {
		return c.SendString(message)
	}
	return nil
}

// visitsShown is how many of the topics that somebody visited count in the head of their pages.
const visitsShown = 20

// visits returns the topics that a user visited last.
func (f *forum) visits(ctx context.Context, user User) (visits []Visit, err error) {
	err = f.db.WithContext(ctx).Preload("Topic.Category").Order("at DESC").Limit(visitsShown).Find(&visits, "user_id = ?", user.ID).Error
	return visits, err
}
