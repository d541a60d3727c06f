package chat

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a snippet, in characters.
const (
	snippetLength = 160
	snippetLead   = 40 // before the first hit
)

// snippet returns as HTML the part of a stored text that shows most of its hits, which are
// ascending. fill puts names in the place of placeholders.
func snippet(stored string, hits []Span, fill func(string) string) string {
	part := Span{0, len(stored)}
	if utf8.RuneCountInString(stored) > snippetLength {
		part = window(stored, densest(hits))
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
		b.WriteString(html.EscapeString(fill(stored[at:hit.From])))
		b.WriteString("<mark>" + html.EscapeString(stored[hit.From:end]) + "</mark>")
		at = end
	}
	b.WriteString(html.EscapeString(fill(stored[at:part.To])))
	if part.To < len(stored) {
		b.WriteString(" …")
	}
	return b.String()
}

// densest returns where the hits begin that have most others close behind them.
func densest(hits []Span) int {
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
// words where there are some, and never within a placeholder.
func window(stored string, hit int) Span {
	part := Span{back(stored, hit, snippetLead), 0}
	part.To = len(stored)
	n := 0
	for at := range stored[part.From:] {
		if n++; n > snippetLength {
			part.To = part.From + at
			break
		}
	}
	if part.From > 0 {
		if blank := strings.IndexFunc(stored[part.From:hit], unicode.IsSpace); blank >= 0 {
			part.From += blank
		}
	}
	if part.To < len(stored) {
		// A word that is longer than all that is cut.
		if blank := strings.LastIndexFunc(stored[hit:part.To], unicode.IsSpace); blank > 0 {
			part.To = hit + blank
		}
	}
	for _, holder := range placeholders(stored) {
		if holder.From < part.From && part.From < holder.To {
			part.From = holder.To
		}
		if holder.From < part.To && part.To < holder.To {
			part.To = holder.From
		}
	}
	// Blanks at the cuts are in the way.
	for part.From < hit && isBlank(stored[part.From]) {
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
