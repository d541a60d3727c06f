package handlers

import (
	"encoding/json"
	"html"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"roomline/realtime/chat"
)

// The words of a row, beside the text itself. public/js/text.js does the same.

const (
	lineLength   = 160 // characters of a line, at the most
	namesAtOnce  = 10  // names before "and 3 others"
	mentionStart = `<span class="mention`
)

// shown is the HTML of a message as viewer sees it: mentions of them are marked.
func shown(markup, viewer string) template.HTML {
	mine := mentionStart + `" data-user="` + html.EscapeString(viewer) + `"`
	marked := strings.ReplaceAll(markup, mine, mentionStart+` is-me`+mine[len(mentionStart):])
	return template.HTML(marked) //nolint:gosec // sanitised when it was made, and nothing typed is added
}

// rest is a message's form on the wire, without what the script knows or can read in its row: half of a
// page would be that. Its id is for its author, who may have it among the unsent.
func rest(row MessageRow) (string, error) {
	var form map[string]json.RawMessage
	if err := json.Unmarshal(row.AppendJSON(nil), &form); err != nil {
		return "", err
	}
	for name, known := range map[string]bool{
		"room": true, "seq": true, "sentAt": true, "html": true,
		"rev":  row.Rev == row.Seq,
		"kind": row.Kind == chat.KindText,
		"text": row.HTML == "",
		"id":   !row.Own(),
	} {
		if known {
			delete(form, name)
		}
	}
	left, err := json.Marshal(form)
	return string(left), err
}

var (
	blockTags = regexp.MustCompile(`</?(?:p|br|li|ul|ol|pre|blockquote)\b[^>]*>`)
	anyTags   = regexp.MustCompile(`<[^>]*>`)
)

// line is what a message says in one line, without its markup.
func line(m chat.Message) string {
	text := m.Text
	if m.HTML != "" {
		text = html.UnescapeString(anyTags.ReplaceAllString(blockTags.ReplaceAllString(m.HTML, " "), ""))
	}
	characters := []rune(strings.Join(strings.Fields(text), " "))
	if len(characters) > lineLength {
		return strings.TrimSpace(string(characters[:lineLength])) + "…"
	}
	return string(characters)
}

// who names those who set a reaction; the person who looks is "you", and comes last.
func who(users []chat.User, viewer string) string {
	var names []string
	for _, user := range users {
		if user.ID != viewer {
			names = append(names, user.Name)
		}
	}
	if others := len(names) - namesAtOnce; others > 1 {
		names = append(names[:namesAtOnce], strconv.Itoa(others)+" others")
	}
	if among(users, viewer) {
		names = append(names, "you")
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// pause says a number of seconds in the largest unit that it is whole in.
func pause(seconds int) string {
	for _, unit := range []struct {
		seconds int
		name    string
	}{{24 * 60 * 60, "day"}, {60 * 60, "hour"}, {60, "minute"}, {1, "second"}} {
		if seconds >= unit.seconds && seconds%unit.seconds == 0 {
			return counted(seconds/unit.seconds, unit.name)
		}
	}
	return counted(seconds, "second")
}

// counted writes a number of things: "1 hour", "2 hours".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// among reports whether a user is one of users.
func among(users []chat.User, id string) bool {
	return slices.ContainsFunc(users, func(u chat.User) bool { return u.ID == id })
}
