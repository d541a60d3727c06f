package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/mattn/go-sqlite3"
	"golang.org/x/sys/unix"

	"roomline/bench/report"
)

// machine describes what the numbers depend on. What it cannot find out it leaves out.
func machine(dir string) []report.Fact {
	facts := []report.Fact{{Name: "Processor", Text: fmt.Sprintf("%s, %d cores", processor(), runtime.NumCPU())}}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		facts = append(facts, report.Fact{Name: "Kernel", Text: "Linux " + unix.ByteSliceToString(name.Release[:])})
	}
	if control, err := os.ReadFile("/proc/sys/net/ipv4/tcp_congestion_control"); err == nil {
		facts = append(facts, report.Fact{Name: "TCP", Text: "loopback, congestion control " + strings.TrimSpace(string(control))})
	}
	facts = append(facts, report.Fact{Name: "Go", Text: strings.TrimPrefix(runtime.Version(), "go")})
	if node, err := exec.Command("node", "--version").Output(); err == nil {
		facts = append(facts, report.Fact{Name: "Node", Text: strings.TrimPrefix(strings.TrimSpace(string(node)), "v")})
	}
	sqlite, _, _ := sqlite3.Version()
	facts = append(facts, report.Fact{Name: "SQLite", Text: sqlite + " in Roomline; better-sqlite3 brings its own"})
	if times, err := syncTimes(dir, syncs); err == nil {
		facts = append(facts, report.Fact{Name: "Disk", Text: fmt.Sprintf("4 KB written and synced (fdatasync) in %.2f ms, p99 %.2f ms",
			milliseconds(times.Quantile(0.5)), milliseconds(times.Quantile(0.99)))})
	}
	return facts
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// charts are the pictures of the report.
func charts() []report.Chart {
	const shorter = "Shorter is better."
	return []report.Chart{
		{Name: "delivery", Title: "Server CPU per delivery", Note: shorter, Metric: report.CPUPerDelivery, Scenarios: []string{fanOut1000, fanOut5000},
			Legend: []string{"1,000 members", "5,000 members"}},
		{Name: "memory", Title: "Memory per idle connection", Note: shorter, Metric: report.MemoryPerIdle, Scenarios: []string{idleMemory}},
		{Name: "connect", Title: "Server CPU per connect", Note: shorter, Metric: report.CPUPerConnect, Scenarios: []string{connects}},
		{Name: "durable", Title: "Durable messages per second", Note: "Longer is better.", Metric: report.AckedPerSecond,
			Scenarios: []string{durableSend, durableFull}, Legend: []string{"into an empty database", "into one with a million"}},
	}
}
