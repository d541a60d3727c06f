package handlers

import (
	"github.com/gofiber/fiber/v2"

	"roomline/models"
	"roomline/realtime/chat"
)

// revokeInvite serves POST /admin/invites/:id/revoke.
func (s *Site) revokeInvite(c *fiber.Ctx) error {
	_, a, err := s.moderator(c)
	if err != nil {
		return err
	}
	id, err := number(param(c, "id"))
	if err != nil {
		return err
	}
	act := &chat.Act{Name: "invite:revoke", Reason: field(c, "reason")}
	if act.Reason == "" {
		act.Reason = "Not needed any more."
	}
	err = s.chat.Act(c.UserContext(), a, act, func(w chat.Writer) error {
		var was models.Invite
		var err error
		was, err = s.accounts.db.RevokeInvite(w, id)
		act.Before = stateOf(was)
		return err
	})
	if err != nil {
		return s.renderInvites(c, InvitesPage{Uses: fewUses, Days: aWeek}, "", err)
	}
	return c.Redirect("/admin/invites?done=revoked", fiber.StatusSeeOther)
}
