package report

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What Save replaces stands in the page between these lines.
const (
	begin = "<!-- What follows is written by make bench. -->"
	end   = "<!-- That was it. -->"
)

var errMarkers = errors.New("the lines between which the report belongs are not there, once each")

// Save writes the report into the Markdown file page, between its two marks, and the charts as SVG
// into the folder beside it that is named like it: docs/performance.md has docs/performance/.
// A page that does not exist is made.
func (r Report) Save(page string) error {
	old, err := os.ReadFile(page)
	if errors.Is(err, os.ErrNotExist) {
		old, err = []byte(begin+"\n"+end+"\n"), nil
	}
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}
	folder := strings.TrimSuffix(page, filepath.Ext(page))
	text, err := insert(old, r.markdown(filepath.Base(folder)))
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make a folder for the charts: %w", err)
	}
	for _, c := range r.charts() {
		if err := os.WriteFile(filepath.Join(folder, c.file()), c.svg(), 0o644); err != nil {
			return fmt.Errorf("write a chart: %w", err)
		}
	}
	if err := os.WriteFile(page, text, 0o644); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// insert puts part between the marks of page.
func insert(page, part []byte) ([]byte, error) {
	from, to := bytes.Index(page, []byte(begin)), bytes.Index(page, []byte(end))
	if from < 0 || to < from || bytes.Count(page, []byte(begin)) != 1 || bytes.Count(page, []byte(end)) != 1 {
		return nil, errMarkers
	}
	return slices.Concat(page[:from+len(begin)], []byte("\n\n"), part, []byte("\n"), page[to:]), nil
}

// markdown is the report, with its charts in folder.
func (r Report) markdown(folder string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## The run of %s\n\nRepeat it with `%s`.\n\n", r.Taken.UTC().Format("2 January 2006"), r.Command)
	machine := table{columns: []string{"Machine", ""}}
	for _, f := range r.Machine {
		machine.add(f.Name, f.Text)
	}
	machine.write(&b)

	b.WriteString("### Who was measured\n\n")
	peers := table{columns: []string{"Server", "What it is"}}
	for _, p := range r.Peers {
		peers.add(p.Title, p.About)
	}
	peers.write(&b)

	if t, ok := r.glance(); ok {
		b.WriteString("### At a glance\n\nCPU time and memory are the server's. A dash: it does not do that, or was not measured.\n\n")
		t.write(&b)
	}
	if len(r.Verdicts) > 0 {
		b.WriteString("### Budgets\n\n")
		if r.Yardsticks != "" {
			b.WriteString(r.Yardsticks + " Budgets of time are measured in proportion; both are shown.\n\n")
		}
		r.budgets().write(&b)
	}
	drawn := r.charts()
	for _, s := range r.Scenarios {
		t, ok := r.results(s)
		if !ok {
			continue
		}
		fmt.Fprintf(&b, "### %s\n\n", s.Title)
		if s.About != "" {
			fmt.Fprintf(&b, "%s\n\n", s.About)
		}
		for _, c := range drawn {
			if c.scenarios[0].Name == s.Name {
				fmt.Fprintf(&b, "![%s](%s/%s)\n\n", c.Title, folder, c.file())
			}
		}
		t.write(&b)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
