package report

import (
	"bytes"
	"math"
	"slices"
	"strings"
)

// table is a Markdown table. Its first column is text, and so are all if there are no numbers.
type table struct {
	columns []string
	numbers bool // in the columns from the second, which stand to the right
	rows    [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write ends with an empty line.
func (t *table) write(b *bytes.Buffer) {
	line := func(cells []string) {
		for _, cell := range cells {
			b.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
		}
		b.WriteString("|\n")
	}
	line(t.columns)
	b.WriteString("|---|" + strings.Repeat(map[bool]string{false: "---|", true: "---:|"}[t.numbers], len(t.columns)-1) + "\n")
	for _, row := range t.rows {
		line(row)
	}
	b.WriteString("\n")
}

func (r Report) budgets() *table {
	t := &table{columns: []string{"Budget", "Wanted", "On this machine", "Measured", "Met"}}
	for _, v := range r.Verdicts {
		here := v.Here
		if here == "" {
			here = "the same"
		}
		switch {
		case v.Measured == "":
			t.add(v.Budget, v.Wanted, absent, absent, "not measured in this run")
		case v.Met && v.Plainly:
			t.add(v.Budget, v.Wanted, here, v.Measured, "yes")
		case v.Met:
			t.add(v.Budget, v.Wanted, here, v.Measured, "yes, in proportion")
		case v.Plainly:
			t.add(v.Budget, v.Wanted, here, v.Measured, "**no**, in proportion")
		default:
			t.add(v.Budget, v.Wanted, here, v.Measured, "**no**")
		}
	}
	return t
}

// glance has a row for each peer, and a column for the first metric that each scenario compares.
// False: there is nothing to compare.
func (r Report) glance() (*table, bool) {
	t := &table{columns: []string{"Server"}, numbers: true}
	var shown []Scenario
	for _, s := range r.Scenarios {
		if s.Short == "" || len(s.Compare) == 0 {
			continue
		}
		for _, m := range r.metrics(s) {
			if m.Name == s.Compare[0] {
				t.columns = append(t.columns, heading(Metric{Name: s.Short, Unit: m.Unit}))
				shown = append(shown, s)
			}
		}
	}
	for _, p := range r.Peers {
		row := []string{p.Title}
		for _, s := range shown {
			row = append(row, number(r.value(p.Name, s.Name, s.Compare[0])))
		}
		t.add(row...)
	}
	return t, len(shown) > 0
}

// results has a row for each peer with a result in s, and a column for each metric that one of
// them has, with columns of ratios behind those that s compares. False: there are no results.
func (r Report) results(s Scenario) (*table, bool) {
	t := &table{columns: []string{"Server"}, numbers: true}
	var cells []func(peer string) string
	for _, m := range r.metrics(s) {
		t.columns = append(t.columns, heading(m))
		cells = append(cells, func(peer string) string { return number(r.value(peer, s.Name, m.Name)) })
		if !slices.Contains(s.Compare, m.Name) {
			continue
		}
		for _, base := range r.Peers {
			of := r.value(base.Name, s.Name, m.Name)
			if !slices.Contains(s.Bases, base.Name) || math.IsNaN(of) {
				continue
			}
			t.columns = append(t.columns, "÷ "+base.Title)
			cells = append(cells, func(peer string) string { return number(r.value(peer, s.Name, m.Name) / of) })
		}
	}
	for _, p := range r.Peers {
		if r.result(p.Name, s.Name) == nil {
			continue
		}
		row := []string{p.Title}
		for _, cell := range cells {
			row = append(row, cell(p.Name))
		}
		t.add(row...)
	}
	return t, len(t.rows) > 0
}

func heading(m Metric) string {
	if m.Unit == Count {
		return m.Name
	}
	return m.Name + ", " + m.Unit
}

// metrics are those that any peer has in s, in the order in which they come first.
func (r Report) metrics(s Scenario) (all []Metric) {
	for _, p := range r.Peers {
		for _, m := range r.result(p.Name, s.Name) {
			if !slices.ContainsFunc(all, func(x Metric) bool { return x.Name == m.Name }) {
				all = append(all, m)
			}
		}
	}
	return all
}

// result is nil if there is none.
func (r Report) result(peer, scenario string) []Metric {
	i := slices.IndexFunc(r.Results, func(x Result) bool { return x.Peer == peer && x.Scenario == scenario })
	if i < 0 {
		return nil
	}
	return r.Results[i].Metrics
}

// value is not a number if it was not measured.
func (r Report) value(peer, scenario, metric string) float64 {
	for _, m := range r.result(peer, scenario) {
		if m.Name == metric {
			return m.Value
		}
	}
	return math.NaN()
}
