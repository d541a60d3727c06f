// Package report turns what a run of the benchmarks has measured into a Markdown page and SVG
// charts. It measures nothing and starts nothing.
package report

import "time"

// Names of metrics that several speak of. A scenario may measure others under any name.
const (
	CPUPerDelivery = "server CPU per delivery" // Microseconds
	CPUPerConnect  = "server CPU per connect"  // Microseconds
	MemoryPerIdle  = "memory per connection"   // Kilobytes
	AckedPerSecond = "acknowledged"            // PerSecond
)

// Units, as they are printed after a value.
const (
	Microseconds = "µs"
	Milliseconds = "ms"
	Seconds      = "s"
	Kilobytes    = "KB" // of 1,024 bytes
	PerSecond    = "/s"
	Percent      = "%"
	Count        = ""
)

// Report is one run.
type Report struct {
	Taken     time.Time
	Command   string // that repeats the run, from the repository's root
	Machine   []Fact
	Peers     []Peer     // in the order of rows and bars
	Scenarios []Scenario // in the order of tables; those without results are left out
	Charts    []Chart    // those without results are left out
	Results   []Result
	Verdicts  []Verdict
	// Yardsticks is a sentence that says how fast this machine is beside the one for which
	// the budgets were set; "" if nobody knows.
	Yardsticks string
}

// Fact is one line about the machine: "CPU", "AMD EPYC, 2 cores".
type Fact struct{ Name, Text string }

// Peer is a program that was measured.
type Peer struct {
	Name  string // as in Result
	Title string // short, for tables and charts: "Node Socket.IO"
	About string // a sentence in Markdown
	Ours  bool   // made to stand out in charts
}

// Scenario is what was done to the peers.
type Scenario struct {
	Name  string // as in Result
	Title string // a heading
	// Short heads the column of the first of Compare in the table of everybody at a glance;
	// "": it has none.
	Short string
	About string // a sentence or two in Markdown
	// Compare names the metrics that get a column of ratios to each of Bases.
	Compare []string
	// Bases are peers; those without a result in this scenario are left out.
	Bases []string
}

// Chart has a bar for each peer's value of one metric, in one scenario or two. It stands in the
// section of the first of them.
type Chart struct {
	Name      string // of its file, without an extension
	Title     string
	Note      string // below the title: "Shorter is better."
	Metric    string // as in Result
	Scenarios []string
	Legend    []string // what to call each of Scenarios; they fit into one line
}

// Result is what one peer did in one scenario.
type Result struct {
	Peer     string
	Scenario string
	Metrics  []Metric // in the order of columns
}

// Metric is one measured number.
type Metric struct {
	Name  string
	Unit  string
	Value float64
}

// Verdict is a budget and what became of it.
type Verdict struct {
	Budget   string // what is bounded: "CPU per delivery, 1,000 members"
	Wanted   string // "at most 150 µs"
	Here     string // what that comes to on this machine: "312 µs"; empty: the same
	Measured string // "280 µs"; empty if this run did not measure it
	Met      bool   // as it is here
	Plainly  bool   // as it stands in Wanted
}
