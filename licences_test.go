package main

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// listed returns the first column of the table below a heading of docs/licences.md, each
// entry with its licence.
func listed(t *testing.T, heading string) map[string]string {
	t.Helper()
	page, err := os.ReadFile("docs/licences.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(page), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("docs/licences.md has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	licences := make(map[string]string)
	for _, line := range strings.Split(section, "\n") {
		if cells := strings.Split(line, " | "); len(cells) == 2 {
			licences[strings.TrimPrefix(cells[0], "| ")] = strings.TrimSuffix(cells[1], " |")
		}
	}
	delete(licences, "module")
	delete(licences, "package")
	if len(licences) == 0 {
		t.Fatalf("docs/licences.md lists nothing in section %q", heading)
	}
	return licences
}

func TestLicencesListEveryModuleInTheBinary(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := make(map[string]bool)
	for _, module := range strings.Fields(string(out)) {
		linked[module] = true
	}
	licences := listed(t, "In the binary")
	for _, module := range slices.Sorted(maps.Keys(linked)) {
		if licences[module] == "" {
			t.Errorf("docs/licences.md does not list %s", module)
		}
	}
	for module := range licences {
		if !linked[module] {
			t.Errorf("docs/licences.md lists %s, which is not in the binary", module)
		}
	}
}

func TestLicencesOfTheBrowserClientAreItsPackages(t *testing.T) {
	for name, licence := range listed(t, "In the page") {
		manifest, err := os.ReadFile("tests/node_modules/" + name + "/package.json")
		if err != nil {
			t.Fatal(err)
		}
		var pkg struct{ License string }
		if err := json.Unmarshal(manifest, &pkg); err != nil {
			t.Fatal(err)
		}
		if pkg.License != licence {
			t.Errorf("docs/licences.md says %s is under %s; its package says %s", name, licence, pkg.License)
		}
	}
}
