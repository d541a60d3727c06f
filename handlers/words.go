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
	emojiAtOnce  = 5   // emoji that are shown larger
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

// oneEmoji is an emoji as Unicode's emoji-data.txt has it: a flag, a keycap, or pictures joined
// into one, with their tones. Outside the plane of pictures few are emoji by themselves, the
// others need the selector.
const oneEmoji = `(?:[\x{1F1E6}-\x{1F1FF}]{2}|[0-9#*]\x{FE0F}?\x{20E3}|` + onePicture + `(?:\x{200D}(?:` + onePicture + `|[♀♂⚕⚖✈❤]))*)`

const onePicture = `(?:(?:[\x{1F004}\x{1F0CF}\x{1F18E}\x{1F191}-\x{1F19A}\x{1F300}-\x{1FAFF}]\x{FE0F}?|` +
	`[\x{231A}\x{231B}\x{23E9}-\x{23EC}\x{23F0}\x{23F3}\x{25FD}\x{25FE}\x{2614}\x{2615}\x{2648}-\x{2653}\x{267F}\x{2693}\x{26A1}` +
	`\x{26AA}\x{26AB}\x{26BD}\x{26BE}\x{26C4}\x{26C5}\x{26CE}\x{26D4}\x{26EA}\x{26F2}\x{26F3}\x{26F5}\x{26FA}\x{26FD}\x{2705}` +
	`\x{270A}\x{270B}\x{2728}\x{274C}\x{274E}\x{2753}-\x{2755}\x{2757}\x{2795}-\x{2797}\x{27B0}\x{27BF}\x{2B1B}\x{2B1C}\x{2B50}\x{2B55}]\x{FE0F}?|` +
	`[©®\x{2000}-\x{3299}]\x{FE0F})[\x{1F3FB}-\x{1F3FF}]?)`

var fewEmoji = regexp.MustCompile(`^(?:` + oneEmoji + `){1,` + strconv.Itoa(emojiAtOnce) + `}$`)

// emojiOnly reports whether a text is one to five emoji and nothing else: it is shown larger.
func emojiOnly(text string) bool {
	return len(text) < 256 && fewEmoji.MatchString(strings.Join(strings.Fields(text), ""))
}
