package handlers

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/models"
	"roomline/realtime/chat"
)

// createInvite serves POST /admin/invites. The link is in the answer and nowhere else: it can
// not be had a second time.
func (s *Site) createInvite(c *fiber.Ctx) error {
	v, a, err := s.moderator(c)
	if err != nil {
		return err
	}
	page := InvitesPage{Note: strings.Join(strings.Fields(field(c, "note")), " "), Uses: field(c, "uses"), Days: field(c, "days")}
	if s.cfg.Registration == RegistrationClosed {
		return s.renderInvites(c, page, "", chat.Errorf(chat.CodeForbidden, "Registration is closed: a link would be of no use."))
	}
	wanted := models.NewInvite{Note: page.Note, Life: lifeOf(page.Days)}
	wanted.Uses, _ = strconv.Atoi(strings.TrimSpace(page.Uses)) // what is no number is 0, and refused
	act := &chat.Act{Name: "invite:create", Reason: wanted.Note}
	if act.Reason == "" {
		act.Reason = "Without a note."
	}
	var token string
	err = s.chat.Act(c.UserContext(), a, act, func(w chat.Writer) error {
		var made models.Invite
		var err error
		token, made, err = s.accounts.db.CreateInvite(w, v.user.ID, wanted)
		act.After = stateOf(made)
		return err
	})
	if err != nil {
		return s.renderInvites(c, page, "", err)
	}
	return s.renderInvites(c, InvitesPage{
		Link: s.publicLink(c, "/signup?invite="+token), Uses: fewUses, Days: aWeek,
	}, "", nil)
}

// stateOf is what the audit log says of an invite.
func stateOf(i models.Invite) any {
	return map[string]any{"invite": i.ID, "left": i.Left, "until": i.ExpiresAt}
}

// lifeOf reads how long a link is good for: days as "7", or hours as "1h". What is neither is 0.
func lifeOf(text string) time.Duration {
	unit := 24 * time.Hour
	number, hours := strings.CutSuffix(strings.TrimSpace(text), "h")
	if hours {
		unit = time.Hour
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n > 10_000 {
		return 0
	}
	return time.Duration(n) * unit
}
