package filter

import (
	"html"
	"regexp"
	"strings"
)

var (
	// tag is a tag of HTML; its group has something if there is a new line for it.
	tag     = regexp.MustCompile(`</?(?:(p|br|li|ul|ol|pre|blockquote)|[a-z]+)(?:\s[^>]*)?>`)
	mention = regexp.MustCompile(`<span class="mention"[^>]*>[^<]*</span>`)
	address = regexp.MustCompile(`<a href="([^"]*)"`)
)

// Shown returns the text that the HTML of a message shows.
func Shown(rich string) string {
	return html.UnescapeString(tag.ReplaceAllStringFunc(rich, func(t string) string {
		if tag.FindStringSubmatch(t)[1] != "" {
			return "\n"
		}
		return ""
	}))
}

// Searchable returns the text by which a message is found: what its HTML shows, without the names of those mentioned,
// and the addresses that it links to.
func Searchable(rich string) string {
	shown := Shown(mention.ReplaceAllString(rich, " "))
	for _, found := range address.FindAllStringSubmatch(rich, -1) {
		if to := html.UnescapeString(found[1]); !strings.Contains(shown, to) {
			shown += "\n" + to
		}
	}
	return shown
}
