package handlers

import "github.com/gofiber/fiber/v2"

// deleteMessage serves POST …/:seq/delete: it leaves a tombstone of one's own message.
func (s *Site) deleteMessage(c *fiber.Ctx) error {
	p, seq, err := s.messageOf(c)
	if err != nil {
		return err
	}
	if _, err := s.chat.Delete(c.UserContext(), p.actor, p.slug, seq); err != nil {
		return err
	}
	return c.Redirect(p.path+anchor(seq), fiber.StatusSeeOther)
}
