package handlers

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// memberDone says what the form did that led back to the page. A sanction is stated by the page itself.
var memberDone = map[string]string{
	"unmute":  "The mute was lifted. They can write again.",
	"ban":     "Their connections and sessions have ended.",
	"unban":   "The ban was lifted. They can sign in again.",
	"role":    "Their role was changed.",
	"purge":   "Their messages were deleted.",
	"restore": "Their messages are back.",
}

// showMember serves GET /admin/members/:id.
func (s *Site) showMember(c *fiber.Ctx) error {
	page, err := s.memberPage(c, param(c, "id"))
	if err != nil {
		return err
	}
	page.Notice = memberDone[query(c, "done")]
	if n, err := strconv.Atoi(query(c, "messages")); err == nil && page.Notice != "" && n >= 0 {
		page.Notice += " It was " + counted(n, "message") + "."
	}
	return s.render(c, fiber.StatusOK, "member", page)
}

// memberPage reads what member.html shows.
func (s *Site) memberPage(c *fiber.Ctx, id string) (MemberPage, error) {
	page, a, err := s.moderationPage(c, "members", "")
	if err != nil {
		return MemberPage{}, err
	}
	profile, err := s.chat.Profile(c.UserContext(), a, id)
	if err != nil {
		return MemberPage{}, err
	}
	rooms, err := s.readable(c, a)
	if err != nil {
		return MemberPage{}, err
	}
	page.Title = profile.Name
	one := MemberPage{
		ModerationPage: page, Profile: profile, Path: memberPath(profile.ID), Online: s.online(profile.ID),
		Own: profile.ID == a.ID, MayAct: outranks(*page.User, profile.User),
	}
	one.Roles = page.User.Role == chat.RoleOwner && !one.Own
	for _, m := range profile.Recent {
		one.Recent = append(one.Recent, RecentRow{m, placeIn(rooms, m.Room, m.Seq)})
	}
	return one, nil
}

// memberPath is where a member's page is.
func memberPath(id string) string { return "/admin/members/" + id }
