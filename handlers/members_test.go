package handlers_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestMembersAreFoundByNameAndSanction(t *testing.T) {
	_, _, mod, _, _ := moderated(t)
	mod.act("/admin/members/3/mute", "minutes", "0", "reason", "Quiet").wants(http.StatusSeeOther)
	all := mod.get("/admin/members").wants(http.StatusOK)
	for _, name := range []string{"ann", "mod", "bob", "eve"} {
		all.shows("<bdi>" + name + "</bdi>")
	}
	all.shows("Muted</strong> until it is lifted")
	mod.get("/admin/members?q=EV").shows("<bdi>eve</bdi>").hides("<bdi>bob</bdi>")
	mod.get("/admin/members?sanctioned=1").shows("<bdi>bob</bdi>").hides("<bdi>eve</bdi>").shows(`value="1" checked`)
	mod.get("/admin/members?q=nobody").shows("Nobody’s name begins with")
}

func TestAMemberIsMutedAndFreedByPlainForms(t *testing.T) {
	_, _, mod, bob, _ := moderated(t)
	bob.say("/rooms/lobby", "abcdefgh-1", "hello").wants(http.StatusSeeOther)
	mod.act("/admin/members/3/mute", "minutes", "60", "reason", "Quiet <now>").leadsTo("/admin/members/3?done=mute")
	mod.get("/admin/members/3?done=mute").shows("<strong>Muted</strong>").hides("are muted").shows("Quiet &lt;now&gt;").shows("Lift the mute").shows("for 1 hour").
		shows(`href="/rooms/lobby/1#m1"`).shows("hello")
	bob.get("/rooms/lobby").shows("You are muted until").shows("Quiet &lt;now&gt;").shows(`id="composer-box" hidden`)
	bob.say("/rooms/lobby", "abcdefgh-2", "still here").wants(http.StatusForbidden).shows("You are muted until")

	mod.act("/admin/members/3/unmute", "reason", "Sorry").leadsTo("/admin/members/3?done=unmute")
	mod.get("/admin/members/3?done=unmute").shows("The mute was lifted").hides("Lift the mute").shows("lifted")
	bob.get("/rooms/lobby").hides("data-muted-until").hides(`id="composer-box" hidden`)
	mod.act("/admin/members/3/mute", "minutes", "0", "reason", "Again").wants(http.StatusSeeOther)
	bob.get("/rooms/lobby").shows(`data-muted-until="open"`).shows(`data-mute-reason="Again"`).shows("until a moderator lifts it")
}

func TestAMemberIsBannedWithAllTheyWroteAndComesBack(t *testing.T) {
	_, _, mod, bob, eve := moderated(t)
	bob.say("/rooms/lobby", "abcdefgh-1", "first words").wants(http.StatusSeeOther)
	bob.say("/rooms/lobby", "abcdefgh-2", "second words").wants(http.StatusSeeOther)
	mod.act("/admin/members/3/ban", "minutes", "1440", "reason", "Sold watches", "purge", "yes").leadsTo("/admin/members/3?done=ban&messages=2")
	mod.get("/admin/members/3?done=ban&messages=2").shows("sessions have ended.").shows("<strong>Banned</strong>").shows("It was 2 messages.").shows("Bring back 2 messages").shows("Lift the ban")
	bob.get("/rooms/lobby").wants(http.StatusSeeOther)
	eve.get("/rooms/lobby").hides("first words").hides("second words").shows("Message deleted")

	mod.act("/admin/members/3/unban", "reason", "Wrong person").leadsTo("/admin/members/3?done=unban")
	mod.act("/admin/members/3/restore", "reason", "Wrong person").leadsTo("/admin/members/3?done=restore&messages=2")
	eve.get("/rooms/lobby").shows("first words").shows("second words")
	bob.submit("/login", "/login", "username", "bob", "password", password).wants(http.StatusSeeOther)
	bob.get("/rooms/lobby").wants(http.StatusOK)
	mod.act("/admin/members/3/purge", "reason", "After all").leadsTo("/admin/members/3?done=purge&messages=2")
	eve.get("/rooms/lobby").hides("first words")
}

func TestARefusedActKeepsWhatWasTyped(t *testing.T) {
	_, _, mod, bob, _ := moderated(t)
	mod.act("/admin/members/3/mute", "minutes", "10080", "reason", " ").wants(http.StatusBadRequest).
		shows(`id="mute-reason-error"`).shows(`value="10080" selected`).hides("ban-reason-error")
	long := strings.Repeat("x", 501)
	mod.act("/admin/members/3/ban", "minutes", "10", "reason", long, "purge", "yes").wants(http.StatusBadRequest).
		shows(`id="ban-reason-error"`).shows(long).shows(`name="purge" value="yes" checked`)
	for _, minutes := range []string{"soon", "-1", "99999999999999"} {
		mod.act("/admin/members/3/mute", "minutes", minutes, "reason", "kept").wants(http.StatusBadRequest).shows(`id="mute-minutes-error"`).shows(`value="kept"`)
	}
	for _, form := range []string{"purge", "reset"} {
		mod.act("/admin/members/3/"+form, "reason", "").wants(http.StatusBadRequest).shows(`id="` + form + `-reason-error"`)
	}
	bob.get("/rooms/lobby").wants(http.StatusOK).hides("data-muted-until")
	mod.get("/admin/audit").hides("member:mute").hides("member:ban").hides("member:purge")
}

func TestOnlyWhatOneMayDoIsShownAndDone(t *testing.T) {
	_, ann, mod, bob, _ := moderated(t)
	acts := `action="/admin/members/`
	mod.get("/admin/members/3").shows(acts + `3/mute"`).shows(acts + `3/ban"`).shows(acts + `3/purge"`).shows(acts + `3/reset"`).hides(acts + `3/role"`)
	mod.get("/admin/members/1").hides(acts).shows("Nobody can mute or ban an owner.")
	mod.get("/admin/members/2").hides(acts).shows("This is you.")
	ann.get("/admin/members/2").shows(acts + `2/mute"`).shows(acts + `2/role"`)
	ann.get("/admin/members/1").hides(acts)
	for _, user := range []string{"1", "2"} {
		for _, form := range []string{"mute", "ban", "purge", "reset"} {
			mod.act("/admin/members/"+user+"/"+form, "minutes", "10", "reason", "forged").wants(http.StatusForbidden)
		}
	}
	mod.act("/admin/members/3/role", "role", "moderator").wants(http.StatusForbidden)
	ann.act("/admin/members/1/role", "role", "member").wants(http.StatusForbidden)
	ann.act("/admin/members/3/role", "role", "king").wants(http.StatusBadRequest)
	bob.get("/admin").wants(http.StatusNotFound)
	ann.act("/admin/members/3/role", "role", "moderator", "reason", "").leadsTo("/admin/members/3?done=role")
	bob.get("/admin").wants(http.StatusOK)
	mod.get("/admin/members/3").hides(acts)
}
