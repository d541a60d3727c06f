package handlers

import (
	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// resolveReport serves POST /admin/reports/:id/resolve. Who comes second is led to what the first did.
func (s *Site) resolveReport(c *fiber.Ctx) error {
	_, a, err := s.moderator(c)
	if err != nil {
		return err
	}
	id, err := number(param(c, "id"))
	if err != nil {
		return err
	}
	decision := chat.Decision{Report: id, Action: chat.Resolution(field(c, "action")), Note: field(c, "note")}
	already := false
	if decision.For, err = minutesOf(c); err == nil {
		_, already, err = s.chat.Resolve(c.UserContext(), a, decision)
	}
	if refusal := atForm(err); refusal != nil {
		page, err := s.reportPage(c, id)
		if err != nil {
			return err
		}
		if refusal.Field == "reason" { // as the chat calls it
			noted := *refusal
			noted.Field, refusal = "note", &noted
		}
		card := &page.Reports[0]
		status := page.refuseForm(c, refusal, card.Form, "note", "minutes")
		card.Page = page.Page
		return s.render(c, status, "reports", page)
	}
	if err != nil {
		return err
	}
	if already {
		return c.Redirect(reportPath(id)+"?done=faster", fiber.StatusSeeOther)
	}
	return c.Redirect("/admin/reports?done="+string(decision.Action), fiber.StatusSeeOther)
}
