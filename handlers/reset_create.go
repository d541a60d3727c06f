package handlers

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"roomline/models"
	"roomline/realtime/chat"
)

// createReset serves POST /admin/members/:id/reset: a link with which a member who has lost the
// password sets a new one. It is in the answer and nowhere else; an address would be kept by
// browsers and proxies.
func (s *Site) createReset(c *fiber.Ctx) error {
	v, a, err := s.moderator(c)
	if err != nil {
		return err
	}
	id, err := number(param(c, "id"))
	if err != nil {
		return err
	}
	act := &chat.Act{Name: "member:reset", User: strconv.FormatInt(id, 10), Reason: field(c, "reason")}
	var token string
	var user models.User
	err = s.chat.Act(c.UserContext(), a, act, func(w chat.Writer) (err error) {
		token, user, err = s.accounts.db.CreateReset(w, v.user.ID, id)
		return err
	})
	if refusal := atForm(err); refusal != nil {
		page, err := s.memberPage(c, act.User)
		if err != nil {
			return err
		}
		return s.render(c, page.refuseForm(c, refusal, "reset", "reason"), "member", page)
	}
	if err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "reset_link", ResetLinkPage{
		Page: s.page(v, "Link for "+user.Name), Name: user.Name, Path: memberPath(act.User), Link: s.publicLink(c, "/reset/"+token),
	})
}
