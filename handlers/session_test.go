package handlers_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roomline/handlers"
	"roomline/realtime/chat"
)

func TestACookieSetBySomebodyElseIsNeverAdopted(t *testing.T) {
	s := serve(t)
	s.member("ann")
	home, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, planted := range []string{strings.Repeat("A", 43), "1", strings.Repeat("x", 4000), "%00"} {
		victim := s.visitor()
		victim.client.Jar.SetCookies(home, []*http.Cookie{{Name: "roomline_session", Value: planted, Path: "/"}})
		victim.get("/rooms/lobby").leadsTo("/login?next=%2Frooms%2Flobby")
		victim.submit("/login", "/login", "username", "ann", "password", password).leadsTo("/")
		if victim.cookie("roomline_session") == planted {
			t.Fatalf("the session has the planted id %q", planted)
		}
		victim.get("/rooms/lobby").wants(http.StatusOK)
	}
}

func TestSigningInAgainEndsTheOldSession(t *testing.T) {
	s := serve(t)
	ann, thief := s.member("ann"), s.visitor()
	old := ann.cookie("roomline_session")
	token := ann.token("/rooms/lobby")
	ann.post("/login", "_csrf", token, "username", "ann", "password", password).leadsTo("/")
	if ann.cookie("roomline_session") == old {
		t.Fatal("the session kept its id")
	}
	thief.header.Set("Cookie", "roomline_session="+old)
	thief.get("/account").leadsTo("/login?next=%2Faccount")
}

func TestSigningOutEndsTheSessionOnTheServer(t *testing.T) {
	s := serve(t)
	ann, thief := s.member("ann"), s.visitor()
	thief.header.Set("Cookie", "roomline_session="+ann.cookie("roomline_session"))
	thief.get("/account").wants(http.StatusOK)
	ann.submit("/account", "/logout").leadsTo("/login")
	thief.get("/account").leadsTo("/login?next=%2Faccount")
	if ann.cookie("roomline_session") != "" {
		t.Fatal("the browser keeps the cookie")
	}
}

func TestSigningOutEverywhereEndsEverySession(t *testing.T) {
	s := serve(t)
	here, there := s.member("ann"), s.visitor()
	there.submit("/login", "/login", "username", "ann", "password", password).leadsTo("/")
	here.submit("/account", "/logout/everywhere").leadsTo("/login")
	for _, b := range []*browser{here, there} {
		b.get("/account").leadsTo("/login?next=%2Faccount")
	}
}

func TestASessionCanBeEndedFromAnotherButOnlyOnesOwn(t *testing.T) {
	s := serve(t)
	here, there, bob := s.member("ann"), s.visitor(), s.member("bob")
	there.header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	there.submit("/login", "/login", "username", "ann", "password", password).leadsTo("/")
	here.get("/account").shows("Firefox on Linux")
	path := revokePath(t, here.get("/account"))

	bob.submit("/account", path).wants(http.StatusSeeOther)
	there.get("/account").wants(http.StatusOK)
	here.submit("/account", path).leadsTo("/account?done=revoked")
	there.get("/account").leadsTo("/login?next=%2Faccount")
	here.get("/account?done=revoked").wants(http.StatusOK).shows("The session was ended.").hides("Firefox on Linux")
	for _, id := range []string{"0", "-1", "x", "99999999999999999999"} {
		here.submit("/account", "/account/sessions/"+id+"/revoke").wants(http.StatusNotFound)
	}
}

func revokePath(t *testing.T, page *answer) string {
	t.Helper()
	_, rest, ok := strings.Cut(page.body, `action="/account/sessions/`)
	id, _, _ := strings.Cut(rest, "/revoke")
	if !ok {
		t.Fatalf("no session can be ended:\n%s", page.body)
	}
	return "/account/sessions/" + id + "/revoke"
}

func TestANewPasswordEndsEveryOtherSessionAndRenewsThisOne(t *testing.T) {
	s := serve(t)
	here, there := s.member("ann"), s.visitor()
	there.submit("/login", "/login", "username", "ann", "password", password).leadsTo("/")
	before := here.cookie("roomline_session")
	const better = "nine owls in a barn"

	here.submit("/account", "/account/password", "old", "not it at all", "new", better).wants(http.StatusBadRequest)
	here.submit("/account", "/account/password", "old", password, "new", "short").wants(http.StatusBadRequest)
	there.get("/account").wants(http.StatusOK)

	here.submit("/account", "/account/password", "old", password, "new", better).leadsTo("/account?done=password")
	here.get("/account?done=password").wants(http.StatusOK).shows("Your password was changed")
	there.get("/account").leadsTo("/login?next=%2Faccount")
	if here.cookie("roomline_session") == before {
		t.Fatal("the session kept its id")
	}
	s.visitor().submit("/login", "/login", "username", "ann", "password", password).wants(http.StatusForbidden)
	s.visitor().submit("/login", "/login", "username", "ann", "password", better).leadsTo("/")
}

func TestTheSessionCookieIsForThisSiteAndNotForScripts(t *testing.T) {
	s := serve(t)
	ann := s.visitor()
	set := ann.submit("/signup", "/signup", "username", "ann", "password", password).header.Values("Set-Cookie")[0]
	for _, part := range []string{"roomline_session=", "HttpOnly", "SameSite=Lax", "path=/", "max-age=2592000"} {
		if !strings.Contains(set, part) {
			t.Errorf("%s lacks %s", set, part)
		}
	}
	if strings.Contains(strings.ToLower(set), "secure") || strings.Contains(strings.ToLower(set), "domain") {
		t.Errorf("%s has too much", set)
	}
}

func TestUnderHTTPSTheCookieIsBoundToTheHost(t *testing.T) {
	s := serve(t, func(c *handlers.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} })
	ann := s.visitor()
	ann.header.Set("X-Forwarded-Proto", "https")
	page := ann.get("/signup").wants(http.StatusOK)
	if page.header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security under HTTPS")
	}
	// Set by hand: whether a jar sends secure cookies over loopback is its own affair.
	before, _, _ := strings.Cut(page.header.Get("Set-Cookie"), ";")
	if !strings.HasPrefix(before, "__Host-roomline_form=") {
		t.Fatalf("the form is bound to %s", before)
	}
	ann.header.Set("Cookie", before)
	set := ann.post("/signup", "_csrf", page.value("_csrf"), "username", "ann", "password", password).
		wants(http.StatusSeeOther).header.Values("Set-Cookie")[0]
	if !strings.HasPrefix(set, "__Host-roomline_session=") || !strings.Contains(set, "secure") || !strings.Contains(set, "path=/") {
		t.Fatalf("the session cookie is %s", set)
	}
	token, _, _ := strings.Cut(set, ";")
	ann.header.Set("Cookie", token)
	ann.get("/account").wants(http.StatusOK)
	planted := s.visitor() // as a page of a sibling domain could
	planted.header.Set("X-Forwarded-Proto", "https")
	planted.header.Set("Cookie", strings.TrimPrefix(token, "__Host-"))
	planted.get("/account").leadsTo("/login?next=%2Faccount")
}

func TestNobodyIsBelievedToUseHTTPSUnlessAProxySaysSo(t *testing.T) {
	s := serve(t)
	ann := s.visitor()
	ann.header.Set("X-Forwarded-Proto", "https")
	page := ann.get("/signup").wants(http.StatusOK)
	if page.header.Get("Strict-Transport-Security") != "" || strings.Contains(page.header.Get("Set-Cookie"), "__Host-") {
		t.Fatalf("a visitor's own header was believed: %v", page.header)
	}
}

func TestTheTokenOfASessionIsNotInTheDatabaseFile(t *testing.T) {
	s := serve(t)
	token := s.member("ann").cookie("roomline_session")
	files, err := filepath.Glob(s.db.Path() + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("files: %v, %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), token) {
			t.Errorf("%s holds the token", file)
		}
	}
}

func TestEveryWayToFailToSignInLooksTheSame(t *testing.T) {
	s := serve(t)
	s.member("ann")
	var first *answer
	for _, attempt := range [][2]string{
		{"ann", "wrong password"}, {"nobody", "wrong password"}, {"ann", ""}, {"", ""}, {"ann", strings.Repeat("x", 5000)},
		{strings.Repeat("n", 5000), "x"}, {"a\u202enn", "x"}, {"ANN", "wrong"},
	} {
		b := s.visitor()
		page := b.get("/login")
		got := b.post("/login", "_csrf", page.value("_csrf"), "username", attempt[0], "password", attempt[1])
		got.wants(http.StatusForbidden).shows("That name and password do not match.")
		if first == nil {
			first = got
		}
		if got.status != first.status || len(got.header) != len(first.header) {
			t.Errorf("%.20q is answered %d with %v, another %d with %v", attempt, got.status, got.header, first.status, first.header)
		}
	}
}

func TestSigningInLeadsBackButNeverElsewhere(t *testing.T) {
	s := serve(t)
	s.member("ann")
	for next, want := range map[string]string{
		"":                      "/",
		"/admin":                "/admin",
		"/rooms/lobby?before=9": "/rooms/lobby?before=9",
		"//evil.example":        "/",
		"https://evil.example":  "/",
		"/\\evil.example":       "/",
		"javascript:alert(1)":   "/",
	} {
		b := s.visitor()
		page := b.get("/login?next=" + url.QueryEscape(next)).wants(http.StatusOK)
		b.post("/login", "_csrf", page.value("_csrf"), "next", next, "username", "ann", "password", password).leadsTo(want)
		b.get("/login?next=" + url.QueryEscape(next)).leadsTo(want)
	}
}

func TestAClosedSiteTakesItsFirstAccountOnly(t *testing.T) {
	s := serve(t, func(c *handlers.Config) { c.Registration = handlers.RegistrationClosed })
	early := s.visitor()
	token := early.token("/signup")
	s.member("ann").get("/admin").wants(http.StatusOK)
	early.get("/signup").wants(http.StatusOK).shows("Not open")
	early.post("/signup", "_csrf", token, "username", "bob", "password", password).wants(http.StatusForbidden)
	if n, err := s.db.CountUsers(t.Context()); err != nil || n != 1 {
		t.Fatalf("%d accounts, %v", n, err)
	}
}

func TestTheConnectionsOfAnEndedSessionEndWithIt(t *testing.T) {
	for name, end := range map[string]func(here, there *browser){
		"sign out":            func(_, there *browser) { there.submit("/account", "/logout") },
		"sign in again":       func(_, there *browser) { there.submitAs("/account", "/login", "ann") },
		"sign out everywhere": func(here, _ *browser) { here.submit("/account", "/logout/everywhere") },
		"revoke": func(here, _ *browser) {
			here.submit("/account", revokePath(here.t, here.get("/account")))
		},
		"new password": func(here, _ *browser) {
			here.submit("/account", "/account/password", "old", password, "new", "nine owls in a barn")
		},
		"a link for a new password": func(here, _ *browser) {
			boss := here.site.member("boss")
			for _, role := range []struct {
				name string
				is   chat.Role
			}{{"boss", chat.RoleOwner}, {"ann", chat.RoleMember}} {
				if _, err := here.site.db.SetRole(here.t.Context(), role.name, role.is); err != nil {
					here.t.Fatal(err)
				}
			}
			path, _ := boss.resetLink("1")
			here.site.visitor().submit(path, path, "password", "nine owls in a barn")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			here, there := s.member("ann"), s.visitor()
			there.submitAs("/login", "/login", "ann").wants(http.StatusSeeOther)
			cookie := there.cookie("roomline_session")
			socket := s.visitor() // with the cookie as it was, as a thief has it
			socket.header.Set("Cookie", "roomline_session="+cookie)
			sid := socket.get("/socket.io/?EIO=4&transport=polling").wants(http.StatusOK).find(`"sid":"([^"]+)"`)
			end(here, there)
			if a := socket.get("/socket.io/?EIO=4&transport=polling&sid=" + url.QueryEscape(sid)); a.status < 400 {
				t.Fatalf("the next poll is answered %d %s", a.status, a.body)
			}
		})
	}
}

// submitAs signs in with the form's token of a page.
func (b *browser) submitAs(page, path, name string) *answer {
	b.t.Helper()
	return b.submit(page, path, "username", name, "password", password)
}
