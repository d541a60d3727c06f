package handlers

import (
	"github.com/gofiber/fiber/v2"
)

// deleteMember serves POST …/members/:user/remove: it takes somebody out of a private room. Whoever
// takes themselves out leaves it for good, and is led to another room.
func (s *Site) deleteMember(c *fiber.Ctx) error {
	p, err := s.placeOf(c)
	if err != nil {
		return err
	}
	user := param(c, "user")
	if _, err := s.chat.Remove(c.UserContext(), p.actor, p.slug, user); err != nil {
		return err
	}
	if user == p.actor.ID {
		return c.Redirect("/", fiber.StatusSeeOther)
	}
	return settled(c, p, "removed")
}
