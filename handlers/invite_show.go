package handlers

import (
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// What the form for a new link begins with.
const (
	fewUses = "1"
	aWeek   = "7"
)

// showInvites serves GET /admin/invites.
func (s *Site) showInvites(c *fiber.Ctx) error {
	notice := ""
	if query(c, "done") == "revoked" {
		notice = "The link was revoked."
	}
	return s.renderInvites(c, InvitesPage{Uses: fewUses, Days: aWeek}, notice, nil)
}

// renderInvites shows the page, with what was done or with a refusal if there was one.
func (s *Site) renderInvites(c *fiber.Ctx, page InvitesPage, notice string, refused error) error {
	refusal := (*chat.Error)(nil)
	if refused != nil && !errors.As(refused, &refusal) || chat.ErrorCode(refused) == chat.CodeNotFound {
		return refused
	}
	common, _, err := s.moderationPage(c, "invites", "Invites")
	if err != nil {
		return err
	}
	page.ModerationPage, page.Notice, page.Registration = common, notice, s.cfg.Registration
	if page.Invites, err = s.accounts.db.Invites(c.UserContext()); err != nil {
		return fmt.Errorf("list the invites: %w", err)
	}
	status := fiber.StatusOK
	if refusal != nil {
		about := refusal.Field
		if about == "reason" { // the note is the reason
			about = "note"
		}
		status = page.refuse(c, explainRefusal(refusal), about)
	}
	return s.render(c, status, "invites", page)
}
