package markup

import (
	"bytes"
	"net/url"
	"regexp"
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
	if word, _ := utf8.DecodeLastRune(source[:start]); start == segment.Start || isLatin(word) {
		return nil
	}
	stop := segment.Start + passOf(pc).addressLength(line, segment.Start)
	if stop-start > maxAddress {
		return nil
	}
	stop = start + len(trimAddress(cutAddress(source[start:stop])))
	if stop <= segment.Start {
		return nil
	}
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
	switch {
	case r < utf8.RuneSelf:
		return r <= ' ' || strings.ContainsRune("<>\"`\\\x7f", r)
	case r == '’':
		return false // an apostrophe
	case r == utf8.RuneError, r == '…', isFullWidth(r) && !isWord(r), unicode.IsSpace(r):
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Terminal_Punctuation, unicode.Quotation_Mark, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf)
}

// cutAddress cuts an address where, after punctuation, the next one begins ("https://a.example,https://b.example"), and
// where text of another script follows its host without a space.
func cutAddress(address []byte) []byte {
	if next := nextAddress.FindIndex(address); next != nil {
		address = address[:next[0]]
	}
	begin := bytes.Index(address, []byte("//"))
	if begin < 0 {
		begin = -2 // www.
	}
	end := bytes.IndexAny(address[begin+2:], "/?#")
	if end < 0 {
		end = len(address) - begin - 2
	}
	host := address[begin+2 : begin+2+end]
	label := bytes.LastIndexByte(host, '.') + 1
	for at, last := label, ' '; at < len(host); {
		r, size := utf8.DecodeRune(host[at:])
		if at > label && last < utf8.RuneSelf && r >= utf8.RuneSelf && isWord(last) && isWord(r) && !joins(last, r) {
			return address[:begin+2+at]
		}
		last, at = r, at+size
	}
	return address
}

var nextAddress = regexp.MustCompile(`(?i)[,;|!]+(?:https?://|mailto:|www\.)`)

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
// the web, without a user name that could be taken for the host, or to a mail address. But for the
// scheme it is the address as it was typed.
func parseAddress(address string) (string, bool) {
	if len(address) >= 4 && strings.EqualFold(address[:4], "www.") {
		if host, _, _ := strings.Cut(address[4:], "/"); !strings.Contains(host, ".") {
			return "", false
		}
		address = "http://" + address
	}
	scheme, rest, _ := strings.Cut(address, ":")
	scheme = strings.ToLower(scheme)
	address = scheme + ":" + rest
	if !linkAddress.MatchString(address) {
		return "", false
	}
	if scheme == "mailto" {
		to, _, _ := strings.Cut(rest, "?")
		user, host, _ := strings.Cut(to, "@")
		return address, user != "" && host != ""
	}
	u, err := url.Parse(address[:hostEnd(address)])
	return address, err == nil && u.User == nil && strings.ContainsFunc(u.Hostname(), isWord)
}

// hostEnd returns where the host of an address of the web ends, and its port.
func hostEnd(address string) int {
	begin := strings.Index(address, "//") + 2
	if end := strings.IndexAny(address[begin:], "/?#"); end >= 0 {
		return begin + end
	}
	return len(address)
}
