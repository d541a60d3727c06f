package filter

import (
	"strings"
	"testing"
)

func TestALinkFitsItsDomainAndThoseAbove(t *testing.T) {
	for _, c := range []struct {
		domain, link string
		fits         bool
	}{
		{"evil.com", "https://evil.com", true}, {"evil.com", "http://www.EVIL.com/x?y#z", true}, {"evil.com", "https://a.b.evil.com:8443/", true},
		{"evil.com", "https://notevil.com", false}, {"evil.com", "https://evil.com.good.org", false}, {"evil.com", "https://good.org/evil.com", false},
		{"evil.com", "https://com", false}, {"evil.com", "https://good.com@evil.com/", true}, {"evil.com", "https://evil.com@good.com/", false},
		{"evil.com", "https://evil.com:x@good.com/", false}, {"evil.com", "https://evil.com/100%", true}, {"evil.com", "https://evil.com/#/#a", true}, {"evil.com", "https://evil.com?%zz", true}, {"evil.com", "https://evil.com./", true}, {"evil.com", "https://evil。com/", true},
		{"evil.com", "https://ｅｖｉｌ．ｃｏｍ/", true}, {"evil.com", "https://𝐞𝐯𝐢𝐥.com/", true}, {"evil.com", "https://ev%C2%ADil.com/", true},
		{"a.evil.com", "https://evil.com", false}, {"com", "https://evil.com", true},
		{"bücher.example", "https://xn--bcher-kva.example/", true}, {"xn--bcher-kva.example", "https://BÜCHER.example/", true},
		{"bücher.example", "https://b%C3%BCcher.example/", true}, {"bücher.example", "https://bu\u0308cher.example", true}, {"例え.テスト", "https://xn--r8jz45g.xn--zckzah/", true},
		{"bücher.example", "https://xn--bcher-kv.example/", false}, {"10.0.0.1", "http://10.0.0.1:80/", true},
		{"evil.com", "mailto:a@Evil.com", true}, {"evil.com", "mailto:a@good.com,b@x.evil.com?subject=x", true}, {"evil.com", "mailto:evil.com@good.com", false},
	} {
		blocks, allows := rule(KindLinks, c.domain), rule(KindLinks, c.domain)
		allows.Only = true
		f := filterOf(t, blocks, allows)
		fits := [3]bool{}
		for _, m := range f.judge("look", []string{c.link}) {
			fits[m.Rule.ID] = true
		}
		if fits[1] != c.fits || fits[2] != (!c.fits && !strings.HasPrefix(c.link, "mailto:")) {
			t.Errorf("%s and %s: it fits %v, as the only one allowed %v", c.domain, c.link, fits[1], fits[2])
		}
	}
}

func TestWhatIsNoAddressIsNoLinkThatIsAllowed(t *testing.T) {
	r := rule(KindLinks, "good.com")
	r.Only = true
	f := filterOf(t, r)
	for _, link := range []string{"http://[::1", "https://[::1]/", "http://%zz", "https:///good.com", "tel:1"} {
		if len(f.judge("", []string{link})) != 1 {
			t.Errorf("%q is allowed", link)
		}
	}
	if len(f.judge("", []string{"https://a.good.com", "https://good.com", "https://evil.com"})) != 1 {
		t.Error("only the first link is looked at")
	}
}

func TestABareHostFitsButNeverARuleThatAllows(t *testing.T) {
	allows := rule(KindLinks, "good.com")
	allows.Only = true
	f := filterOf(t, rule(KindLinks, "evil.com", "垃圾.com", "bücher.example", "пример.рф"), allows)
	for text, want := range map[string]string{
		"go to evil.com": "evil.com", "EVIL.COM!": "evil.com", "(www.evil.com)": "www.evil.com", "evil.com/x": "evil.com", "a@evil.com": "evil.com",
		"https://good.com@evil.com": "evil.com", "evil.com.": "evil.com", "evil.com...": "evil.com", "x...evil.com": ".evil.com", "ev\u200bil.com": "evil.com",
		"evil。com": "evil.com", "看evil.com吧": "evil.com", "看www.evil.com。": "看www.evil.com", "보세요evil.com에서": "evil.com", "смотриevil.com": "evil.com", "ดูevil.comนะ": "evil.com", "看пример.рф吧": "пример.рф", "ünevil.com": "", "垃圾.com": "垃圾.com", "ⓔⓥⓘⓛ.ⓒⓞⓜ": "evil.com",
		"xn--bcher-kva.example": "bücher.example", "xn--BCHER-KVA.example": "bücher.example",
		"e.g. this": "", "notevil.com": "", "evil.com.org": "", "evil. com": "", "evil .com": "", "evil": "", "...": "", "other.org": "", "-.-": "",
		strings.Repeat("a.", 2000) + "evil.com": strings.Repeat("a.", 50) + "…",
	} {
		got := ""
		for _, m := range f.judge(text, nil) {
			got += m.Found
		}
		if got != want {
			t.Errorf("%.40q: found %q, want %q", text, got, want)
		}
	}
}
