// Package js holds the modules that browsers load: those of the site's page, and in the folder widget the element of
// a host's page, which is made of many of the same. It depends on nothing, so that package realtime can serve them.
package js

import (
	"bytes"
	"embed"
	"path"
)

// FS holds the modules by their names in this folder.
//
//go:embed *.js widget
var FS embed.FS

// Imports returns the names of the modules that the one with this name imports: those of its import and export
// statements, which begin a line.
func Imports(name string, data []byte) (names []string) {
	for rest, more := data, true; more; _, rest, more = bytes.Cut(rest, []byte("\n")) {
		if !bytes.HasPrefix(rest, []byte("import")) && !bytes.HasPrefix(rest, []byte("export")) {
			continue
		}
		statement := rest[len("import"):]
		end := bytes.IndexAny(statement, `'";`)
		if end < 0 {
			break
		}
		clause := bytes.TrimSpace(statement[:end])
		if len(clause) > 0 && !bytes.HasSuffix(clause, []byte("from")) {
			continue
		}
		names = appendNear(names, name, statement[end:])
	}
	return names
}

// Loads returns the names of the files that the module with this name may load when they are needed: those that it
// awaits an import of, and those that it makes a URL of.
func Loads(name string, data []byte) (names []string) {
	for _, call := range []string{"await import(", "new URL("} {
		_, rest, found := bytes.Cut(data, []byte(call))
		for ; found; _, rest, found = bytes.Cut(rest, []byte(call)) {
			names = appendNear(names, name, rest)
		}
	}
	return names
}

// appendNear appends the name of a file that is named in quotes, from where the module with this name is.
func appendNear(names []string, name string, quoted []byte) []string {
	if len(quoted) < 2 || quoted[0] != '\'' && quoted[0] != '"' || quoted[1] != '.' {
		return names
	}
	file, _, closed := bytes.Cut(quoted[1:], quoted[:1])
	if !closed {
		return names
	}
	return append(names, path.Join(path.Dir(name), string(file)))
}
