package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// createMember serves POST …/members: it invites somebody to a private room, by name.
func (s *Site) createMember(c *fiber.Ctx) error {
	p, err := s.placeOf(c)
	if err != nil {
		return err
	}
	// Whoever may not know of the room learns nothing here of who has an account either.
	if _, err := s.chat.Room(c.UserContext(), p.actor, p.slug); err != nil {
		return err
	}
	name := field(c, "name")
	invited, err := s.accounts.db.UserByName(c.UserContext(), name)
	if refusal := (*chat.Error)(nil); errors.As(err, &refusal) {
		refusal = chat.Errorf(chat.CodeInvalid, "%s", refusal.Message) // the page itself is there
		return s.refuseSettings(c, p, refusal, "member", func(page *SettingsPage) { page.Invited = name })
	}
	if err != nil {
		return err
	}
	if _, err := s.chat.Invite(c.UserContext(), p.actor, p.slug, invited.Chat().ID); err != nil {
		return err
	}
	return settled(c, p, "invited")
}
