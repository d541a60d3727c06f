package markup

import (
	"bytes"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxAddress is how long the address of a link may be, in bytes.
const maxAddress = 2048

// bracket is the "[" of a link, until its "]" is reached.
type bracket struct {
	ast.BaseInline
	bottom  ast.Node // the delimiter before it, or nil
	end     int      // where the "]" is
	length  int      // of "](address)"
	address string
}

var kindBracket = ast.NewNodeKind("Bracket")

func (*bracket) Kind() ast.NodeKind { return kindBracket }

// Dump is for goldmark's debugging.
func (b *bracket) Dump(source []byte, level int) { ast.DumpHelper(b, source, level, nil, nil) }

// links are [text](address), on one line. As a text has no brackets, there is no link in a link,
// and finding out whether a bracket begins one takes no longer than to the next bracket.
type links struct{}

func (links) Trigger() []byte { return []byte{'[', ']'} }

func (links) Parse(parent ast.Node, r text.Reader, pc parser.Context) ast.Node {
	p := passOf(pc)
	line, segment := r.PeekLine()
	if line[0] == '[' {
		b := p.linkAt(line, segment.Start)
		if b == nil {
			return nil
		}
		if last := pc.LastDelimiter(); last != nil {
			b.bottom = last
		}
		p.label = b
		r.Advance(1)
		return b
	}
	if p.label == nil || p.label.end != segment.Start {
		return nil
	}
	b := p.label
	parser.ProcessDelimiters(b.bottom, pc)
	link := ast.NewLink()
	link.Destination = []byte(b.address)
	for c := b.NextSibling(); c != nil; c = b.NextSibling() {
		link.AppendChild(link, c)
	}
	parent.RemoveChild(parent, b)
	r.Advance(b.length)
	return link
}

// CloseBlock is called at the end of a paragraph.
func (links) CloseBlock(_ ast.Node, _ text.Reader, pc parser.Context) {
	p := passOf(pc)
	p.label, p.delimiters = nil, 0
}

// linkAt reads the link that begins with the "[" of line; nil if there is none.
func (p *pass) linkAt(line []byte, position int) *bracket {
	end := 1
	for end < len(line) && line[end] != ']' {
		if line[end] == '\\' {
			end++
		} else if line[end] == '[' {
			return nil
		}
		end++
	}
	if end+1 >= len(line) || line[end+1] != '(' || util.IsBlank(line[1:end]) {
		return nil
	}
	rest := line[end+2:]
	n := closing(rest[:min(p.addressLength(rest, position+end+2), maxAddress+1)])
	if n < 0 {
		return nil
	}
	address, ok := parseAddress(string(rest[:n]))
	if !ok {
		return nil
	}
	return &bracket{end: position + end, length: n + 3, address: address}
}

// closing returns where the first ")" is that no "(" of text opens; -1 for nowhere.
func closing(text []byte) int {
	depth := 0
	for i, c := range text {
		if c == '(' {
			depth++
		} else if c == ')' {
			if depth--; depth < 0 {
				return i
			}
		}
	}
	return -1
}

// autolinks are addresses in the text. They are found by the ":" of their scheme or the first
// "." of www.
type autolinks struct{}

func (autolinks) Trigger() []byte { return []byte{':', '.'} }

func (autolinks) Parse(parent ast.Node, r text.Reader, pc parser.Context) ast.Node {
	line, segment := r.PeekLine()
	before, ok := parent.LastChild().(*ast.Text)
	if !ok || before.Segment.Stop != segment.Start || passOf(pc).inLabel(segment.Start) {
		return nil
	}
	source := r.Source()
	start := segment.Start - schemeLength(source[before.Segment.Start:segment.Start], line)
	if word, _ := utf8.DecodeLastRune(source[:start]); start == segment.Start || isSpaced(word) {
		return nil
	}
	stop := segment.Start + passOf(pc).addressLength(line, segment.Start)
	if stop-start > maxAddress {
		return nil
	}
	stop = start + len(trimAddress(source[start:stop]))
	address, ok := parseAddress(string(source[start:stop]))
	if !ok {
		return nil
	}
	if before.Segment = before.Segment.WithStop(start); before.Segment.IsEmpty() {
		parent.RemoveChild(parent, before)
	}
	r.Advance(stop - segment.Start)
	link := ast.NewLink()
	link.Destination = []byte(address)
	link.AppendChild(link, ast.NewRawTextSegment(text.NewSegment(start, stop)))
	return link
}

// schemeLength returns how long the scheme is that ends before and goes on with line; 0 if none.
func schemeLength(before, line []byte) int {
	schemes := []string{"https", "http", "mailto"}
	if line[0] == '.' {
		schemes = []string{"www"}
	}
	for _, s := range schemes {
		if n := len(before) - len(s); n >= 0 && strings.EqualFold(string(before[n:]), s) {
			return len(s)
		}
	}
	return 0
}

// addressLength returns how much of line, which is at position, can be in an address. What can
// be in one in the middle can be at its beginning, so each character is looked at once.
func (p *pass) addressLength(line []byte, position int) int {
	if position < p.from || position > p.to {
		length := bytes.IndexFunc(line, endsAddress)
		if length < 0 {
			length = len(line)
		}
		p.from, p.to = position, position+length
	}
	return p.to - position
}

func endsAddress(r rune) bool {
	return r <= ' ' || strings.ContainsRune("<>\"`\\\x7f", r) ||
		r >= utf8.RuneSelf && (r == utf8.RuneError || unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf))
}

// trimAddress takes off what more likely belongs to the sentence around an address.
func trimAddress(address []byte) []byte {
	spare := make(map[rune]int) // closing brackets without an opening one
	for _, pair := range []string{"()", "[]", "{}"} {
		spare[rune(pair[1])] = bytes.Count(address, []byte(pair[1:])) - bytes.Count(address, []byte(pair[:1]))
	}
	for len(address) > 0 {
		r, size := utf8.DecodeLastRune(address)
		switch {
		case spare[r] > 0:
			spare[r]--
		case strings.ContainsRune("?!.,:;*_~'", r), r > utf8.RuneSelf && unicode.IsPunct(r):
		default:
			return address
		}
		address = address[:len(address)-size]
	}
	return address
}

// parseAddress returns where a link with the address leads, if it may lead there: to a host of
// the web, without a user name that could be taken for the host, or to a mail address.
func parseAddress(address string) (string, bool) {
	if len(address) >= 4 && strings.EqualFold(address[:4], "www.") {
		if host, _, _ := strings.Cut(address[4:], "/"); !strings.Contains(host, ".") {
			return "", false
		}
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	switch u.Scheme {
	case "http", "https":
		return u.String(), u.User == nil && strings.ContainsFunc(u.Hostname(), isWord)
	case "mailto":
		user, host, _ := strings.Cut(u.Opaque, "@")
		return u.String(), user != "" && host != ""
	}
	return "", false
}
