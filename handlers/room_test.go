package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"roomline/realtime/chat"
)

func TestAMemberCannotTellTheAdminRoomFromNothing(t *testing.T) {
	s := serve(t)
	owner, bob := s.member("ann"), s.member("bob")
	owner.say("/admin", "abcdefgh-1", "for moderators").wants(http.StatusSeeOther)
	owner.get("/admin").wants(http.StatusOK).shows("for moderators")

	nothing := bob.get("/rooms/nowhere").wants(http.StatusNotFound)
	without := func(a *answer) string { // the only thing that differs from answer to answer
		return strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), "")
	}
	token := bob.token("/rooms/lobby")
	for _, a := range []*answer{
		bob.get("/admin"), bob.get("/admin/1"), bob.get("/admin/1/edit"), bob.get("/admin?before=1"), bob.get("/rooms/admin"),
		bob.get("/rooms/admin/1"), bob.get("/nothing/of/the/kind"),
		bob.post("/admin/messages", "_csrf", token, "id", "abcdefgh-2", "text", "hello"),
		bob.post("/admin/1/edit", "_csrf", token, "text", "hello"),
		bob.post("/admin/1/delete", "_csrf", token),
		bob.post("/rooms/admin/messages", "_csrf", token, "id", "abcdefgh-3", "text", "hello"),
	} {
		a.wants(http.StatusNotFound)
		if without(a) != without(nothing) {
			t.Errorf("%s looks different from nothing:\n%s", a.what, a.body)
		}
	}
	bob.get("/rooms/lobby").hides("/admin")
	s.visitor().get("/admin").leadsTo("/login?next=%2Fadmin")
	if _, err := s.db.SetRole(t.Context(), "bob", chat.RoleModerator); err != nil {
		t.Fatal(err)
	}
	bob.get("/rooms/lobby").shows(`href="/admin"`)
	bob.get("/admin").wants(http.StatusOK).shows("for moderators")
}

func TestARefusedMessageComesBackWithItsText(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	long := strings.Repeat("ä", 4001)
	refused := ann.say("/rooms/lobby", "abcdefgh-1", long).wants(http.StatusBadRequest).shows(long).shows("too long")
	ann.post("/rooms/lobby/messages", "_csrf", refused.value("_csrf"), "id", refused.value("id"), "text", "short").wants(http.StatusSeeOther)
	ann.say("/rooms/lobby", "abcdefgh-2", " \n ").wants(http.StatusBadRequest).shows("Write something first.")
	ann.say("/rooms/lobby", "bad", "hello").wants(http.StatusBadRequest)
	ann.say("/rooms/lobby", "abcdefgh-3", "first").wants(http.StatusSeeOther)
	ann.say("/rooms/lobby", "abcdefgh-3", "first").wants(http.StatusSeeOther)
	ann.say("/rooms/lobby", "abcdefgh-3", "second").wants(http.StatusConflict).shows("second</textarea>")
	if page := ann.get("/rooms/lobby"); strings.Count(page.body, ">first<") != 1 {
		t.Errorf("a message sent twice is not there once:\n%s", page.body)
	}
}

func TestWhoSendsTooFastIsToldWhenToComeBack(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	for i := range 20 {
		a := ann.say("/rooms/lobby", fmt.Sprintf("abcdefgh-%d", i), "hello")
		if a.status == http.StatusTooManyRequests {
			if a.header.Get("Retry-After") == "" {
				t.Fatal("no Retry-After")
			}
			a.shows("hello</textarea>")
			return
		}
	}
	t.Fatal("twenty messages at once were taken")
}

func TestOnlyTheAuthorChangesAMessage(t *testing.T) {
	s := serve(t)
	ann, bob := s.member("ann"), s.member("bob")
	ann.say("/rooms/lobby", "abcdefgh-1", "mine").wants(http.StatusSeeOther)
	token := bob.token("/rooms/lobby")
	bob.get("/rooms/lobby/1/edit").wants(http.StatusForbidden)
	bob.post("/rooms/lobby/1/edit", "_csrf", token, "text", "stolen").wants(http.StatusForbidden)
	bob.post("/rooms/lobby/1/delete", "_csrf", token).wants(http.StatusForbidden)
	bob.get("/rooms/lobby").shows("mine").hides("stolen")
	ann.submit("/rooms/lobby", "/rooms/lobby/1/edit", "text", "").wants(http.StatusBadRequest).shows("Write something first.")
}

func TestAnAnswerQuotesWhatItAnswers(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	ann.say("/rooms/lobby", "abcdefgh-1", "Lunch\nat noon?").wants(http.StatusSeeOther)
	form := ann.get("/rooms/lobby?reply=1").wants(http.StatusOK).shows(`name="replyTo" value="1"`).shows("Lunch at noon?</span>")
	answer := []string{"_csrf", form.value("_csrf"), "id", form.value("id"), "replyTo", "1", "text"}
	ann.post("/rooms/lobby/messages", append(answer, " ")...).wants(http.StatusBadRequest).shows(`name="replyTo" value="1"`)
	ann.post("/rooms/lobby/messages", append(answer, "Gladly")...).wants(http.StatusSeeOther)
	fill(t, s, 60)
	const quote = `data-seq="1" data-rev=`
	ann.get("/rooms/lobby/2").shows(quote).shows("Lunch at noon?</span>")
	ann.get("/rooms/lobby?before=52").shows(quote).hides(`id="m1"`)
	ann.get("/rooms/lobby?after=1").hides(`id="m1"`).shows("Lunch at noon?</span>")
	ann.submit("/rooms/lobby", "/rooms/lobby/1/delete").wants(http.StatusSeeOther)
	ann.get("/rooms/lobby?after=1").shows("Message deleted</span>").hides("Lunch")
	for _, gone := range []string{"1", "999"} {
		ann.get("/rooms/lobby?reply=" + gone).wants(http.StatusOK).shows(`name="replyTo" value="" disabled`)
	}
	ann.get("/rooms/lobby?reply=x").wants(http.StatusNotFound)
}

func TestAReactionIsSetAndTakenAwayByAForm(t *testing.T) {
	s := serve(t)
	ann, bob := s.member("ann"), s.member("bob")
	ann.say("/rooms/lobby", "abcdefgh-1", "Done").wants(http.StatusSeeOther)
	react := func(b *browser, fields ...string) *answer {
		t.Helper()
		return b.submit("/rooms/lobby", "/rooms/lobby/1/react", fields...)
	}
	react(ann, "on", "👍").leadsTo("/rooms/lobby#m1")
	ann.get("/rooms/lobby").shows(`name="off" value="👍" aria-pressed="true" title="👍 you"`)
	bob.get("/rooms/lobby").shows(`name="on" value="👍" aria-pressed="false" title="👍 ann"`)
	react(bob, "on", "👍").leadsTo("/rooms/lobby#m1")
	ann.get("/rooms/lobby").shows(`title="👍 bob and you" aria-label="👍 2: bob and you"`)
	react(ann, "off", "👍").leadsTo("/rooms/lobby#m1")
	ann.get("/rooms/lobby").shows(`name="on" value="👍"`).shows(`title="👍 bob"`)
	for _, emoji := range []string{"x", "", "👍👍"} {
		react(ann, "on", emoji).wants(http.StatusBadRequest)
	}
	ann.post("/rooms/lobby/1/react", "on", "👍").wants(http.StatusForbidden)
}

func TestHistoryIsPagedBothWaysWithoutScript(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	fill(t, s, 120)
	latest := ann.get("/rooms/lobby").wants(http.StatusOK).shows(`id="m120"`).shows(`id="m71"`).hides(`id="m70"`).
		shows("/rooms/lobby?before=71").hides("?after=")
	older := ann.get("/rooms/lobby?before=71").wants(http.StatusOK).shows(`id="m21"`).shows(`id="m70"`).hides(`id="m71"`)
	older.shows("/rooms/lobby?before=21").shows("/rooms/lobby?after=70")
	ann.get("/rooms/lobby?after=20").wants(http.StatusOK).shows(`id="m21"`).hides(`id="m20"`)
	ann.get("/rooms/lobby/60").wants(http.StatusOK).shows(`id="m60"`).shows(`data-focus="60"`).hides(`id="m120"`)
	latest.shows(`data-focus="0"`)
	for _, path := range []string{
		"/rooms/lobby/121", "/rooms/lobby/0", "/rooms/lobby/-1", "/rooms/lobby/x", "/rooms/lobby/9999999999999999999",
		"/rooms/lobby?before=x", "/rooms/lobby?after=-1", "/rooms/LOBBY", "/rooms/lobby%00", "/rooms/..%2fadmin",
	} {
		ann.get(path).wants(http.StatusNotFound)
	}
}

// fill posts n messages as the first account, without its limits.
func fill(t *testing.T, s *site, n int) {
	t.Helper()
	service := chat.New(chat.Config{Store: s.db.Store(), Limits: chat.Limits{SendRate: -1, SearchRate: -1, PageSize: -1, MaxPageSize: -1, ReplayCap: -1, TextLength: -1}})
	for i := range n {
		draft := chat.Draft{Room: "lobby", ID: fmt.Sprintf("filling-%d", i), Text: "filling"}
		if _, err := service.Send(t.Context(), chat.Actor{ID: "1", Space: chat.SpaceGeneral}, draft); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheLastRoomIsRememberedWhileItExists(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	ann.get("/").leadsTo("/rooms/lobby")
	ann.get("/rooms/lobby").wants(http.StatusOK)
	if got := ann.cookie("roomline_room"); got != "lobby" {
		t.Fatalf("the last room is %q", got)
	}
	for _, slug := range []string{"gone", "admin", "//evil.example", "%2e%2e"} {
		b := s.visitor()
		b.header.Set("Cookie", "roomline_session="+ann.cookie("roomline_session")+"; roomline_room="+slug)
		b.get("/").leadsTo("/rooms/lobby")
	}
}

func TestAPageIsReadWhenItsPictureIsFetchedNotWhenItIsRendered(t *testing.T) {
	s := serve(t)
	ann, bob := s.member("ann"), s.member("bob")
	ann.say("/rooms/lobby", "abcdefgh-1", "first").wants(http.StatusSeeOther)
	ann.say("/rooms/lobby", "abcdefgh-2", "second").wants(http.StatusSeeOther)

	const picture = `<noscript><img src="/rooms/lobby/read?seq=2"`
	bob.get("/rooms/lobby").shows(picture)
	bob.get("/rooms/lobby").shows(`data-last-read="0"`)
	bob.get("/rooms/lobby/read?seq=1").wants(http.StatusNoContent)
	bob.get("/rooms/lobby").shows(`data-last-read="1"`).shows(`class="divider"`)
	for _, page := range []string{"/rooms/lobby?before=2", "/rooms/lobby?after=1", "/rooms/lobby/1"} {
		older := strings.Contains(page, "before")
		if got := strings.Contains(bob.get(page).body, picture); got == older {
			t.Errorf("%s: a picture that marks it as read: %v", page, got)
		}
	}
	bob.get("/rooms/lobby/read?seq=2").wants(http.StatusNoContent)
	bob.get("/rooms/lobby").shows(`data-last-read="2"`).hides(`class="divider"`)
	bob.get("/rooms/lobby/read?seq=3").wants(http.StatusBadRequest)
	for _, seq := range []string{"", "0", "-1", "x"} {
		bob.get("/rooms/lobby/read?seq=" + seq).wants(http.StatusNotFound)
	}
	bob.get("/admin/read?seq=1").wants(http.StatusNotFound)
	s.visitor().get("/rooms/lobby/read?seq=1").wants(http.StatusSeeOther)
}
