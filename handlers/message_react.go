package handlers

import "github.com/gofiber/fiber/v2"

// reactMessage serves POST …/:seq/react: it sets one's own reaction, or takes it away. The
// emoji is in the field of the button that was pressed.
func (s *Site) reactMessage(c *fiber.Ctx) error {
	p, seq, err := s.messageOf(c)
	if err != nil {
		return err
	}
	emoji := field(c, "on")
	on := emoji != ""
	if !on {
		emoji = field(c, "off")
	}
	if _, err := s.chat.React(c.UserContext(), p.actor, p.slug, seq, emoji, on); err != nil {
		return err
	}
	return c.Redirect(p.path+anchor(seq), fiber.StatusSeeOther)
}
