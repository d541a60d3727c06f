package report

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
)

// picture is what the tests look at in an SVG.
type picture struct {
	Width  float64 `xml:"width,attr"`
	Height float64 `xml:"height,attr"`
	Title  string  `xml:"title"`
	Desc   string  `xml:"desc"`
	Texts  []label `xml:"text"`
	Groups []struct {
		Class string  `xml:"class,attr"`
		Texts []label `xml:"text"`
		Rects []struct {
			X     float64 `xml:"x,attr"`
			Y     float64 `xml:"y,attr"`
			Width float64 `xml:"width,attr"`
		} `xml:"rect"`
	} `xml:"g"`
}

type label struct {
	X      float64 `xml:"x,attr"`
	Y      float64 `xml:"y,attr"`
	Anchor string  `xml:"text-anchor,attr"`
	Text   string  `xml:",chardata"`
}

func draw(t *testing.T, r Report) picture {
	t.Helper()
	charts := r.charts()
	if len(charts) != 1 {
		t.Fatalf("%d charts, want the one with results", len(charts))
	}
	var p picture
	if err := xml.Unmarshal(charts[0].svg(), &p); err != nil {
		t.Fatalf("not XML: %v\n%s", err, charts[0].svg())
	}
	return p
}

func TestBarsAreAsLongAsTheirValues(t *testing.T) {
	p := draw(t, sample())
	var got []string
	for _, g := range p.Groups {
		line := g.Class + " " + g.Texts[0].Text + ":"
		for i, bar := range g.Rects {
			line += fmt.Sprintf(" %s (%.2f)", g.Texts[i+1].Text, bar.Width/p.Groups[1].Rects[1].Width)
		}
		got = append(got, line)
	}
	want := "peer The limit: 2 µs (0.17)\n" +
		"peer Node <Socket.IO>: 8 µs (0.67) 12 µs (1.00)\n" +
		"ours Roomline: 2.5 µs (0.21) 3 µs (0.25)"
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}

func TestAChartCanBeReadAloud(t *testing.T) {
	p := draw(t, sample())
	want := "Shorter is better. a thousand: The limit 2 µs, Node <Socket.IO> 8 µs, Roomline 2.5 µs. " +
		"five thousand: Node <Socket.IO> 12 µs, Roomline 3 µs."
	if p.Title != "What a delivery costs" || p.Desc != want {
		t.Errorf("%q, %q", p.Title, p.Desc)
	}
}

func TestNothingOfAChartIsOutsideOrOverlaps(t *testing.T) {
	r := sample()
	r.Peers[1].Title = "A server with a title that is rather long"
	for i := range r.Results {
		r.Results[i].Metrics[0].Value *= 1_000
	}
	p := draw(t, r)
	bottom := 0.0
	for _, g := range p.Groups {
		if first := g.Rects[0].Y; first < bottom {
			t.Errorf("%s begins at %v, above the end of the one before, %v", g.Texts[0].Text, first, bottom)
		}
		if begins := g.Texts[0].X - float64(letter*len(g.Texts[0].Text)); begins < 0 {
			t.Errorf("the label %q begins at %v", g.Texts[0].Text, begins)
		}
		for i, bar := range g.Rects {
			bottom = bar.Y + thick
			value := g.Texts[i+1]
			if value.X < bar.X+bar.Width {
				t.Errorf("%s: the value begins at %v, in the bar", value.Text, value.X)
			}
			if ends := value.X + float64(letter*len([]rune(value.Text))); ends > p.Width {
				t.Errorf("%s: the value ends at %v of %v", value.Text, ends, p.Width)
			}
		}
	}
	for _, text := range p.Texts {
		if ends := text.X + float64(letter*len([]rune(text.Text))); ends > p.Width {
			t.Errorf("%s ends at %v of %v", text.Text, ends, p.Width)
		}
	}
	if bottom > p.Height {
		t.Errorf("the last bar ends at %v of %v", bottom, p.Height)
	}
}

func TestWhatCostsNothingIsStillToBeSeen(t *testing.T) {
	r := sample()
	for i := range r.Results {
		r.Results[i].Metrics[0].Value = 0
	}
	for _, g := range draw(t, r).Groups {
		for _, bar := range g.Rects {
			if bar.Width < 1 {
				t.Errorf("%s has a bar of %v", g.Texts[0].Text, bar.Width)
			}
		}
	}
}
