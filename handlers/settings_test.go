package handlers_test

import (
	"net/http"
	"strings"
	"testing"
)

// privateRoom has ann, who owns the site, make a room of her own, and returns its path.
func privateRoom(ann *browser) string {
	ann.t.Helper()
	made := ann.submit("/rooms/new", "/rooms/new", "name", "Long Table", "topic", "supper", "private", "yes").wants(http.StatusSeeOther)
	path, _, _ := strings.Cut(made.header.Get("Location"), "/settings")
	return path
}

func TestARoomIsMadeAndSetWithoutScript(t *testing.T) {
	s := serve(t)
	ann, bob := s.member("ann"), s.member("bob")
	ann.get("/rooms/lobby").shows(`href="/rooms/new"`).shows(`href="/rooms/lobby/settings"`)
	ann.submit("/rooms/new", "/rooms/new", "name", "Reading room", "topic", "books").leadsTo("/rooms/reading-room")
	bob.get("/rooms/reading-room").wants(http.StatusOK).shows("books")

	ann.submit("/rooms/reading-room/settings", "/rooms/reading-room/settings", "name", "Library", "topic", "books & maps", "notice", "Closed <today>").
		leadsTo("/rooms/reading-room/settings?done=saved")
	ann.get("/rooms/reading-room/settings?done=saved").shows("was changed")
	bob.get("/rooms/reading-room").shows("Library").shows("books &amp; maps").shows("Closed &lt;today&gt;")

	bob.submit("/rooms/lobby/settings", "/rooms/lobby/level", "level", "none").leadsTo("/rooms/lobby/settings?done=level")
	bob.get("/rooms/lobby/settings").shows(`value="none" checked`).hides(`name="notice"`)
	bob.submit("/rooms/lobby/settings", "/rooms/lobby/level", "level", "loud").wants(http.StatusBadRequest)
	ann.submit("/admin/settings", "/admin/level", "level", "all").leadsTo("/admin/settings?done=level")
}

func TestWhatIsRefusedOfARoomStandsAtItsField(t *testing.T) {
	s := serve(t)
	ann, bob := s.member("ann"), s.member("bob")
	page := "/rooms/lobby/settings"
	long := strings.Repeat("x", 501)
	ann.submit("/rooms/new", "/rooms/new", "name", "lobby!", "topic", "kept").wants(http.StatusBadRequest).
		shows(`id="name-error"`).shows("There is a room of that name already.").shows(`value="kept"`)
	ann.submit("/rooms/new", "/rooms/new", "name", "", "topic", "").wants(http.StatusBadRequest).shows(`id="name-error"`)
	ann.submit(page, page, "name", "Lobby", "topic", "", "notice", long).wants(http.StatusBadRequest).shows(`id="notice-error"`).shows(long)

	private := privateRoom(ann)
	ann.submit(private+"/settings", private+"/members", "name", "nobody").wants(http.StatusBadRequest).
		shows(`id="member-error"`).shows("There is nobody of that name.").shows(`value="nobody"`)

	bob.get("/rooms/lobby").hides(`href="/rooms/new"`)
	bob.get("/rooms/new").wants(http.StatusForbidden)
	token := bob.token("/rooms/lobby")
	bob.post("/rooms/new", "_csrf", token, "name", "Bob’s").wants(http.StatusForbidden)
	bob.post(page, "_csrf", token, "name", "Bob’s").wants(http.StatusForbidden)
	bob.post("/rooms/lobby/members", "_csrf", token, "name", "ann").wants(http.StatusBadRequest)
}

func TestMembersComeAndGoWithoutScript(t *testing.T) {
	s := serve(t)
	ann, bob := s.member("ann"), s.member("bob")
	path := privateRoom(ann)
	settings := path + "/settings"
	ann.get(settings + "?done=created").shows("Invite those who belong in it.")
	bob.get(path).wants(http.StatusNotFound)
	ann.submit(settings, path+"/members", "name", "BOB").leadsTo(settings + "?done=invited")
	bob.get(path).wants(http.StatusOK)
	bob.get(settings).hides("Remove ann").shows(">Leave<")
	remove := ann.get(settings).find(`action="(` + path + `/members/\d+/remove)">\s*<input[^>]*>\s*<button[^>]*aria-label="Remove bob"`)
	bob.get("/rooms/lobby").shows("Long Table")

	ann.submit(settings, remove).leadsTo(settings + "?done=removed")
	bob.get(path).wants(http.StatusNotFound)
	bob.get("/rooms/lobby").hides("Long Table")

	ann.submit(settings, path+"/members", "name", "bob").wants(http.StatusSeeOther)
	bob.submit(settings, remove).leadsTo("/")
	bob.get("/").leadsTo("/rooms/lobby")
}

func TestAPrivateRoomsPagesAreNothingToOthers(t *testing.T) {
	s := serve(t)
	ann, bob := s.member("ann"), s.member("bob")
	path := privateRoom(ann)
	ann.say(path, "abcdefgh-1", "only for us").wants(http.StatusSeeOther)
	token := bob.token("/rooms/lobby")
	for _, room := range []string{path, "/rooms/nowhere", "/admin"} {
		nothing := bob.get("/rooms/nowhere")
		for _, a := range []*answer{
			bob.get(room), bob.get(room + "/settings"), bob.get(room + "?date=2026-11-01"), bob.get(room + "/1"),
			bob.post(room+"/settings", "_csrf", token, "name", "x"),
			bob.post(room+"/level", "_csrf", token, "level", "all"),
			bob.post(room+"/members", "_csrf", token, "name", "bob"),
			bob.post(room+"/members", "_csrf", token, "name", "nobody"),
			bob.post(room+"/members/2/remove", "_csrf", token),
		} {
			a.wants(http.StatusNotFound)
			if a.body = strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), ""); a.body != strings.ReplaceAll(nothing.body, nothing.header.Get("X-Request-Id"), "") {
				t.Errorf("%s looks different from nothing:\n%s", a.what, a.body)
			}
		}
	}
}

func TestADayLeadsToItsFirstMessage(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	today := s.clock.Now().UTC().Format("2006-01-02")
	ann.get("/rooms/lobby?date=" + today).leadsTo("/rooms/lobby") // nothing is there
	fill(t, s, 3)
	ann.get("/rooms/lobby?date=" + today).leadsTo("/rooms/lobby/1#m1")
	ann.get("/rooms/lobby?date=2001-01-01").leadsTo("/rooms/lobby/1#m1")
	ann.get("/rooms/lobby?date=2999-01-01").leadsTo("/rooms/lobby/3#m3")
	for _, none := range []string{"x", "2026-13-01", "2026-02-30", "2026-11-01T00:00"} {
		ann.get("/rooms/lobby?date=" + none).wants(http.StatusNotFound)
	}
}
