package main

import (
	"slices"
	"time"

	"roomline/bench/report"
)

// pace is how thorough a run is.
type pace struct {
	name           string // of what make does with it
	rounds         int    // of what is short, and differs from one time to the next
	warm, measured time.Duration
	settling       time.Duration // until what joins bring about is over
	rest           time.Duration // until what connections brought about has been given back
	small, large   int           // members of the rooms that are named after their size
	members        int           // where nothing else is said
	connected      int           // connections that are counted
	idle           int
	stored         int // messages of a full database
	lone           int // sends of one sender, one after the other
	deaf           int // of many that stop reading
	shouts         int // that fill what the kernel keeps for them
}

// Paces. The smoke test is to find out whether all of it works, not how fast.
var (
	thorough = pace{
		name: "bench", rounds: 3, warm: time.Second, measured: 4 * time.Second, settling: 1500 * time.Millisecond, rest: 5 * time.Second,
		small: 1000, large: 5000, members: 1000, connected: 2000, idle: 5000, stored: 1_000_000, lone: 300, deaf: 100, shouts: 1600,
	}
	rough = pace{
		name: "bench-quick", rounds: 1, warm: 400 * time.Millisecond, measured: 1200 * time.Millisecond, settling: 400 * time.Millisecond, rest: 2 * time.Second,
		small: 1000, large: 5000, members: 300, connected: 500, idle: 1000, stored: 50_000, lone: 100, deaf: 50, shouts: 1600,
	}
	smoke = pace{
		name: "bench-smoke", rounds: 1, warm: time.Second / 20, measured: time.Second / 4, settling: time.Second / 10, rest: time.Second / 10,
		small: 50, large: 100, members: 50, connected: 50, idle: 100, stored: 1000, lone: 20, deaf: 5, shouts: 400,
	}
)

// median is each metric's median over the rounds that measured it, in the order of the first.
func median(rounds [][]report.Metric) []report.Metric {
	var all []report.Metric
	values := make(map[string][]float64)
	for _, round := range rounds {
		for _, m := range round {
			if values[m.Name] == nil {
				all = append(all, m)
			}
			values[m.Name] = append(values[m.Name], m.Value)
		}
	}
	for i, m := range all {
		v := values[m.Name]
		slices.Sort(v)
		all[i].Value = (v[(len(v)-1)/2] + v[len(v)/2]) / 2
	}
	return all
}
