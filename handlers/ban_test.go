package handlers_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// ban has the owner ban a member, by id.
func (s *site) ban(user string, r chat.SanctionRequest) {
	s.t.Helper()
	r.User = user
	if _, err := s.live.Service().Ban(s.t.Context(), chat.Actor{ID: "1", Space: chat.SpaceAdmin}, r); err != nil {
		s.t.Fatal(err)
	}
}

func TestWhoIsBannedLearnsWhyAndGetsNoSession(t *testing.T) {
	s := serve(t)
	s.member("ann")
	bob := s.member("bob")
	s.ban("2", chat.SanctionRequest{For: time.Hour, Reason: "Spam & <worse>!"})
	// What they had is over.
	bob.get("/account").leadsTo("/login?next=%2Faccount")

	refused := bob.submit("/login", "/login", "username", "bob", "password", password).wants(http.StatusForbidden).
		shows("Reason: Spam &amp; &lt;worse&gt;! If")
	if !regexp.MustCompile(`You are banned until \d+ \w+ \d{4}, \d\d:\d\d UTC\.`).MatchString(refused.body) {
		t.Errorf("the page does not say until when:\n%s", refused.body)
	}
	if cookies := refused.header.Values("Set-Cookie"); len(cookies) != 0 {
		t.Errorf("cookies are set: %v", cookies)
	}
	if sessions, err := s.db.Sessions(t.Context(), 2); len(sessions) != 0 || err != nil {
		t.Errorf("the sessions are %+v, %v", sessions, err)
	}
	// Others learn nothing of it.
	s.visitor().submit("/login", "/login", "username", "bob", "password", "is it this one").wants(http.StatusForbidden).hides("banned")

	_, err := s.live.Service().Unban(t.Context(), chat.Actor{ID: "1", Space: chat.SpaceAdmin}, "2", "Enough.")
	if err != nil {
		t.Fatal(err)
	}
	bob.submit("/login", "/login", "username", "bob", "password", password).leadsTo("/")
}

func TestARefusedSignInLeavesTheSessionOfSomebodyElse(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	s.member("bob")
	s.ban("2", chat.SanctionRequest{Reason: "Spam"})
	token := ann.token("/account")
	ann.post("/login", "_csrf", token, "username", "bob", "password", password).wants(http.StatusForbidden).shows("You are banned.")
	ann.get("/account").wants(http.StatusOK).shows("ann")
}
