package handlers

import (
	"net/url"
	"strings"
	"unicode"
)

// Segment is a stretch of a message's text; Href is "" unless it is an address.
type Segment struct{ Text, Href string }

// links cuts a text into plain stretches and http(s) addresses. An address ends before white
// space, "<", ">" and a quote, and loses the punctuation that ends a sentence and a bracket
// that it does not open. public/js/text.js does the same.
func links(text string) []Segment {
	var (
		segments []Segment
		plain    int // where the plain stretch begins
	)
	for at := 0; at < len(text); {
		length := addressAt(text, at)
		if length == 0 {
			at++
			continue
		}
		if plain < at {
			segments = append(segments, Segment{Text: text[plain:at]})
		}
		address := text[at : at+length]
		segments = append(segments, Segment{Text: address, Href: address})
		at += length
		plain = at
	}
	if plain < len(text) {
		segments = append(segments, Segment{Text: text[plain:]})
	}
	return segments
}

// addressAt returns the length of the address that begins at byte at, 0 if none does.
func addressAt(text string, at int) int {
	rest := text[at:]
	scheme := 0
	for _, s := range []string{"https://", "http://"} {
		if len(rest) > len(s) && strings.EqualFold(rest[:len(s)], s) {
			scheme = len(s)
			break
		}
	}
	if scheme == 0 {
		return 0
	}
	address := rest
	if end := strings.IndexFunc(rest, endsAddress); end >= 0 {
		address = rest[:end]
	}
	for len(address) > scheme {
		last := address[len(address)-1]
		unpaired := last == ')' && strings.Count(address, ")") > strings.Count(address, "(")
		if !unpaired && !strings.ContainsRune(".,;:!?'", rune(last)) {
			break
		}
		address = address[:len(address)-1]
	}
	if u, err := url.Parse(address); err != nil || u.Host == "" {
		return 0
	}
	return len(address)
}

// endsAddress counts as white space what JavaScript does.
func endsAddress(r rune) bool {
	return unicode.IsSpace(r) && r != '\u0085' || r == '\uFEFF' || strings.ContainsRune(`<>"`, r)
}
