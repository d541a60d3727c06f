package handlers_test

import (
	"net/http"
	"testing"
)

func TestTextsOfARefusedFormAreShownToCopy(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	for path, field := range map[string]string{
		"/rooms/lobby/messages": "text", "/rooms/lobby/1/edit": "text", "/rooms/lobby/1/report": "reason", "/admin/invites": "note",
	} {
		ann.post(path, field, "Kept <b>words</b>, whatever comes", "_csrf", "of a session that has ended").wants(http.StatusForbidden).
			shows("<textarea").shows("Kept &lt;b&gt;words&lt;/b&gt;, whatever comes")
	}
	ann.post("/login", "username", "ann", "password", "a secret that is typed", "_csrf", "old").wants(http.StatusForbidden).
		hides("a secret that is typed").hides("<textarea")
	ann.header.Set("Sec-Fetch-Site", "cross-site")
	ann.post("/rooms/lobby/messages", "text", "words of another site").wants(http.StatusForbidden).hides("words of another site")
}
