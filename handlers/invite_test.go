package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"roomline/handlers"
	"roomline/realtime/chat"
)

// noToken has the form of a token and is none.
var noToken = strings.Repeat("A", 43)

func byInvite(c *handlers.Config) { c.Registration = handlers.RegistrationInvite }

// link returns the link that an answer shows, as a path, and its token.
func (a *answer) link(path string) (link, token string) {
	a.t.Helper()
	whole := a.wants(http.StatusOK).find(`id="link"[^>]* value="([^"]*)"`)
	u, err := url.Parse(whole)
	if err != nil || !strings.Contains(whole, path) {
		a.t.Fatalf("%s shows the link %q", a.what, whole)
	}
	_, token, _ = strings.Cut(whole, path)
	return u.RequestURI(), token
}

// moderator is a member who has been made one.
func (s *site) moderator(name string) *browser {
	s.t.Helper()
	b := s.member(name)
	if _, err := s.db.SetRole(s.t.Context(), name, chat.RoleModerator); err != nil {
		s.t.Fatal(err)
	}
	return b
}

// audit returns the acts in the audit log, the first one first.
func (s *site) audit() (acts []chat.Entry) {
	s.t.Helper()
	err := s.db.Store().Read(s.t.Context(), func(r chat.Reader) (err error) {
		acts, err = r.EntriesAfter(0, 1000)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return acts
}

func TestSomebodyIsInvitedWithoutScript(t *testing.T) {
	s := serve(t, byInvite)
	ann := s.member("ann") // the first needs no link
	made := ann.submit("/admin/invites", "/admin/invites", "uses", "1", "days", "7", "note", "the <choir>")
	path, token := made.link("/signup?invite=")
	made.shows(s.url + path)
	ann.get("/admin/invites").shows("the &lt;choir&gt;").shows("1 of 1 left").hides(token)

	bob := s.visitor()
	bob.get(path).wants(http.StatusOK).shows(`name="invite" value="` + token + `"`)
	// The link stays in the form when something else is refused.
	again := bob.submit(path, "/signup", "username", "ann", "password", password, "invite", token).wants(http.StatusBadRequest).shows("taken")
	bob.post("/signup", "_csrf", again.value("_csrf"), "username", "bob", "password", password, "invite", again.value("invite")).leadsTo("/")
	bob.get("/rooms/lobby").wants(http.StatusOK)
	ann.get("/admin/invites").shows("0 of 1 left").shows("used up")

	acts := s.audit()
	if len(acts) != 1 || acts[0].Act != "invite:create" || acts[0].Actor.ID != "1" || acts[0].Reason != "the <choir>" || !strings.Contains(string(acts[0].After), `"invite":1`) {
		t.Errorf("the audit log is %+v", acts)
	}
	if strings.Contains(string(acts[0].After), token) {
		t.Error("the token is in the audit log")
	}
}

func TestWithoutAGoodLinkTheSignUpPageSaysWhy(t *testing.T) {
	s := serve(t, byInvite)
	ann := s.member("ann")
	ann.submit("/admin/invites", "/admin/invites", "uses", "1", "days", "7")
	_, used := ann.submit("/admin/invites", "/admin/invites", "uses", "1", "days", "1h").link("/signup?invite=")
	s.visitor().submit("/signup?invite="+used, "/signup", "username", "bob", "password", password, "invite", used).leadsTo("/")
	_, revoked := ann.submit("/admin/invites", "/admin/invites", "uses", "1", "days", "90").link("/signup?invite=")
	ann.submit("/admin/invites", "/admin/invites/3/revoke").leadsTo("/admin/invites?done=revoked")
	ann.get("/admin/invites?done=revoked").shows("The link was revoked.")

	for token, says := range map[string]string{
		"": "Ask a moderator", used: "used up", revoked: "withdrawn", noToken: "not one of ours", "<b>": "not one of ours", used + "A": "not one of ours",
	} {
		b := s.visitor()
		page := b.get("/signup?invite=" + url.QueryEscape(token)).shows(says).hides(`name="password"`).hides("<b>")
		if want := http.StatusForbidden; token != "" && page.status != want {
			t.Errorf("%q: %d, want %d", token, page.status, want)
		}
		// Nor does the form itself help, and it tells nothing of names.
		for _, name := range []string{"cid", "ann"} {
			b.submit("/login", "/signup", "username", name, "password", password, "invite", token).wants(http.StatusForbidden).
				shows(says).hides(`name="password"`).hides("taken")
		}
	}
	if users, err := s.db.CountUsers(t.Context()); users != 2 || err != nil {
		t.Errorf("there are %d accounts, %v", users, err)
	}
	s.visitor().get("/login").shows("by invitation")
}

func TestWhereRegistrationIsOpenOrClosedALinkChangesNothing(t *testing.T) {
	open := serve(t)
	open.member("ann")
	open.visitor().get("/signup?invite=" + noToken).wants(http.StatusOK)
	open.visitor().submit("/signup", "/signup", "username", "bob", "password", password, "invite", noToken).leadsTo("/")

	closed := serve(t, func(c *handlers.Config) { c.Registration = handlers.RegistrationClosed })
	ann := closed.member("ann")
	ann.get("/admin/invites").wants(http.StatusOK).hides(`name="uses"`)
	ann.submit("/account", "/admin/invites", "uses", "1", "days", "7").wants(http.StatusForbidden).shows("of no use").hides(`id="link"`)
	closed.visitor().submit("/login", "/signup", "username", "bob", "password", password, "invite", noToken).wants(http.StatusForbidden)
}

func TestGuessingInvitesSlowsDown(t *testing.T) {
	s := serve(t, byInvite)
	ann := s.member("ann")
	path, _ := ann.submit("/admin/invites", "/admin/invites", "uses", "1", "days", "7").link("/signup?invite=")
	b := s.visitor()
	for range 60 { // who has a link may look at it as often as they like
		b.get(path).wants(http.StatusOK)
	}
	for range 60 {
		if b.get("/signup?invite="+noToken).status == http.StatusTooManyRequests {
			s.visitor().get(path).wants(http.StatusOK) // others at the address may use their links
			return
		}
	}
	t.Fatal("sixty guesses were heard")
}

func TestWhatIsWrongWithAnInviteStandsAtItsField(t *testing.T) {
	s := serve(t, byInvite)
	ann := s.member("ann")
	long := strings.Repeat("n", 101)
	for _, c := range []struct{ uses, days, note, id string }{
		{"0", "7", "kept", "uses-error"}, {"1001", "7", "kept", "uses-error"}, {"many", "7", "kept", "uses-error"}, {"", "7", "kept", "uses-error"},
		{"1", "0", "kept", "days-error"}, {"1", "91", "kept", "days-error"}, {"1", "2161h", "kept", "days-error"}, {"1", "-1", "kept", "days-error"},
		{"1", "", "kept", "days-error"}, {"1", "9999999999999999999", "kept", "days-error"}, {"1", "0h", "kept", "days-error"},
		{"1", "7", long, "note-error"}, {"1", "7", strings.Repeat("n", 2000), "note-error"},
	} {
		ann.submit("/admin/invites", "/admin/invites", "uses", c.uses, "days", c.days, "note", c.note).wants(http.StatusBadRequest).
			shows(`id="` + c.id + `"`).shows(c.note).hides(`id="link"`)
	}
	if acts := s.audit(); len(acts) != 0 {
		t.Errorf("the audit log is %+v", acts)
	}
	for _, path := range []string{"/admin/invites/9/revoke", "/admin/invites/x/revoke", "/admin/invites/-1/revoke"} {
		ann.submit("/admin/invites", path).wants(http.StatusNotFound)
	}
}

func TestTheSecondToRevokeALinkLearnsThatItHasEnded(t *testing.T) {
	s := serve(t, byInvite)
	ann := s.member("ann")
	ann.submit("/admin/invites", "/admin/invites", "uses", "1", "days", "7").wants(http.StatusOK)
	ann.submit("/admin/invites", "/admin/invites/1/revoke", "reason", "It leaked.").leadsTo("/admin/invites?done=revoked")
	ann.submit("/admin/invites", "/admin/invites/1/revoke").wants(http.StatusBadRequest).shows("it is revoked")
	acts := s.audit()
	if len(acts) != 2 || acts[1].Act != "invite:revoke" || acts[1].Reason != "It leaked." {
		t.Errorf("the audit log is %+v", acts)
	}
}

func TestThePagesOfModeratorsAreNothingToMembers(t *testing.T) {
	s := serve(t)
	s.member("ann")
	bob := s.member("bob")
	token := bob.token("/rooms/lobby")
	nothing := bob.get("/rooms/nowhere")
	for _, a := range []*answer{
		bob.get("/admin/invites"),
		bob.post("/admin/invites", "_csrf", token, "uses", "1", "days", "7"),
		bob.post("/admin/invites/1/revoke", "_csrf", token),
		bob.post("/admin/members/1/reset", "_csrf", token, "reason", "Mine."),
		bob.post("/admin/members/2/reset", "_csrf", token, "reason", "Mine."),
	} {
		a.wants(http.StatusNotFound)
		if got, want := strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), ""), strings.ReplaceAll(nothing.body, nothing.header.Get("X-Request-Id"), ""); got != want {
			t.Errorf("%s looks different from nothing:\n%s", a.what, got)
		}
	}
	s.visitor().get("/admin/invites").leadsTo("/login?next=%2Fadmin%2Finvites")
}

func TestALinkLeadsToTheOriginOfWhoeverMadeIt(t *testing.T) {
	s := serve(t, func(c *handlers.Config) {
		byInvite(c)
		c.Origins = []string{"https://chat.example.org"}
	})
	ann := s.member("ann")
	for origin, want := range map[string]string{
		"": s.url, s.url: s.url, "https://chat.example.org": "https://chat.example.org", "null": s.url, "https://evil.example": s.url,
		"https://" + strings.TrimPrefix(s.url, "http://"): "https://" + strings.TrimPrefix(s.url, "http://"), // behind what ends TLS
	} {
		b := ann.in(t)
		token := b.token("/admin/invites")
		b.header.Set("Sec-Fetch-Site", "same-origin")
		if origin != "" {
			b.header.Set("Origin", origin)
		}
		b.post("/admin/invites", "_csrf", token, "uses", "1", "days", "7").wants(http.StatusOK).shows(`value="` + want + `/signup?invite=`)
	}
}

func TestAnInviteEndsWhenItIsSaidTo(t *testing.T) {
	s := serve(t, byInvite)
	ann := s.member("ann")
	ann.submit("/admin/invites", "/admin/invites", "uses", "1", "days", "1h").wants(http.StatusOK)
	ann.submit("/admin/invites", "/admin/invites", "uses", "1", "days", "90").wants(http.StatusOK)
	invites, err := s.db.Invites(t.Context())
	if err != nil || len(invites) != 2 || invites[0].ExpiresAt.Sub(invites[0].CreatedAt) != 90*24*time.Hour || invites[1].ExpiresAt.Sub(invites[1].CreatedAt) != time.Hour {
		t.Errorf("the invites are %+v, %v", invites, err)
	}
}
