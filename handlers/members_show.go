package handlers

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// showMembers serves GET /admin/members: everybody, or those whose names begin so.
func (s *Site) showMembers(c *fiber.Ctx) error {
	page, a, err := s.moderationPage(c, "members", "Members")
	if err != nil {
		return err
	}
	q := chat.MemberQuery{Query: query(c, "q"), After: query(c, "after"), Sanctioned: query(c, "sanctioned") != ""}
	list := MembersPage{ModerationPage: page, Query: q.Query, Sanctioned: q.Sanctioned}
	status := fiber.StatusOK
	found, err := s.chat.Accounts(c.UserContext(), a, q)
	if refusal := atForm(err); refusal != nil {
		status = list.refuse(c, explainRefusal(refusal), "q")
	} else if err != nil {
		return err
	}
	for _, m := range found.Members {
		list.Members = append(list.Members, MemberRow{Member: m, Online: s.online(m.ID)})
	}
	if found.After != "" {
		list.Next = membersPath(q, found.After)
	}
	if q.After != "" {
		list.First = membersPath(q, "")
	}
	return s.render(c, status, "members", list)
}

// online reports whether a user is connected.
func (s *Site) online(user string) bool { return s.live.Online(user) }

// membersPath is where a page of members is.
func membersPath(q chat.MemberQuery, after string) string {
	values := url.Values{}
	if q.Query != "" {
		values.Set("q", q.Query)
	}
	if q.Sanctioned {
		values.Set("sanctioned", "1")
	}
	if after != "" {
		values.Set("after", after)
	}
	return withQuery("/admin/members", values)
}
