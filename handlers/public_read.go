package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"

	scripts "roomline/public/js"
)

// Of the style sheets of a folder one is made: together they are shorter and come at once. Every page
// loads that of css. The first names the layers that give the others their order.
const (
	allSheets  = "all.css"
	firstSheet = "css/tokens.css"
)

// publicFiles are the files of package public. All are read at start: there are few, and a
// path that is not among them reaches no file system.
type publicFiles struct {
	byName  map[string]publicFile
	version string // of all their content
}

type publicFile struct {
	kind    string // content type
	tag     string // of the content
	packed  bool   // the kind is compressed in itself
	coded   codings
	imports []string // of a module: the names of those it imports
}

// readPublic reads what browsers may load: no dotfiles, and only kinds with a content type. What is
// made has names of its own.
func readPublic(files fs.FS, made map[string][]byte) (*publicFiles, error) {
	public := &publicFiles{byName: map[string]publicFile{}}
	sheets := make(map[string][]byte) // by folder
	all := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() || contentType(name) == "" || strings.HasPrefix(path.Base(name), ".") {
			return nil
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		f := newPublicFile(name, data)
		fmt.Fprintln(all, name, f.tag)
		public.byName[name] = f
		if folder := path.Dir(name); name == firstSheet {
			sheets[folder] = slices.Concat(data, sheets[folder])
		} else if path.Ext(name) == ".css" {
			sheets[folder] = append(sheets[folder], data...)
		}
		return nil
	})
	for _, name := range slices.Sorted(maps.Keys(made)) {
		public.byName[name] = newPublicFile(name, made[name])
		fmt.Fprintln(all, name, public.byName[name].tag)
	}
	for folder, data := range sheets {
		name := path.Join(folder, allSheets)
		public.byName[name] = newPublicFile(name, data)
	}
	public.version = hex.EncodeToString(all.Sum(nil)[:8])
	return public, err
}

func newPublicFile(name string, data []byte) publicFile {
	sum := sha256.Sum256(data)
	f := publicFile{kind: contentType(name), tag: fmt.Sprintf(`W/"%x"`, sum[:8])}
	switch path.Ext(name) {
	case ".png", ".woff2":
		f.packed = true
	case ".js", ".mjs":
		f.imports = scripts.Imports(name, data)
	}
	f.coded = code(func() []byte { return minified(name, f.kind, data) })
	return f
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript" // modules are UTF-8, whatever is said
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return ""
}

// minified takes from our own scripts and style sheets what is for those who work on them. What
// the minifier does not understand stays as it is.
func minified(name, kind string, data []byte) []byte {
	if strings.HasPrefix(name, "vendor/") {
		return data
	}
	m := minify.New()
	m.AddFunc("text/css", css.Minify)
	m.AddFunc("text/javascript", js.Minify)
	if short, err := m.Bytes(kind, data); err == nil {
		return short
	}
	return data
}

// modules returns the addresses of all that a module needs, whatever imports it, so that a
// page can ask for all of them at once.
func (p *publicFiles) modules(name string) []string {
	names := slices.Clone(p.byName[name].imports)
	for i := 0; i < len(names); i++ {
		for _, next := range p.byName[names[i]].imports {
			if next != name && !slices.Contains(names, next) {
				names = append(names, next)
			}
		}
	}
	for i, name := range names {
		names[i] = p.address(name)
	}
	return names
}
