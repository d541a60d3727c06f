package handlers

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/models"
	"roomline/realtime"
	"roomline/realtime/chat"
)

// The site's cookies. Under HTTPS their names carry the prefix "__Host-".
const (
	sessionCookie    = "roomline_session"
	preSessionCookie = "roomline_form" // what the forms are bound to before sign-in
	roomCookie       = "roomline_room" // slug of the last room
)

// sessionLife is how long a browser keeps the session's cookie; the database may end the
// session sooner.
const sessionLife = 30 * 24 * time.Hour

// Accounts knows who makes a request. It is made before the chat, which asks it through
// realtime.Options, and the Site, which does too. Its methods may be called concurrently.
type Accounts struct{ db *models.DB }

// NewAccounts returns the accounts kept in db.
func NewAccounts(db *models.DB) *Accounts { return &Accounts{db: db} }

// visitor is somebody signed in.
type visitor struct {
	user    models.User
	session models.Session
	token   string
}

// Identify is realtime.Options.Identify: it asks the database at each call.
func (a *Accounts) Identify(c *fiber.Ctx) (chat.User, error) {
	v, err := a.find(c)
	c.Locals(visitorKey{}, v)
	switch {
	case err != nil:
		return chat.User{}, err
	case v == nil:
		return chat.User{}, realtime.ErrAnonymous
	}
	return v.user.Chat(), nil
}

// SessionKey is realtime.Options.Session: it names the web session that Identify found on
// the same request, "" for none.
func (a *Accounts) SessionKey(c *fiber.Ctx) string {
	if v, _ := c.Locals(visitorKey{}).(*visitor); v != nil {
		return sessionKey(v.session.ID)
	}
	return ""
}

// Recheck is realtime.Options.Recheck: a session holds until it ends. An open connection is a
// use of it, as the requests of one that polls are.
func (a *Accounts) Recheck(ctx context.Context, user chat.User, session string) error {
	id, err := strconv.ParseInt(session, 10, 64)
	if err != nil {
		return models.ErrNoSession
	}
	return a.db.UseSession(ctx, user.ID, id)
}

func sessionKey(id int64) string { return strconv.FormatInt(id, 10) }

// visitor returns who makes the request, nil for nobody. It asks once per request.
func (a *Accounts) visitor(c *fiber.Ctx) (*visitor, error) {
	if v, asked := c.Locals(visitorKey{}).(*visitor); asked {
		return v, nil
	}
	v, err := a.find(c)
	if err != nil {
		return nil, err
	}
	c.Locals(visitorKey{}, v)
	return v, nil
}

func (a *Accounts) find(c *fiber.Ctx) (*visitor, error) {
	token := cookie(c, sessionCookie)
	if token == "" {
		return nil, nil
	}
	session, user, err := a.db.FindSession(c.UserContext(), token)
	switch {
	case errors.Is(err, models.ErrNoSession):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("find the session: %w", err)
	}
	if conn := connOf(c); conn != nil {
		conn.belongsToMember()
	}
	return &visitor{user: user, session: session, token: token}, nil
}

// signIn starts a new session for user in this browser and ends the one it had, so that no
// cookie set by somebody else before survives. Whoever is banned gets none.
func (s *Site) signIn(c *fiber.Ctx, user models.User) error {
	old, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	device, err := s.device(c, user.Name)
	if err != nil {
		return err
	}
	token, session, err := s.accounts.db.StartSession(c.UserContext(), user.ID, models.Meta{
		UserAgent: header(c, fiber.HeaderUserAgent),
		Address:   c.IP(),
		Places:    []string{devicePlace(device), addressPlace(addressKey(c.IP()))},
	})
	if err != nil {
		return fmt.Errorf("start the session: %w", err)
	}
	// Asked only now: a ban ends the sessions that are there, so one that came before this one
	// was made did not end it, and one that comes later does.
	if err := s.refuseBanned(c, user); err != nil {
		return errors.Join(err, s.accounts.db.EndSession(c.UserContext(), user.ID, session.ID))
	}
	if old != nil {
		if err := s.endSession(c, old); err != nil {
			return err
		}
	}
	// What is posted from now on is unread for a user who is new.
	if _, err := s.chat.Rooms(c.UserContext(), chat.Actor{ID: user.Chat().ID, Space: chat.SpaceGeneral}); err != nil {
		return fmt.Errorf("enter the chat: %w", err)
	}
	setCookie(c, sessionCookie, token, sessionLife)
	setCookie(c, deviceCookie, device, deviceLife)
	dropCookie(c, preSessionCookie)
	c.Locals(visitorKey{}, &visitor{user: user, session: session, token: token})
	return nil
}

// refuseBanned returns the page for a user who is banned, nil for all others.
func (s *Site) refuseBanned(c *fiber.Ctx, user models.User) error {
	held, err := s.chat.Restrictions(c.UserContext(), user.Chat().ID)
	if err != nil {
		return fmt.Errorf("ask for a ban: %w", err)
	}
	ban := held.Ban
	if ban.ID == 0 {
		return nil
	}
	message := "You are banned."
	if !ban.Until.IsZero() {
		message = "You are banned until " + ban.Until.UTC().Format("2 January 2006, 15:04") + " UTC."
	}
	return &problem{
		status: fiber.StatusForbidden, title: "Banned", message: message,
		hint: "Reason: " + sentence(ban.Reason) + " If you think this is a mistake, ask the person who runs this site.",
	}
}

// sentence ends a text with a full stop, unless it ends as a sentence does.
func sentence(text string) string {
	if strings.TrimRight(text, ".!?…") == text {
		return text + "."
	}
	return text
}

// endSession ends one session and the connections made with it.
func (s *Site) endSession(c *fiber.Ctx, v *visitor) error {
	if err := s.accounts.db.EndSession(c.UserContext(), v.user.ID, v.session.ID); err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	s.live.DisconnectSession(sessionKey(v.session.ID), "signed_out")
	return nil
}

// cookie returns a copy of a cookie of the site, "" if the browser sent none.
func cookie(c *fiber.Ctx, name string) string { return string([]byte(c.Cookies(cookieName(c, name)))) }

// setCookie sets a cookie for as long as life, or until the browser closes if that is 0.
func setCookie(c *fiber.Ctx, name, value string, life time.Duration) {
	c.Cookie(&fiber.Cookie{
		Name:        cookieName(c, name),
		Value:       value,
		Path:        "/",
		MaxAge:      int(life.Seconds()),
		SessionOnly: life == 0,
		Secure:      isSecure(c),
		HTTPOnly:    true,
		SameSite:    fiber.CookieSameSiteLaxMode,
	})
}

func dropCookie(c *fiber.Ctx, name string) {
	c.Cookie(&fiber.Cookie{
		Name:     cookieName(c, name),
		Path:     "/",
		Expires:  time.Unix(0, 0).UTC(),
		Secure:   isSecure(c),
		HTTPOnly: true,
		SameSite: fiber.CookieSameSiteLaxMode,
	})
}

func cookieName(c *fiber.Ctx, name string) string {
	if isSecure(c) {
		return "__Host-" + name
	}
	return name
}
