package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var tags = regexp.MustCompile(`<[^>]*>`)

// words are those of a page, each behind one space.
func words(body string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}

func TestAModeratorReadsWhatAMessageSaid(t *testing.T) {
	_, ann, mod, bob, eve := moderated(t)
	bob.say("/rooms/lobby", "abcdefgh-1", "first words").wants(http.StatusSeeOther)
	bob.submit("/rooms/lobby", "/rooms/lobby/1/edit", "text", "second words").wants(http.StatusSeeOther)
	page := "/rooms/lobby/1/moderate"
	mod.get(page).shows("first words").shows("second words").shows(`href="/admin/members/3"`).shows("Delete message")

	mod.act("/rooms/lobby/1/dismiss", "reason", " ").wants(http.StatusBadRequest).shows(`id="dismiss-reason-error"`)
	mod.act("/rooms/lobby/1/dismiss", "reason", "Rude").leadsTo(page + "?done=dismiss")
	eve.get("/rooms/lobby").hides("second words").shows("Message deleted")
	mod.get(page + "?done=dismiss").shows("The message was deleted.").shows("first words").shows("second words").shows("Restore message").hides("Delete message")
	mod.get("/rooms/lobby").shows(`href="` + page + `"`).hides("second words")

	mod.act("/rooms/lobby/1/restore", "reason", "").wants(http.StatusBadRequest).shows(`id="restore-reason-error"`)
	mod.act("/rooms/lobby/1/restore", "reason", "Not so rude").leadsTo(page + "?done=restore")
	eve.get("/rooms/lobby").shows("second words")

	bob.submit("/rooms/lobby", "/rooms/lobby/1/delete").wants(http.StatusSeeOther)
	mod.get(page).shows("second words").shows("Its author deleted it.").hides("Restore message")
	mod.act("/rooms/lobby/1/restore", "reason", "x").wants(http.StatusForbidden)

	ann.say("/rooms/lobby", "abcdefgh-2", "of the owner").wants(http.StatusSeeOther)
	seq := ann.get("/rooms/lobby").find(`id="m(\d+)"[^>]*>\s*<span class="avatar" aria-hidden="true">A<`)
	mod.get("/rooms/lobby/" + seq + "/moderate").shows("of the owner").hides("/dismiss")
	mod.act("/rooms/lobby/"+seq+"/dismiss", "reason", "x").wants(http.StatusForbidden)
	eve.get("/rooms/lobby").shows("of the owner")
}

func TestARoomIsFrozenAndSlowedByPlainForms(t *testing.T) {
	_, _, mod, bob, _ := moderated(t)
	page := "/rooms/lobby/settings"
	bob.get(page).hides("/freeze").hides("/slow")
	mod.get("/admin/settings").hides("/freeze")
	mod.act("/rooms/lobby/freeze", "on", "yes", "reason", "").wants(http.StatusBadRequest).shows(`id="freeze-reason-error"`)
	mod.act("/rooms/lobby/freeze", "on", "yes", "reason", "Night").leadsTo(page + "?done=frozen")
	mod.get(page + "?done=frozen").shows("The room is frozen.").shows("Let everybody write again")
	bob.get("/rooms/lobby").shows(`data-frozen="true"`).shows("Only moderators can write here now.").shows(`id="composer-box" hidden`)
	mod.get("/rooms/lobby").hides(`id="composer-box" hidden`)
	bob.say("/rooms/lobby", "abcdefgh-1", "hello").wants(http.StatusForbidden)
	mod.act("/rooms/lobby/freeze", "reason", "Morning").leadsTo(page + "?done=thawed")

	mod.act("/rooms/lobby/slow", "seconds", "soon", "reason", "kept").wants(http.StatusBadRequest).shows(`id="slow-seconds-error"`).shows(`value="kept"`)
	mod.act("/rooms/lobby/slow", "seconds", "300", "reason", "").wants(http.StatusBadRequest).shows(`id="slow-reason-error"`).shows(`value="300" selected`)
	mod.act("/rooms/lobby/slow", "seconds", "300", "reason", "Too fast").leadsTo(page + "?done=slow")
	mod.get(page).shows(`value="300" selected`)
	bob.get("/rooms/lobby").shows("one message every").shows("5 minutes").shows(`data-wait="0"`)
	bob.say("/rooms/lobby", "abcdefgh-2", "slowly").wants(http.StatusSeeOther)
	bob.get("/rooms/lobby").shows("You can write again in").hides(`data-wait="0"`)
	mod.get("/rooms/lobby").hides("You can write again in")
}
