package main

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// The forum's moderators look after the chat on a page of the forum's own. They act in their own names: the chat holds
// them to its rules, and its audit log says who did what.
func moderating(v visitor) chat.Actor { return chat.Actor{ID: v.ID, Space: chat.SpaceAdmin} }

// report is a report as the page shows it.
type report struct {
	chat.Report
	Topic int64 // beside which it was said, 0 for none
}

func (f *forum) showReports(c *fiber.Ctx, v visitor) error {
	reports, _, err := f.chat.Service().Reports(c.UserContext(), moderating(v), chat.ReportQuery{State: chat.ReportOpen})
	if err != nil {
		return refused(err)
	}
	data := make([]report, len(reports))
	for i, r := range reports {
		data[i] = report{r, topicOf(r.Room)}
	}
	return f.show(c, "reports", page{Title: "Reports", Data: data})
}

func (f *forum) resolveReport(c *fiber.Ctx, v visitor) error {
	id, err := c.ParamsInt("id")
	if err != nil {
		return fiber.ErrNotFound
	}
	_, _, err = f.chat.Service().Resolve(c.UserContext(), moderating(v), chat.Decision{
		Report: int64(id), Action: chat.Resolution(c.FormValue("action")), Note: c.FormValue("note"),
	})
	if err != nil {
		return refused(err)
	}
	return c.Redirect("/reports", fiber.StatusSeeOther)
}

// refused has people read what the chat says; everything else is a fault.
func refused(err error) error {
	var refusal *chat.Error
	if errors.As(err, &refusal) {
		return fiber.NewError(fiber.StatusForbidden, refusal.Message)
	}
	return err
}
