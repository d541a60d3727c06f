// Package markup turns the text of a message, as it was written, into what is stored and what is
// shown: a small part of Markdown, links, mentions and emoji.
//
// What is not markup is shown as it was typed, and nothing that was typed vanishes: there are
// no headings, images, tables, HTML, entities, reference links or indented code, and what would
// be an empty list item, quote or code block elsewhere is text here. A quote begins with "> "
// and ends with the first line without it. Every line break is one.
//
// The HTML holds no white space but what was typed, so it may be shown with the white space
// preserved, as plain text is.
package markup

import (
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark-emoji/definition"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxNames is how many names of a text are candidates for mentions.
const maxNames = 100

// Markup has what reading texts needs. It may be used concurrently.
type Markup struct {
	parser parser.Parser
	policy *bluemonday.Policy
	emoji  definition.Emojis
	picker picker
}

// New returns a Markup.
func New() *Markup {
	emoji := definition.Github()
	return &Markup{
		parser: newParser(emoji),
		policy: newPolicy(),
		emoji:  emoji,
		picker: newPicker(emoji),
	}
}

// Names returns the names after an "@" in text, in order, each once, without the "@", at most
// 100: whom the text may mention. They are folded (see Fold), as Prepare looks them up. Code,
// addresses of links and mail addresses have none. As a name may end in a dot, a dash or an
// underscore, but a sentence, too, such a name comes twice: as it is, and without its end. A name
// also ends where another script begins, and anywhere in a script without spaces: "@noraさん" has
// three candidates, of which Prepare takes the longest that is somebody's.
func (m *Markup) Names(text string) []string {
	if !strings.Contains(text, "@") && !strings.Contains(text, wideAt) {
		return nil
	}
	var names []string
	seen := make(map[string]bool)
	m.parse([]byte(text), func(name string) string {
		if !seen[name] && len(names) < maxNames {
			seen[name] = true
			names = append(names, name)
		}
		return ""
	})
	return names
}

// Prepare returns the text to store, its HTML, and the ids of those it mentions, in order, each
// once. The HTML is "" if the text alone shows all there is to show. The text is UTF-8 without
// control characters but line feeds and tabs. ids has the user ids of names as Names returns
// them; other names stay text, as do those whose id is not 1 to 128 bytes of printable UTF-8.
//
// In both results a mention is a placeholder, which Fill replaces: "<@12>" in the text, with
// the id percent-encoded as in a path (a "<@" that was typed is stored as "<@>"), and
// <span class="mention" data-user="12">&lt;@12&gt;</span> in the HTML.
func (m *Markup) Prepare(text string, ids map[string]string) (stored, html string, mentioned []string) {
	if isPlain(text) {
		return text, "", nil
	}
	source := []byte(text)
	w := writer{source: source}
	w.node(m.parse(source, func(name string) string {
		if id := ids[name]; isID(id) {
			return id
		}
		return ""
	}))
	if w.rich {
		html = m.policy.Sanitize(w.html.String())
	}
	return w.end(text), html, w.mentioned
}

// Fold returns the form of a name by which Names and Prepare know it: two spellings of a name
// that differ by upper and lower case, or by how Unicode composes its characters, have one.
func Fold(name string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFKC.String(name)))
}

// isPlain reports whether text certainly has no markup; if not it is to be parsed. Most
// messages are plain: it reads their bytes once.
func isPlain(text string) bool {
	if opensBlock(text) {
		return false
	}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\', '`', '*', '_', '~', '[', '@':
			return false
		case '\n':
			if opensBlock(text[i+1:]) {
				return false
			}
		case '.':
			if i >= 3 && text[i-1]|0x20 == 'w' {
				return false
			}
		case wideAt[0]:
			if strings.HasPrefix(text[i:], wideAt) {
				return false
			}
		case ':':
			if i+1 < len(text) && (text[i+1] == '/' || isCode(text[i+1])) {
				return false
			}
		}
	}
	return true
}

// opensBlock reports whether a list or a quote may begin with the line.
func opensBlock(line string) bool {
	line = strings.TrimLeft(line, " \t")
	return line != "" && (line[0] == '>' || line[0] == '-' || line[0] == '+' || '0' <= line[0] && line[0] <= '9')
}

// newPolicy lets through what a writer writes, and nothing else. It is the second lock on the
// door: what comes out of the writer passes unchanged.
func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li")
	p.AllowAttrs("class").Matching(languageClass).OnElements("code")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("value").Matching(bluemonday.Integer).OnElements("li")
	p.AllowAttrs("class").Matching(mentionClass).OnElements("span")
	p.AllowAttrs("data-user").OnElements("span")
	p.AllowAttrs("href").Matching(linkAddress).OnElements("a") // as typed: bluemonday would write it anew
	p.AllowAttrs("rel").Matching(linkRel).OnElements("a")
	p.AllowAttrs("target").Matching(linkTarget).OnElements("a")
	p.RequireParseableURLs(false)
	return p
}

// parse reads source; look gets the folded names after an "@", until it returns an id.
func (m *Markup) parse(source []byte, look func(name string) (id string)) ast.Node {
	p, pc := &pass{look: look}, parser.NewContext()
	pc.Set(passKey, p)
	root := m.parser.Parse(text.NewReader(source), parser.WithContext(pc))
	p.wideMentions(root, source)
	return root
}
