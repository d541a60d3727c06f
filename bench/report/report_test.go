package report

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sample is a run of three peers, of which one was not measured everywhere.
func sample() Report {
	cost := func(v float64) []Metric {
		return []Metric{{CPUPerDelivery, Microseconds, v}, {"deliveries", PerSecond, 1e6 / v}}
	}
	return Report{
		Taken:   time.Date(2026, 11, 24, 23, 30, 0, 0, time.FixedZone("", -3600)),
		Command: "make bench",
		Machine: []Fact{{"CPU", "a | b"}},
		Peers: []Peer{
			{Name: "limit", Title: "The limit", About: "One write per recipient."},
			{Name: "node", Title: "Node <Socket.IO>", About: "From npm."},
			{Name: "chat", Title: "Roomline", About: "Itself.", Ours: true},
		},
		Scenarios: []Scenario{
			{Name: "small", Title: "1,000 members", Short: "a delivery", About: "They talk.", Compare: []string{CPUPerDelivery}, Bases: []string{"limit", "node"}},
			{Name: "large", Title: "5,000 members", Compare: []string{CPUPerDelivery}, Bases: []string{"limit", "node"}},
			{Name: "skipped", Title: "Not in this run"},
		},
		Charts: []Chart{
			{Name: "cost", Title: "What a delivery costs", Note: "Shorter is better.", Metric: CPUPerDelivery, Scenarios: []string{"small", "large"}, Legend: []string{"a thousand", "five thousand"}},
			{Name: "none", Title: "Not measured", Metric: MemoryPerIdle, Scenarios: []string{"skipped"}},
		},
		Results: []Result{
			{"chat", "small", append(cost(2.5), Metric{"stored", Count, 12345})},
			{"limit", "small", cost(2)},
			{"node", "small", cost(8)},
			{"chat", "large", cost(3)},
			{"node", "large", cost(12)},
		},
		Verdicts: []Verdict{
			{Budget: "Delivery", Wanted: "at most the limit", Measured: "1.25 ×"},
			{Budget: "Connect", Wanted: "at most 150 µs", Here: "300 µs", Measured: "120 µs", Met: true, Plainly: true},
			{Budget: "Return", Wanted: "within 3 s", Here: "6 s", Measured: "5 s", Met: true},
			{Budget: "Heartbeat", Wanted: "at most 9 µs", Here: "6 µs", Measured: "8 µs", Plainly: true},
			{Budget: "Polling", Wanted: "at most 4 ×"},
		},
		Yardsticks: "It is half as fast.",
	}
}

func TestThePageSaysWhatWasMeasured(t *testing.T) {
	page := string(sample().markdown("charts"))
	for what, want := range map[string]string{
		"the day, in UTC":                  "## The run of 25 November 2026\n",
		"the command":                      "`make bench`",
		"the machine":                      "| CPU | a \\| b |\n",
		"the peers":                        "| Roomline | Itself. |\n",
		"everybody at a glance":            "| Server | a delivery, µs |\n|---|---:|\n| The limit | 2 |\n| Node <Socket.IO> | 8 |\n| Roomline | 2.5 |\n",
		"the yardsticks":                   "### Budgets\n\nIt is half as fast. Budgets",
		"a budget that is not met":         "| Delivery | at most the limit | the same | 1.25 × | **no** |\n",
		"a budget that is met":             "| Connect | at most 150 µs | 300 µs | 120 µs | yes |\n",
		"one that is met in proportion":    "| Return | within 3 s | 6 s | 5 s | yes, in proportion |\n",
		"one that is met by the clock":     "| Heartbeat | at most 9 µs | 6 µs | 8 µs | **no**, in proportion |\n",
		"a budget that was not looked at":  "| Polling | at most 4 × | – | – | not measured in this run |\n",
		"a scenario, then its chart":       "### 1,000 members\n\nThey talk.\n\n![What a delivery costs](charts/cost.svg)\n\n| Server |",
		"ratios to what was measured":      "| Server | server CPU per delivery, µs | ÷ The limit | ÷ Node <Socket.IO> | deliveries, /s | stored |\n|---|---:|---:|---:|---:|---:|\n",
		"peers in order, gaps shown":       "| The limit | 2 | 1 | 0.25 | 500,000 | – |\n| Node <Socket.IO> | 8 | 4 | 1 | 125,000 | – |\n| Roomline | 2.5 | 1.25 | 0.312 | 400,000 | 12,345 |\n",
		"no ratio to what is not measured": "### 5,000 members\n\n| Server | server CPU per delivery, µs | ÷ Node <Socket.IO> | deliveries, /s |\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s: %q is not in the page:\n%s", what, want, page)
		}
	}
	for what, unwanted := range map[string]string{
		"a scenario without results": "Not in this run",
		"a chart without results":    "none.svg",
	} {
		if strings.Contains(page, unwanted) {
			t.Errorf("%s: %q is in the page", what, unwanted)
		}
	}
	if n := strings.Count(page, "cost.svg"); n != 1 {
		t.Errorf("the chart of two scenarios stands in the page %d times", n)
	}
}

func TestSavingReplacesTheReportAndKeepsTheProse(t *testing.T) {
	page := filepath.Join(t.TempDir(), "performance.md")
	write(t, page, "Before.\n\n"+begin+"\nan old run\n"+end+"\n\nAfter.\n")
	if err := sample().Save(page); err != nil {
		t.Fatal(err)
	}
	first := read(t, page)
	if !strings.HasPrefix(first, "Before.\n\n"+begin+"\n\n## The run of") || !strings.HasSuffix(first, "|\n"+end+"\n\nAfter.\n") {
		t.Errorf("the prose is not as it was:\n%s", first)
	}
	if strings.Contains(first, "an old run") {
		t.Error("the old run is still there")
	}
	if err := sample().Save(page); err != nil {
		t.Fatal(err)
	}
	if second := read(t, page); second != first {
		t.Errorf("saved again, it is another page:\n%s", second)
	}
	if svg := read(t, filepath.Join(filepath.Dir(page), "performance", "cost.svg")); !strings.HasPrefix(svg, "<svg ") {
		t.Errorf("the chart begins with %.20q", svg)
	}
}

func TestAPageThatDoesNotExistIsMade(t *testing.T) {
	page := filepath.Join(t.TempDir(), "new.md")
	if err := sample().Save(page); err != nil {
		t.Fatal(err)
	}
	if text := read(t, page); !strings.HasPrefix(text, begin) || !strings.Contains(text, "(new/cost.svg)") {
		t.Errorf("the page is %.200q…", text)
	}
}

func TestAPageWithoutAPlaceForTheReportIsLeftAlone(t *testing.T) {
	for name, text := range map[string]string{
		"no marks": "prose\n", "no end": begin, "no begin": end, "swapped": end + begin, "twice": begin + end + begin + end,
	} {
		page := filepath.Join(t.TempDir(), "page.md")
		write(t, page, text)
		if err := sample().Save(page); err == nil {
			t.Errorf("%s: saved", name)
		}
		if got := read(t, page); got != text {
			t.Errorf("%s: the page is %q now", name, got)
		}
	}
}

func TestNumbersHaveThreeDigitsThatMatter(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.00123456: "0.00123", 0.0999: "0.0999", 0.9996: "1", 2.5: "2.5", 2.604: "2.6", 18.94: "18.9",
		240: "240", 999.6: "1,000", 15312.4: "15,312", 1234567: "1,234,567", -1234.5: "-1,234", -0.5: "-0.5",
		math.Inf(1): absent,
	} {
		if got := number(v); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
	if got := number(math.NaN()); got != absent {
		t.Errorf("what was not measured is %q", got)
	}
	for unit, want := range map[string]string{Milliseconds: "3 ms", Percent: "3%", PerSecond: "3/s", Count: "3"} {
		if got := with(3, unit); got != want {
			t.Errorf("three of %q are %q", unit, got)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
