package chat

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"roomline/realtime/filter"
)

// The bounds of a snippet, in characters.
const (
	snippetLength = 160
	snippetLead   = 40 // before the first hit
)

// snippet returns as HTML the part of a text that shows most of its hits, which are ascending.
func snippet(text string, hits []filter.Span) string {
	part := filter.Span{From: 0, To: len(text)}
	if utf8.RuneCountInString(text) > snippetLength {
		part = window(text, densest(hits))
	}
	var b strings.Builder
	if part.From > 0 {
		b.WriteString("… ")
	}
	at := part.From
	for _, hit := range hits {
		if hit.From < at || hit.From >= part.To {
			continue
		}
		end := min(hit.To, part.To)
		b.WriteString(html.EscapeString(text[at:hit.From]))
		b.WriteString("<mark>" + html.EscapeString(text[hit.From:end]) + "</mark>")
		at = end
	}
	b.WriteString(html.EscapeString(text[at:part.To]))
	if part.To < len(text) {
		b.WriteString(" …")
	}
	return b.String()
}

// densest returns where the hits begin that have most others close behind them.
func densest(hits []filter.Span) int {
	best, most, end := 0, 0, 0
	for i, hit := range hits {
		for end < len(hits) && hits[end].To-hit.From < snippetLength-snippetLead {
			end++
		}
		if end-i > most {
			best, most = hit.From, end-i
		}
	}
	return best
}

// window returns the part of a text around a hit that begins there. It begins and ends between
// words where there are some.
func window(text string, hit int) filter.Span {
	part := filter.Span{From: back(text, hit, snippetLead)}
	part.To = len(text)
	n := 0
	for at := range text[part.From:] {
		if n++; n > snippetLength {
			part.To = part.From + at
			break
		}
	}
	if part.From > 0 {
		if blank := strings.IndexFunc(text[part.From:hit], unicode.IsSpace); blank >= 0 {
			part.From += blank
		}
	}
	if part.To < len(text) {
		// A word that is longer than all that is cut.
		if blank := strings.LastIndexFunc(text[hit:part.To], unicode.IsSpace); blank > 0 {
			part.To = hit + blank
		}
	}
	// Blanks at the cuts are in the way.
	for part.From < hit && isBlank(text[part.From]) {
		part.From++
	}
	return part
}

// back returns the place that many characters before at.
func back(text string, at, characters int) int {
	for ; characters > 0 && at > 0; characters-- {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return at
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' }
