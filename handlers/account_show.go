package handlers

import (
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// showAccount serves GET /account.
func (s *Site) showAccount(c *fiber.Ctx) error {
	var notice string
	switch query(c, "done") {
	case "revoked":
		notice = "The session was ended."
	case "password":
		notice = "Your password was changed and all other sessions were ended."
	case "name":
		notice = "Your name was changed."
	}
	return s.renderAccount(c, notice, nil, "")
}

// renderAccount shows the account page; refusal, if there was one, is about that field.
func (s *Site) renderAccount(c *fiber.Ctx, notice string, refusal *chat.Error, about string) error {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	sessions, err := s.accounts.db.Sessions(c.UserContext(), v.user.ID)
	if err != nil {
		return fmt.Errorf("list the sessions: %w", err)
	}
	page := AccountPage{Page: s.page(v, "Your account"), Notice: notice, Name: v.user.Name}
	for _, session := range sessions {
		page.Sessions = append(page.Sessions, SessionRow{
			ID:        session.ID,
			Device:    device(session.UserAgent),
			Address:   session.Address,
			CreatedAt: session.CreatedAt,
			SeenAt:    session.SeenAt,
			Current:   session.ID == v.session.ID,
		})
	}
	status := fiber.StatusOK
	if refusal != nil {
		if about == "name" {
			page.Name = field(c, about)
		}
		status = page.refuse(c, explainRefusal(refusal), about)
	}
	return s.render(c, status, "account", page)
}

// device says in words what a User-Agent header claims, well enough to know one's own by.
func device(userAgent string) string {
	browser := firstNamed(userAgent, []naming{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}, {"curl", "curl"}, {"python", "Python"}, {"Go-http-client", "a Go program"},
	})
	system := firstNamed(userAgent, []naming{
		{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"},
		{"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	})
	switch {
	case browser == "" && system == "":
		return "Unknown device"
	case browser == "":
		return "A browser on " + system
	case system == "":
		return strings.ToUpper(browser[:1]) + browser[1:]
	}
	return browser + " on " + system
}

type naming struct{ mark, name string }

func firstNamed(userAgent string, names []naming) string {
	for _, n := range names {
		if strings.Contains(userAgent, n.mark) {
			return n.name
		}
	}
	return ""
}
