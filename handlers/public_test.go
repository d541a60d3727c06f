package handlers_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/valyala/fasthttp"

	"roomline/handlers"
	"roomline/public"
)

// withPublic has a site serve these files and no others.
func withPublic(files map[string]string) func(*handlers.Config) {
	return func(c *handlers.Config) {
		all := fstest.MapFS{}
		for name, text := range files {
			all[name] = &fstest.MapFile{Data: []byte(text)}
		}
		c.Public = all
	}
}

func TestAPublicFileIsKeptUntilItChanges(t *testing.T) {
	s := serve(t, withPublic(map[string]string{
		"css/a.css": "a{color:red}", "js/a.mjs": "1", "js/b.js": "2", "img/icon.svg": "<svg/>", "font/a.woff2": "f", "js/.hidden.js": "3", "js/notes.md": "4",
	}))
	b := s.visitor()
	version := b.get("/login").find(`href="/public/([0-9a-f]{16})/css/all.css"`)
	for path, kind := range map[string]string{
		"css/a.css": "text/css; charset=utf-8", "js/a.mjs": "text/javascript", "js/b.js": "text/javascript",
		"img/icon.svg": "image/svg+xml", "font/a.woff2": "font/woff2",
	} {
		for path, kept := range map[string]string{
			"/public/" + version + "/" + path:  "max-age=31536000, immutable",
			"/public/" + path:                  "no-cache",
			"/public/0123456789abcdef/" + path: "no-cache", // a page from before the last start
		} {
			a := b.get(path).wants(http.StatusOK)
			if got := a.header.Get("Content-Type"); got != kind {
				t.Errorf("%s is %s", path, got)
			}
			if got := a.header.Get("Cache-Control"); got != kept {
				t.Errorf("%s: Cache-Control is %q", path, got)
			}
			if a.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %v", path, a.header)
			}
			if policy := a.header.Get("Content-Security-Policy"); kind == "image/svg+xml" && policy != "default-src 'none'; frame-ancestors 'none'" {
				t.Errorf("%s: the policy is %q", path, policy)
			}
		}
		tag := b.get("/public/" + path).header.Get("ETag")
		b := s.visitor()
		b.header.Set("If-None-Match", `"other", `+tag)
		if again := b.get("/public/" + path).wants(http.StatusNotModified); again.body != "" {
			t.Errorf("%s is sent again", path)
		}
	}
	b.get("/favicon.ico").wants(http.StatusOK).shows("<svg/>")
	b.get("/public/js/.hidden.js").wants(http.StatusNotFound)
	b.get("/public/js/notes.md").wants(http.StatusNotFound)

	changed := serve(t, withPublic(map[string]string{"css/a.css": "a{color:tan}"}))
	if now := changed.visitor().get("/login").find(`href="/public/([0-9a-f]{16})/css/all.css"`); now == version {
		t.Errorf("the version is %s for other files too", now)
	}
}

func TestAllStyleSheetsAreOneThatBeginsWithTheLayers(t *testing.T) {
	b := serve(t, withPublic(map[string]string{
		"css/a.css": "@layer b{a{top:0}}", "css/tokens.css": "@layer a,b;", "css/z.css": "@layer a{z{top:0}}",
	})).visitor()
	if got := b.get("/public/css/all.css").body; got != "@layer a,b;@layer b{a{top:0}}@layer a{z{top:0}}" {
		t.Errorf("it is %q", got)
	}
}

func TestAPageAsksForAllItsModulesAtOnce(t *testing.T) {
	b := serve(t, withPublic(map[string]string{
		"js/forms.js": `/** @import {A} from './types.js' */
import { a } from './a.js';
import b, {
  c,
} from "./deep/b.js";
import './effect.js';
export * from './d.js';
export { e } from './e.js';
export const later = () => import('./later.js');
export const text = "import x from './text.js'";
// import './comment.js';
`,
		"js/a.js":      "import '../vendor/client.js';\nimport './forms.js';\nexport const a = 1;",
		"js/deep/b.js": "import { a } from '../a.js';\nexport default a;",
	})).visitor()
	page := b.get("/login").body
	var got []string
	for _, link := range regexp.MustCompile(`<link rel="modulepreload" href="/public/[0-9a-f]{16}/([^"]*)">`).FindAllStringSubmatch(page, -1) {
		got = append(got, link[1])
	}
	want := []string{"js/a.js", "js/deep/b.js", "js/effect.js", "js/d.js", "js/e.js", "vendor/client.js"}
	if !slices.Equal(got, want) {
		t.Errorf("it asks for %q, want %q", got, want)
	}
}

func TestOurOwnScriptsAreSentWithoutWhatIsForReaders(t *testing.T) {
	source := "/** Says it. */\nexport const say = (words) => {\n  // loudly\n  return words;\n};\n"
	b := serve(t, withPublic(map[string]string{"js/a.js": source, "vendor/a.js": source, "js/broken.js": "const ; = 1"})).visitor()
	b.get("/public/js/a.js").shows("export").hides("loudly").hides("Says")
	if got := b.get("/public/vendor/a.js").body; got != source {
		t.Errorf("the vendored one became %q", got)
	}
	b.get("/public/js/broken.js").shows("const ; = 1")

	all := serve(t).visitor()
	modules, err := fs.Glob(public.FS, "js/*.js")
	if err != nil || len(modules) == 0 {
		t.Fatal(modules, err)
	}
	for _, name := range modules { // none is more than the minifier understands
		all.get("/public/" + name).wants(http.StatusOK).hides("/**")
	}
}

func TestWhatIsSentIsCompressedAsTheBrowserTakesIt(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	ann.say("/rooms/lobby", "abcdefgh-1", "hello").wants(http.StatusSeeOther)
	for _, path := range []string{"/rooms/lobby", "/account", "/nothing", "/public/css/all.css", "/public/vendor/socket.io.esm.min.js", "/public/img/icon.svg"} {
		for accepted, want := range map[string]string{
			"gzip, deflate, br, zstd": "br", "gzip": "gzip", "br;q=0, gzip;q=0.5": "gzip", "identity": "", "deflate": "", "gzip;q=0": "", "brotli": "",
		} {
			b := ann.in(t)
			b.header.Set("Accept-Encoding", accepted)
			a := b.get(path)
			if got := a.header.Get("Content-Encoding"); got != want {
				t.Errorf("%s for %q comes as %q", path, accepted, got)
			}
			if !strings.Contains(a.header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("%s: Vary is %q", path, a.header.Get("Vary"))
			}
			if text := decoded(t, want, a.body); !strings.Contains(text, "</html>") && !strings.Contains(text, "}") && !strings.Contains(text, "</svg>") {
				t.Errorf("%s as %q is %.80q", path, want, text)
			}
		}
	}
	b := ann.in(t)
	b.header.Set("Accept-Encoding", "gzip, br")
	if got := b.get("/public/img/icon-180.png").header.Get("Content-Encoding"); got != "" {
		t.Errorf("a picture comes as %q", got)
	}
}

// What an answer's length tells must not be asked for by other sites, nor stay the same.
func TestALengthTellsOtherSitesNothing(t *testing.T) {
	ann := serve(t).member("ann")
	for from, want := range map[string]string{"": "br", "none": "br", "same-origin": "br", "same-site": "", "cross-site": "", "new-kind": ""} {
		b := ann.in(t)
		b.header.Set("Accept-Encoding", "br")
		if from != "" {
			b.header.Set("Sec-Fetch-Site", from)
		}
		if got := b.get("/rooms/lobby").wants(http.StatusOK).header.Get("Content-Encoding"); got != want {
			t.Errorf("asked from %q it comes as %q", from, got)
		}
	}
	one, other := ann.token("/rooms/lobby"), ann.token("/rooms/lobby")
	if one[:20] == other[:20] || one[60:] == other[60:] {
		t.Errorf("the token stays: %s, %s", one, other)
	}
	for i, token := range []string{one, other} {
		ann.post("/rooms/lobby/messages", "_csrf", token, "id", "abcdefgh-"+string(rune('1'+i)), "text", "both count").wants(http.StatusSeeOther)
	}
}

func decoded(t *testing.T, coding, body string) string {
	t.Helper()
	var text []byte
	var err error
	switch coding {
	case "br":
		text, err = fasthttp.AppendUnbrotliBytes(nil, []byte(body))
	case "gzip":
		var r *gzip.Reader
		if r, err = gzip.NewReader(bytes.NewReader([]byte(body))); err == nil {
			text, err = io.ReadAll(r)
		}
	default:
		return body
	}
	if err != nil {
		t.Errorf("as %s: %v", coding, err)
	}
	return string(text)
}
