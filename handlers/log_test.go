package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"roomline/handlers"
)

// logged counts the lines of the site's log that contain all parts.
func (s *site) logged(parts ...string) int {
	n := 0
	for line := range strings.Lines(s.log.String()) {
		found := true
		for _, part := range parts {
			found = found && strings.Contains(line, part)
		}
		if found {
			n++
		}
	}
	return n
}

func (s *site) expectLogged(n int, parts ...string) {
	s.t.Helper()
	if got := s.logged(parts...); got != n {
		s.t.Errorf("%d lines with %q, want %d:\n%s", got, parts, n, s.log)
	}
}

func TestSignInsAndSignUpsAreLogged(t *testing.T) {
	s := serve(t)
	ida := s.member("ida")
	ida.submit("/account", "/logout").wants(http.StatusSeeOther)
	s.visitor().submit("/login", "/login", "username", "ida", "password", "not the one at all").wants(http.StatusForbidden)
	ida.submit("/login", "/login", "username", "ida", "password", password).wants(http.StatusSeeOther)
	s.expectLogged(1, `msg="account created"`, "user=ida", "address=127.0.0.1")
	s.expectLogged(1, `msg="sign-in failed"`, "user=ida", "address=127.0.0.1")
	s.expectLogged(1, `msg="signed in"`, "user=ida", "address=127.0.0.1")
}

func TestPasswordTypedAsNameIsNotLogged(t *testing.T) {
	s := serve(t)
	s.visitor().submit("/login", "/login", "username", password, "password", password).wants(http.StatusForbidden)
	s.expectLogged(1, `msg="sign-in failed"`, "address=127.0.0.1")
	s.expectLogged(0, password)
}

func TestThrottledSignInsAreLoggedOnce(t *testing.T) {
	s := serve(t)
	s.member("ida")
	eve := s.visitor()
	eve.exhaust("ida")
	for range 5 {
		eve.guess("ida").wants(http.StatusTooManyRequests)
	}
	s.expectLogged(1, "sign-ins refused", "address=127.0.0.1")
}

func TestSignUpRateIsLoggedWithItsFlag(t *testing.T) {
	s := serve(t, func(c *handlers.Config) { c.SignupRate = 1 })
	s.member("ida")
	for i := range 3 {
		s.visitor().submit("/signup", "/signup", "username", fmt.Sprint("late", i), "password", password).wants(http.StatusTooManyRequests)
	}
	s.expectLogged(1, "sign-ups refused", "--signup-rate")
}

func TestOtherHostIsLoggedOnce(t *testing.T) {
	s := serve(t, func(c *handlers.Config) { c.URL = "https://talk.example.net" })
	for range 3 {
		raw(t, s, "GET /login HTTP/1.1\r\nHost: alias.example.net\r\nConnection: close\r\n\r\n")
	}
	s.expectLogged(1, "level=WARN", "host=alias.example.net", "--origin")
}

func TestFormFromAnotherOriginIsLogged(t *testing.T) {
	s := serve(t)
	for range 3 {
		raw(t, s, "POST /login HTTP/1.1\r\nHost: 10.0.0.7:3000\r\nOrigin: http://talk.example.net\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
	}
	s.expectLogged(1, "level=WARN", "forms refused", "origin=http://talk.example.net", "set --url")
}

func TestUntrustedProxyIsLoggedByItsOwnAddress(t *testing.T) {
	s := serve(t)
	for i := range 3 {
		raw(t, s, "GET /login HTTP/1.1\r\nHost: talk.example.net\r\nX-Forwarded-For: 203.0.113."+strconv.Itoa(i)+"\r\nConnection: close\r\n\r\n")
	}
	s.expectLogged(1, "level=WARN", "set --trusted-proxy 127.0.0.1\"")
	s.expectLogged(0, "203.0.113.")
}

func TestTrustedProxyIsNotReported(t *testing.T) {
	s := serveProxied(t)
	raw(t, s, "GET /login HTTP/1.1\r\nHost: talk.example.net\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n")
	s.expectLogged(0, "--trusted-proxy")
}

func TestLinksAreLoggedWithoutTheirTokens(t *testing.T) {
	s := serve(t)
	ida, bob := s.member("ida"), s.member("bob")
	bob.get("/account").wants(http.StatusOK)
	invites := ida.submit("/admin/invites", "/admin/invites", "uses", "1", "days", "7", "note", "for Kim's school")
	invites.wants(http.StatusOK)
	_, after, found := strings.Cut(invites.body, "/signup?invite=")
	token, _, _ := strings.Cut(after, `"`)
	if !found || len(token) < 20 {
		t.Fatalf("no link in the page")
	}
	if token, err := url.QueryUnescape(token); err != nil || s.logged(token) != 0 {
		t.Errorf("the token is in the log (%v)", err)
	}
	ida.submit("/admin/members/2", "/admin/members/2/reset", "reason", "lost the phone").wants(http.StatusOK)
	s.expectLogged(1, "msg=moderation", "act=invite:create", "by=ida")
	s.expectLogged(1, "msg=moderation", "act=member:reset", "by=ida", "user=bob")
	s.expectLogged(0, "school")
	s.expectLogged(0, "phone")
}

func TestMutesBansAndFreezesAreLogged(t *testing.T) {
	s := serve(t)
	ida := s.member("ida")
	s.member("bob")
	ida.submit("/admin/members/2", "/admin/members/2/mute", "minutes", "10", "reason", "noise").wants(http.StatusSeeOther)
	ida.submit("/admin/members/2", "/admin/members/2/ban", "minutes", "60", "reason", "noise").wants(http.StatusSeeOther)
	ida.submit("/rooms/lobby/settings", "/rooms/lobby/freeze", "on", "1", "reason", "noise").wants(http.StatusSeeOther)
	s.expectLogged(1, "act=member:mute", "by=ida", "user=bob")
	s.expectLogged(1, "act=member:ban", "by=ida", "user=bob")
	s.expectLogged(1, "act=room:freeze", "by=ida", "room=lobby")
}
