package handlers_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"roomline/handlers"
)

// guess tries to sign in with a wrong password.
func (b *browser) guess(name string) *answer {
	b.t.Helper()
	return b.submit("/login", "/login", "username", name, "password", "is it this one")
}

func TestGuessingSlowsDownWhateverTheClientClaimsItsAddressIs(t *testing.T) {
	s := serve(t)
	s.member("ann")
	b := s.visitor()
	var refused *answer
	for i := range 20 {
		b.header.Set("X-Forwarded-For", fmt.Sprintf("192.0.2.%d", i))
		name := []string{"ann", "ANN", " ann ", "ａｎｎ"}[i%4] // one account in four spellings
		if a := b.guess(name); a.status == http.StatusTooManyRequests {
			refused = a
			break
		} else if i < 10 {
			a.wants(http.StatusForbidden)
		}
	}
	if refused == nil {
		t.Fatal("twenty guesses were heard")
	}
	wait, err := strconv.Atoi(refused.header.Get("Retry-After"))
	if err != nil || wait < 1 {
		t.Fatalf("Retry-After: %q", refused.header.Get("Retry-After"))
	}
	// Not even the right password is looked at before the wait is over.
	b.submit("/login", "/login", "username", "ann", "password", password).wants(http.StatusTooManyRequests)
	s.clock.advance(time.Duration(wait) * time.Second)
	b.submit("/login", "/login", "username", "ann", "password", password).leadsTo("/")
}

func TestANameNobodyHasIsThrottledLikeAnyOther(t *testing.T) {
	s := serve(t)
	s.member("ann")
	count := func(name string) (heard int) {
		for b := s.visitor(); b.guess(name).status == http.StatusForbidden; heard++ {
		}
		return heard
	}
	if ann, nobody := count("ann"), count("nobody"); ann != nobody {
		t.Fatalf("%d guesses for an account, %d for none", ann, nobody)
	}
}

func TestAnAddressThatTriesManyNamesIsSlowedDown(t *testing.T) {
	s := serve(t)
	b := s.visitor()
	s.member("ann")
	for i := range 60 {
		if b.guess(fmt.Sprint("name", i)).status == http.StatusTooManyRequests {
			return
		}
	}
	t.Fatal("sixty names were tried")
}

func TestBehindATrustedProxyTheNearestStrangerIsTheAddress(t *testing.T) {
	s := serve(t, func(c *handlers.Config) {
		c.SignupRate = 1
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	})
	signup := func(name, forwarded string) int {
		b := s.visitor()
		b.header.Set("X-Forwarded-For", forwarded)
		return b.submit("/signup", "/signup", "username", name, "password", password).status
	}
	for _, c := range []struct {
		name, forwarded string
		want            int
	}{
		{"ann", "192.0.2.1", http.StatusSeeOther},
		{"bob", "192.0.2.2", http.StatusSeeOther},
		{"cid", "192.0.2.1", http.StatusTooManyRequests},
		{"dan", "198.51.100.7, 192.0.2.1", http.StatusTooManyRequests},
		{"eve", "198.51.100.8, 192.0.2.1, 10.1.1.1", http.StatusTooManyRequests},
		{"fay", "2001:db8::1", http.StatusSeeOther},
		{"gus", "2001:db8::2", http.StatusTooManyRequests},
		{"hal", "rubbish, 192.0.2.3", http.StatusSeeOther},
	} {
		if got := signup(c.name, c.forwarded); got != c.want {
			t.Errorf("%s from %s: %d, want %d", c.name, c.forwarded, got, c.want)
		}
	}
}

func TestSignUpsOfAnAddressAreCountedButRefusedOnesAreNot(t *testing.T) {
	s := serve(t, func(c *handlers.Config) { c.SignupRate = 2 })
	for range 4 {
		s.visitor().submit("/signup", "/signup", "username", "x", "password", password).wants(http.StatusBadRequest)
	}
	s.member("ann")
	s.member("bob")
	refused := s.visitor().submit("/signup", "/signup", "username", "cid", "password", password).wants(http.StatusTooManyRequests)
	if refused.header.Get("Retry-After") != "1800" {
		t.Fatalf("Retry-After: %s", refused.header.Get("Retry-After"))
	}
	s.clock.advance(30 * time.Minute)
	s.member("cid")
}
