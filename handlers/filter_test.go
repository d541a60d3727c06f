package handlers_test

import (
	"net/http"
	"testing"
)

// rule is the form of a rule about words.
func rule(action, words string, more ...string) []string {
	return append([]string{"kind", "words", "name", "Gambling", "action", action, "on", "yes", "words", words}, more...)
}

func TestARuleIsTriedBeforeItIsSaved(t *testing.T) {
	_, _, mod, bob, _ := moderated(t)
	form := "/admin/filter/new?kind=words"
	mod.get("/admin/filter").shows("No rules yet").shows(form)
	tried := mod.submit(form, "/admin/filter/try", rule("block", "casino*\njackpot", "text", "The CASINOS are closed", "reason", "Somebody wins")...).
		wants(http.StatusOK).shows("The rule finds something").shows("<mark>").shows("be refused")
	tried.shows("casino*\njackpot</textarea>").shows("The CASINOS are closed</textarea>").shows(`value="Gambling"`).shows(`value="block" checked`).shows(`value="Somebody wins"`)
	mod.submit(form, "/admin/filter/try", "kind", "words", "action", "flag", "words", "casino", "text", "Nothing of it").wants(http.StatusOK).
		shows("The rule finds nothing").hides(`name="on" value="yes" checked`)
	mod.get("/admin/filter").shows("No rules yet")
	bob.say("/rooms/lobby", "abcdefgh-1", "to the casino").wants(http.StatusSeeOther)

	mod.submit(form, "/admin/filter", rule("block", "casino*\n\n jackpot ", "reason", "Somebody wins")...).leadsTo("/admin/filter?done=created")
	mod.get("/admin/filter?done=created").shows("The rule is there.").shows("“casino*” or “jackpot”").shows("refuses")
	bob.say("/rooms/lobby", "abcdefgh-2", "to the casinos").wants(http.StatusForbidden).shows("to the casinos</textarea>")

	mod.get("/admin/filter/1").shows("casino*\njackpot</textarea>").shows(`name="on" value="yes" checked`)
	mod.submit("/admin/filter/1", "/admin/filter/1", "kind", "words", "name", "Gambling", "action", "block", "words", "casino*", "reason", "Enough").
		leadsTo("/admin/filter?done=saved")
	mod.get("/admin/filter").shows(`class="rule is-off"`)
	bob.say("/rooms/lobby", "abcdefgh-3", "to the casinos").wants(http.StatusSeeOther)
	mod.submit("/admin/filter/1", "/admin/filter/1/delete", "reason", "").wants(http.StatusBadRequest).shows(`id="delete-reason-error"`)
	mod.submit("/admin/filter/1", "/admin/filter/1/delete", "reason", "Enough").leadsTo("/admin/filter?done=deleted")
	mod.get("/admin/filter/1").wants(http.StatusNotFound)
}

func TestEveryKindOfRuleHasAForm(t *testing.T) {
	_, _, mod, _, _ := moderated(t)
	for kind, more := range map[string][]string{
		"links":    {"words", "shop.example\nexample.org", "only", "yes"},
		"pattern":  {"pattern", `\d{4}`},
		"repeats":  {"most", "3", "seconds", "60"},
		"mentions": {"most", "10", "seconds", "90"},
	} {
		fields := append([]string{"kind", kind, "name", "Of " + kind, "action", "hold", "on", "yes", "reason", "x"}, more...)
		mod.submit("/admin/filter/new?kind="+kind, "/admin/filter", fields...).leadsTo("/admin/filter?done=created")
	}
	mod.get("/admin/filter").shows("All links but those to “shop.example” and “example.org”").shows(`Messages that fit \d{4}`).
		shows("The same text for the 3rd time within 1 minute").shows("More than 10 mentions within 90 seconds")
}

func TestARefusedRuleKeepsWhatWasTyped(t *testing.T) {
	_, _, mod, _, _ := moderated(t)
	form := "/admin/filter/new?kind=pattern"
	fields := []string{"kind", "pattern", "name", "Odd <one>", "action", "flag", "on", "yes", "reason", "why not", "text", "some text"}
	mod.submit(form, "/admin/filter", append(fields, "pattern", "(")...).wants(http.StatusBadRequest).
		shows(`id="rule-pattern-error"`).shows(`value="("`).shows("Odd &lt;one&gt;").shows(`value="why not"`).shows("some text</textarea>")
	mod.submit(form, "/admin/filter/try", append(fields, "pattern", "(")...).wants(http.StatusBadRequest).shows(`id="rule-pattern-error"`)
	mod.submit(form, "/admin/filter", "kind", "pattern", "name", "Odd", "action", "flag", "pattern", "x", "reason", "").wants(http.StatusBadRequest).
		shows(`id="rule-reason-error"`).shows(`value="x"`)
	mod.submit(form, "/admin/filter", "kind", "repeats", "name", "Odd", "action", "flag", "most", "many", "seconds", "60", "reason", "x").wants(http.StatusBadRequest).
		shows(`value="many"`)
	mod.get("/admin/filter").shows("No rules yet")
}

func TestAHeldMessageIsItsAuthorsAloneUntilItIsApproved(t *testing.T) {
	_, _, mod, bob, eve := moderated(t)
	mod.submit("/admin/filter/new?kind=words", "/admin/filter", rule("hold", "casino", "reason", "x")...).wants(http.StatusSeeOther)
	bob.say("/rooms/lobby", "abcdefgh-1", "to the casino").wants(http.StatusSeeOther)
	bob.get("/rooms/lobby").shows("to the casino").shows("Waiting for review").shows(`data-held="waiting"`)
	eve.get("/rooms/lobby").hides("casino")
	mod.get("/rooms/lobby").hides("casino")
	mod.get("/admin/reports").shows("to the casino").shows("Held for review").shows("Gambling").shows(`value="approve"`).hides(`value="keep"`)
	mod.act("/admin/reports/1/resolve", "action", "approve").leadsTo("/admin/reports?done=approve")
	eve.get("/rooms/lobby").shows("to the casino")
	bob.get("/rooms/lobby").shows("to the casino").hides("Waiting for review")

	bob.say("/rooms/lobby", "abcdefgh-2", "again the casino").wants(http.StatusSeeOther)
	mod.act("/admin/reports/2/resolve", "action", "reject", "note", "No").leadsTo("/admin/reports?done=reject")
	bob.get("/rooms/lobby").hides("again the casino")
}
