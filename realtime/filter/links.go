package filter

import (
	"cmp"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// maxHost is how long a host may be (RFC 1035).
const maxHost = 253

// maxPiece is how much of a piece of text that may be hosts is looked at, in bytes.
const maxPiece = 16_000

// domains finds hosts below the domains of rules.
type domains struct {
	rules   ruleSet            // that look at links
	only    ruleSet            // of those with Only
	allowed map[string]ruleSet // by the domains of theirs
	blocked map[string]ruleSet // by the domains of the others
}

// add adds the domains of a rule.
func (d *domains) add(r Rule, rule int) {
	if d.allowed == nil {
		d.allowed, d.blocked = make(map[string]ruleSet), make(map[string]ruleSet)
	}
	set, names := setOf(rule), d.blocked
	d.rules = d.rules.with(set)
	if r.Only {
		d.only, names = d.only.with(set), d.allowed
	}
	for _, typed := range r.Words {
		host := foldHost(typed)
		names[host] = names[host].with(set)
	}
}

// below returns the rules of a folded host, and of all domains that it is below.
func below(names map[string]ruleSet, host string) (rules ruleSet) {
	if len(host) > maxHost {
		_, host, _ = strings.Cut(host[len(host)-maxHost:], ".")
	}
	for ok := len(names) > 0; ok; _, host, ok = strings.Cut(host, ".") {
		rules = rules.with(names[host])
	}
	return rules
}

// findLinked marks the rules that the links of a text fit. A mail address is at a domain, but no link to elsewhere.
func (d *domains) findLinked(h *hits, links []string) {
	if d.rules == (ruleSet{}) {
		return
	}
	for _, link := range links {
		u, err := url.Parse(withoutPath(link))
		switch {
		case err != nil:
			h.add(d.only, link)
		case u.Scheme == "mailto":
			to, err := url.PathUnescape(u.Opaque)
			if err != nil {
				to = u.Opaque
			}
			for address := range strings.SplitSeq(to, ",") {
				host := foldHost(address[strings.LastIndex(address, "@")+1:])
				h.add(below(d.blocked, host), host)
			}
		default:
			host := foldHost(u.Hostname())
			h.add(below(d.blocked, host), host)
			h.add(d.only.without(below(d.allowed, host)), cmp.Or(host, link))
		}
	}
}

// withoutPath returns an address without what follows its host: no path is a reason not to find the host.
func withoutPath(link string) string {
	if begin := strings.Index(link, "://"); begin >= 0 {
		if end := strings.IndexAny(link[begin+3:], `/?#\`); end >= 0 {
			return link[:begin+3+end]
		}
	}
	return link
}

// findNamed marks the rules that what looks like a host in a text fits, link or not; not those with Only, as much
// looks like a host that is none.
func (d *domains) findNamed(h *hits, text string, glyphs []glyph) {
	if len(d.blocked) == 0 {
		return
	}
	d.findHosts(h, text, glyphs, anyWord)
}

// letters of a host, from all to few: there need not be a space between a host and the text around it, if that is of
// another script.
const (
	anyWord    = iota
	spacedWord // see isSpaced
	latinWord
)

// findHosts looks at the longest pieces of glyphs that may be hosts of such letters, and then at those in them that may
// be hosts of fewer.
func (d *domains) findHosts(h *hits, text string, glyphs []glyph, of int) {
	for from := 0; from < len(glyphs); from++ {
		to, dots, others := from, 0, 0
		for to < len(glyphs) && inHost(glyphs[to], of) {
			if isDot(glyphs[to].r) {
				dots++
			} else if !inHost(glyphs[to], latinWord) {
				others++
			}
			to++
		}
		if dots > 0 {
			d.hosts(h, text[glyphs[from].from:glyphs[to-1].to])
		}
		if dots > 0 && others > 0 && of < latinWord {
			d.findHosts(h, text, glyphs[from:to], of+1)
		}
		from = to
	}
}

// hosts looks at a piece of a text without anything that is in no host.
func (d *domains) hosts(h *hits, piece string) {
	// Dots in a row separate hosts; a host that is too long is looked at by its end.
	for host := range strings.SplitSeq(foldHost(piece[max(0, len(piece)-maxPiece):]), "..") {
		if strings.Contains(host, ".") {
			h.add(below(d.blocked, host), host)
		}
	}
}

// inHost reports whether a character may be in a host of such letters.
func inHost(g glyph, of int) bool {
	switch {
	case g.r < 0x80:
		return g.spaced || g.r == '-' || g.r == '_' || g.r == '.'
	case isDot(g.r):
		return true
	case of == anyWord:
		return isWord(g.r)
	case of == spacedWord:
		return g.spaced
	}
	return unicode.Is(unicode.Latin, g.r)
}

// isDot reports whether r separates the labels of a host (RFC 3490; those of full and half width are folded before).
func isDot(r rune) bool { return r == '.' || r == '。' }

// foldHost returns a host, or a domain, as browsers compare it (UTS #46), in Unicode, without a dot at the ends. What is
// no name of a host is returned as far as it can be. Numeric addresses are compared as they are written.
func foldHost(host string) string {
	folded, err := hostForm.ToUnicode(host)
	if err != nil && folded == "" {
		folded = host
	}
	return strings.Trim(folded, ".")
}

// hostForm maps names of hosts as browsers do, and is lenient with those that are not valid.
var hostForm = idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.Transitional(false))
