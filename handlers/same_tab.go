package handlers

import (
	"bytes"
	"html"

	"roomline/realtime/markup"
)

// sameTab takes markup.LinkAttributes from the links of a page that lead to origin, the site's
// own. public/js/row.js does the same where the script shows a message.
func sameTab(page []byte, origin string) []byte {
	link := []byte(`<a href="`)
	own := append(bytes.Clone(link), html.EscapeString(origin)...)
	if !bytes.Contains(page, own) {
		return page
	}
	changed := make([]byte, 0, len(page))
	for {
		before, rest, found := bytes.Cut(page, own)
		if changed = append(changed, before...); !found {
			return changed
		}
		path, rest, _ := bytes.Cut(rest, []byte(`"`))
		changed = append(append(append(changed, own...), path...), '"')
		if len(path) == 0 || bytes.IndexByte([]byte("/?#"), path[0]) >= 0 {
			rest = bytes.TrimPrefix(rest, []byte(markup.LinkAttributes))
		}
		page = rest
	}
}
