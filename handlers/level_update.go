package handlers

import (
	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// updateLevel serves POST …/level: what the visitor wants to be told of a room.
func (s *Site) updateLevel(c *fiber.Ctx) error {
	p, err := s.placeOf(c)
	if err != nil {
		return err
	}
	if _, err := s.chat.SetLevel(c.UserContext(), p.actor, p.slug, chat.Level(field(c, "level"))); err != nil {
		return err
	}
	return settled(c, p, "level")
}
