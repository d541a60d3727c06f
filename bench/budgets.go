package main

import (
	"fmt"
	"slices"

	"roomline/bench/report"
)

// figure is a measured value.
type figure struct{ scenario, peer, metric string }

// budget is a bound on a figure, or on its ratio to another one of the same run.
type budget struct {
	what    string
	wanted  string
	figure  figure
	to      figure // none: the figure itself is bounded
	bound   float64
	atLeast bool
	print   string // how, for fmt
	// here is the bound on a machine that is as fast as the yardsticks say; nil: the same
	// on all. What it makes of the bound is what counts.
	here func(bound float64, y yardsticks) float64
}

// budgets are what Roomline wants to keep to. A ratio within one run would be met elsewhere
// too. A time is that of one machine, and is bounded in proportion to what the yardsticks
// take here.
func budgets() []budget {
	chat := func(scenario, metric string) figure { return figure{scenario, theChat, metric} }
	const ratio = "%.2f ×"
	var all []budget
	for _, room := range []struct{ scenario, members string }{{fanOut1000, "1,000"}, {fanOut5000, "5,000"}} {
		cpu := chat(room.scenario, report.CPUPerDelivery)
		all = append(all,
			budget{what: "CPU per delivery, " + room.members + " members", wanted: "at most that of the limit", figure: cpu,
				to: figure{room.scenario, theLimit, report.CPUPerDelivery}, bound: 1, print: ratio},
			budget{what: "CPU per delivery, " + room.members + " members", wanted: "at most a third of Node's", figure: cpu,
				to: figure{room.scenario, theNode, report.CPUPerDelivery}, bound: 1.0 / 3, print: ratio})
	}
	return append(all,
		budget{what: "p99 of a delivery", wanted: "at most that of the Fiber hub", figure: chat(latencies, deliveryTail),
			to: figure{latencies, theHub, deliveryTail}, bound: 1, print: ratio},
		budget{what: "memory per idle connection", wanted: "at most 6 KB", figure: chat(idleMemory, report.MemoryPerIdle), bound: 6, print: "%.1f KB"},
		budget{what: "heartbeats of 10,000 connections", wanted: "less than 2 % of a core", figure: chat(heartbeats, heartbeatCPU),
			bound: 2, print: "%.1f %%", here: longer},
		budget{what: "CPU per connect", wanted: "at most 150 µs, 2.5 × the Fiber hub's", figure: chat(connects, report.CPUPerConnect),
			bound: 150, print: "%.0f µs", here: inProportion},
		budget{what: "everybody back with 50 messages", wanted: "within 3 s", figure: chat(reconnects, backAfter), bound: 3, print: "%.1f s", here: longer},
		budget{what: "queries for messages meanwhile", wanted: "at most 10, however many come back", figure: chat(reconnects, messageReads), bound: 10, print: "%.0f"},
		budget{what: "durable sends", wanted: "at least 15,000 a second", figure: chat(durableSend, report.AckedPerSecond),
			bound: 15_000, atLeast: true, print: "%.0f a second", here: fewerSends},
		budget{what: "ack p99 at half of what is reached", wanted: "less than 10 ms", figure: chat(durableSend, ackTail), bound: 10, print: "%.1f ms", here: longer},
		budget{what: "a lone sender's ack", wanted: "at most 1.5 × that of Node's one commit", figure: chat(durableSend, loneAck),
			to: figure{durableSend, theDurable, loneAck}, bound: 1.5, print: ratio},
		budget{what: "durable sends with a full database", wanted: "within 10 % of an empty one", figure: chat(durableFull, report.AckedPerSecond),
			to: chat(durableSend, report.AckedPerSecond), bound: 0.9, atLeast: true, print: ratio},
		budget{what: "CPU per polled delivery", wanted: "at most 4 × that over WebSocket", figure: chat(polled, report.CPUPerDelivery),
			to: chat(fanOut1000, report.CPUPerDelivery), bound: 4, print: ratio},
		budget{what: "memory per held poll", wanted: "at most 14 KB", figure: chat(polled, heldPoll), bound: 14, print: "%.1f KB"},
		budget{what: "p99 of the others with one stalled client", wanted: "less than 10 % above that without", figure: chat(stalls, tailChange), bound: 10, print: "%+.0f %%"},
		budget{what: "memory per stalled client", wanted: "under 300 KB", figure: chat(stalledMany, stalledMemory), bound: 300, print: "%.0f KB"},
	)
}

// yardsticks are what the same run measured of other programs, by which a machine is known.
// What was not measured is taken to be as it was when the budgets were set.
type yardsticks struct {
	connect float64 // CPU of a connect to the Fiber hub, µs
	sync    float64 // 4 KB on the disk, ms
}

// when is what they were when the budgets were set.
var when = yardsticks{connect: 60, sync: 0.25}

// inProportion is a time on a machine of another speed.
func inProportion(bound float64, y yardsticks) float64 { return bound * y.connect / when.connect }

// longer is the same, but leaves the bound as it stands where the machine is faster.
func longer(bound float64, y yardsticks) float64 { return max(bound, inProportion(bound, y)) }

// fewerSends has all senders wait for one commit and send again: at 15,000 a second that takes
// 4.3 ms, of which one sync is the disk's and the rest the processor's. Each is stretched
// by its own yardstick.
func fewerSends(bound float64, y yardsticks) float64 {
	round := senders * 1000 / bound
	return min(bound, senders*1000/(longer(round-when.sync, y)+max(when.sync, y.sync)))
}

// judge holds what was measured against the budgets, and says by which yardsticks.
func judge(results []report.Result) (verdicts []report.Verdict, by string) {
	y := when
	connect, knowsConnect := find(results, figure{connects, theHub, report.CPUPerConnect})
	if knowsConnect {
		y.connect = connect
		by = fmt.Sprintf("A connect to the Fiber hub took %.0f µs of CPU in this run, and %.0f µs when the budgets were set", connect, when.connect)
	}
	if sync, known := find(results, figure{durableSend, theChat, diskSync}); known && knowsConnect {
		y.sync = sync
		by += fmt.Sprintf("; 4 KB were written and synced in %.2f ms, then %.2f ms", sync, when.sync)
	}
	if by != "" {
		by += "."
	}
	for _, b := range budgets() {
		verdicts = append(verdicts, b.verdict(results, y))
	}
	return verdicts, by
}

// verdict holds what was measured against the budget.
func (b budget) verdict(results []report.Result, y yardsticks) report.Verdict {
	v := report.Verdict{Budget: b.what, Wanted: b.wanted}
	value, known := find(results, b.figure)
	if b.to != (figure{}) {
		base, baseKnown := find(results, b.to)
		value, known = value/base, known && baseKnown && base > 0
	}
	if !known {
		return v
	}
	bound := b.bound
	if b.here != nil {
		if bound = b.here(b.bound, y); bound != b.bound {
			v.Here = fmt.Sprintf(b.print, bound)
		}
	}
	v.Measured = fmt.Sprintf(b.print, value)
	v.Met, v.Plainly = b.keeps(value, bound), b.keeps(value, b.bound)
	return v
}

func (b budget) keeps(value, bound float64) bool {
	if b.atLeast {
		return value >= bound
	}
	return value <= bound
}

func find(results []report.Result, f figure) (value float64, known bool) {
	for _, r := range results {
		if r.Scenario != f.scenario || r.Peer != f.peer {
			continue
		}
		i := slices.IndexFunc(r.Metrics, func(m report.Metric) bool { return m.Name == f.metric })
		if i >= 0 {
			return r.Metrics[i].Value, true
		}
	}
	return 0, false
}
