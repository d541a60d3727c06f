package markup

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const (
	maxNameLength = 64 // characters of a name that is looked up
	maxCandidates = 24 // names that are looked up for one mention
	wideAt        = "＠"
)

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
	line, segment := r.PeekLine()
	n, id := passOf(pc).mentionAt(r.PrecendingCharacter(), line[1:])
	if id == "" {
		return nil
	}
	r.Advance(1 + n)
	return &mention{segment: segment.WithStop(segment.Start + 1 + n), id: id}
}

// mentionAt returns how many bytes of line, which follow an "@", name a user, and the user's id; "" for nobody.
func (p *pass) mentionAt(before rune, line []byte) (n int, id string) {
	first, _ := utf8.DecodeRune(line)
	if isLatin(before) || isWord(before) && joins(before, first) {
		return 0, "" // a mail address
	}
	candidates := namesAt(line)
	if len(candidates) == 0 || beginsLink(line, candidates[0]) {
		return 0, ""
	}
	for _, n := range candidates {
		if id := p.look(Fold(string(line[:n]))); id != "" {
			return n, id
		}
	}
	return 0, ""
}

// beginsLink reports whether in the first n bytes of line, which may be a name, a link may begin. They are no name then:
// where a text links to does not depend on who there is (see Links).
func beginsLink(line []byte, n int) bool {
	name, rest := line[:n], line[n:]
	return bytes.Contains(bytes.ToLower(name), []byte("www.")) ||
		len(rest) > 1 && rest[0] == ':' && !util.IsSpace(rest[1]) && schemeLength(name, rest) > 0
}

// namesAt returns how many bytes at the beginning of line may be a name, the most first: up to each place where no word
// goes on, with and without the dots, dashes and underscores before it.
func namesAt(line []byte) []int {
	var ends []int
	end := func(at, word int) {
		for _, n := range []int{word, at} { // word is where the last word character ends
			if n > 0 && !slices.Contains(ends, n) && len(ends) < maxCandidates {
				ends = append(ends, n)
			}
		}
	}
	var last rune // of a word
	at, word := 0, 0
	for count := 0; ; count++ {
		r, size := utf8.DecodeRune(line[at:])
		isPart := isWord(r) && (count > 0 || !unicode.Is(unicode.M, r))
		if !isPart && (count == 0 || r != '.' && r != '-' && r != '_') {
			end(at, word)
			break
		}
		if count > 0 && isPart && !joins(last, r) {
			end(at, word)
		}
		if count == maxNameLength {
			break
		}
		at += size
		if isPart {
			last, word = r, at
		}
	}
	slices.SortFunc(ends, func(a, b int) int { return b - a })
	return ends
}

// wideMentions finds the mentions that begin with an "@" of full width, which no parser of goldmark is asked about.
func (p *pass) wideMentions(root ast.Node, source []byte) {
	if !bytes.Contains(source, []byte(wideAt)) {
		return
	}
	var texts []*ast.Text
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.CodeSpan, *ast.Link:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if entering && !n.IsRaw() {
				texts = append(texts, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range texts {
		p.splitWide(n, source)
	}
}

// splitWide takes the mentions out of a text.
func (p *pass) splitWide(n *ast.Text, source []byte) {
	parent := n.Parent()
	for from := n.Segment.Start; ; {
		found := bytes.Index(source[from:n.Segment.Stop], []byte(wideAt))
		if found < 0 {
			return
		}
		sign := from + found
		from = sign + len(wideAt)
		before, _ := utf8.DecodeLastRune(source[:sign])
		length, id := p.mentionAt(before, source[from:n.Segment.Stop])
		if id == "" {
			continue
		}
		from += length
		if sign > n.Segment.Start {
			parent.InsertBefore(parent, n, ast.NewTextSegment(n.Segment.WithStop(sign)))
		}
		parent.InsertBefore(parent, n, &mention{segment: text.NewSegment(sign, from), id: id})
		n.Segment = n.Segment.WithStart(from)
	}
}
