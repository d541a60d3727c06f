package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// wantsAtField fails unless the field with that id, alone on the page, is marked as wrong, takes the focus and
// is described by the sentence.
func (a *answer) wantsAtField(id, sentence string) {
	a.t.Helper()
	wrong := regexp.MustCompile(`<(?:input|select|textarea)[^>]*aria-invalid="true"[^>]*>`).FindAllString(a.body, -1)
	if len(wrong) != 1 || !strings.Contains(wrong[0], `id="`+id+`"`) || !strings.Contains(wrong[0], ` autofocus`) ||
		!strings.Contains(wrong[0], `aria-describedby="`+id+`-error"`) {
		a.t.Errorf("fields marked as wrong: %q, want only %s, with the focus and its description", wrong, id)
	}
	_, after, _ := strings.Cut(a.body, `id="`+id+`-error"`)
	said, _, _ := strings.Cut(after, "</p>")
	if !strings.Contains(said, sentence) {
		a.t.Errorf("%s-error says %q, want %q", id, said, sentence)
	}
}

func TestSignUpErrorsAreAtTheirFields(t *testing.T) {
	s := serve(t)
	s.member("ann")
	for _, refused := range []struct{ name, password, field, sentence string }{
		{"x", password, "username", "2 to 32"},
		{"a b", password, "username", "letters, digits"},
		{"Ann", password, "username", "taken"},
		{"everyone", password, "username", "reserved"},
		{"bob", "short", "password", "at least 8"},
		{"bob", strings.Repeat("x", 129), "password", "at most 128"},
		{"bob", "password", "password", "among the first"},
	} {
		s.visitor().submit("/signup", "/signup", "username", refused.name, "password", refused.password).
			wants(http.StatusBadRequest).wantsAtField(refused.field, refused.sentence)
	}
	s.visitor().submit("/login", "/login", "username", "ann", "password", "not hers").
		wants(http.StatusForbidden).wantsAtField("password", "do not match")
}

func TestAccountErrorsAreAtTheirFields(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	ann.submit("/account", "/account/name", "name", "-").wants(http.StatusBadRequest).wantsAtField("name", "2 to 32")
	ann.submit("/account", "/account/password", "old", "not hers", "new", better).
		wants(http.StatusBadRequest).wantsAtField("old", "current password")
	ann.submit("/account", "/account/password", "old", password, "new", "short").
		wants(http.StatusBadRequest).wantsAtField("new", "at least 8")
}

func TestRoomAndMessageErrorsAreAtTheirFields(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	ann.submit("/rooms/new", "/rooms/new", "name", "").wants(http.StatusBadRequest).wantsAtField("name", "Write a name")
	settings := "/rooms/lobby/settings"
	ann.submit(settings, "/rooms/lobby/slow", "seconds", "-7", "reason", "busy").
		wants(http.StatusBadRequest).wantsAtField("slow-seconds", "")
	ann.submit(settings, "/rooms/lobby/slow", "seconds", "10", "reason", "").
		wants(http.StatusBadRequest).wantsAtField("slow-reason", "")
	ann.submit("/admin/invites", "/admin/invites", "uses", "0", "days", "7").wants(http.StatusBadRequest).wantsAtField("uses", "")
	ann.say("/rooms/lobby", "0192d2f0-0000-7000-8000-000000000001", "hello")
	ann.submit("/rooms/lobby/1/edit", "/rooms/lobby/1/edit", "text", "").wants(http.StatusBadRequest).wantsAtField("text", "")
}
