package markup

import (
	"bytes"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// maxInlines is how deep emphasis may lie in emphasis.
const maxInlines = 8

// LinkAttributes stand behind the href of every link. A message does not know where it will be
// shown: whoever shows it takes them from links to the site itself, which open in the same
// tab and may be followed.
const LinkAttributes = ` rel="noopener nofollow ugc" target="_blank"`

// What the attributes of the HTML may be.
var (
	languageClass = regexp.MustCompile(`^language-[A-Za-z0-9_+#.-]{1,32}$`)
	mentionClass  = regexp.MustCompile(`^mention$`)
	linkAddress   = regexp.MustCompile(`^(?:https?://|mailto:)[^\s<>"` + "`" + `\\]+$`)
	linkRel       = regexp.MustCompile(`^noopener nofollow ugc$`)
	linkTarget    = regexp.MustCompile(`^_blank$`)
)

// writer writes the HTML of what was parsed, and the text to store.
type writer struct {
	source    []byte
	html      strings.Builder
	rich      bool // the HTML shows something else than the stored text
	inlines   int  // emphasis that is open
	stored    strings.Builder
	copied    int // how much of source is in stored
	mentioned []string
}

// node writes n and all that is in it.
func (w *writer) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.Paragraph:
		w.html.WriteString("<p>")
		w.children(n)
		w.html.WriteString("</p>")
	case *ast.Blockquote:
		w.element("blockquote", n)
	case *ast.List:
		w.list(n)
	case *ast.ListItem:
		w.element("li", n)
	case *ast.FencedCodeBlock:
		w.code(n)
	case *ast.Text:
		w.text(n)
	case *ast.CodeSpan:
		w.codeSpan(n)
	case *ast.Emphasis:
		w.inline([]string{"em", "strong"}[n.Level-1], n)
	case *extast.Strikethrough:
		w.inline("del", n)
	case *ast.Link:
		w.rich = true
		w.html.WriteString(`<a href="` + html.EscapeString(string(n.Destination)) + `"` + LinkAttributes + `>`)
		w.children(n)
		w.html.WriteString("</a>")
	case *bracket:
		w.html.WriteString("[")
	case *mention:
		w.mention(n)
	case *emoji:
		w.html.WriteString(n.text)
		w.replace(n.segment.Start, n.segment.Stop, n.text)
	default: // the document, the text of an item
		w.children(n)
	}
}

func (w *writer) children(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.node(c)
	}
}

func (w *writer) element(name string, n ast.Node) {
	w.rich = true
	w.html.WriteString("<" + name + ">")
	w.children(n)
	w.html.WriteString("</" + name + ">")
}

func (w *writer) inline(name string, n ast.Node) {
	if w.inlines++; w.inlines > maxInlines {
		w.children(n)
	} else {
		w.element(name, n)
	}
	w.inlines--
}

// list gives the items of an ordered list the numbers they were written with.
func (w *writer) list(n *ast.List) {
	if !n.IsOrdered() {
		w.element("ul", n)
		return
	}
	w.rich = true
	next := n.Start
	w.html.WriteString("<ol")
	if next != 1 {
		w.html.WriteString(` start="` + strconv.Itoa(next) + `"`)
	}
	w.html.WriteString(">")
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		w.html.WriteString("<li")
		if attribute, _ := item.AttributeString(itemNumber); attribute != next {
			number, _ := attribute.(int)
			w.html.WriteString(` value="` + strconv.Itoa(number) + `"`)
			next = number
		}
		next++
		w.html.WriteString(">")
		w.children(item)
		w.html.WriteString("</li>")
	}
	w.html.WriteString("</ol>")
}

func (w *writer) code(n *ast.FencedCodeBlock) {
	w.rich = true
	w.html.WriteString("<pre><code")
	if n.Info != nil {
		w.html.WriteString(` class="language-` + html.EscapeString(string(n.Info.Segment.Value(w.source))) + `"`)
	}
	w.html.WriteString(">")
	var code []byte
	for _, line := range n.Lines().Sliced(0, n.Lines().Len()) {
		code = append(code, line.Value(w.source)...)
	}
	w.html.WriteString(html.EscapeString(string(bytes.TrimSuffix(code, []byte("\n")))))
	w.html.WriteString("</code></pre>")
}

// codeSpan writes line breaks as spaces, as CommonMark has it.
func (w *writer) codeSpan(n *ast.CodeSpan) {
	w.rich = true
	w.html.WriteString("<code>")
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		line := string(c.(*ast.Text).Segment.Value(w.source))
		w.html.WriteString(html.EscapeString(strings.ReplaceAll(line, "\n", " ")))
	}
	w.html.WriteString("</code>")
}

// text writes text without the backslashes that escape something, and its line break.
func (w *writer) text(n *ast.Text) {
	value := n.Segment.Value(w.source)
	if n.IsRaw() {
		w.html.WriteString(html.EscapeString(string(value)))
		return
	}
	if bytes.IndexByte(value, '\\') >= 0 {
		all := value
		value = make([]byte, 0, len(all))
		for i := 0; i < len(all); i++ {
			if all[i] == '\\' && i+1 < len(all) && util.IsPunct(all[i+1]) {
				w.rich = true
				i++
			}
			value = append(value, all[i])
		}
	}
	w.html.WriteString(html.EscapeString(string(value)))
	if n.HardLineBreak() && w.source[n.Segment.Stop] == '\\' {
		w.html.WriteString(`\`) // to break a line takes none here, so it means itself
	}
	if n.HardLineBreak() || n.SoftLineBreak() {
		w.html.WriteString("<br>")
	}
}

func (w *writer) mention(n *mention) {
	w.rich = true
	holder := "<@" + url.PathEscape(n.id) + ">"
	w.html.WriteString(mentionOpen + html.EscapeString(n.id) + `">` + html.EscapeString(holder) + mentionClose)
	w.replace(n.segment.Start, n.segment.Stop, holder)
	if !slices.Contains(w.mentioned, n.id) {
		w.mentioned = append(w.mentioned, n.id)
	}
}

// replace stores the source up to start as it is and then, for what is up to stop, by.
func (w *writer) replace(start, stop int, by string) {
	w.stored.WriteString(escapeHolders(string(w.source[w.copied:start])))
	w.stored.WriteString(by)
	w.copied = stop
}

// end returns the text to store, of which text is the source.
func (w *writer) end(text string) string {
	if w.copied == 0 {
		return escapeHolders(text)
	}
	w.stored.WriteString(escapeHolders(text[w.copied:]))
	return w.stored.String()
}

// isID reports whether id can be in a placeholder.
func isID(id string) bool {
	return id != "" && len(id) <= 128 && utf8.ValidString(id) && !strings.ContainsFunc(id, isControl)
}
