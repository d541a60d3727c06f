package handlers

import (
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// resolutionDone says what a decision did that led back to the queue.
var resolutionDone = map[string]string{
	string(chat.AgreeDelete): "The message was deleted.",
	string(chat.AgreeMute):   "The message was deleted, and its author is muted.",
	string(chat.Keep):        "The message stays.",
	string(chat.Ignore):      "The report was put aside.",
	string(chat.Approve):     "The message was posted.",
	string(chat.Reject):      "The message was rejected.",
	string(chat.RejectMute):  "The message was rejected, and its author is muted.",
}

// reportsPage is how many reports stand on a page.
const reportsPage = 20

// showReports serves GET /admin/reports: those that wait, or those that were decided.
func (s *Site) showReports(c *fiber.Ctx) error {
	page, a, err := s.moderationPage(c, "reports", "Queue")
	if err != nil {
		return err
	}
	q := chat.ReportQuery{State: chat.ReportOpen, Limit: reportsPage}
	if query(c, "state") == string(chat.ReportResolved) {
		q.State = chat.ReportResolved
	}
	if before := query(c, "before"); before != "" {
		if q.Before, err = number(before); err != nil {
			return err
		}
	}
	reports, older, err := s.chat.Reports(c.UserContext(), a, q)
	if err != nil {
		return err
	}
	page.Notice = resolutionDone[query(c, "done")]
	queue := ReportsPage{ModerationPage: page, State: q.State}
	if queue.Reports, err = s.cards(c, a, page.Page, reports); err != nil {
		return err
	}
	if older && len(reports) > 0 {
		queue.Older = reportsPath(q.State, reports[len(reports)-1].ID)
	}
	if q.Before > 0 {
		queue.First = reportsPath(q.State, 0)
	}
	return s.render(c, fiber.StatusOK, "reports", queue)
}

// showReport serves GET /admin/reports/:id.
func (s *Site) showReport(c *fiber.Ctx) error {
	id, err := number(param(c, "id"))
	if err != nil {
		return err
	}
	page, err := s.reportPage(c, id)
	if err != nil {
		return err
	}
	page.Faster = query(c, "done") == "faster"
	return s.render(c, fiber.StatusOK, "reports", page)
}

// reportPage reads what reports.html shows of one report.
func (s *Site) reportPage(c *fiber.Ctx, id int64) (ReportsPage, error) {
	page, a, err := s.moderationPage(c, "reports", "Report "+strconv.FormatInt(id, 10))
	if err != nil {
		return ReportsPage{}, err
	}
	report, err := s.chat.OneReport(c.UserContext(), a, id)
	if err != nil {
		return ReportsPage{}, err
	}
	one := ReportsPage{ModerationPage: page, One: true, State: report.State}
	one.Reports, err = s.cards(c, a, page.Page, []chat.Report{report})
	return one, err
}

// cards are reports as the moderator may see them.
func (s *Site) cards(c *fiber.Ctx, a chat.Actor, page Page, reports []chat.Report) ([]ReportCard, error) {
	rooms, err := s.readable(c, a)
	if err != nil {
		return nil, err
	}
	cards := make([]ReportCard, len(reports))
	for i, report := range reports {
		cards[i] = ReportCard{
			Report: report, Place: placeIn(rooms, report.Room, report.Seq), Page: page,
			Form:   "r" + strconv.FormatInt(report.ID, 10),
			Others: max(0, report.Count-len(report.Reasons)),
			MayAct: outranks(*page.User, report.Author),
			Own:    report.Author.ID == a.ID && page.User.Role != chat.RoleOwner,
		}
	}
	return cards, nil
}

// reportsPath is where a page of the queue is.
func reportsPath(state chat.ReportState, before int64) string {
	values := url.Values{}
	if state != chat.ReportOpen {
		values.Set("state", string(state))
	}
	if before > 0 {
		values.Set("before", strconv.FormatInt(before, 10))
	}
	return withQuery("/admin/reports", values)
}

// withQuery is a path with what is asked for there, if anything is.
func withQuery(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// reportPath is where one report is.
func reportPath(id int64) string { return "/admin/reports/" + strconv.FormatInt(id, 10) }
