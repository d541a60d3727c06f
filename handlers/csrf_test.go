package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"roomline/handlers"
)

// forms are all forms of the site, with fields that would do something.
func forms() map[string][]string {
	return map[string][]string{
		"/signup":                    {"username", "mallory", "password", password},
		"/login":                     {"username", "ann", "password", password},
		"/logout":                    nil,
		"/logout/everywhere":         nil,
		"/account/name":              {"name", "mallory"},
		"/account/password":          {"old", password, "new", "nine owls in a barn"},
		"/account/sessions/1/revoke": nil,
		"/rooms/lobby/messages":      {"id", "abcdefgh-2", "text", "forged"},
		"/rooms/lobby/1/edit":        {"text", "forged"},
		"/rooms/lobby/1/delete":      nil,
		"/reset/" + noToken:          {"password", "nine owls in a barn"},
		"/admin/invites":             {"uses", "1", "days", "7", "note", "forged"},
		"/admin/invites/1/revoke":    nil,
		"/admin/members/2/reset":     {"reason", "forged"},
		"/admin/messages":            {"id", "abcdefgh-3", "text", "forged"},
		"/admin/1/edit":              {"text", "forged"},
		"/admin/1/delete":            nil,
	}
}

func TestAFormWithoutItsOwnTokenChangesNothing(t *testing.T) {
	s := serve(t)
	ann, bob := s.member("ann"), s.member("bob")
	ann.say("/rooms/lobby", "abcdefgh-0", "untouched").wants(http.StatusSeeOther)
	ann.say("/admin", "abcdefgh-1", "untouched").wants(http.StatusSeeOther)
	stranger := s.visitor()
	stale := ann.token("/rooms/lobby")
	ann.submit("/rooms/lobby", "/logout").wants(http.StatusSeeOther)
	ann.submit("/login", "/login", "username", "ann", "password", password).wants(http.StatusSeeOther)

	for name, token := range map[string]string{
		"missing":          "",
		"made up":          strings.Repeat("A", 43),
		"of somebody else": bob.token("/rooms/lobby"),
		"from before":      stale,
		"of no account":    stranger.token("/login"),
	} {
		t.Run(name, func(t *testing.T) {
			ann := ann.in(t)
			for path, fields := range forms() {
				if name != "missing" {
					fields = append(fields, "_csrf", token)
				}
				ann.post(path, fields...).wants(http.StatusForbidden).shows("out of date")
			}
		})
	}
	for path, fields := range forms() {
		stranger.post(path, append(fields, "_csrf", bob.token("/rooms/lobby"))...).wants(http.StatusForbidden)
	}

	ann.get("/rooms/lobby").wants(http.StatusOK).shows("untouched").hides("forged")
	ann.get("/admin").wants(http.StatusOK).shows("untouched").hides("forged")
	s.visitor().submit("/login", "/login", "username", "mallory", "password", password).wants(http.StatusForbidden)
	s.visitor().submit("/login", "/login", "username", "ann", "password", password).wants(http.StatusSeeOther)
}

func TestAFormFromAnotherSiteIsRefusedEvenWithAToken(t *testing.T) {
	s := serve(t, func(c *handlers.Config) { c.Origins = []string{"https://chat.example.org"} })
	ann := s.member("ann")
	own := s.url
	for name, from := range map[string]struct {
		origin, site string
		accepted     bool
	}{
		"no browser":          {"", "", true},
		"this site":           {own, "same-origin", true},
		"this site, old":      {own, "", true},
		"typed address":       {"", "none", true},
		"a configured origin": {"https://chat.example.org", "cross-site", true},
		"a stranger":          {"https://evil.example", "", false},
		"a stranger, said so": {"https://evil.example", "cross-site", false},
		"a sibling":           {"", "same-site", false},
		"nobody":              {"null", "", false},
		"our name in front":   {own + ".evil.example", "", false},
		"our name behind":     {"http://evil-" + strings.TrimPrefix(own, "http://"), "", false},
		"another port":        {"http://127.0.0.1:1", "", false},
		"our name as user":    {own + "@evil.example", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			ann := ann.in(t)
			token := ann.token("/rooms/lobby")
			if from.origin != "" {
				ann.header.Set("Origin", from.origin)
			}
			if from.site != "" {
				ann.header.Set("Sec-Fetch-Site", from.site)
			}
			want := http.StatusForbidden
			if from.accepted {
				want = http.StatusNotFound // there is no message 7
			}
			ann.post("/rooms/lobby/7/delete", "_csrf", token).wants(want)
		})
	}
}
