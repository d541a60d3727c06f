package markup

import (
	"net/url"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// Links returns the addresses that the HTML of a text links to, in order, each once: of http, https and mailto. As
// browsers fold the host of an address before they look it up (𝐞𝐱𝐚𝐦𝐩𝐥𝐞.ⓞⓡⓖ is example.org), an address whose host is
// not folded is followed by the one in which it is.
func (m *Markup) Links(text string) []string {
	if isPlain(text) {
		return nil
	}
	var addresses []string
	seen := make(map[string]bool)
	add := func(address string) {
		if !seen[address] {
			seen[address] = true
			addresses = append(addresses, address)
		}
	}
	collect := func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if link, ok := n.(*ast.Link); ok && entering {
			address := string(link.Destination)
			add(address)
			add(foldHost(address))
		}
		return ast.WalkContinue, nil
	}
	// Who is mentioned takes no part: see beginsLink.
	_ = ast.Walk(m.parse([]byte(text), func(string) string { return "" }), collect)
	return addresses
}

// foldHost returns the address of a link with its host folded; as it is if that is none of the web.
func foldHost(address string) string {
	if strings.HasPrefix(address, "mailto:") {
		return address
	}
	end := hostEnd(address)
	u, err := url.Parse(address[:end])
	if err != nil || Fold(u.Host) == u.Host {
		return address
	}
	return u.Scheme + "://" + Fold(u.Host) + address[end:]
}
