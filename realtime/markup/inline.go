package markup

import (
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
	after := ' '
	if n < len(line) {
		after, _ = utf8.DecodeRune(line[n:])
	}
	if n > maxDelimiter || line[0] == '~' && n != 2 || p.delimiters >= maxDelimiters ||
		isProduct(r.PrecendingCharacter(), n, after) {
		return asText(r, n)
	}
	p.delimiters++
	before := r.PrecendingCharacter()
	node := d.InlineParser.Parse(parent, r, pc)
	if found, ok := node.(*parser.Delimiter); ok && line[0] != '_' {
		found.CanOpen, found.CanClose = flanks(before, after)
	}
	return node
}

// isProduct reports whether what is between two characters stands for a multiplication or a
// power: "2*3", "a*b", "2**3". CommonMark has no such exception.
func isProduct(before rune, length int, after rune) bool {
	digits := isDigit(before) && isDigit(after)
	return digits || length == 1 && (isDigit(before) || isASCIILetter(before)) && (isDigit(after) || isASCIILetter(after))
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func isASCIILetter(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }

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
	if _, follows := parent.LastChild().(*emoji); isLatin(before) || before == ':' && !follows {
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
