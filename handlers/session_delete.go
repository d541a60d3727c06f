package handlers

import (
	"fmt"

	"github.com/gofiber/fiber/v2"
)

// deleteSession serves POST /logout: it ends this session and its connections.
func (s *Site) deleteSession(c *fiber.Ctx) error {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	if v != nil {
		if err := s.endSession(c, v); err != nil {
			return err
		}
	}
	dropCookie(c, sessionCookie)
	return c.Redirect("/login", fiber.StatusSeeOther)
}

// deleteSessions serves POST /logout/everywhere: it ends every session of the account.
func (s *Site) deleteSessions(c *fiber.Ctx) error {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	if err := s.endSessions(c, v); err != nil {
		return err
	}
	dropCookie(c, sessionCookie)
	return c.Redirect("/login", fiber.StatusSeeOther)
}

// endSessions ends all sessions of an account and every connection made with them.
func (s *Site) endSessions(c *fiber.Ctx, v *visitor) error {
	if _, err := s.accounts.db.EndSessions(c.UserContext(), v.user.ID, 0); err != nil {
		return fmt.Errorf("end the sessions: %w", err)
	}
	s.live.DisconnectUser(v.user.Chat().ID, "signed_out")
	return nil
}
