package handlers

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/template/html/v2"
	"github.com/prometheus/client_golang/prometheus"

	"roomline/internal/options"
	"roomline/internal/recurring"
	"roomline/realtime"
	"roomline/realtime/chat"
)

// Who may make an account. The first account can always be made: it becomes the owner.
const (
	RegistrationOpen   = "open"
	RegistrationInvite = "invite" // who has a link that a moderator made
	RegistrationClosed = "closed"
)

// Config makes a Site. Accounts, Chat, Views and Public are required; the zero value of the
// rest is safe. Of its numbers 0 is the default (DefaultConfig), and a negative one none.
type Config struct {
	Accounts *Accounts
	Chat     *realtime.Chat
	Views    fs.FS // the templates of package views
	Public   fs.FS // the files served under /public/

	Registration string               // RegistrationOpen (default), RegistrationInvite or RegistrationClosed
	SignupRate   int                  // new accounts per address and hour
	TextLength   int                  // characters of a message, told to the page
	MaxPayload   int                  // bytes of a packet sent to the chat
	URL          string               // public address, such as https://chat.example.org; "": that of each request
	Origins      []string             // allowed beside the request's own: see realtime.ParseOrigins
	Proxies      []netip.Prefix       // whose forwarded headers count
	Registry     *prometheus.Registry // of the metrics, the chat's among them; nil: one of the site's own
	ReadTimeout  time.Duration        // for an HTTP request to arrive (see App); a held poll or a WebSocket is past it
	IdleTimeout  time.Duration        // for an HTTP connection's next request (see App)

	Logger *slog.Logger     // nil: slog.Default()
	Now    func() time.Time // nil: time.Now
}

// DefaultConfig returns the bounds that Config has where it says nothing.
func DefaultConfig() Config {
	return Config{
		SignupRate: 20, TextLength: 4000, MaxPayload: 100_000, ReadTimeout: 10 * time.Second, IdleTimeout: 75 * time.Second,
	}
}

// Site is the web site around a chat. Its methods may be called concurrently.
type Site struct {
	// Set once.
	cfg       Config
	origins   realtime.Origins
	accounts  *Accounts
	chat      *chat.Service
	live      *realtime.Chat
	views     *html.Engine
	public    *publicFiles
	metrics   *metrics
	log       *slog.Logger
	recurring *recurring.Log // refusals
	now       func() time.Time
	names     *throttle // wrong passwords by account and where they come from: see budget
	addresses *throttle // wrong passwords and failed sign-ups by address
	signups   *quota    // new accounts by address
	renames   *quota    // new names by user

	ready atomic.Bool
}

// New makes a Site: it parses every template and reads every public file, so that what is
// wrong with them shows at start.
func New(cfg Config) (*Site, error) {
	if cfg.Accounts == nil || cfg.Chat == nil || cfg.Views == nil || cfg.Public == nil {
		return nil, errors.New("handlers: Accounts, Chat, Views and Public are required")
	}
	cfg, err := options.Resolve("handlers: Config", cfg, DefaultConfig())
	if err != nil {
		return nil, err
	}
	if cfg.Registration == "" {
		cfg.Registration = RegistrationOpen
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.URL != "" {
		if cfg.URL, err = ParseURL(cfg.URL); err != nil {
			return nil, fmt.Errorf("handlers: Config.URL: %w", err)
		}
		cfg.Origins = append(slices.Clone(cfg.Origins), cfg.URL)
	}
	origins, err := realtime.ParseOrigins(cfg.Origins)
	if err != nil {
		return nil, fmt.Errorf("handlers: Config.Origins: %w", err)
	}
	public, err := readPublic(cfg.Public, map[string][]byte{"emoji.json": cfg.Chat.EmojiJSON()})
	if err != nil {
		return nil, fmt.Errorf("read the public files: %w", err)
	}
	views, err := parseViews(cfg.Views, public)
	if err != nil {
		return nil, fmt.Errorf("parse the templates: %w", err)
	}
	return &Site{
		cfg:       cfg,
		origins:   origins,
		accounts:  cfg.Accounts,
		chat:      cfg.Chat.Service(),
		live:      cfg.Chat,
		views:     views,
		public:    public,
		metrics:   newMetrics(cfg.Registry, cfg.Accounts.db),
		log:       cfg.Logger,
		recurring: recurring.New(cfg.Logger),
		now:       cfg.Now,
		names:     newThrottle(freeGuessesPerName, cfg.Now),
		addresses: newThrottle(freeGuessesPerAddress, cfg.Now),
		signups:   newQuota(cfg.SignupRate, time.Hour, cfg.Now),
		renames:   newQuota(renamesPerDay, 24*time.Hour, cfg.Now),
	}, nil
}

// Mount adds the site's middleware and routes to app, and the chat's under /socket.io/. It is
// called once, before app listens. App makes an app that suits.
func (s *Site) Mount(app *fiber.App) error {
	app.Use(s.trace)

	app.Get("/healthz", s.showHealth)
	app.Get("/readyz", s.showReadiness)
	app.Get("/favicon.ico", s.showFavicon)
	app.Get("/public/*", s.showPublic)

	if err := s.live.Mount(app); err != nil {
		return fmt.Errorf("mount the chat: %w", err)
	}

	// Every form passes the guard against forgery before anything else looks at it.
	app.Use(s.hurry)
	get := app.Get
	post := func(path string, handlers ...fiber.Handler) {
		app.Post(path, append([]fiber.Handler{s.guard}, handlers...)...)
	}

	get("/", s.showHome)
	get("/signup", s.newAccount)     // ?invite=
	post("/signup", s.createAccount) // username, password, invite, next
	get("/login", s.newSession)
	post("/login", s.createSession) // username, password, next
	post("/logout", s.deleteSession)

	get("/reset/:token", s.showReset)
	post("/reset/:token", s.updateReset) // password

	post("/logout/everywhere", s.signedIn, s.deleteSessions)
	get("/account", s.signedIn, s.showAccount)
	post("/account/name", s.signedIn, s.updateName)         // name
	post("/account/password", s.signedIn, s.updatePassword) // old, new
	post("/account/sessions/:id/revoke", s.signedIn, s.revokeSession)

	get("/search", s.signedIn, s.showSearch) // ?q=, ?room=slug, ?before=
	get("/rooms/new", s.signedIn, s.newRoom)
	post("/rooms/new", s.signedIn, s.createRoom) // name, topic, private

	s.mountModeration(func(path string, handlers ...fiber.Handler) { get(path, handlers...) }, post)

	// Who may see which room is the chat's to say, for the admin room too.
	for _, room := range []string{"/rooms/:slug", "/admin"} {
		get(room, s.signedIn, s.showRoom)         // ?before=seq, ?after=seq, ?date=2026-11-01, ?reply=seq
		get(room+"/read", s.signedIn, s.readRoom) // ?seq=
		get(room+"/settings", s.signedIn, s.showSettings)
		post(room+"/settings", s.signedIn, s.updateRoom)  // name, topic, notice
		post(room+"/level", s.signedIn, s.updateLevel)    // level
		post(room+"/members", s.signedIn, s.createMember) // name
		post(room+"/members/:user/remove", s.signedIn, s.deleteMember)
		get(room+"/:seq", s.signedIn, s.showMessage)
		get(room+"/:seq/edit", s.signedIn, s.editMessage)
		get(room+"/:seq/report", s.signedIn, s.newReport)
		post(room+"/messages", s.signedIn, s.createMessage)  // text, id, replyTo
		post(room+"/:seq/edit", s.signedIn, s.updateMessage) // text
		post(room+"/:seq/delete", s.signedIn, s.deleteMessage)
		post(room+"/:seq/react", s.signedIn, s.reactMessage)  // on or off: an emoji
		post(room+"/:seq/report", s.signedIn, s.createReport) // reason, text
	}
	return nil
}

// mountModeration adds what is for moderators only.
func (s *Site) mountModeration(getFor, postFor func(path string, handlers ...fiber.Handler)) {
	get := func(path string, handler fiber.Handler) { getFor(path, s.signedIn, s.moderators, handler) }
	post := func(path string, handler fiber.Handler) { postFor(path, s.signedIn, s.moderators, handler) }

	get("/admin/reports", s.showReports) // ?state=, ?before=
	get("/admin/reports/:id", s.showReport)
	post("/admin/reports/:id/resolve", s.resolveReport) // action, note, minutes
	get("/admin/members", s.showMembers)                // ?q=, ?sanctioned=, ?after=
	get("/admin/members/:id", s.showMember)
	post("/admin/members/:id/mute", s.muteMember)       // minutes, reason
	post("/admin/members/:id/unmute", s.unmuteMember)   // reason
	post("/admin/members/:id/ban", s.banMember)         // minutes, reason, purge
	post("/admin/members/:id/unban", s.unbanMember)     // reason
	post("/admin/members/:id/purge", s.purgeMember)     // reason
	post("/admin/members/:id/restore", s.restoreMember) // reason
	post("/admin/members/:id/role", s.updateRole)       // role, reason
	post("/admin/members/:id/reset", s.createReset)     // reason
	get("/admin/invites", s.showInvites)
	post("/admin/invites", s.createInvite) // uses, days, note
	post("/admin/invites/:id/revoke", s.revokeInvite)
	get("/admin/filter", s.showFilter)
	get("/admin/filter/new", s.newRule) // ?kind=
	get("/admin/filter/:id", s.showRule)
	// kind, name, action, on, words, only, pattern, most, seconds; reason; id and text to try it
	post("/admin/filter", s.updateRule)
	post("/admin/filter/try", s.tryRule)
	post("/admin/filter/:id", s.updateRule)
	post("/admin/filter/:id/delete", s.deleteRule) // reason
	get("/admin/audit", s.showAudit)               // ?q=, ?act=, ?user=, ?before=
	get("/admin/live", s.showLive)

	for _, room := range []string{"/rooms/:slug", "/admin"} {
		post(room+"/freeze", s.freezeRoom) // on, reason
		post(room+"/slow", s.slowRoom)     // seconds, reason
		get(room+"/:seq/moderate", s.moderateMessage)
		post(room+"/:seq/dismiss", s.dismissMessage) // reason
		post(room+"/:seq/restore", s.restoreMessage) // reason
	}
}

// SetReady says what /readyz answers: true from when the site serves until it begins to stop.
func (s *Site) SetReady(ready bool) { s.ready.Store(ready) }
