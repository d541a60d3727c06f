package handlers

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"roomline/realtime/chat"
)

// acts are the acts in words, before whom they were done to.
var acts = map[string]string{
	"member:mute": "muted", "member:unmute": "lifted the mute of", "member:ban": "banned", "member:unban": "lifted the ban of",
	"member:purge": "deleted all messages of", "member:restore": "brought back the messages of",
	"member:role": "changed the role of", "member:reset": "made a password link for",
	"message:delete": "deleted a message of", "message:restore": "restored a message of",
	"room:freeze": "froze", "room:slow": "set the slow mode of",
	"report:resolve": "decided a report of a message of", "rule:put": "changed the rule", "rule:delete": "deleted the rule",
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
	row.say(before, after)
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

// say completes the words of an act by what it has changed.
func (row *AuditRow) say(before, after map[string]string) {
	switch row.Act {
	case "member:mute", "member:ban":
		row.Tail = lasts(row.At, after["until"])
	case "member:role":
		row.Verb, row.Tail = "made", aRole(after["role"])
	case "member:purge", "member:restore":
		if n, err := strconv.Atoi(after["messages"]); err == nil {
			row.Tail = "(" + counted(n, "message") + ")"
		}
	case "room:freeze":
		if after["frozen"] == "no" {
			row.Verb = "unfroze"
		}
	case "room:slow":
		if n, err := strconv.Atoi(after["seconds"]); err == nil && n > 0 {
			row.Tail = "to " + pause(n)
		} else {
			row.Verb = "ended the slow mode of"
		}
	case "rule:put", "rule:delete":
		row.Tail = named(before["name"], after["name"])
		if row.Act == "rule:put" && len(before) == 0 {
			row.Verb = "made the rule"
		}
	case "report:resolve":
		row.Report, _ = strconv.ParseInt(after["report"], 10, 64)
		if verb := decided[chat.Resolution(after["action"])]; verb != "" {
			row.Verb = verb
		}
		if action := chat.Resolution(after["action"]); action == chat.AgreeMute || action == chat.RejectMute {
			row.Tail = "and muted them"
		}
	}
}

// decided are the decisions about a report, before whose message it is.
var decided = map[chat.Resolution]string{
	chat.AgreeDelete: "deleted a reported message of", chat.AgreeMute: "deleted a reported message of",
	chat.Keep: "kept a reported message of", chat.Ignore: "put aside a report of a message of",
	chat.Approve: "approved a message of", chat.Reject: "rejected a message of", chat.RejectMute: "rejected a message of",
}

// aRole is somebody of a role.
func aRole(role string) string {
	if role == string(chat.RoleOwner) {
		return "an owner"
	}
	return "a " + role
}

// named is a name, and what it was before if that is another.
func named(before, after string) string {
	switch {
	case after == "":
		return "“" + before + "”"
	case before == "" || before == after:
		return "“" + after + "”"
	}
	return "“" + before + "”, now “" + after + "”"
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
