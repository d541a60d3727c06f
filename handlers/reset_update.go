package handlers

import (
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"roomline/models"
	"roomline/realtime/chat"
)

// showReset serves GET /reset/:token. It changes nothing: what shows previews of links opens them.
func (s *Site) showReset(c *fiber.Ctx) error {
	page := ResetPage{Token: param(c, "token")}
	err := s.guessing(c, func() error {
		user, err := s.accounts.db.FindReset(c.UserContext(), page.Token)
		page.Name = user.Name
		return err
	})
	return s.renderReset(c, page, err)
}

// updateReset serves POST /reset/:token: it sets the password and ends every session of the
// account. It leads to the sign-in page and signs nobody in: a link may have been read on its
// way, and whoever used it first should not find themselves in an account whose owner has not
// noticed yet. A ban is also told there.
func (s *Site) updateReset(c *fiber.Ctx) error {
	page := ResetPage{Token: param(c, "token")}
	err := s.guessing(c, func() error {
		user, err := s.accounts.db.FindReset(c.UserContext(), page.Token)
		page.Name = user.Name
		return err
	})
	if err != nil {
		return s.renderReset(c, page, err)
	}
	user, err := s.accounts.db.ResetPassword(c.UserContext(), page.Token, field(c, "password"))
	if err != nil {
		return s.renderReset(c, page, err)
	}
	s.live.DisconnectUser(user.Chat().ID, "signed_out")
	return c.Redirect("/login?done=reset", fiber.StatusSeeOther)
}

// guessing runs try, which looks up the token of a link. Wrong tokens slow their address down; a right one is too long
// to be guessed, and works however many wrong ones others at the same address have tried.
func (s *Site) guessing(c *fiber.Ctx, try func() error) error {
	err := try()
	if err == nil {
		return nil
	}
	if wait := s.addresses.begin(addressKey(c.IP())); wait > 0 {
		s.refused(c, "links refused: too many wrong ones of an address", "somebody is guessing; it passes by itself")
		return tooMany("Too many attempts from your address.", wait)
	}
	return err
}

// renderReset shows the form, or what is wrong with the link or the password.
func (s *Site) renderReset(c *fiber.Ctx, page ResetPage, err error) error {
	refusal := (*chat.Error)(nil)
	switch {
	case errors.Is(err, models.ErrNoReset):
		return &problem{
			status: fiber.StatusNotFound, title: "Not a link any more",
			message: "This link does not work.",
			hint:    "It can be used once, for a day, and only the latest one counts. Ask a moderator for a new one.",
		}
	case err != nil && !errors.As(err, &refusal):
		return fmt.Errorf("set the password: %w", err)
	case page.Name == "" && refusal != nil:
		return refusal // nobody is known yet to show a form to
	}
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	page.Page = s.page(v, "New password")
	if v == nil {
		page.CSRF = s.anonymousToken(c)
	}
	status := fiber.StatusOK
	if refusal != nil {
		status = page.refuse(c, explainRefusal(refusal), "password")
	}
	return s.render(c, status, "reset", page)
}
