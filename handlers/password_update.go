package handlers

import (
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// updatePassword serves POST /account/password. Every session ends, so that whoever had the
// old password is out; this browser gets a new one.
func (s *Site) updatePassword(c *fiber.Ctx) error {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	// A session left open must not serve to find out the password.
	key := "account " + v.user.Chat().ID
	if wait := s.names.begin(key); wait > 0 {
		return s.renderAccount(c, "", tooMany("Too many attempts.", wait), "old")
	}
	err = s.accounts.db.ChangePassword(c.UserContext(), v.user.ID, field(c, "old"), field(c, "new"))
	if refusal := (*chat.Error)(nil); errors.As(err, &refusal) {
		about := refusal.Field
		if about == "password" {
			about = "new"
		}
		return s.renderAccount(c, "", refusal, about)
	}
	if err != nil {
		return fmt.Errorf("change the password: %w", err)
	}
	s.names.succeed(key, true)
	if err := s.endSessions(c, v); err != nil {
		return err
	}
	if err := s.signIn(c, v.user); err != nil {
		return err
	}
	return c.Redirect("/account?done=password", fiber.StatusSeeOther)
}
