package handlers

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// otherReason is the choice of a reason that one writes oneself.
const otherReason = "Something else"

// reportReasons are what one chooses from, besides otherReason.
func reportReasons() []string { return []string{"Spam", "Harassment", "Off topic"} }

// newReport serves GET …/:seq/report: the form to report a message.
func (s *Site) newReport(c *fiber.Ctx) error {
	p, seq, err := s.messageOf(c)
	if err != nil {
		return err
	}
	page, err := s.newReportPage(c, p, seq)
	if err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "report", page)
}

// createReport serves POST …/:seq/report.
func (s *Site) createReport(c *fiber.Ctx) error {
	p, seq, err := s.messageOf(c)
	if err != nil {
		return err
	}
	err = s.chat.Report(c.UserContext(), p.actor, p.slug, seq, reasonOf(field(c, "reason"), field(c, "text")))
	if refusal := atForm(err); refusal != nil {
		page, err := s.newReportPage(c, p, seq)
		if err != nil {
			return err
		}
		return s.render(c, page.refuseForm(c, refusal, "report", "reason", "text"), "report", page)
	}
	if err != nil {
		return err
	}
	return c.Redirect(p.path+"/"+strconv.FormatInt(seq, 10)+"/report?done=reported", fiber.StatusSeeOther)
}

// newReportPage reads what report.html shows. One's own message, and what is not there to be reported, has
// no such page.
func (s *Site) newReportPage(c *fiber.Ctx, p place, seq int64) (ReportPage, error) {
	room, err := s.chat.Room(c.UserContext(), p.actor, p.slug)
	if err != nil {
		return ReportPage{}, err
	}
	message, err := s.chat.Message(c.UserContext(), p.actor, p.slug, seq)
	if err != nil {
		return ReportPage{}, err
	}
	page := ReportPage{
		Page: s.page(p.visitor, "Report a message"), Room: room, Message: message, Path: p.path,
		Done: query(c, "done") != "", Reasons: reportReasons(), Other: otherReason,
	}
	row := MessageRow{Message: message, Viewer: p.actor.ID, Path: p.path}
	if !page.Done && !row.MayReport() { // what was reported may be gone by now
		return ReportPage{}, explainStatus(fiber.StatusNotFound)
	}
	return page, nil
}

// reasonOf is a reason as it is sent: what was chosen, and what was written about it. Who chose nothing, or
// something else and wrote nothing, gave none.
func reasonOf(chosen, written string) string {
	written = strings.TrimSpace(written)
	if !slices.Contains(reportReasons(), chosen) {
		return written
	}
	if written == "" {
		return chosen
	}
	return chosen + ": " + written
}
