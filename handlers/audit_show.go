package handlers

import (
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// actGroups are the acts that one may look for.
func actGroups() []ActGroup {
	return []ActGroup{
		{"member:", "Members"}, {"message:", "Messages"}, {"report:", "Reports"}, {"rule:", "Filter"},
		{"room:", "Rooms"}, {"invite:", "Invites"},
	}
}

// showAudit serves GET /admin/audit: the log of what moderators did.
func (s *Site) showAudit(c *fiber.Ctx) error {
	page, a, err := s.moderationPage(c, "audit", "Audit log")
	if err != nil {
		return err
	}
	q := chat.AuditQuery{Query: query(c, "q"), Act: query(c, "act"), User: query(c, "user")}
	if before := query(c, "before"); before != "" {
		if q.Before, err = number(before); err != nil {
			return err
		}
	}
	log := AuditPage{
		ModerationPage: page, Query: q.Query, Act: q.Act, Acts: actGroups(), Person: q.User,
		Filtered: q.Query != "" || q.Act != "" || q.User != "",
	}
	status := fiber.StatusOK
	entries, older, err := s.chat.Audit(c.UserContext(), a, q)
	if refusal := atForm(err); refusal != nil {
		status = log.refuse(c, explainRefusal(refusal), "q")
	} else if err != nil {
		return err
	}
	rooms, err := s.readable(c, a)
	if err != nil {
		return err
	}
	for _, e := range entries {
		log.Entries = append(log.Entries, auditRow(rooms, e))
	}
	log.Name = nameIn(entries, q.User)
	if older && len(entries) > 0 {
		log.Older = auditPath(q, entries[len(entries)-1].ID)
	}
	if q.Before > 0 {
		log.First = auditPath(q, 0)
	}
	return s.render(c, status, "audit", log)
}

// nameIn finds the name of a member in the entries about them.
func nameIn(entries []chat.Entry, user string) string {
	for _, e := range entries {
		if e.Actor.ID == user {
			return e.Actor.Name
		}
		if e.Target != nil && e.Target.ID == user {
			return e.Target.Name
		}
	}
	return ""
}

// auditPath is where a page of the log is.
func auditPath(q chat.AuditQuery, before int64) string {
	values := url.Values{}
	for name, value := range map[string]string{"q": q.Query, "act": q.Act, "user": q.User} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if before > 0 {
		values.Set("before", strconv.FormatInt(before, 10))
	}
	return withQuery("/admin/audit", values)
}
