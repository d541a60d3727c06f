package handlers_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"roomline/handlers"
	"roomline/realtime/chat"
)

const better = "nine owls in a barn"

// resetLink has a moderator make a link for a member, by their id.
func (b *browser) resetLink(user string) (path, token string) {
	b.t.Helper()
	return b.submit("/admin", "/admin/members/"+user+"/reset", "reason", "Lost it.").link("/reset/")
}

func TestALinkSetsANewPasswordWithoutScript(t *testing.T) {
	s := serve(t)
	s.member("ann")
	bob, mod, there := s.member("bob"), s.moderator("mod"), s.visitor()
	there.submit("/login", "/login", "username", "bob", "password", password).leadsTo("/")
	path, _ := mod.resetLink("2")

	b := s.visitor()
	for range 60 { // also previews of links look at it
		b.get(path).wants(http.StatusOK).shows("bob")
	}
	b.submit(path, path, "password", "short").wants(http.StatusBadRequest).shows(`id="password-error"`).shows("bob")
	bob.get("/account").wants(http.StatusOK)
	b.submit(path, path, "password", better).leadsTo("/login?done=reset")
	if b.cookie("roomline_session") != "" {
		t.Error("the link signs in")
	}
	b.get("/login?done=reset").shows("Your new password is set.")
	for _, old := range []*browser{bob, there} {
		old.get("/account").leadsTo("/login?next=%2Faccount")
	}
	b.submit("/login", "/login", "username", "bob", "password", password).wants(http.StatusForbidden)
	b.submit("/login", "/login", "username", "bob", "password", better).leadsTo("/")

	again := s.visitor()
	again.get(path).wants(http.StatusNotFound).shows("This link does not work.")
	again.submit("/login", path, "password", password).wants(http.StatusNotFound)

	acts := s.audit()
	last := acts[len(acts)-1]
	if last.Act != "member:reset" || last.Actor.ID != "3" || last.Target == nil || last.Target.ID != "2" || last.Reason != "Lost it." {
		t.Errorf("the last act is %+v", last)
	}
}

func TestTheTokenOfALinkReachesNoLog(t *testing.T) {
	log := &lines{}
	s := serve(t, func(c *handlers.Config) {
		byInvite(c)
		c.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	ann := s.member("ann")
	invite, invited := ann.submit("/admin/invites", "/admin/invites", "uses", "1", "days", "7").link("/signup?invite=")
	s.visitor().submit(invite, "/signup", "username", "bob", "password", password, "invite", invited).leadsTo("/")
	reset, resetting := ann.resetLink("2")
	b := s.visitor()
	b.submit(reset, reset, "password", better).leadsTo("/login?done=reset")
	b.get(reset + "/more").wants(http.StatusNotFound)
	// A form of another site is refused before anything else looks at it.
	b.header.Set("Origin", "https://evil.example")
	b.post(reset).wants(http.StatusForbidden)
	all := log.String() + s.log.String()
	if !strings.Contains(all, "path=/signup") || !strings.Contains(all, "path=/reset/") {
		t.Fatalf("the requests are not in the log:\n%s", all)
	}
	for _, token := range []string{invited, resetting} {
		if strings.Contains(all, token) {
			t.Errorf("the token %s is in the log:\n%s", token, all)
		}
	}
}

func TestALinkIsOnlyMadeForWhoIsBelow(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	mod := s.moderator("mod")
	s.moderator("comod")
	s.member("bob")
	for _, user := range []string{"1", "2", "3"} {
		mod.submit("/admin", "/admin/members/"+user+"/reset", "reason", "Lost it.").wants(http.StatusForbidden).hides("/reset/")
	}
	ann.submit("/admin", "/admin/members/1/reset", "reason", "Lost it.").wants(http.StatusForbidden)
	for _, user := range []string{"9", "x", "0", "-1"} {
		ann.submit("/admin", "/admin/members/"+user+"/reset", "reason", "Lost it.").wants(http.StatusNotFound)
	}
	ann.submit("/admin", "/admin/members/4/reset", "reason", "").wants(http.StatusBadRequest)
	ann.resetLink("2")
	mod.resetLink("4")
}

func TestANewerLinkTakesThePlaceOfTheOneBefore(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	s.member("bob")
	first, _ := ann.resetLink("2")
	second, _ := ann.resetLink("2")
	s.visitor().get(first).wants(http.StatusNotFound)
	s.visitor().get(second).wants(http.StatusOK)
	b := s.visitor()
	for range 60 {
		if b.get("/reset/"+noToken).status == http.StatusTooManyRequests {
			return
		}
	}
	t.Fatal("sixty guesses were heard")
}

func TestABannedMembersLinkSetsThePasswordAndLetsNobodyIn(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	s.member("bob")
	path, _ := ann.resetLink("2")
	s.ban("2", chat.SanctionRequest{Reason: "Spam"})
	b := s.visitor()
	b.submit(path, path, "password", better).leadsTo("/login?done=reset")
	b.submit("/login", "/login", "username", "bob", "password", better).wants(http.StatusForbidden).shows("You are banned.").shows("Reason: Spam.")
}
