package markup

import (
	"html"
	"net/url"
	"strings"
	"unicode"
)

// What surrounds the id and the name of a mention in HTML.
const (
	mentionOpen  = `<span class="mention" data-user="`
	mentionClose = `</span>`
)

// Fill puts the names of users into a text that Prepare returned, and into its HTML, in place of
// the placeholders of mentions: "@" and what name returns for the id.
func (*Markup) Fill(stored, html string, name func(id string) string) (text, filled string) {
	return fillText(stored, name), fillHTML(html, name)
}

func fillText(stored string, name func(id string) string) string {
	if !strings.Contains(stored, "<@") {
		return stored
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(stored, "<@")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		escaped, after, closed := strings.Cut(rest, ">")
		id, err := url.PathUnescape(escaped)
		switch {
		case !closed || err != nil: // nothing that Prepare returned
			b.WriteString("<@")
			after = rest
		case id == "":
			b.WriteString("<@")
		default:
			b.WriteString("@" + name(id))
		}
		stored = after
	}
}

func fillHTML(text string, name func(id string) string) string {
	if !strings.Contains(text, mentionOpen) {
		return text
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, mentionOpen)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		id, rest, _ := strings.Cut(rest, `"`)
		_, after, _ := strings.Cut(rest, mentionClose)
		b.WriteString(mentionOpen + id + `">` + html.EscapeString("@"+name(html.UnescapeString(id))) + mentionClose)
		text = after
	}
}

// escapeHolders makes what looks like a placeholder, but was typed, none: "<@" becomes the
// placeholder without an id, which Fill turns back.
func escapeHolders(text string) string { return strings.ReplaceAll(text, "<@", "<@>") }

func isControl(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) }
