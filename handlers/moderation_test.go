package handlers_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"roomline/realtime/chat"
)

// moderated is a site with ann, who owns it, mod, a moderator, and bob and eve, members. Their ids are 1 to 4.
func moderated(t *testing.T) (s *site, ann, mod, bob, eve *browser) {
	t.Helper()
	s = serve(t)
	ann, mod, bob, eve = s.member("ann"), s.member("mod"), s.member("bob"), s.member("eve")
	if _, err := s.db.SetRole(t.Context(), "mod", chat.RoleModerator); err != nil {
		t.Fatal(err)
	}
	return s, ann, mod, bob, eve
}

// act sends a form with a token that every page has.
func (b *browser) act(path string, fields ...string) *answer {
	b.t.Helper()
	return b.submit("/account", path, fields...)
}

// modPages are the pages of moderators.
func modPages() []string {
	return []string{
		"/admin/reports", "/admin/reports?state=resolved", "/admin/reports/1", "/admin/members", "/admin/members?q=a", "/admin/members/3",
		"/admin/filter", "/admin/filter/new?kind=words", "/admin/filter/1", "/admin/audit", "/admin/invites", "/admin/live",
		"/rooms/lobby/1/moderate", "/admin/1/moderate",
	}
}

// modForms are the forms of moderators, with fields that would do something.
func modForms() map[string][]string {
	return map[string][]string{
		"/admin/reports/1/resolve": {"action", "agree-and-delete"},
		"/admin/members/3/mute":    {"minutes", "10", "reason", "forged"},
		"/admin/members/3/unmute":  {"reason", "forged"},
		"/admin/members/3/ban":     {"minutes", "10", "reason", "forged"},
		"/admin/members/3/unban":   {"reason", "forged"},
		"/admin/members/3/purge":   {"reason", "forged"},
		"/admin/members/3/restore": {"reason", "forged"},
		"/admin/members/3/role":    {"role", "owner"},
		"/admin/members/3/reset":   {"reason", "forged"},
		"/admin/filter":            {"kind", "words", "name", "forged", "action", "flag", "on", "yes", "words", "x", "reason", "forged"},
		"/admin/filter/try":        {"kind", "words", "name", "forged", "action", "flag", "words", "x", "text", "x"},
		"/admin/filter/1":          {"kind", "words", "name", "forged", "action", "flag", "words", "x", "reason", "forged"},
		"/admin/filter/1/delete":   {"reason", "forged"},
		"/rooms/lobby/freeze":      {"on", "yes", "reason", "forged"},
		"/rooms/lobby/slow":        {"seconds", "60", "reason", "forged"},
		"/rooms/lobby/1/dismiss":   {"reason", "forged"},
		"/rooms/lobby/1/restore":   {"reason", "forged"},
	}
}

func TestAMemberCannotTellThePagesOfModeratorsFromNothing(t *testing.T) {
	s, ann, mod, bob, eve := moderated(t)
	bob.say("/rooms/lobby", "abcdefgh-1", "untouched").wants(http.StatusSeeOther)
	ann.say("/admin", "abcdefgh-2", "among us").wants(http.StatusSeeOther)
	eve.act("/rooms/lobby/1/report", "reason", "Spam").wants(http.StatusSeeOther)
	mod.submit("/admin/filter/new?kind=words", "/admin/filter", "kind", "words", "name", "Rule", "action", "flag", "on", "yes", "words", "never", "reason", "To be there").
		leadsTo("/admin/filter?done=created")

	nothing := bob.get("/rooms/nowhere").wants(http.StatusNotFound)
	without := func(a *answer) string { return strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), "") }
	token := bob.token("/rooms/lobby")
	var refused []*answer
	for _, path := range modPages() {
		mod.get(path).wants(http.StatusOK)
		s.visitor().get(path).wants(http.StatusSeeOther)
		refused = append(refused, bob.get(path))
	}
	for path, fields := range modForms() {
		refused = append(refused, bob.post(path, append(fields, "_csrf", token)...))
	}
	for _, a := range refused {
		a.wants(http.StatusNotFound)
		if without(a) != without(nothing) {
			t.Errorf("%s looks different from nothing:\n%s", a.what, a.body)
		}
	}
	bob.get("/rooms/lobby").shows("untouched").hides("/admin").hides(`/moderate"`).hides("forged")
	mod.get("/admin/audit").hides("forged")
	mod.get("/admin/filter").hides("forged")
	mod.get("/admin/reports").shows("untouched").shows("Delete message")
}

func TestAModeratorFindsTheirWay(t *testing.T) {
	_, _, mod, bob, eve := moderated(t)
	bob.say("/rooms/lobby", "abcdefgh-1", "hello").wants(http.StatusSeeOther)
	eve.act("/rooms/lobby/1/report", "reason", "Spam").wants(http.StatusSeeOther)
	count := regexp.MustCompile(`(?s)href="/admin/reports"[^>]*>.{0,300}?>1<`)
	for _, path := range []string{"/rooms/lobby", "/admin"} {
		if page := mod.get(path); !count.MatchString(page.body) {
			t.Errorf("%s does not say that a report waits:\n%s", path, page.body)
		}
	}
	mod.get("/rooms/lobby").shows(`href="/rooms/lobby/1/moderate"`)
	for section, path := range map[string]string{
		"reports": "/admin/reports", "members": "/admin/members/3", "filter": "/admin/filter/new?kind=links", "audit": "/admin/audit", "live": "/admin/live", "invites": "/admin/invites",
	} {
		mod.get(path).shows(fmt.Sprintf(`href="/admin/%s" aria-current="page"`, section)).shows(`href="/admin"`)
	}
}

func TestThePagesOfModeratorsAreNoPartOfAVisitOfTheChat(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	room := ann.get("/rooms/lobby")
	sheet := ann.get(room.find(`href="(/public/[^"]*/css/all\.css)"`)).wants(http.StatusOK)
	sheet.hides(".mod-nav").hides(".roll")
	room.hides("css/pages")
	ann.get(ann.get("/admin/reports").find(`href="(/public/[^"]*/css/pages/all\.css)"`)).shows(".mod-nav").shows(".roll")
}

func TestWhatIsNotThereHasNoPage(t *testing.T) {
	_, _, mod, _, _ := moderated(t)
	for _, path := range []string{
		"/admin/reports/1", "/admin/reports/x", "/admin/reports?before=x", "/admin/members/99", "/admin/members/x", "/admin/filter/1", "/admin/filter/x",
		"/admin/filter/new", "/admin/filter/new?kind=x", "/admin/audit?before=-1", "/rooms/lobby/1/moderate", "/rooms/nowhere/1/moderate", "/rooms/lobby/1/report",
	} {
		mod.get(path).wants(http.StatusNotFound)
	}
	token := mod.token("/account")
	for path, fields := range map[string][]string{
		"/admin/reports/1/resolve": {"action", "keep"}, "/admin/members/99/mute": {"reason", "x"}, "/admin/filter/7": {"kind", "words", "name", "x", "action", "flag", "words", "x", "reason", "x"},
		"/admin/filter/7/delete": {"reason", "x"}, "/admin/filter": {"kind", "x"}, "/rooms/nowhere/freeze": {"on", "yes", "reason", "x"}, "/rooms/lobby/9/dismiss": {"reason", "x"},
	} {
		mod.post(path, append(fields, "_csrf", token)...).wants(http.StatusNotFound)
	}
}
