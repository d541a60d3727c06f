package handlers

import (
	"fmt"

	"github.com/gofiber/fiber/v2"
)

// revokeSession serves POST /account/sessions/:id/revoke: it ends one of one's own sessions.
func (s *Site) revokeSession(c *fiber.Ctx) error {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	id, err := number(param(c, "id"))
	if err != nil {
		return err
	}
	if id == v.session.ID {
		return s.deleteSession(c)
	}
	if err := s.accounts.db.EndSession(c.UserContext(), v.user.ID, id); err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	s.live.DisconnectSession(sessionKey(id), "signed_out")
	return c.Redirect("/account?done=revoked", fiber.StatusSeeOther)
}
