// Package realtime is the door a host app uses: it mounts Roomline's chat, over the real
// Socket.IO protocol, into a Fiber app that has users of its own.
package realtime

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"roomline/public/js"
	"roomline/realtime/chat"
	"roomline/realtime/transport"
	"roomline/realtime/widget"
)

// ErrAnonymous is what Options.Identify returns for a visitor without an account.
var ErrAnonymous = errors.New("realtime: nobody is signed in")

// Options configures New. Store and Identify are required; the zero value of the rest is safe.
type Options struct {
	// Store keeps the rooms (see roomline/models).
	Store chat.Store
	// Identify says who makes a request, from the host's own session. It is asked at each
	// handshake, poll, POST and upgrade. ErrAnonymous, or a *fiber.Error of 401 or 403: nobody. Any other error: 503.
	// What it returns is copied, so it may refer to memory of the *fiber.Ctx.
	Identify func(*fiber.Ctx) (chat.User, error)
	// Session names the web session of a request, for DisconnectSession; a connection is
	// bound to it and to the user. It is called after Identify on the same *fiber.Ctx,
	// and its result is copied.
	// Nil: connections are bound to the user alone.
	Session func(*fiber.Ctx) string
	// Recheck says whether an identity still holds, for connections that make no more requests:
	// an error ends them (see Limits.RecheckEvery and Chat.RefreshUsers). Nil: Identify is called again
	// with the address and the headers of the handshake, without the host's middlewares. Where that does not
	// give the same user at the handshake already, open connections are not checked, and a warning says so.
	Recheck func(ctx context.Context, user chat.User, session string) error
	// Users finds the users of a host that keeps them itself, by id, in batches; nil: the store keeps
	// them. The chat's tables hold nothing of a user but the id.
	Users *chat.Directory
	// Authorize may take from users what the chat's own rules would let them do in a room; nil: nothing is
	// taken. What it says is believed for a second; see RefreshUser for what is open.
	Authorize chat.Authorize
	// BeforeSend may change, hold or reject what is sent before it is stored; nil: everything passes.
	BeforeSend *chat.BeforeSend
	// OnEvent hears of every change after it is durable, at least once, in order within a room: see
	// chat.Service.Deliver. An error has it told again, later and later up to a minute. Nil: nobody is told.
	OnEvent func(context.Context, chat.Event) error
	// Guests says which public rooms are open to visitors without an account at all, by what is in the chat.Room; nil:
	// none. It must not ask the database; Authorize is asked of visitors too, and may. They write nowhere.
	Guests func(chat.Room) bool
	// Origins are allowed beside the request's own: "https://chat.example.org", "https://*.example.org" for all
	// subdomains, "capacitor://localhost", "null". See ParseOrigins.
	Origins []string
	// CORS lets pages of those origins poll from another origin, with cookies. Off, they
	// can still connect by WebSocket, which CORS does not cover.
	CORS bool
	// CreateRooms is the lowest role that may create rooms; "": moderators.
	CreateRooms chat.Role
	// Limits bounds everything; the zero value means DefaultLimits.
	Limits *Limits
	// Path is where browsers find the router given to Mount ("/community/chat"), for Chat.Widget. "": as the router
	// says; it cannot know of a proxy that takes away a prefix, nor of an app that is mounted into another only
	// after that one was mounted itself.
	Path string
	// Theme has values of the widget's custom properties, by their names without "--roomline-" ("accent":
	// "oklch(0.5 0.2 30)"); a host's style sheet has the last word. Unknown names are an error.
	Theme map[string]string
	// Strings replaces words of the widget, in every language, by key: see public/js/widget/en.js.
	Strings map[string]string
	// Language is what the widget speaks on pages that do not say theirs; "": English. There are "en" and "de".
	Language string
	// SignIn is the address of the host's page to sign in, which the widget offers to visitors; "": it offers none.
	SignIn string
	// Client is socket.io.esm.min.js of the npm package socket.io-client, for the widget; nil: what "make assets" left.
	Client []byte
	// Metrics is where the chat's metrics are registered until Close ("roomline_…"); nil: nowhere.
	Metrics prometheus.Registerer
	// Logger hears what operators should know; nil: slog.Default().
	Logger *slog.Logger
}

// Mount adds the routes of the chat to router: Engine.IO under /socket.io/, and the widget's files as
// /widget.js and under /widget/. A host that sets
// app.Server().KeepHijackedConns pays a few kilobytes for a quiet connection instead of some
// tens (see transport.Transport for what else that means); fiber.Config's ReduceMemoryUsage
// saves as much again where clients poll.
//
// An app with fiber.Config.Prefork is refused: transport.ErrPrefork. Middlewares in front that break polling or cost
// it dear (csrf, limiter, cache, compress, etag, timeout) are found by Diagnose.
func (c *Chat) Mount(router fiber.Router) error {
	if err := c.transport.Mount(router); err != nil {
		return fmt.Errorf("realtime: mount: %w", err)
	}
	if err := c.widget.Err(); err != nil {
		c.log.Warn("the widget cannot connect", "error", err)
	}
	files := &assets{files: c.widget}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	prefork := false
	app.Hooks().OnMount(func(host *fiber.App) error { // a Group tells its app to nobody else
		prefork = host.Config().Prefork
		return nil
	})
	app.Get("/"+widget.Config, c.showWidgetConfig)
	app.Get("/*", files.show)
	router.Get("/"+widget.Entry, files.showEntry)
	router.Mount("/"+widget.Folder, app)
	if prefork {
		return fmt.Errorf("realtime: mount: %w", transport.ErrPrefork)
	}
	c.mounted.CompareAndSwap(nil, app)
	return nil
}

// Widget returns a room for a page of the host, or with "" all rooms and the conversation: the element
// <roomline-chat> and the script that makes it work. A page may have several. It is to be called once the app
// is put together, when a page is rendered, as it depends on where Mount's router is.
func (c *Chat) Widget(room string) template.HTML {
	if c == nil {
		return ""
	}
	return widget.HTML(c.path(), room)
}

// Owns reports whether a request is the chat's, for the field Next of the host's middlewares: what is made for pages
// (csrf, limiter, cache, compress, timeout) is to let those pass. Before Mount none is.
func (c *Chat) Owns(ctx *fiber.Ctx) bool {
	if c == nil || c.mounted.Load() == nil {
		return false
	}
	app := c.mounted.Load()
	path, below := strings.CutPrefix(ctx.Path(), routerPath(app))
	return below && (path == "/"+widget.Entry || strings.HasPrefix(path, "/"+widget.Folder+"/") ||
		strings.HasPrefix(path+"/", transport.DefaultPath))
}

// Diagnose sends requests like those of clients through app, into which the chat is mounted, and returns in words what
// the middlewares in front do to them. It is for a host's tests, which want no findings. Headers are added to each
// request, so that a wall in front lets them pass (a Cookie of somebody signed in); they may be nil.
func (c *Chat) Diagnose(app *fiber.App, headers map[string]string) []string {
	files := c.mounted.Load()
	if files == nil {
		return []string{"the chat is not mounted"}
	}
	return transport.Diagnose(app, routerPath(files)+transport.DefaultPath, headers)
}

// path is where browsers find the chat, without the last slash.
func (c *Chat) path() string {
	app := c.mounted.Load()
	if c.opts.Path != "" || app == nil {
		return strings.TrimRight(c.opts.Path, "/")
	}
	return routerPath(app)
}

// routerPath is where the router given to Mount is, without the last slash.
func routerPath(files *fiber.App) string {
	return strings.TrimSuffix(strings.TrimRight(files.MountPath(), "/"), "/"+widget.Folder)
}

// fiberApp is here, as no other file knows of Fiber.
type fiberApp = fiber.App

// themeTokens are the names that Options.Theme may have.
var themeTokens = []string{"accent", "accent-ink", "font", "ink", "line", "paper", "radius", "size"}

// Origins are origins that browsers and apps may come from.
type Origins = transport.Origins

// ParseOrigins reads a list of origins as Options.Origins takes it: scheme://host or
// scheme://host:port with any scheme, "*." before the host for its subdomains, or "null".
// ws and wss stand for http and https. The error names the first entry that is none of these.
func ParseOrigins(list []string) (Origins, error) { return transport.ParseOrigins(list) }

// NormalOrigin returns the one spelling of an origin: see transport.NormalOrigin.
func NormalOrigin(origin string) (string, error) { return transport.NormalOrigin(origin) }

// ParseForwarded reads an address as proxies put it into X-Forwarded-For, with or without a
// port. The result shares no memory with s.
func ParseForwarded(s string) (netip.Addr, error) { return transport.ParseForwarded(s) }

func loadWidget(opts Options) (*widget.Files, error) {
	for name := range opts.Theme {
		if !slices.Contains(themeTokens, name) {
			return nil, fmt.Errorf("realtime: Options.Theme: there is no %q, only %s", name, strings.Join(themeTokens, ", "))
		}
	}
	if opts.Path != "" && !strings.HasPrefix(opts.Path, "/") {
		return nil, fmt.Errorf("realtime: Options.Path: %q must begin with a slash", opts.Path)
	}
	return widget.Load(js.FS, opts.Client)
}

// widgetConfig is what the widget asks for first.
type widgetConfig struct {
	User     *chat.User        `json:"user"`   // null: nobody is signed in
	Guests   bool              `json:"guests"` // they may read some rooms
	Theme    map[string]string `json:"theme,omitempty"`
	Strings  map[string]string `json:"strings,omitempty"`
	Language string            `json:"language,omitempty"`
	SignIn   string            `json:"signIn,omitempty"`
}

// showWidgetConfig serves GET widget/config.json.
func (c *Chat) showWidgetConfig(ctx *fiber.Ctx) error {
	config := widgetConfig{
		Guests: c.opts.Guests != nil, Theme: c.opts.Theme, Strings: c.opts.Strings, Language: c.opts.Language, SignIn: c.opts.SignIn,
	}
	user, err := c.whoAsks(ctx)
	switch {
	case err == nil:
		config.User = &user
	case !errors.Is(err, ErrAnonymous):
		c.log.Error("identify failed", "error", err)
		return ctx.SendStatus(fiber.StatusServiceUnavailable)
	}
	ctx.Set(fiber.HeaderCacheControl, "no-store")
	ctx.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	return ctx.JSON(config)
}

// assets serves the widget's files. Each is compressed when it is first asked for.
type assets struct {
	files *widget.Files
	coded sync.Map // "br W/…" to []byte
}

// showEntry serves GET widget.js.
func (a *assets) showEntry(ctx *fiber.Ctx) error { return a.send(ctx, a.files.Entry(), false) }

// show serves GET widget/*.
func (a *assets) show(ctx *fiber.Ctx) error {
	file, current, ok := a.files.Find(ctx.Params("*"))
	if !ok {
		return fiber.ErrNotFound
	}
	return a.send(ctx, file, current)
}

// send answers with a file, which current says will never be another at this address.
func (a *assets) send(ctx *fiber.Ctx, file widget.File, current bool) error {
	ctx.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	ctx.Vary(fiber.HeaderAcceptEncoding)
	if current {
		ctx.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		ctx.Set(fiber.HeaderCacheControl, "no-cache")
		ctx.Set(fiber.HeaderETag, file.Tag)
		if ctx.Get(fiber.HeaderIfNoneMatch) == file.Tag {
			return ctx.SendStatus(fiber.StatusNotModified)
		}
	}
	ctx.Set(fiber.HeaderContentType, file.Kind)
	for _, coding := range []string{"br", "gzip"} {
		if ctx.Request().Header.HasAcceptEncoding(coding) {
			ctx.Set(fiber.HeaderContentEncoding, coding)
			return ctx.Send(a.compressed(coding, file))
		}
	}
	return ctx.Send(file.Data())
}

func (a *assets) compressed(coding string, file widget.File) []byte {
	key := coding + file.Tag
	if data, ok := a.coded.Load(key); ok {
		return data.([]byte)
	}
	var data []byte
	if coding == "br" {
		data = fasthttp.AppendBrotliBytesLevel(nil, file.Data(), fasthttp.CompressBrotliBestCompression)
	} else {
		data = fasthttp.AppendGzipBytesLevel(nil, file.Data(), fasthttp.CompressBestCompression)
	}
	kept, _ := a.coded.LoadOrStore(key, data)
	return kept.([]byte)
}

// HeaderReceived is for the field of the same name of the host's fasthttp.Server: with it a polling
// body over Limits.MaxPayload is refused before it is read. Optional; other routes are left alone.
func (c *Chat) HeaderReceived(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if c == nil {
		return fasthttp.RequestConfig{}
	}
	return c.transport.HeaderReceived(header)
}

func (c *Chat) transportConfig() transport.Config {
	return transport.Config{
		Origins:         c.opts.Origins,
		CORS:            c.opts.CORS,
		Identify:        c.identify,
		Recheck:         c.recheck,
		RecheckEvery:    c.limits.RecheckEvery,
		MaxConnsPerUser: c.limits.MaxConnsPerUser,
		MaxConnsPerAddr: c.limits.MaxConnsPerAddr,
		HandshakeRate:   c.limits.HandshakeRate,
		WriteTimeout:    c.limits.WriteTimeout,
		Logger:          c.log,
	}
}
