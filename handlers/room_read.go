package handlers

import (
	"github.com/gofiber/fiber/v2"
)

// readRoom serves GET /rooms/:slug/read?seq= and /admin/read?seq=. It is the picture that a
// browser without script fetches with the latest page: a page that is only rendered, in a
// tab that nobody has looked at, is not read. It moves forward only, and the session's
// cookie does not come with requests of other sites.
func (s *Site) readRoom(c *fiber.Ctx) error {
	p, err := s.placeOf(c)
	if err != nil {
		return err
	}
	seq, err := number(query(c, "seq"))
	if err != nil {
		return err
	}
	if _, err := s.chat.MarkRead(c.UserContext(), p.actor, p.slug, seq); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
