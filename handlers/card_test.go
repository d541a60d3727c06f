package handlers_test

import (
	"net/http"
	"testing"
)

// reported is a site whose moderators' room has the card of a report.
func reported(t *testing.T) (owner, reporter *browser) {
	t.Helper()
	s := serve(t)
	owner = s.member("olga")
	author := s.member("mallory")
	author.submit("/rooms/lobby", "/rooms/lobby/messages", "text", "Cheap <watches>", "id", "watches-on-sale-1").wants(http.StatusSeeOther)
	reporter = s.member("emil")
	seq := reporter.get("/rooms/lobby").find(`id="m(\d+)"`)
	reporter.submit("/rooms/lobby/"+seq+"/report", "/rooms/lobby/"+seq+"/report", "reason", "Something else", "text", "An advertisement").wants(http.StatusSeeOther)
	return owner, reporter
}

func TestAReportStandsInTheModeratorsRoomWithWhatCanBeDone(t *testing.T) {
	owner, _ := reported(t)
	page := owner.get("/admin").wants(http.StatusOK)
	for _, part := range []string{
		`data-state="open"`, "Reported by emil", `<bdi class="card__author">mallory</bdi> in <a class="card__room" href="/rooms/lobby/`,
		"Cheap &lt;watches&gt;</blockquote>", "An advertisement", `value="agree-and-delete">Delete message`,
		`<button class="button button--small button--quiet" data-of="held" name="action" value="approve" hidden>`,
	} {
		page.shows(part)
	}
	id := page.find(`data-card="(\d+)"`)
	owner.submit("/admin", "/admin/reports/"+id+"/resolve", "action", "agree-and-delete").wants(http.StatusSeeOther)
	page = owner.get("/admin")
	for _, part := range []string{`data-state="resolved"`, `action="/admin/reports/` + id + `/resolve" hidden>`, `<bdi class="card__by">olga</bdi> <span class="card__outcome">deleted the message</span>`} {
		page.shows(part)
	}
}

func TestMembersGetNothingOfModeration(t *testing.T) {
	owner, reporter := reported(t)
	for _, part := range []string{"moderation", `id="acts"`, "card-template", "person__act", `data-action="moderate"`} {
		owner.get("/rooms/lobby").shows(part)
		reporter.get("/rooms/lobby").hides(part)
	}
}
