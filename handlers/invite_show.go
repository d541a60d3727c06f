package handlers

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// What the form for a new link begins with.
const (
	fewUses = "1"
	aWeek   = "7"
)

// showInvites serves GET /admin/invites.
func (s *Site) showInvites(c *fiber.Ctx) error {
	page := InvitesPage{Uses: fewUses, Days: aWeek}
	if query(c, "done") == "revoked" {
		page.Notice = "The link was revoked."
	}
	return s.renderInvites(c, page, nil)
}

// renderInvites shows the page, with a refusal if there was one.
func (s *Site) renderInvites(c *fiber.Ctx, page InvitesPage, refused error) error {
	refusal := (*chat.Error)(nil)
	if refused != nil && !errors.As(refused, &refusal) || chat.ErrorCode(refused) == chat.CodeNotFound {
		return refused
	}
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	page.Page, page.Registration = s.page(v, "Invites"), s.cfg.Registration
	if page.Invites, err = s.accounts.db.Invites(c.UserContext()); err != nil {
		return fmt.Errorf("list the invites: %w", err)
	}
	status := fiber.StatusOK
	if refusal != nil {
		about := refusal.Field
		if about == "reason" { // the note is the reason
			about = "note"
		}
		status = page.refuse(c, explainRefusal(refusal), about)
	}
	return s.render(c, status, "invites", page)
}

// moderator is the visitor as an actor among moderators.
func (v *visitor) moderator() chat.Actor {
	return chat.Actor{ID: v.user.Chat().ID, Space: chat.SpaceAdmin}
}

// publicLink is the address of a path for somebody else. It has the origin that the visitor's
// browser has for this site: behind a proxy that is not always the one of the request.
func (s *Site) publicLink(c *fiber.Ctx, path string) string {
	origin := header(c, fiber.HeaderOrigin)
	u, err := url.Parse(origin)
	own := err == nil && (u.Scheme == "http" || u.Scheme == "https") && strings.EqualFold(u.Host, c.Hostname())
	if !own && !slices.Contains(s.cfg.Origins, origin) {
		origin = strings.Clone(c.BaseURL())
	}
	return origin + path
}
