package main

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// wall says what the Go files below a folder may not import. A path stands for itself and all
// below it; "others" stands for every module but this one.
type wall struct {
	around string   // folder
	keeps  []string // imports it keeps out
	lets   []string // of those, imports it lets in after all
	gaps   []string // files and folders it does not stand around
}

func walls() []wall {
	fiber := []string{"github.com/gofiber", "github.com/valyala", "github.com/fasthttp"}
	return []wall{
		{around: "realtime/chat", keeps: []string{"others", "roomline"}, lets: []string{"roomline/internal/options", "roomline/realtime/chat", "roomline/realtime/filter", "golang.org/x/text"}},
		{around: "realtime/engineio", keeps: []string{"others", "roomline"}, lets: []string{"roomline/internal/options"}},
		{around: "realtime/feed", keeps: []string{"roomline"}, lets: []string{"roomline/realtime/chat"}},
		{around: "realtime/filter", keeps: []string{"others", "roomline"}, lets: []string{"golang.org/x/text", "golang.org/x/net/idna", "github.com/mtibben/confusables"}},
		{around: "realtime/markup", keeps: []string{"roomline"}, lets: []string{"roomline/realtime/filter"}},
		{around: "realtime/socketio", keeps: []string{"roomline"}, lets: []string{"roomline/internal/options", "roomline/realtime/engineio", "roomline/realtime/socketio"}, gaps: []string{"realtime/socketio/recoverydb"}},
		{around: "realtime/socketio/recoverydb", keeps: []string{"roomline"}, lets: []string{"roomline/realtime/socketio", "roomline/internal/dbfile"}},
		{around: "internal", keeps: []string{"roomline"}},
		{around: "realtime/transport", keeps: []string{"roomline"}, lets: []string{"roomline/internal/options", "roomline/internal/recurring", "roomline/realtime/engineio", "roomline/realtime/internal/ratelimit"}},
		{around: "realtime", keeps: []string{"roomline"}, lets: []string{"roomline/realtime", "roomline/public/js", "roomline/internal/options", "roomline/internal/recurring"}, gaps: []string{"realtime/socketio/recoverydb"}},
		{around: "models", keeps: []string{"roomline"}, lets: []string{"roomline/realtime/chat", "roomline/realtime/filter", "roomline/internal/dbfile", "roomline/internal/options"}},
		{around: "handlers", keeps: []string{"roomline/realtime/engineio", "roomline/realtime/socketio", "roomline/realtime/transport", "roomline/realtime/feed"}},
		{around: "views", keeps: []string{"roomline"}},
		{around: "public", keeps: []string{"roomline"}},
		// The examples are other people's sites: they have Fiber and a database of their own, as the chat expects of its hosts.
		{around: "examples", keeps: []string{"roomline/handlers", "roomline/public", "roomline/views", "roomline/realtime/transport", "roomline/realtime/engineio", "roomline/realtime/feed"}},
		{around: ".", keeps: []string{"gorm.io"}, gaps: []string{"models", "examples"}},
		{around: ".", keeps: []string{"github.com/yuin", "github.com/microcosm-cc"}, gaps: []string{"realtime/markup"}},
		{around: ".", keeps: fiber, gaps: []string{"main.go", "handlers", "realtime/transport", "realtime/mount.go", "realtime/identify.go", "realtime/internal", "tests/host", "examples"}},
	}
}

func TestEveryImportStaysWithinTheWalls(t *testing.T) {
	imports, err := importsByFile(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults(walls(), imports) {
		t.Error(fault)
	}
}

func TestAnImportOverAWallIsNoticed(t *testing.T) {
	for _, c := range []struct {
		file, imports string
		noticed       bool
	}{
		{"realtime/chat/send.go", "roomline/realtime/feed", true},
		{"realtime/chat/send.go", "github.com/google/uuid", true},
		{"realtime/chat/chattest/store.go", "roomline/realtime/chat", false},
		{"realtime/chat/rules.go", "roomline/realtime/filter", false},
		{"realtime/chat/validate.go", "golang.org/x/text/unicode/norm", false},
		{"realtime/filter/fold.go", "golang.org/x/text/cases", false},
		{"realtime/filter/fold.go", "roomline/realtime/chat", true},
		{"realtime/engineio/session.go", "golang.org/x/sys/unix", true},
		{"realtime/engineio/session.go", "time", false},
		{"realtime/socketio/server.go", "roomline/realtime/chat", true},
		{"realtime/socketio/recoverydb/db.go", "roomline/realtime/socketio", false},
		{"realtime/socketio/recoverydb/db.go", "roomline/internal/dbfile", false},
		{"realtime/socketio/server.go", "roomline/internal/dbfile", true},
		{"realtime/markup/markup.go", "roomline/realtime/chat", true},
		{"realtime/markup/markup.go", "github.com/yuin/goldmark", false},
		{"realtime/chat/send.go", "roomline/realtime/markup", true},
		{"realtime/mount.go", "roomline/models", true},
		{"realtime/mount.go", "github.com/gofiber/fiber/v2", false},
		{"realtime/space.go", "github.com/gofiber/fiber/v2", true},
		{"models/db.go", "roomline/handlers", true},
		{"models/db.go", "gorm.io/gorm", false},
		{"handlers/handlers.go", "gorm.io/gorm", true},
		{"main.go", "gorm.io/gorm", true},
		{"examples/forum/rows.go", "gorm.io/gorm", false},
		{"examples/forum/chat.go", "roomline/realtime/transport", true},
		{"main_test.go", "gorm.io/gorm", false},
		{"elsewhere/another.go", "gorm.io/gorm", false},
		{"node_modules/theirs/any.go", "gorm.io/gorm", false},
	} {
		imports, err := importsByFile(fstest.MapFS{
			"go.mod":           {},
			"elsewhere/go.mod": {},
			c.file:             {Data: fmt.Appendf(nil, "package any\n\nimport %q\n", c.imports)},
		})
		if err != nil {
			t.Fatal(err)
		}
		noticed := false
		for _, fault := range faults(walls(), imports) {
			noticed = noticed || strings.HasPrefix(fault, c.file+" imports "+c.imports)
		}
		if noticed != c.noticed {
			t.Errorf("%s imports %s: noticed %v, want %v", c.file, c.imports, noticed, c.noticed)
		}
	}
}

func TestAWallAroundNothingIsNoticed(t *testing.T) {
	found := faults([]wall{{around: "gone", keeps: []string{"others"}}}, map[string][]string{"main.go": nil})
	if len(found) != 1 {
		t.Errorf("the faults are %q", found)
	}
}

// faults are the imports over a wall, and the walls that are no longer needed.
func faults(walls []wall, imports map[string][]string) (found []string) {
	for _, w := range walls {
		stands := false
		for file, paths := range imports {
			if !below(file, []string{w.around}) || below(file, w.gaps) {
				continue
			}
			stands = true
			for _, path := range paths {
				if below(path, w.keeps) && !below(path, w.lets) {
					found = append(found, fmt.Sprintf("%s imports %s, which the wall around %s keeps out", file, path, w.around))
				}
			}
		}
		if !stands {
			found = append(found, fmt.Sprintf("the wall around %s stands around nothing", w.around))
		}
	}
	return found
}

// importsByFile reads the imports of every Go file of the module but tests, which may reach
// over a wall to set up what they test. A folder with a go.mod of its own is another module.
func importsByFile(module fs.FS) (map[string][]string, error) {
	imports := make(map[string][]string)
	err := fs.WalkDir(module, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != "." {
			_, err := fs.Stat(module, path.Join(file, "go.mod"))
			switch {
			case err == nil, d.Name() == "node_modules", strings.HasPrefix(d.Name(), "."):
				return fs.SkipDir
			case !errors.Is(err, fs.ErrNotExist):
				return err
			}
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(module, file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		imports[file] = nil
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports[file] = append(imports[file], path)
		}
		return nil
	})
	return imports, err
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
