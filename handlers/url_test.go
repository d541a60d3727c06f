package handlers_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"roomline/handlers"
)

func TestParseURL(t *testing.T) {
	for address, want := range map[string]string{
		"https://chat.example.org":      "https://chat.example.org",
		"https://Chat.Example.org/":     "https://chat.example.org",
		"https://chat.example.org:443":  "https://chat.example.org",
		"http://192.0.2.1:8080":         "http://192.0.2.1:8080",
		"http://[2001:db8::1]":          "http://[2001:db8::1]",
		"":                              "",
		"chat.example.org":              "",
		"ftp://chat.example.org":        "",
		"https://":                      "",
		"https://chat.example.org/chat": "",
		"https://chat.example.org?a=b":  "",
		"https://ann@chat.example.org":  "",
		"https://*.example.org":         "",
		"https://chat.example.org:0":    "",
	} {
		got, err := handlers.ParseURL(address)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("ParseURL(%q) = %q, %v; want %q", address, got, err, want)
		}
	}
}

func TestPublicAddressDecidesLinksAndCookies(t *testing.T) {
	s := serve(t, func(c *handlers.Config) { c.URL = "https://chat.example.org" })
	ann := s.visitor()
	ann.header.Set("Host", "chat.example.org")
	ann.header.Set("Origin", "https://chat.example.org")
	a := ann.get("/signup")
	if cookie := a.header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-roomline_form=") || !strings.Contains(strings.ToLower(cookie), "; secure") {
		t.Errorf("over plain HTTP behind https://chat.example.org the cookie is %q", cookie)
	}
	if a.header.Get("Strict-Transport-Security") == "" {
		t.Error("there is no Strict-Transport-Security")
	}
}

func TestOtherHostsAreRefusedOnceTheAddressIsKnown(t *testing.T) {
	s := serve(t, func(c *handlers.Config) {
		c.URL, c.Origins = "https://chat.example.org", []string{"https://*.example.net", "https://old.example.org:8443"}
	})
	for host, want := range map[string]int{
		"chat.example.org":              http.StatusOK,
		"CHAT.example.org":              http.StatusOK,
		"chat.example.org:443":          http.StatusOK,
		"de.example.net":                http.StatusOK,
		"old.example.org:8443":          http.StatusOK,
		"localhost":                     http.StatusOK,
		"127.0.0.1:3000":                http.StatusOK,
		"[::1]:3000":                    http.StatusOK,
		"evil.example":                  http.StatusMisdirectedRequest,
		"chat.example.org.evil.example": http.StatusMisdirectedRequest,
		"example.net":                   http.StatusMisdirectedRequest,
		"192.0.2.7":                     http.StatusMisdirectedRequest,
		"localhost.evil.example":        http.StatusMisdirectedRequest,
		"127.0.0.1.evil.example":        http.StatusMisdirectedRequest,
		"chat.example.org@evil.example": http.StatusMisdirectedRequest,
		"old.example.org":               http.StatusMisdirectedRequest,
		"xn--chat-example.org":          http.StatusMisdirectedRequest,
	} {
		a := raw(t, s, "GET /login HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
		if a.StatusCode != want {
			t.Errorf("the host %q is answered %d, want %d", host, a.StatusCode, want)
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := raw(t, s, "GET "+path+" HTTP/1.1\r\nHost: 10.1.2.3\r\nConnection: close\r\n\r\n"); a.StatusCode != http.StatusOK {
			t.Errorf("%s under the host of a probe is answered %d", path, a.StatusCode)
		}
	}
	a := raw(t, s, "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
	if a.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("a handshake under another host is answered %d", a.StatusCode)
	}
}

func TestLinksAreNeverBuiltFromTheHostAlone(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	form := url.Values{"_csrf": {ann.token("/admin/invites")}, "uses": {"1"}, "days": {"7"}}.Encode()
	a := raw(t, s, "POST /admin/invites HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nCookie: roomline_session="+ann.cookie("roomline_session")+
		"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "+strconv.Itoa(len(form))+"\r\n\r\n"+form)
	page, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("answered %d, %v", a.StatusCode, err)
	}
	if !strings.Contains(string(page), `value="/signup?invite=`) {
		t.Errorf("the link is not the path alone: %s", regexp.MustCompile(`value="[^"]*invite=`).FindString(string(page)))
	}
}
