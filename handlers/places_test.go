package handlers_test

import (
	"net/http"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"roomline/handlers"
)

// serveProxied is serve behind a proxy, so that requests can come from any address.
func serveProxied(t *testing.T) *site {
	return serve(t, func(c *handlers.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
}

// from has the browser's requests come from an address.
func (b *browser) from(address string) *browser {
	b.header.Set("X-Forwarded-For", address)
	return b
}

// exhaust guesses until guesses for the name have to wait.
func (b *browser) exhaust(name string) {
	b.t.Helper()
	for range 100 {
		if b.guess(name).status == http.StatusTooManyRequests {
			return
		}
	}
	b.t.Fatal("a hundred guesses were heard")
}

func (b *browser) signsIn(name string) *answer {
	b.t.Helper()
	return b.submit("/login", "/login", "username", name, "password", password)
}

func TestGuessesFromElsewhereDoNotDelayTheOwner(t *testing.T) {
	s := serveProxied(t)
	ann := s.visitor().from("192.0.2.1")
	ann.submit("/signup", "/signup", "username", "ann", "password", password).wants(http.StatusSeeOther)
	ann.submit("/account", "/logout").wants(http.StatusSeeOther)
	s.visitor().from("198.51.100.1").exhaust("ann")

	s.visitor().from("192.0.2.1").signsIn("ann").leadsTo("/") // another browser at a known address
	ann.from("203.0.113.5").signsIn("ann").leadsTo("/")       // a known browser at another address
	s.visitor().from("203.0.113.6").signsIn("ann").wants(http.StatusTooManyRequests)
}

func TestGuessesAtASharedAddressDoNotDelayAKnownDevice(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	ann.submit("/account", "/logout").wants(http.StatusSeeOther)
	bob := s.visitor()
	for _, name := range []string{"ann", "bob", "cid", "dan", "eve", "fay", "gus"} {
		bob.exhaust(name) // until the address has to wait, too
	}
	ann.signsIn("ann").leadsTo("/")
}

func TestAKnownDeviceHasNoEndlessGuesses(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	ann.submit("/account", "/logout").wants(http.StatusSeeOther)
	ann.exhaust("ann")
	ann.signsIn("ann").wants(http.StatusTooManyRequests)
}

func TestADeviceIsKnownToTheAccountsThatSignedInOnly(t *testing.T) {
	s := serveProxied(t)
	s.visitor().from("192.0.2.1").submit("/signup", "/signup", "username", "ann", "password", password).wants(http.StatusSeeOther)
	bob := s.visitor().from("192.0.2.2")
	bob.submit("/signup", "/signup", "username", "bob", "password", password).wants(http.StatusSeeOther)
	bob.submit("/account", "/logout").wants(http.StatusSeeOther)
	bob.exhaust("ann")
	s.visitor().from("198.51.100.9").signsIn("ann").wants(http.StatusTooManyRequests) // one budget for all unknown places

	device := bob.cookie("roomline_device")
	bob.from("192.0.2.1").signsIn("ann").leadsTo("/")
	if got := bob.cookie("roomline_device"); got == device || got == "" {
		t.Errorf("ann's device is %q, and bob's was %q", got, device)
	}
}

func TestAPasswordIsChangedWhateverOthersGuess(t *testing.T) {
	s := serveProxied(t)
	ann := s.visitor().from("192.0.2.1")
	ann.submit("/signup", "/signup", "username", "ann", "password", password).wants(http.StatusSeeOther)
	s.visitor().from("198.51.100.1").exhaust("ann")
	change := func(old string) *answer {
		return ann.submit("/account", "/account/password", "old", old, "new", "another good one")
	}
	change("not this one").wants(http.StatusBadRequest)
	change(password).wants(http.StatusSeeOther)
}

func TestALinkWorksWhateverOthersAtItsAddressTry(t *testing.T) {
	s := serve(t)
	owner := s.member("ann")
	s.member("bob")
	path, _ := owner.resetLink("2")
	stranger := s.visitor()
	var refused *answer
	for range 60 {
		refused = stranger.get("/reset/not-a-token")
	}
	refused.wants(http.StatusTooManyRequests)
	wait, err := strconv.Atoi(refused.header.Get("Retry-After"))
	if err != nil || time.Duration(wait)*time.Second > 5*time.Minute {
		t.Errorf("Retry-After: %q", refused.header.Get("Retry-After"))
	}
	s.visitor().get(path).wants(http.StatusOK)
}
