package transport

import (
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// Origins are the origins that browsers and apps may come from, beside the server's own.
type Origins struct {
	exact    map[string]bool
	suffixes []originSuffix
}

// originSuffix is what "https://*.example.org:8443" stands for.
type originSuffix struct{ scheme, host, port string }

// ParseOrigins reads a list of origins. Each is one of
//
//   - scheme://host or scheme://host:port with any scheme: "https://chat.example.org",
//     "capacitor://localhost". Of a scheme other than http and https the host may be empty
//     ("file://").
//   - the same with "*." before the host, for all its subdomains but not the host itself:
//     "https://*.example.org".
//   - "null", which browsers send for pages without an origin, such as sandboxed frames and
//     local files.
//
// ws and wss stand for http and https, and default ports may be left out: see NormalOrigin.
// The error names the first entry that is none of these.
func ParseOrigins(list []string) (Origins, error) {
	o := Origins{exact: make(map[string]bool)}
	for _, entry := range list {
		if entry == "null" {
			o.exact[entry] = true
			continue
		}
		scheme, rest, found := strings.Cut(entry, "://")
		if !found {
			return Origins{}, fmt.Errorf("origin %q: it must look like https://chat.example.org", entry)
		}
		plain, wildcard := strings.CutPrefix(rest, "*.")
		if !wildcard {
			plain = rest
		}
		normal, err := NormalOrigin(scheme + "://" + plain)
		if err != nil {
			return Origins{}, fmt.Errorf("origin %q: %w", entry, err)
		}
		if !wildcard {
			o.exact[normal] = true
			continue
		}
		scheme, host, port := splitOrigin(normal)
		if host == "" || isAddress(host) {
			return Origins{}, fmt.Errorf("origin %q: the wildcard needs a domain, such as https://*.example.org", entry)
		}
		o.suffixes = append(o.suffixes, originSuffix{scheme, "." + host, port})
	}
	return o, nil
}

// Allows reports whether an Origin header names one of the origins.
func (o Origins) Allows(origin string) bool {
	if o.exact[origin] {
		return true
	}
	normal, err := NormalOrigin(origin)
	if err != nil {
		return false
	}
	if o.exact[normal] {
		return true
	}
	scheme, host, port := splitOrigin(normal)
	for _, s := range o.suffixes {
		if s.scheme == scheme && s.port == port && len(host) > len(s.host) && strings.HasSuffix(host, s.host) {
			return true
		}
	}
	return false
}

// NormalOrigin returns the one spelling of an origin (scheme://host[:port]): lower case, ws
// and wss as http and https, without a default port, the host in ASCII. Some clients send
// the origin of their WebSocket as ws://host; no browser does.
func NormalOrigin(origin string) (string, error) {
	scheme, authority, found := strings.Cut(strings.ToLower(origin), "://")
	if !found || !isScheme(scheme) {
		return "", fmt.Errorf("it must look like https://chat.example.org")
	}
	switch scheme {
	case "ws":
		scheme = "http"
	case "wss":
		scheme = "https"
	}
	_, host, port := splitOrigin("://" + authority)
	isWeb := scheme == "http" || scheme == "https"
	switch {
	case strings.ContainsAny(authority, "/?#"):
		return "", fmt.Errorf("it must end after the host and port")
	case strings.ContainsAny(authority, "@*\\ "):
		return "", fmt.Errorf("it must have nothing but a host and a port; a wildcard stands for the first label (https://*.example.org)")
	case host == "" && (isWeb || port != ""):
		return "", fmt.Errorf("it has no host")
	case port != "" && !isPort(port), strings.HasSuffix(authority, ":"):
		return "", fmt.Errorf("its port is not a number from 1 to 65535")
	}
	if !isAddress(host) && host != "" {
		ascii, err := idna.Lookup.ToASCII(host)
		switch {
		case err == nil:
			host = ascii
		case isWeb && !isHostName(host): // the underscores of some intranets are not IDNA's business
			return "", fmt.Errorf("%q is not a host name", host)
		}
	}
	if scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		port = ""
	}
	if port != "" {
		port = ":" + port
	}
	return scheme + "://" + host + port, nil
}

// splitOrigin splits scheme://host[:port]; an IPv6 address keeps its brackets.
func splitOrigin(origin string) (scheme, host, port string) {
	scheme, authority, _ := strings.Cut(origin, "://")
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && i > strings.LastIndexByte(authority, ']') {
		return scheme, authority[:i], authority[i+1:]
	}
	return scheme, authority, ""
}

// isScheme reports whether s is a URI scheme in lower case (RFC 3986, 3.1).
func isScheme(s string) bool {
	for i, c := range []byte(s) {
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

func isPort(s string) bool {
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
		if n = 10*n + int(c-'0'); n > 65535 {
			return false
		}
	}
	return n > 0
}

// isAddress reports whether host is an IPv4 address or an IPv6 address in brackets.
func isAddress(host string) bool {
	_, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return err == nil
}

func isHostName(host string) bool {
	for _, c := range []byte(host) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return true
}
