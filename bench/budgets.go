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
}

// budgets are what Roomline wants to keep to. Times and sizes are those of the machine; the
// ratios would be met elsewhere too.
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
		budget{what: "heartbeats of 10,000 connections", wanted: "less than 2 % of a core", figure: chat(heartbeats, heartbeatCPU), bound: 2, print: "%.1f %%"},
		budget{what: "CPU per connect", wanted: "at most 150 µs", figure: chat(connects, report.CPUPerConnect), bound: 150, print: "%.0f µs"},
		budget{what: "everybody back with 50 messages", wanted: "within 3 s", figure: chat(reconnects, backAfter), bound: 3, print: "%.2f s"},
		budget{what: "durable sends", wanted: "at least 15,000 a second", figure: chat(durableSend, report.AckedPerSecond), bound: 15_000, atLeast: true, print: "%.0f a second"},
		budget{what: "ack p99 at half of what is reached", wanted: "less than 10 ms", figure: chat(durableSend, ackTail), bound: 10, print: "%.1f ms"},
		budget{what: "a lone sender's ack", wanted: "one sync, at most twice 4 KB written and synced", figure: chat(durableSend, loneAck),
			to: chat(durableSend, diskSync), bound: 2, print: ratio},
		budget{what: "durable sends with a full database", wanted: "within 10 % of an empty one", figure: chat(durableFull, report.AckedPerSecond),
			to: chat(durableSend, report.AckedPerSecond), bound: 0.9, atLeast: true, print: ratio},
		budget{what: "CPU per polled delivery", wanted: "at most 4 × that over WebSocket", figure: chat(polled, report.CPUPerDelivery),
			to: chat(fanOut1000, report.CPUPerDelivery), bound: 4, print: ratio},
		budget{what: "memory per held poll", wanted: "at most 14 KB", figure: chat(polled, heldPoll), bound: 14, print: "%.1f KB"},
		budget{what: "p99 of the others with one stalled client", wanted: "less than 10 % above that without", figure: chat(stalls, tailChange), bound: 10, print: "%+.0f %%"},
		budget{what: "memory per stalled client", wanted: "under 300 KB", figure: chat(stalledMany, stalledMemory), bound: 300, print: "%.0f KB"},
	)
}

// verdict holds what was measured against the budget.
func (b budget) verdict(results []report.Result) report.Verdict {
	v := report.Verdict{Budget: b.what, Wanted: b.wanted}
	value, known := find(results, b.figure)
	if b.to != (figure{}) {
		base, baseKnown := find(results, b.to)
		value, known = value/base, known && baseKnown && base > 0
	}
	if known {
		v.Measured = fmt.Sprintf(b.print, value)
		v.Met = value <= b.bound
		if b.atLeast {
			v.Met = value >= b.bound
		}
	}
	return v
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
