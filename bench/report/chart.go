package report

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// drawing is a chart of a report.
type drawing struct {
	Chart
	unit      string
	scenarios []Scenario // with results; at least one
	legends   []string   // of them
	bars      []bar
}

// bar is a peer with its values, one per scenario; NaN where there is none.
type bar struct {
	label  string
	ours   bool
	values []float64
}

func (d drawing) file() string { return d.Name + ".svg" }

// charts are those of r.Charts that there are results for.
func (r Report) charts() (all []drawing) {
	for _, c := range r.Charts {
		d := drawing{Chart: c}
		for _, s := range r.Scenarios {
			if i := slices.IndexFunc(r.metrics(s), func(m Metric) bool { return m.Name == c.Metric }); i >= 0 && slices.Contains(c.Scenarios, s.Name) {
				d.scenarios = append(d.scenarios, s)
				d.legends = append(d.legends, c.legend(s))
				d.unit = r.metrics(s)[i].Unit
			}
		}
		for _, p := range r.Peers {
			b := bar{label: p.Title, ours: p.Ours}
			measured := false
			for _, s := range d.scenarios {
				v := r.value(p.Name, s.Name, c.Metric)
				b.values = append(b.values, v)
				measured = measured || !math.IsNaN(v)
			}
			if measured {
				d.bars = append(d.bars, b)
			}
		}
		if len(d.bars) > 0 {
			all = append(all, d)
		}
	}
	return all
}

// legend is what a scenario is called in the chart.
func (c Chart) legend(s Scenario) string {
	if i := slices.Index(c.Scenarios, s.Name); i < len(c.Legend) {
		return c.Legend[i]
	}
	return s.Title
}

// Measures of a chart, in pixels.
const (
	width    = 720
	margin   = 24
	thick    = 14 // a bar
	apart    = 2  // bars of one peer
	between  = 12 // peers
	letter   = 7  // width of a character of 13 px, at most on average
	valueLen = 84 // room behind the longest bar
)

// style is that of the site. An image does not know the page it is in: it has a ground of its own.
const style = `
  text { font: 13px -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, system-ui, sans-serif; fill: #24272d; }
  .ground { fill: #fdfdfc; stroke: #d9dade; }
  .title { font-size: 16px; font-weight: 600; }
  .quiet { fill: #565b66; }
  .ours text { font-weight: 600; }
  .axis { stroke: #8b909b; }
  rect { fill: #8b919d; }
  .ours rect { fill: #2f55b8; }
  .second { opacity: .6; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8e9ec; }
    .ground { fill: #16181d; stroke: #33363d; }
    .quiet { fill: #a6aab3; }
    .axis { stroke: #6d727d; }
    rect { fill: #737985; }
    .ours rect { fill: #8fb4f5; }
  }
`

// svg draws horizontal bars, the peers one below the other.
func (d drawing) svg() []byte {
	longest, most := 0, 0.0
	for _, b := range d.bars {
		longest = max(longest, utf8.RuneCountInString(b.label))
		for _, v := range b.values {
			if v > most { // which no NaN is
				most = v
			}
		}
	}
	left := margin + longest*letter + between
	scale := func(v float64) float64 {
		if most == 0 {
			return 0
		}
		return v / most * float64(width-margin-valueLen-left)
	}
	top := 76
	if len(d.scenarios) > 1 {
		top += 26
	}
	pitch := len(d.scenarios)*(thick+apart) - apart + between
	bottom := top + len(d.bars)*pitch - between

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img" aria-labelledby="title desc">`+"\n",
		width, bottom+margin)
	fmt.Fprintf(&b, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n<style>%s</style>\n",
		html.EscapeString(d.Title), html.EscapeString(d.inWords()), style)
	fmt.Fprintf(&b, `<rect class="ground" x=".5" y=".5" width="%d" height="%d" rx="10"/>`+"\n", width-1, bottom+margin-1)
	fmt.Fprintf(&b, `<text class="title" x="%d" y="36">%s</text>`+"\n", margin, html.EscapeString(d.Title))
	fmt.Fprintf(&b, `<text class="quiet" x="%d" y="57">%s</text>`+"\n", margin, html.EscapeString(d.Note))
	if len(d.scenarios) > 1 {
		d.legend(&b, left)
	}
	for i, row := range d.bars {
		d.row(&b, row, left, top+i*pitch, scale)
	}
	fmt.Fprintf(&b, `<path class="axis" d="M%d.5 %dV%d"/>`+"\n</svg>\n", left-1, top-4, bottom+4)
	return b.Bytes()
}

// legend says which of a peer's bars is which.
func (d drawing) legend(b *bytes.Buffer, x int) {
	for i, text := range d.legends {
		fmt.Fprintf(b, `<rect%s x="%d" y="74" width="%d" height="%[3]d" rx="2"/><text class="quiet" x="%d" y="86">%s</text>`+"\n",
			shade(i), x, thick, x+thick+6, html.EscapeString(text))
		x += thick + 6 + utf8.RuneCountInString(text)*letter + margin
	}
}

// row draws a peer: its label, and a bar with its value for each scenario.
func (d drawing) row(b *bytes.Buffer, row bar, x, y int, scale func(float64) float64) {
	class := "peer"
	if row.ours {
		class = "ours"
	}
	middle := y + (len(row.values)*(thick+apart)-apart)/2 + 5
	fmt.Fprintf(b, `<g class="%s"><text x="%d" y="%d" text-anchor="end">%s</text>`, class, x-between, middle, html.EscapeString(row.label))
	for i, v := range row.values {
		if !math.IsNaN(v) {
			fmt.Fprintf(b, `<rect%s x="%d" y="%d" width="%.1f" height="%d" rx="2"/>`, shade(i), x, y, max(scale(v), 2), thick)
			fmt.Fprintf(b, `<text class="value" x="%.1f" y="%d">%s</text>`, float64(x)+max(scale(v), 2)+6, y+thick-2, with(v, d.unit))
		}
		y += thick + apart
	}
	b.WriteString("</g>\n")
}

func shade(i int) string {
	if i == 0 {
		return ""
	}
	return ` class="second"`
}

// inWords is the chart for who cannot see it.
func (d drawing) inWords() string {
	var words []string
	for i, text := range d.legends {
		var values []string
		for _, b := range d.bars {
			if !math.IsNaN(b.values[i]) {
				values = append(values, b.label+" "+with(b.values[i], d.unit))
			}
		}
		words = append(words, text+": "+strings.Join(values, ", ")+".")
	}
	return d.Note + " " + strings.Join(words, " ")
}
