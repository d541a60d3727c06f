package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"roomline/realtime/chat"
)

func TestANewNameIsSeenEverywhere(t *testing.T) {
	s := serve(t)
	ann, bob := s.member("ann"), s.member("bob")
	bob.say("/rooms/lobby", "abcdefgh-1", "hello").wants(http.StatusSeeOther)
	ann.get("/rooms/lobby").shows(">bob<")
	bob.submit("/account", "/account/name", "name", "Robert").leadsTo("/account?done=name")
	bob.get("/account?done=name").shows("Your name was changed.").shows(`value="Robert"`)
	ann.get("/rooms/lobby").shows(">Robert<").hides(">bob<")
	s.visitor().submit("/login", "/login", "username", "robert", "password", password).leadsTo("/")
	s.visitor().submit("/login", "/login", "username", "bob", "password", password).wants(http.StatusForbidden)
}

func TestANameThatCannotBeHadStandsAtItsField(t *testing.T) {
	s := serve(t)
	s.member("ann")
	bob := s.member("bob")
	for range 4 { // refusals cost nothing
		for _, name := range []string{"Ann", "\u0430nn", "x", "two words", ""} {
			bob.submit("/account", "/account/name", "name", name).wants(http.StatusBadRequest).shows(`id="name-error"`).shows(`value="` + name + `"`)
		}
	}
	bob.submit("/account", "/account/name", "name", "Bob").leadsTo("/account?done=name")
}

func TestANameIsChangedThreeTimesADayAtMost(t *testing.T) {
	s := serve(t)
	bob := s.member("bob")
	for _, name := range []string{"robert", "bert", "rob"} {
		bob.submit("/account", "/account/name", "name", name).leadsTo("/account?done=name")
	}
	bob.submit("/account", "/account/name", "name", "bobby").wants(http.StatusTooManyRequests).shows("Wait 8 hours")
	s.clock.advance(8 * time.Hour)
	bob.submit("/account", "/account/name", "name", "bobby").leadsTo("/account?done=name")
}

func TestAMutedMemberCannotTakeAnotherName(t *testing.T) {
	s := serve(t)
	s.member("ann")
	bob := s.member("bob")
	_, err := s.live.Service().Mute(t.Context(), chat.Actor{ID: "1", Space: chat.SpaceAdmin}, chat.SanctionRequest{User: "2", Reason: "Spam"})
	if err != nil {
		t.Fatal(err)
	}
	bob.submit("/account", "/account/name", "name", "robert").wants(http.StatusForbidden).shows(`id="name-error"`)
	bob.get("/account").shows(`value="bob"`)
}
