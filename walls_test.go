package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// wall says what the Go files below a folder may not import. A path stands for itself and all
// below it; "others" stands for every module but this one.
type wall struct {
	around string   // folder
	keeps  []string // imports it keeps out
	lets   []string // of those, imports it lets in after all
	gaps   []string // files and folders it does not stand around
}

func TestEveryImportStaysWithinTheWalls(t *testing.T) {
	fiber := []string{"github.com/gofiber", "github.com/valyala", "github.com/fasthttp"}
	walls := []wall{
		{around: "realtime/chat", keeps: []string{"others", "roomline"}, lets: []string{"roomline/realtime/chat"}},
		{around: "realtime/engineio", keeps: []string{"others", "roomline"}},
		{around: "realtime/feed", keeps: []string{"roomline"}, lets: []string{"roomline/realtime/chat"}},
		{around: "realtime/socketio", keeps: []string{"roomline"}, lets: []string{"roomline/realtime/engineio", "roomline/realtime/socketio"}},
		{around: "realtime/transport", keeps: []string{"roomline"}, lets: []string{"roomline/realtime/engineio"}},
		{around: "realtime", keeps: []string{"roomline"}, lets: []string{"roomline/realtime"}},
		{around: "models", keeps: []string{"roomline"}, lets: []string{"roomline/realtime/chat"}},
		{around: "handlers", keeps: []string{"roomline/realtime/engineio", "roomline/realtime/socketio", "roomline/realtime/transport", "roomline/realtime/feed"}},
		{around: "views", keeps: []string{"roomline"}},
		{around: "public", keeps: []string{"roomline"}},
		{around: ".", keeps: []string{"gorm.io"}, gaps: []string{"models"}},
		{around: ".", keeps: fiber, gaps: []string{"main.go", "handlers", "realtime/transport", "realtime/mount.go", "realtime/internal"}},
	}
	imports := importsByFile(t)
	for _, w := range walls {
		stands := false
		for file, paths := range imports {
			if !below(file, []string{w.around}) || below(file, w.gaps) {
				continue
			}
			stands = true
			for _, path := range paths {
				if below(path, w.keeps) && !below(path, w.lets) {
					t.Errorf("%s imports %s, which the wall around %s keeps out", file, path, w.around)
				}
			}
		}
		if !stands {
			t.Errorf("the wall around %s stands around nothing", w.around)
		}
	}
}

// importsByFile reads the imports of every Go file of the module but tests, which may reach
// over a wall to set up what they test.
func importsByFile(t *testing.T) map[string][]string {
	t.Helper()
	imports := make(map[string][]string)
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "tools" || strings.HasPrefix(file, ".") && file != "."):
			return filepath.SkipDir
		case !strings.HasSuffix(file, ".go"), strings.HasSuffix(file, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		imports[filepath.ToSlash(file)] = nil
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports[filepath.ToSlash(file)] = append(imports[filepath.ToSlash(file)], path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

// below reports whether a file or import is one of places or below one.
func below(path string, places []string) bool {
	for _, place := range places {
		host, _, _ := strings.Cut(path, "/")
		switch {
		case place == ".", path == place, strings.HasPrefix(path, place+"/"):
			return true
		case place == "others" && strings.Contains(host, "."):
			return true
		}
	}
	return false
}
