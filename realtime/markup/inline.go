package markup

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark-emoji/definition"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const (
	maxDelimiters = 500 // of a paragraph; goldmark compares each with each
	maxDelimiter  = 3   // characters: "***"
	maxNameLength = 64  // characters of a name that is looked up
	maxCode       = 48  // characters of an emoji's shortcode
)

// passKey is where the parser's context keeps the pass.
var passKey = parser.NewContextKey()

// pass is what one parsing of a text needs to know.
type pass struct {
	look       func(name string) (id string)
	label      *bracket // of the link whose text is being read, or was last
	delimiters int      // so far, in this paragraph
	from, to   int      // where characters of addresses were last seen
}

func passOf(pc parser.Context) *pass { return pc.Get(passKey).(*pass) }

// inLabel reports whether the position is in the text of a link.
func (p *pass) inLabel(position int) bool { return p.label != nil && position < p.label.end }

func newParser(emoji definition.Emojis) parser.Parser {
	return parser.NewParser(blockParsers(), parser.WithInlineParsers(
		util.Prioritized(codeSpans{parser.NewCodeSpanParser()}, 100),
		util.Prioritized(links{}, 200),
		util.Prioritized(autolinks{}, 300),
		util.Prioritized(mentions{}, 400),
		util.Prioritized(shortcodes{emoji}, 500),
		util.Prioritized(delimiters{parser.NewEmphasisParser()}, 600),
		util.Prioritized(delimiters{extension.NewStrikethroughParser()}, 600),
	))
}

// asText takes the next n bytes as text.
func asText(r text.Reader, n int) ast.Node {
	_, segment := r.PeekLine()
	r.Advance(n)
	return ast.NewTextSegment(segment.WithStop(segment.Start + n))
}

// runLength counts how often the first byte of line is repeated.
func runLength(line []byte) int {
	n := 1
	for n < len(line) && line[n] == line[0] {
		n++
	}
	return n
}

// codeSpans are goldmark's, but blank ones are text.
type codeSpans struct{ parser.InlineParser }

func (c codeSpans) Parse(parent ast.Node, r text.Reader, pc parser.Context) ast.Node {
	line, _ := r.PeekLine()
	at, position := r.Position()
	n := c.InlineParser.Parse(parent, r, pc)
	if span, ok := n.(*ast.CodeSpan); ok && span.IsBlank(r.Source()) {
		r.SetPosition(at, position)
		return asText(r, runLength(line))
	}
	return n
}

// delimiters are goldmark's, of emphasis and of what is struck out ("~~", never "~"), with
// bounds on their length and number. Those of a product are none.
type delimiters struct{ parser.InlineParser }

func (d delimiters) Parse(parent ast.Node, r text.Reader, pc parser.Context) ast.Node {
	line, _ := r.PeekLine()
	n, p := runLength(line), passOf(pc)
	after, _ := utf8.DecodeRune(line[n:])
	if n > maxDelimiter || line[0] == '~' && n != 2 || p.delimiters >= maxDelimiters ||
		isProduct(r.PrecendingCharacter(), n, after) {
		return asText(r, n)
	}
	p.delimiters++
	return d.InlineParser.Parse(parent, r, pc)
}

// isProduct reports whether what is between two characters stands for a multiplication or a
// power: "2*3", "a*b", "2**3". CommonMark has no such exception.
func isProduct(before rune, length int, after rune) bool {
	digits := isDigit(before) && isDigit(after)
	return digits || length == 1 && (isDigit(before) || isLatin(before)) && (isDigit(after) || isLatin(after))
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func isLatin(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }

// mention is a name that belongs to a user.
type mention struct {
	ast.BaseInline
	segment text.Segment
	id      string
}

var kindMention = ast.NewNodeKind("Mention")

func (*mention) Kind() ast.NodeKind { return kindMention }

// Dump is for goldmark's debugging.
func (m *mention) Dump(source []byte, level int) { ast.DumpHelper(m, source, level, nil, nil) }

type mentions struct{}

func (mentions) Trigger() []byte { return []byte{'@'} }

func (mentions) Parse(_ ast.Node, r text.Reader, pc parser.Context) ast.Node {
	if isSpaced(r.PrecendingCharacter()) {
		return nil // a mail address
	}
	line, segment := r.PeekLine()
	long, short := nameAt(line[1:])
	if long == 0 || beginsLink(line[1:], long) {
		return nil
	}
	for _, n := range []int{long, short} {
		if id := passOf(pc).look(Fold(string(line[1 : 1+n]))); id != "" {
			r.Advance(1 + n)
			return &mention{segment: segment.WithStop(segment.Start + 1 + n), id: id}
		}
	}
	return nil
}

// beginsLink reports whether in the first n bytes of line, which may be a name, a link may begin. They are no name then:
// where a text links to does not depend on who there is (see Links).
func beginsLink(line []byte, n int) bool {
	name, rest := line[:n], line[n:]
	return bytes.Contains(bytes.ToLower(name), []byte("www.")) ||
		len(rest) > 1 && rest[0] == ':' && !util.IsSpace(rest[1]) && schemeLength(name, rest) > 0
}

// nameAt returns how many bytes at the beginning of line may be a name, with and without the
// dots, dashes and underscores at its end; 0 for none.
func nameAt(line []byte) (long, short int) {
	for count := 0; long < len(line); count++ {
		r, size := utf8.DecodeRune(line[long:])
		switch {
		case isWord(r) && (count > 0 || !unicode.Is(unicode.M, r)):
			short = long + size
		case count == 0 || r != '.' && r != '-' && r != '_':
			return long, short
		}
		if long += size; count == maxNameLength {
			return 0, 0
		}
	}
	return long, short
}

// isWord reports whether r may be in a word: a letter, with its marks, or a digit.
func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.Is(unicode.Nd, r) || unicode.Is(unicode.M, r)
}

// isSpaced reports whether r is of a word of a script that puts spaces between words, so that
// something else begins after r only if there is one.
func isSpaced(r rune) bool {
	return isWord(r) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// emoji is a shortcode that has one.
type emoji struct {
	ast.BaseInline
	segment text.Segment
	text    string
}

var kindEmoji = ast.NewNodeKind("Emoji")

func (*emoji) Kind() ast.NodeKind { return kindEmoji }

// Dump is for goldmark's debugging.
func (e *emoji) Dump(source []byte, level int) { ast.DumpHelper(e, source, level, nil, nil) }

type shortcodes struct{ definition.Emojis }

func (shortcodes) Trigger() []byte { return []byte{':'} }

func (s shortcodes) Parse(parent ast.Node, r text.Reader, _ parser.Context) ast.Node {
	line, segment := r.PeekLine()
	n := 1
	for n < len(line) && n <= maxCode && isCode(line[n]) {
		n++
	}
	if n == 1 || n == len(line) || line[n] != ':' {
		return nil
	}
	before := r.PrecendingCharacter()
	if _, follows := parent.LastChild().(*emoji); isSpaced(before) || before == ':' && !follows {
		return nil // of "12:100:30", or "std::x::y"
	}
	found, ok := s.Get(string(line[1:n]))
	if !ok || !found.IsUnicode() {
		return nil
	}
	r.Advance(n + 1)
	return &emoji{segment: segment.WithStop(segment.Start + n + 1), text: string(found.Unicode)}
}

// isCode reports whether c may be in a shortcode.
func isCode(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '+' || c == '-'
}
