package main

import (
	"slices"
	"testing"

	"roomline/bench/report"
)

func TestABudgetOfTimeIsInProportionToTheMachine(t *testing.T) {
	for _, c := range []struct {
		budget        string
		scenario      string
		metric        string
		value         float64
		connect, sync float64 // the yardsticks; 0: not measured
		here          string
		met, plainly  bool
	}{
		{"CPU per connect", connects, report.CPUPerConnect, 150, 60, 0, "", true, true},
		{"CPU per connect", connects, report.CPUPerConnect, 290, 120, 0, "300 µs", true, false},
		{"CPU per connect", connects, report.CPUPerConnect, 310, 120, 0, "300 µs", false, false},
		{"CPU per connect", connects, report.CPUPerConnect, 100, 30, 0, "75 µs", false, true},
		{"CPU per connect", connects, report.CPUPerConnect, 151, 0, 0, "", false, false},
		{"everybody back with 50 messages", reconnects, backAfter, 2.9, 30, 0, "", true, true},
		{"everybody back with 50 messages", reconnects, backAfter, 5.9, 120, 0, "6.0 s", true, false},
		{"durable sends", durableSend, report.AckedPerSecond, 15_000, 30, 0.1, "", true, true},
		{"durable sends", durableSend, report.AckedPerSecond, 7_500, 120, 0.5, "7500 a second", true, false},
		{"durable sends", durableSend, report.AckedPerSecond, 7_400, 120, 0.5, "7500 a second", false, false},
		{"durable sends", durableSend, report.AckedPerSecond, 6_700, 60, 5.51666, "6713 a second", false, false},
	} {
		results := []report.Result{{Peer: theChat, Scenario: c.scenario, Metrics: []report.Metric{{Name: c.metric, Value: c.value}}}}
		if c.connect > 0 {
			results = append(results, report.Result{Peer: theHub, Scenario: connects, Metrics: []report.Metric{{Name: report.CPUPerConnect, Value: c.connect}}})
		}
		if c.sync > 0 {
			results[0].Metrics = append(results[0].Metrics, report.Metric{Name: diskSync, Value: c.sync})
		}
		verdicts, by := judge(results)
		i := slices.IndexFunc(verdicts, func(v report.Verdict) bool { return v.Budget == c.budget })
		if v := verdicts[i]; v.Here != c.here || v.Met != c.met || v.Plainly != c.plainly {
			t.Errorf("%s, %v where the hub takes %v and the disk %v: %+v", c.budget, c.value, c.connect, c.sync, v)
		}
		if (by == "") != (c.connect == 0) {
			t.Errorf("the yardsticks are %q", by)
		}
	}
}

func TestEveryBudgetSpeaksOfWhatIsMeasured(t *testing.T) {
	names := make([]string, 0, len(scenarios(thorough)))
	for _, s := range scenarios(thorough) {
		names = append(names, s.Name)
	}
	for _, b := range budgets() {
		if !slices.Contains(names, b.figure.scenario) || b.to != (figure{}) && !slices.Contains(names, b.to.scenario) {
			t.Errorf("%s is about no scenario", b.what)
		}
		if b.to == (figure{}) && b.bound == 0 || b.print == "" {
			t.Errorf("%s has no bound, or cannot be printed", b.what)
		}
	}
}

func TestAFigureIsTheMedianOfItsRounds(t *testing.T) {
	got := median([][]report.Metric{
		{{Name: "a", Value: 3}, {Name: "b", Value: 1}},
		{{Name: "a", Value: 100}},
		{{Name: "a", Value: 1}, {Name: "b", Value: 2}},
	})
	if len(got) != 2 || got[0].Value != 3 || got[1].Value != 1.5 {
		t.Errorf("the medians are %v", got)
	}
}
