package handlers_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestAMemberReportsAMessageWithoutScript(t *testing.T) {
	_, _, mod, bob, eve := moderated(t)
	bob.say("/rooms/lobby", "abcdefgh-1", "Buy <watches>").wants(http.StatusSeeOther)
	eve.get("/rooms/lobby").shows(`href="/rooms/lobby/1/report"`)
	eve.get("/rooms/lobby/1/report").wants(http.StatusOK).shows("Buy &lt;watches&gt;")
	eve.act("/rooms/lobby/1/report", "reason", "Spam", "text", "Since <Monday>").leadsTo("/rooms/lobby/1/report?done=reported")
	eve.get("/rooms/lobby/1/report?done=reported").shows("Thank you").shows(`href="/rooms/lobby/1#m1"`)

	mod.get("/admin/reports").shows("Buy &lt;watches&gt;").shows("Spam: Since &lt;Monday&gt;").shows("Reported by 1 member").
		shows(`href="/rooms/lobby/1#m1"`).shows(`href="/admin/members/3"`)
}

func TestWhatNobodyCanReportHasNoFormForIt(t *testing.T) {
	_, ann, mod, bob, _ := moderated(t)
	bob.say("/rooms/lobby", "abcdefgh-1", "mine").wants(http.StatusSeeOther)
	ann.say("/admin", "abcdefgh-2", "among us").wants(http.StatusSeeOther)
	bob.get("/rooms/lobby").hides("/1/report")
	bob.get("/rooms/lobby/1/report").wants(http.StatusNotFound)
	bob.submit("/rooms/lobby", "/rooms/lobby/1/report", "reason", "Spam").wants(http.StatusNotFound)
	mod.get("/admin").hides("/1/report")
	mod.get("/admin/1/report").wants(http.StatusNotFound)
	bob.submit("/rooms/lobby", "/rooms/lobby/1/delete").wants(http.StatusSeeOther)
	mod.get("/rooms/lobby/1/report").wants(http.StatusNotFound)
}

func TestARefusedReportKeepsWhatWasTyped(t *testing.T) {
	_, _, mod, bob, eve := moderated(t)
	bob.say("/rooms/lobby", "abcdefgh-1", "hello").wants(http.StatusSeeOther)
	eve.act("/rooms/lobby/1/report", "reason", "Something else", "text", " ").wants(http.StatusBadRequest).
		shows(`id="report-error"`).shows(`value="Something else" required checked`)
	long := strings.Repeat("x", 501)
	eve.act("/rooms/lobby/1/report", "reason", "Spam", "text", long).wants(http.StatusBadRequest).shows(long + "</textarea>").shows(`value="Spam" required checked`)
	mod.act("/admin/members/4/mute", "minutes", "10", "reason", "Quiet, please").wants(http.StatusSeeOther)
	eve.act("/rooms/lobby/1/report", "reason", "Off topic").wants(http.StatusForbidden).shows("You are muted")
}

func TestAReportIsDecidedOnceAndTheSecondLearnsWhatTheFirstDid(t *testing.T) {
	_, ann, mod, bob, eve := moderated(t)
	bob.say("/rooms/lobby", "abcdefgh-1", "Buy watches").wants(http.StatusSeeOther)
	eve.act("/rooms/lobby/1/report", "reason", "Spam").wants(http.StatusSeeOther)
	mod.get("/admin/reports").shows(`aria-describedby="report-1-keep"`).shows("Keep: the message is fine.").shows("Ignore: the report needs no answer.")
	mod.act("/admin/reports/1/resolve", "action", "agree-and-mute", "minutes", "1440", "note", "No shops here").
		leadsTo("/admin/reports?done=agree-and-mute")
	mod.get("/admin/reports?done=agree-and-mute").shows("its author is muted").shows("Nothing waits").hides("Buy watches")
	eve.get("/rooms/lobby").shows("Message deleted").hides("Buy watches")
	bob.get("/rooms/lobby").shows("You are muted until").shows("No shops here").shows(`data-muted-until="20`)

	ann.act("/admin/reports/1/resolve", "action", "keep").leadsTo("/admin/reports/1?done=faster")
	ann.get("/admin/reports/1?done=faster").shows("Somebody else was faster").shows("Deleted, and its author muted, by <bdi>mod</bdi>").hides("<form class=\"report__form\"")
	eve.get("/rooms/lobby").shows("Message deleted")
	ann.get("/admin/reports?state=resolved").shows("Buy watches").shows("No shops here")
}

func TestARefusedDecisionKeepsTheNote(t *testing.T) {
	_, ann, mod, bob, eve := moderated(t)
	bob.say("/rooms/lobby", "abcdefgh-1", "Buy watches").wants(http.StatusSeeOther)
	eve.act("/rooms/lobby/1/report", "reason", "Spam").wants(http.StatusSeeOther)
	long := strings.Repeat("x", 501)
	mod.act("/admin/reports/1/resolve", "action", "agree-and-delete", "note", long, "minutes", "10080").
		wants(http.StatusBadRequest).shows(`id="r1-note-error"`).shows(long).shows(`value="10080" selected`)
	mod.act("/admin/reports/1/resolve", "action", "explode", "note", "kept").wants(http.StatusBadRequest).shows(`value="kept"`).shows(`role="alert"`)
	mod.get("/admin/reports").shows(`aria-describedby="report-1-keep"`).shows("Keep: the message is fine.").shows("Ignore: the report needs no answer.")
	mod.act("/admin/reports/1/resolve", "action", "agree-and-mute", "minutes", "-1", "note", "kept").wants(http.StatusBadRequest).shows(`value="kept"`)
	bob.get("/rooms/lobby").shows("Buy watches")

	mod.say("/rooms/lobby", "abcdefgh-2", "of a moderator").wants(http.StatusSeeOther)
	eve.act("/rooms/lobby/2/report", "reason", "Off topic").wants(http.StatusSeeOther)
	mod.get("/admin/reports/2").wants(http.StatusNotFound)
	mod.act("/admin/reports/2/resolve", "action", "keep", "note", "kept").wants(http.StatusNotFound)
	ann.get("/admin/reports/2").shows(`value="agree-and-delete"`)
	ann.say("/rooms/lobby", "abcdefgh-3", "of the owner").wants(http.StatusSeeOther)
	eve.act("/rooms/lobby/3/report", "reason", "Off topic").wants(http.StatusSeeOther)
	mod.get("/admin/reports/3").hides(`value="agree-and-delete"`).shows(`value="keep"`)
}

func TestAReportFromAPrivateRoomSaysNothingOfTheRoom(t *testing.T) {
	_, ann, mod, bob, eve := moderated(t)
	path := privateRoom(ann)
	ann.submit(path+"/settings", path+"/members", "name", "bob").wants(http.StatusSeeOther)
	ann.submit(path+"/settings", path+"/members", "name", "eve").wants(http.StatusSeeOther)
	bob.say(path, "abcdefgh-1", "between us").wants(http.StatusSeeOther)
	eve.act(path+"/1/report", "reason", "Spam").wants(http.StatusSeeOther)
	slug := strings.TrimPrefix(path, "/rooms/")
	for _, page := range []string{"/admin/reports", "/admin/reports/1"} {
		mod.get(page).shows("between us").shows("a private room").hides(slug).hides("Long Table")
		ann.get(page).shows("between us").shows(path + "/1#m1").shows("Long Table")
	}
	mod.act("/admin/reports/1/resolve", "action", "agree-and-delete").wants(http.StatusSeeOther)
	mod.get("/admin/audit").shows("a private room").hides(slug)
	mod.get(path + "/1/moderate").wants(http.StatusNotFound)
	eve.get(path).shows("Message deleted")
}

func TestTheQueueIsPaged(t *testing.T) {
	_, _, mod, bob, _ := moderated(t)
	mod.submit("/admin/filter/new?kind=words", "/admin/filter", "kind", "words", "name", "All", "action", "flag", "on", "yes", "words", "*e*", "reason", "x").wants(http.StatusSeeOther)
	bob.say("/rooms/lobby", "abcdefgh-1", "hello one").wants(http.StatusSeeOther)
	bob.say("/rooms/lobby", "abcdefgh-2", "hello two").wants(http.StatusSeeOther)
	mod.get("/admin/reports?before=2").shows("hello one").hides("hello two").shows("Latest reports").shows("Flagged by the filter")
}
