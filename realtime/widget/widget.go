// Package widget makes of the browser modules what a host's page loads to show a chat: few files, small, in a
// folder that is named for their content. It knows no HTTP.
package widget

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"

	scripts "roomline/public/js"
)

// ErrNoClient is the error of a widget without the Socket.IO client.
var ErrNoClient = errors.New("the Socket.IO client is missing: run \"make assets\", or set Options.Client")

// The names of the files that a page asks for by name. Entry stands beside the folder of the version, all
// others in it.
const (
	Entry   = "widget.js"
	Folder  = "widget"
	Config  = "config.json" // in Folder; it is not a file
	element = "widget/element.js"
	sockets = "widget/socket.js" // what a page may import
	client  = "socket.io.js"
)

// bundled is what "make assets" left.
//
//go:embed client
var bundled embed.FS

// File is a file as it is served.
type File struct {
	Kind string        // content type
	Tag  string        // weak entity tag of the content
	Data func() []byte // not to be changed
}

// Files are all files of the widget.
type Files struct {
	byName  map[string]File
	entry   File
	version string
	err     error
}

// Load makes the files of modules, of which there must be "widget/element.js"; what it needs is found by its imports.
// own is the Socket.IO client of a host that brings one; nil: the one that "make assets" left.
func Load(modules fs.FS, own []byte) (*Files, error) {
	if len(own) == 0 {
		own, _ = bundled.ReadFile("client/socket.io.esm.min.js") // then it is missing
	}
	return load(modules, own)
}

func load(modules fs.FS, io []byte) (*Files, error) {
	f := &Files{byName: make(map[string]File)}
	names := []string{element}
	for i := 0; i < len(names); i++ {
		data, err := read(modules, names[i])
		if err != nil {
			return nil, fmt.Errorf("widget: %w", err)
		}
		f.byName[names[i]] = newFile(names[i], data)
		for _, next := range needs(names[i], data) {
			if !slices.Contains(names, next) {
				names = append(names, next)
			}
		}
	}
	f.addClient(io)
	f.version = f.sum()
	var entry bytes.Buffer
	for _, name := range names { // all at once, instead of one after the other as they are found
		if path.Ext(name) == ".js" && !optional(name) {
			fmt.Fprintf(&entry, "import './%s/%s/%s';\n", Folder, f.version, name)
		}
	}
	fmt.Fprintf(&entry, "export { socket } from './%s/%s/%s';\n", Folder, f.version, sockets)
	f.entry = plainFile("text/javascript; charset=utf-8", entry.Bytes())
	return f, nil
}

// read returns a module, or a style sheet with those that it imports in their places: a sheet that a script makes
// may import none.
func read(modules fs.FS, name string) ([]byte, error) {
	data, err := fs.ReadFile(modules, name)
	if err != nil || path.Ext(name) != ".css" {
		return data, err
	}
	var sheet []byte
	for line := range bytes.Lines(data) {
		file, imports := bytes.CutPrefix(line, []byte(`@import "`))
		if imports {
			file, _, _ = bytes.Cut(file, []byte(`"`))
			if line, err = fs.ReadFile(modules, path.Join(path.Dir(name), string(file))); err != nil {
				return nil, err
			}
		}
		sheet = append(sheet, line...)
	}
	return sheet, nil
}

func (f *Files) addClient(io []byte) {
	if len(io) == 0 {
		f.err = ErrNoClient
		io = fmt.Appendf(nil, "throw new Error(%q);\n", "Roomline: "+ErrNoClient.Error())
	}
	f.byName[client] = plainFile("text/javascript; charset=utf-8", io)
}

// Err is ErrNoClient if the widget cannot work for want of it.
func (f *Files) Err() error { return f.err }

// Version names the folder of the files, by all their content.
func (f *Files) Version() string { return f.version }

// Entry is the module that a page loads.
func (f *Files) Entry() File { return f.entry }

// Find returns the file of a path below Folder, and whether the path promises this content. A page from before the
// last start asks for another version; there is only this one.
func (f *Files) Find(name string) (file File, current, ok bool) {
	version, rest, _ := strings.Cut(name, "/")
	file, ok = f.byName[rest]
	return file, version == f.version, ok
}

func (f *Files) sum() string {
	all := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(f.byName)) {
		fmt.Fprintln(all, name, f.byName[name].Tag)
	}
	return hex.EncodeToString(all.Sum(nil)[:8])
}

// HTML is the element of a room, or of all rooms for "", and its script, for a chat whose routes stand below prefix.
func HTML(prefix, room string) template.HTML {
	attribute := ""
	if room != "" {
		attribute = ` room="` + template.HTMLEscapeString(room) + `"`
	}
	return template.HTML(fmt.Sprintf( //nolint:gosec // both are escaped
		`<roomline-chat%s></roomline-chat><script type="module" src="%s/%s"></script>`,
		attribute, template.HTMLEscapeString(strings.TrimRight(prefix, "/")), Entry))
}

// optional is what most readers need not load: it is imported when it is needed.
func optional(name string) bool {
	switch name {
	case "widget/completion.js", "widget/de.js", "widget/dialogs.js", "widget/reacting.js", "widget/rooms.js",
		"editing.js", "emoji.js", "reactions.js", "review.js", "suggest.js", "tokens.js":
		return true
	}
	return false
}

// needs returns the names of what a module loads. The client stands outside of them.
func needs(name string, data []byte) []string {
	return slices.DeleteFunc(append(scripts.Imports(name, data), scripts.Loads(name, data)...), func(name string) bool {
		return name == client || path.Ext(name) != ".js" && path.Ext(name) != ".css"
	})
}

func newFile(name string, data []byte) File {
	kind := "text/javascript"
	if path.Ext(name) == ".css" {
		kind = "text/css"
	}
	f := plainFile(kind+"; charset=utf-8", data)
	f.Data = sync.OnceValue(func() []byte { return minified(kind, data) })
	return f
}

func plainFile(kind string, data []byte) File {
	sum := sha256.Sum256(data)
	return File{Kind: kind, Tag: fmt.Sprintf(`W/"%x"`, sum[:8]), Data: func() []byte { return data }}
}

// minified takes out what is for those who work on the modules. What the minifier does not understand stays.
func minified(kind string, data []byte) []byte {
	m := minify.New()
	m.AddFunc("text/css", css.Minify)
	m.AddFunc("text/javascript", js.Minify)
	if short, err := m.Bytes(kind, data); err == nil {
		return short
	}
	return data
}
