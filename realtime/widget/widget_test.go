package widget

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

// modules are the least that a widget is made of, and one file that it does not need.
func modules() fstest.MapFS {
	return fstest.MapFS{
		"widget/element.js": {Data: []byte("/** @param {import('../types.js').User} user */\nimport { a } from '../a.js';\nnew URL('./widget.css', import.meta.url);\n" +
			"await import('./de.js');\nimport(new URL('../socket.io.js', import.meta.url));\n")},
		"widget/de.js":      {Data: []byte("export const de = {};\n")},
		"widget/widget.css": {Data: []byte("@import \"./link.css\";\nb { color: red; }\n")},
		"widget/link.css":   {Data: []byte("a { color: red; }\n")},
		"a.js":              {Data: []byte("export const a = 1; // words\n")},
		"types.js":          {Data: []byte("export {};\n")},
		"page.js":           {Data: []byte("export {};\n")},
	}
}

func TestTheWidgetIsWhatItsModulesImport(t *testing.T) {
	f, err := Load(modules(), []byte("client"))
	if err != nil {
		t.Fatal(err)
	}
	for name, there := range map[string]bool{
		"widget/element.js": true, "widget/de.js": true, "widget/widget.css": true, "a.js": true, "socket.io.js": true,
		"types.js": false, "widget/link.css": false, "page.js": false, "../a.js": false, "": false,
	} {
		if _, current, ok := f.Find(f.Version() + "/" + name); ok != there || ok && !current {
			t.Errorf("%q: there %v, of this version %v", name, ok, current)
		}
	}
	want := "import './widget/" + f.Version() + "/widget/element.js';\nimport './widget/" + f.Version() + "/a.js';\n" +
		"export { socket } from './widget/" + f.Version() + "/widget/socket.js';\n"
	if got := string(f.Entry().Data()); got != want {
		t.Errorf("the entry is %s, want %s", got, want)
	}
}

func TestAFolderIsNamedForAllItsContent(t *testing.T) {
	first, err := Load(modules(), []byte("client"))
	if err != nil {
		t.Fatal(err)
	}
	changed := modules()
	changed["widget/link.css"] = &fstest.MapFile{Data: []byte("a { color: tan; }\n")}
	for what, second := range map[string]struct {
		files  fstest.MapFS
		client string
	}{"a style": {changed, "client"}, "the client": {modules(), "another"}} {
		f, err := Load(second.files, []byte(second.client))
		if err != nil {
			t.Fatal(err)
		}
		if f.Version() == first.Version() {
			t.Errorf("with %s changed the version is the same", what)
		}
	}
}

func TestTheSheetsOfTheWidgetAreOneFile(t *testing.T) {
	f, err := Load(modules(), []byte("client"))
	if err != nil {
		t.Fatal(err)
	}
	sheet, _, _ := f.Find(f.Version() + "/widget/widget.css")
	if got, want := string(sheet.Data()), "a{color:red}b{color:red}"; got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
}

func TestAWidgetWithoutTheClientSaysSo(t *testing.T) {
	f, err := load(modules(), nil)
	if err != nil {
		t.Fatal(err)
	}
	file, _, _ := f.Find(f.Version() + "/socket.io.js")
	if !errors.Is(f.Err(), ErrNoClient) || !strings.Contains(string(file.Data()), "make assets") {
		t.Errorf("the error is %v, the file %s", f.Err(), file.Data())
	}
}

func TestAWidgetWithoutItsModulesIsNone(t *testing.T) {
	for _, name := range []string{"a.js", "widget/link.css"} {
		missing := modules()
		delete(missing, name)
		if _, err := Load(missing, nil); err == nil {
			t.Errorf("it is made without %s, which it imports", name)
		}
	}
}
