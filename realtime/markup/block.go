package markup

import (
	"bytes"
	"regexp"
	"strconv"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxBlocks is how deep blocks may lie in each other; a list is two, itself and its item.
const maxBlocks = 12

// itemNumber is the attribute of an item that has its number, an int.
const itemNumber = "number"

var language = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_+#.-]{0,31}$`)

// blockParsers are goldmark's, each made to leave alone what is not markup here. No other
// parser is there to take a line: paragraphs get all that is left.
func blockParsers() parser.Option {
	return parser.WithBlockParsers(
		util.Prioritized(list{parser.NewListParser()}, 100),
		util.Prioritized(item{parser.NewListItemParser()}, 200),
		util.Prioritized(fence{parser.NewFencedCodeBlockParser()}, 300),
		util.Prioritized(quote{parser.NewBlockquoteParser()}, 400),
		util.Prioritized(paragraph{parser.NewParagraphParser()}, 500),
	)
}

func isDeep(pc parser.Context) bool { return len(pc.OpenedBlocks()) >= maxBlocks }

// list is a list whose items all have something in them.
type list struct{ parser.BlockParser }

// Open always asks goldmark, which keeps account of what it was asked.
func (l list) Open(parent ast.Node, r text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := r.PeekLine()
	n, state := l.BlockParser.Open(parent, r, pc)
	if n == nil || isDeep(pc) || isBareItem(line) {
		return nil, parser.NoChildren
	}
	return n, state
}

func (l list) Continue(n ast.Node, r text.Reader, pc parser.Context) parser.State {
	line, _ := r.PeekLine()
	indent, _ := util.IndentWidth(line, r.LineOffset())
	if last, ok := n.LastChild().(*ast.ListItem); ok && indent < last.Offset && isBareItem(line) {
		return parser.Close
	}
	return l.BlockParser.Continue(n, r, pc)
}

// item is goldmark's, and keeps its number as an attribute.
type item struct{ parser.BlockParser }

func (i item) Open(parent ast.Node, r text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := r.PeekLine()
	n, state := i.BlockParser.Open(parent, r, pc)
	if n != nil {
		line = bytes.TrimLeft(line, " ")
		digits := line[:len(line)-len(bytes.TrimLeft(line, "0123456789"))]
		if number, err := strconv.Atoi(string(digits)); err == nil {
			n.SetAttributeString(itemNumber, number)
		}
	}
	return n, state
}

// isBareItem reports whether a line that may be a list item has nothing but markers: "-", "1.",
// "* * *".
func isBareItem(line []byte) bool {
	rest := bytes.TrimLeft(bytes.TrimLeft(line, " \t"), "0123456789")
	return len(bytes.Trim(rest, " \t\n-+*_.)")) == 0 && !util.IsBlank(line)
}

// quote is a quote that begins with "> " and text. ">_<" and ">>> x" are none.
type quote struct{ parser.BlockParser }

func (q quote) Open(parent ast.Node, r text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := r.PeekLine()
	if isDeep(pc) || !isQuoted(line) || len(bytes.Trim(line, "> \t\n")) == 0 {
		return nil, parser.NoChildren
	}
	return q.BlockParser.Open(parent, r, pc)
}

func (q quote) Continue(n ast.Node, r text.Reader, pc parser.Context) parser.State {
	if line, _ := r.PeekLine(); !isQuoted(line) {
		return parser.Close
	}
	return q.BlockParser.Continue(n, r, pc)
}

func isQuoted(line []byte) bool {
	line = bytes.TrimLeft(line, " \t")
	return len(line) > 0 && line[0] == '>' && (len(line) == 1 || util.IsSpace(line[1]))
}

// fence is fenced code that is not empty. What stands beside the opening fence names a
// language if it can, and is the first line of the code if not.
type fence struct{ parser.BlockParser }

func (f fence) Open(parent ast.Node, r text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := r.PeekLine()
	n, state := f.BlockParser.Open(parent, r, pc)
	if n == nil {
		return nil, parser.NoChildren
	}
	mark := bytes.TrimLeft(line, " \t")[:3]
	below := bytes.TrimLeft(r.Source()[segment.Stop:], "> \t\n")
	if len(below) == 0 || bytes.HasPrefix(below, mark) {
		return nil, parser.NoChildren
	}
	code := n.(*ast.FencedCodeBlock)
	if code.Info != nil && !language.Match(code.Info.Segment.Value(r.Source())) {
		code.Lines().Append(text.NewSegment(code.Info.Segment.Start, segment.Stop))
		code.Info = nil
	}
	return code, state
}

// paragraph keeps the white space at the beginning of its lines, however much it is, and does
// not reach out of a quote or a list into lines that do not belong to it.
type paragraph struct{ parser.BlockParser }

func (paragraph) CanAcceptIndentedLine() bool { return true }

func (paragraph) CanInterruptParagraph() bool { return true }

func (p paragraph) Open(parent ast.Node, r text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if last := pc.LastOpenedBlock().Node; last != nil && ast.IsParagraph(last) && last.Parent() == parent {
		return nil, parser.NoChildren // it goes on
	}
	return p.BlockParser.Open(parent, r, pc)
}

func (paragraph) Close(n ast.Node, r text.Reader, _ parser.Context) {
	lines := n.Lines()
	last := lines.At(lines.Len() - 1)
	lines.Set(lines.Len()-1, last.TrimRightSpace(r.Source()))
}
