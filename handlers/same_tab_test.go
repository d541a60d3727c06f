package handlers_test

import (
	"strings"
	"testing"

	"roomline/handlers"
	"roomline/realtime/markup"
)

func TestLinksToTheSiteStayInTheTab(t *testing.T) {
	s := serve(t, func(c *handlers.Config) { c.URL = "https://chat.example.org" })
	ann := s.member("ann")
	own := []string{"https://chat.example.org", "https://chat.example.org/", "https://chat.example.org/rooms/lobby/1", "https://chat.example.org?a=1&b=2", "https://chat.example.org/100%"}
	others := []string{"https://chat.example.org.evil.example/", "https://chat.example.org:8443/", "http://chat.example.org/", "https://example.org/https://chat.example.org/"}
	ann.say("/rooms/lobby", "abcdefgh-1", strings.Join(append(own, others...), " \n")).wants(303)
	page := strings.ReplaceAll(ann.get("/rooms/lobby").body, "&amp;", "&")
	for _, address := range own {
		if !strings.Contains(page, `<a href="`+address+`">`) {
			t.Errorf("a link to %s does not stay in the tab", address)
		}
	}
	for _, address := range others {
		if !strings.Contains(page, `<a href="`+address+`"`+markup.LinkAttributes+`>`) {
			t.Errorf("a link to %s does not open another tab", address)
		}
	}
}
