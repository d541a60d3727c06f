package handlers_test

import (
	"net/http"
	"regexp"
	"testing"
)

func TestSomebodyWithoutScriptSignsUpPostsEditsAndDeletes(t *testing.T) {
	s := serve(t)
	ann := s.visitor()
	ann.get("/").leadsTo("/signup")
	ann.submit("/signup", "/signup", "username", "ann", "password", password).leadsTo("/")
	ann.get("/").leadsTo("/rooms/lobby")

	room := ann.get("/rooms/lobby").wants(http.StatusOK)
	sent := ann.post("/rooms/lobby/messages", "_csrf", room.value("_csrf"), "id", room.value("id"), "text", "Good <b>morning</b>").
		wants(http.StatusSeeOther).header.Get("Location")
	if !regexp.MustCompile(`^/rooms/lobby#m1$`).MatchString(sent) {
		t.Fatalf("sending leads to %s", sent)
	}
	ann.get("/rooms/lobby").shows("Good &lt;b&gt;morning&lt;/b&gt;")
	ann.get("/rooms/lobby/1").wants(http.StatusOK).shows(`id="m1"`)

	ann.get("/rooms/lobby/1/edit").wants(http.StatusOK).shows("Good &lt;b&gt;morning&lt;/b&gt;</textarea>")
	ann.submit("/rooms/lobby/1/edit", "/rooms/lobby/1/edit", "text", "Good evening").leadsTo("/rooms/lobby#m1")
	ann.get("/rooms/lobby").shows("Good evening").hides("morning")

	ann.submit("/rooms/lobby", "/rooms/lobby/1/delete").leadsTo("/rooms/lobby#m1")
	ann.get("/rooms/lobby").hides("Good evening").shows(`id="m1"`)
	ann.get("/rooms/lobby/1/edit").wants(http.StatusNotFound)

	ann.submit("/rooms/lobby", "/logout").leadsTo("/login")
	ann.get("/rooms/lobby").leadsTo("/login?next=%2Frooms%2Flobby")
	ann.submit("/login", "/login", "username", "ann", "password", password, "next", "/rooms/lobby").leadsTo("/rooms/lobby")
}
