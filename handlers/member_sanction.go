package handlers

import (
	"context"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// The forms of a member's page.

// muteMember serves POST /admin/members/:id/mute.
func (s *Site) muteMember(c *fiber.Ctx) error {
	return s.onMember(c, "mute", func(ctx context.Context, a chat.Actor, user, reason string) (int, error) {
		length, err := minutesOf(c)
		if err != nil {
			return 0, err
		}
		_, err = s.chat.Mute(ctx, a, chat.SanctionRequest{User: user, For: length, Reason: reason})
		return 0, err
	}, "minutes", "reason")
}

// unmuteMember serves POST /admin/members/:id/unmute.
func (s *Site) unmuteMember(c *fiber.Ctx) error {
	return s.onMember(c, "unmute", func(ctx context.Context, a chat.Actor, user, reason string) (int, error) {
		_, err := s.chat.Unmute(ctx, a, user, reason)
		return 0, err
	}, "reason")
}

// banMember serves POST /admin/members/:id/ban.
func (s *Site) banMember(c *fiber.Ctx) error {
	return s.onMember(c, "ban", func(ctx context.Context, a chat.Actor, user, reason string) (int, error) {
		length, err := minutesOf(c)
		if err != nil {
			return 0, err
		}
		ban := chat.SanctionRequest{User: user, For: length, Reason: reason}
		if field(c, "purge") != "" {
			_, n, err := s.chat.BanAndDelete(ctx, a, ban)
			return n, err
		}
		_, err = s.chat.Ban(ctx, a, ban)
		return 0, err
	}, "minutes", "reason", "purge")
}

// unbanMember serves POST /admin/members/:id/unban.
func (s *Site) unbanMember(c *fiber.Ctx) error {
	return s.onMember(c, "unban", func(ctx context.Context, a chat.Actor, user, reason string) (int, error) {
		_, err := s.chat.Unban(ctx, a, user, reason)
		return 0, err
	}, "reason")
}

// purgeMember serves POST /admin/members/:id/purge: all of a member's messages go.
func (s *Site) purgeMember(c *fiber.Ctx) error {
	return s.onMember(c, "purge", func(ctx context.Context, a chat.Actor, user, reason string) (int, error) {
		_, n, err := s.chat.TakeDown(ctx, a, user, reason)
		return n, err
	}, "reason")
}

// restoreMember serves POST /admin/members/:id/restore: what a purge took down comes back.
func (s *Site) restoreMember(c *fiber.Ctx) error {
	return s.onMember(c, "restore", func(ctx context.Context, a chat.Actor, user, reason string) (int, error) {
		_, n, err := s.chat.BringBack(ctx, a, user, reason)
		return n, err
	}, "reason")
}

// updateRole serves POST /admin/members/:id/role.
func (s *Site) updateRole(c *fiber.Ctx) error {
	return s.onMember(c, "role", func(ctx context.Context, a chat.Actor, user, reason string) (int, error) {
		_, err := s.chat.SetRole(ctx, a, user, chat.Role(field(c, "role")), reason)
		return 0, err
	}, "role", "reason")
}

// onMember does what a form of the member's page is for and leads back to it; do returns how many messages it
// changed. fields are those to be kept if it is refused.
func (s *Site) onMember(c *fiber.Ctx, form string, do func(ctx context.Context, a chat.Actor, user, reason string) (int, error), fields ...string) error {
	_, a, err := s.moderator(c)
	if err != nil {
		return err
	}
	user := param(c, "id")
	n, err := do(c.UserContext(), a, user, field(c, "reason"))
	if refusal := atForm(err); refusal != nil {
		page, err := s.memberPage(c, user)
		if err != nil {
			return err
		}
		return s.render(c, page.refuseForm(c, refusal, form, fields...), "member", page)
	}
	if err != nil {
		return err
	}
	done := url.Values{"done": {form}}
	if n > 0 || form == "purge" || form == "restore" {
		done.Set("messages", strconv.Itoa(n))
	}
	return c.Redirect(withQuery(memberPath(user), done), fiber.StatusSeeOther)
}
