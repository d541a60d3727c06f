package handlers

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

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

// acts are the acts in words, before whom they were done to.
var acts = map[string]string{
	"member:mute": "muted", "member:unmute": "lifted the mute of", "member:ban": "banned", "member:unban": "lifted the ban of",
	"member:purge": "deleted all messages of", "member:restore": "brought back the messages of",
	"member:role": "changed the role of", "member:reset": "made a password link for",
	"message:delete": "deleted a message of", "message:restore": "restored a message of",
	"room:freeze": "froze", "room:slow": "set the slow mode of",
	"report:resolve": "decided a report of a message of", "rule:put": "changed the filter", "rule:delete": "deleted a rule of the filter",
	"invite:create": "made an invite", "invite:revoke": "revoked an invite",
}

// auditRow is an entry in words.
func auditRow(rooms map[string]chat.RoomView, e chat.Entry) AuditRow {
	row := AuditRow{Entry: e, Place: placeIn(rooms, e.Room, e.Seq), Verb: acts[e.Act]}
	if row.Verb == "" {
		row.Verb = "did " + e.Act + " to"
		if e.Target == nil {
			row.Verb = "did " + e.Act
		}
	}
	before, after := pairsOf(e.Before), pairsOf(e.After)
	switch e.Act {
	case "member:mute", "member:ban":
		row.Tail = lasts(e.At, after["until"])
	case "room:freeze":
		if after["frozen"] == "no" || after["on"] == "no" {
			row.Verb = "unfroze"
		}
	}
	names := slices.Sorted(maps.Keys(before))
	for name := range after {
		if _, both := before[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		row.Changes = append(row.Changes, Change{Name: name, Before: moment(before[name]), After: moment(after[name])})
	}
	return row
}

// lasts says for how long something that began at a time lasts.
func lasts(from time.Time, until string) string {
	end, err := time.Parse(time.RFC3339, until)
	if err != nil {
		return until
	}
	return "for " + pause(int(end.Sub(from).Round(time.Second).Seconds()))
}

// moment writes a time of the wire for people, and leaves everything else.
func moment(value string) string {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return value
	}
	return at.UTC().Format("2 January 2006, 15:04 UTC")
}

// pairsOf are the members of a JSON object as people read them.
func pairsOf(object json.RawMessage) map[string]string {
	var raw map[string]any
	if len(object) == 0 || json.Unmarshal(object, &raw) != nil {
		return nil
	}
	words := make(map[string]string, len(raw))
	for name, value := range raw {
		words[name] = plainly(value)
	}
	return words
}

func plainly(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		all := make([]string, len(v))
		for i, one := range v {
			all[i] = plainly(one)
		}
		return strings.Join(all, ", ")
	}
	return fmt.Sprint(value)
}
