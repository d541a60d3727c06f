package handlers_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestWhereNothingWasDoneTheAuditLogSaysSo(t *testing.T) {
	serve(t).member("ann").get("/admin/audit").shows("Nothing yet")
}

func TestTheAuditLogSaysWhatWasDone(t *testing.T) {
	_, ann, mod, bob, _ := moderated(t)
	bob.say("/rooms/lobby", "abcdefgh-1", "secret words").wants(http.StatusSeeOther)
	mod.act("/admin/members/3/mute", "minutes", "1440", "reason", "Loud <again>").wants(http.StatusSeeOther)
	mod.act("/admin/members/3/unmute", "reason", "Calm").wants(http.StatusSeeOther)
	mod.act("/rooms/lobby/1/dismiss", "reason", "Off topic").wants(http.StatusSeeOther)
	ann.act("/admin/members/3/role", "role", "moderator").wants(http.StatusSeeOther)
	ann.submit("/rooms/lobby/settings", "/rooms/lobby/slow", "seconds", "30", "reason", "Too fast").wants(http.StatusSeeOther)

	log := mod.get("/admin/audit").wants(http.StatusOK).hides("secret words")
	text := words(log.body)
	for _, line := range []string{
		"mod muted bob for 1 day", "mod lifted the mute of bob", "mod deleted a message of bob in Lobby", "ann made bob a moderator",
		"ann set the slow mode of Lobby to 30 seconds", "Reason: Loud &lt;again&gt;", "seconds 0 → is now 30", "role member → is now moderator",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the log does not say %q:\n%s", line, text)
		}
	}
	log.find(`<code class="entry__hash">([0-9a-f]{64})</code>`)
	log.shows(`href="/rooms/lobby/1#m1"`)

	mod.get("/admin/audit?q=calm").shows("Calm").hides("Loud")
	mod.get("/admin/audit?act=room:").shows("Too fast").hides("Calm").shows(`value="room:" selected`)
	mod.get("/admin/audit?user=1").shows("Too fast").hides("Calm").shows("By or about").shows("<bdi>ann</bdi>")
	mod.get("/admin/audit?q=nowhere").shows("Nothing found")
	mod.get("/admin/audit?before=3").shows("Loud").hides("Calm").shows("Latest entries")
}
