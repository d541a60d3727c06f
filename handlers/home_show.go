package handlers

import (
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

const (
	firstRoom  = "lobby" // a fresh database has it
	memoryLife = 365 * 24 * time.Hour
)

// showHome serves GET /: it leads to the last room, to the sign-in page, or on a new site to
// the page that makes the owner's account.
func (s *Site) showHome(c *fiber.Ctx) error {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	if v != nil {
		return c.Redirect("/rooms/"+s.lastRoom(c, v), fiber.StatusSeeOther)
	}
	first, err := s.isFirst(c)
	if err != nil {
		return err
	}
	if first {
		return c.Redirect("/signup", fiber.StatusSeeOther)
	}
	return c.Redirect("/login", fiber.StatusSeeOther)
}

// lastRoom is the room the browser was in last, if it can still be entered.
func (s *Site) lastRoom(c *fiber.Ctx, v *visitor) string {
	slug := cookie(c, roomCookie)
	if slug == "" {
		return firstRoom
	}
	room, err := s.chat.Room(c.UserContext(), chat.Actor{ID: v.user.Chat().ID, Space: chat.SpaceGeneral}, slug)
	if err != nil {
		return firstRoom
	}
	return room.Slug
}

// isFirst reports whether there is no account yet.
func (s *Site) isFirst(c *fiber.Ctx) (bool, error) {
	n, err := s.accounts.db.CountUsers(c.UserContext())
	if err != nil {
		return false, fmt.Errorf("count the accounts: %w", err)
	}
	return n == 0, nil
}
