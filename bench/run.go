package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"roomline/bench/load"
	"roomline/bench/report"
)

// run measures what is asked for. What fails is told at once and does not end the rest.
func run(ctx context.Context, o options) error {
	chosenPeers, err := choose(peers(), o.peers, func(p peer) string { return p.Name })
	if err != nil {
		return err
	}
	all := slices.DeleteFunc(scenarios(o.pace), func(s scenario) bool { return o.scenarios == "" && slices.Contains(s.not, o.pace.name) })
	chosen, err := choose(all, o.scenarios, func(s scenario) string { return s.Name })
	if err != nil {
		return err
	}
	if err := errors.Join(raiseFiles(openFiles), realDisk(o.dir)); err != nil {
		return err
	}
	bin, err := filepath.Abs(filepath.Join(o.dir, "bin"))
	if err != nil {
		return err
	}
	w, err := build(ctx, bin, o.roomline, chosenPeers)
	if err != nil {
		return err
	}
	r := report.Report{Taken: time.Now(), Command: "make " + o.pace.name, Machine: machine(o.dir), Charts: charts()}
	for _, p := range chosenPeers {
		r.Peers = append(r.Peers, p.Peer)
	}
	var failed []error
	for _, s := range chosen {
		fmt.Printf("\n%s\n", s.Name)
		r.Scenarios = append(r.Scenarios, s.Scenario)
		results, faults := compare(ctx, w, o, s, chosenPeers)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.Results = append(r.Results, results...)
		failed = append(failed, faults...)
	}
	if o.pace.name != smoke.name { // which measures nothing that could be judged
		r.Verdicts, r.Yardsticks = judge(r.Results)
		tell(r)
	}
	if o.out != "" {
		if err := r.Save(o.out); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d measurements failed; the first: %w", len(failed), failed[0])
	}
	fmt.Println("\nall measurements worked")
	return nil
}

// compare does to the peers in turn what a scenario says, as many rounds as it wants: what
// the machine does meanwhile is then the same for all.
func compare(ctx context.Context, w workshop, o options, s scenario, peers []peer) (results []report.Result, failed []error) {
	peers = slices.DeleteFunc(slices.Clone(peers), func(p peer) bool { return s.who != nil && !s.who(p) })
	rounds := make([][][]report.Metric, len(peers))
	for range max(1, s.rounds) {
		for i, p := range peers {
			began := time.Now()
			metrics, err := measure(ctx, w, o, s, p)
			if ctx.Err() != nil {
				return nil, nil
			}
			if err != nil {
				err = fmt.Errorf("%s, %s: %w", s.Name, p.Name, err)
				fmt.Fprintf(os.Stderr, "FAILED %v\n", err)
				failed = append(failed, err)
				continue
			}
			fmt.Printf("  %-13s %s  (%.0f s)\n", p.Name, line(metrics), time.Since(began).Seconds())
			rounds[i] = append(rounds[i], metrics)
		}
	}
	for i, p := range peers {
		if len(rounds[i]) > 0 {
			results = append(results, report.Result{Peer: p.Name, Scenario: s.Name, Metrics: median(rounds[i])})
		}
	}
	return results, failed
}

// tell prints what became of the budgets that were measured.
func tell(r report.Report) {
	fmt.Println("\nbudgets")
	if r.Yardsticks != "" {
		fmt.Println("  " + r.Yardsticks)
	}
	for _, v := range r.Verdicts {
		if v.Measured == "" {
			continue
		}
		met := "MISSED"
		if v.Met {
			met = "met   "
		}
		wanted := v.Wanted
		if v.Here != "" {
			wanted += ", here " + v.Here
		}
		late := ""
		if v.Met && !v.Plainly {
			late = " (more than the budget as it stands)"
		}
		fmt.Printf("  %s  %-45s %s: %s%s\n", met, v.Budget, wanted, v.Measured, late)
	}
}

// measure starts a server, lets a scenario loose on it, and kills it.
func measure(ctx context.Context, w workshop, o options, s scenario, p peer) (metrics []report.Metric, err error) {
	dir, err := os.MkdirTemp(o.dir, "run-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	headers, err := furnish(ctx, p, dir, s.plan)
	if err != nil {
		return nil, err
	}
	server, err := start(p.command(ctx, w, dir))
	if err != nil {
		return nil, err
	}
	defer server.stop()
	client, err := load.New(server.addr)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	metrics, err = s.run(&trial{pace: o.pace, ctx: ctx, peer: p, server: server, client: client, headers: headers, dir: dir})
	if said := server.said.String(); err != nil && said != "" {
		err = fmt.Errorf("%w\nthe server said: %s", err, said)
	}
	return metrics, err
}

// choose picks what is named, in the order of all; everything if names is empty.
func choose[T any](all []T, names string, name func(T) string) ([]T, error) {
	if names == "" {
		return all, nil
	}
	wanted := strings.Split(names, ",")
	for _, n := range wanted {
		if !slices.ContainsFunc(all, func(x T) bool { return name(x) == n }) {
			return nil, fmt.Errorf("there is no %q", n)
		}
	}
	return slices.DeleteFunc(all, func(x T) bool { return !slices.Contains(wanted, name(x)) }), nil
}

// line is a result for the terminal.
func line(metrics []report.Metric) string {
	parts := make([]string, len(metrics))
	for i, m := range metrics {
		parts[i] = fmt.Sprintf("%s %.4g %s", m.Name, m.Value, m.Unit)
	}
	return strings.Join(parts, " · ")
}

// realDisk makes dir and refuses one that is in memory: writing to that costs nothing.
func realDisk(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return fmt.Errorf("look at the disk under %s: %w", dir, err)
	}
	if fs.Type == unix.TMPFS_MAGIC || fs.Type == unix.RAMFS_MAGIC {
		return fmt.Errorf("%s is in memory; choose a folder on a disk (-dir)", dir)
	}
	return nil
}
