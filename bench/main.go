// Command bench measures Roomline beside what people would use instead: one server after
// the other as a process of its own, under load from this one. See docs/performance.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"roomline/bench/load"
	"roomline/bench/report"
)

// openFiles are needed by ten thousand connections, on each side.
const openFiles = 12_000

// options are the command line.
type options struct {
	quick     bool
	peers     string
	scenarios string
	out       string
	roomline  string
	dir       string
}

func main() {
	var o options
	flag.BoolVar(&o.quick, "quick", false, "a rougher picture in less than two minutes")
	flag.StringVar(&o.peers, "peers", "", "measure only these, by name and comma")
	flag.StringVar(&o.scenarios, "scenarios", "", "do only these")
	flag.StringVar(&o.out, "out", "", "Markdown page to write the report into, with charts in a folder beside it")
	flag.StringVar(&o.roomline, "roomline", "", "measure this binary instead of a fresh one")
	flag.StringVar(&o.dir, "dir", "out", "where programs and databases go, on a real disk")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// run measures what is asked for. What fails is told at once and does not end the rest.
func run(ctx context.Context, o options) error {
	chosenPeers, err := choose(peers(), o.peers, func(p peer) string { return p.Name })
	if err != nil {
		return err
	}
	all := slices.DeleteFunc(scenarios(o.quick), func(s scenario) bool { return o.quick && o.scenarios == "" && s.long })
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
	r := report.Report{Taken: time.Now(), Command: repeats(o), Machine: machine(o.dir), Charts: charts()}
	for _, p := range chosenPeers {
		r.Peers = append(r.Peers, p.Peer)
	}
	var failed []error
	for _, s := range chosen {
		fmt.Printf("\n%s\n", s.Name)
		r.Scenarios = append(r.Scenarios, s.Scenario)
		for _, p := range chosenPeers {
			if s.who != nil && !s.who(p) {
				continue
			}
			began := time.Now()
			metrics, err := measure(ctx, w, o, s, p)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				err = fmt.Errorf("%s, %s: %w", s.Name, p.Name, err)
				fmt.Fprintf(os.Stderr, "FAILED %v\n", err)
				failed = append(failed, err)
				continue
			}
			fmt.Printf("  %-13s %s  (%.0f s)\n", p.Name, line(metrics), time.Since(began).Seconds())
			r.Results = append(r.Results, report.Result{Peer: p.Name, Scenario: s.Name, Metrics: metrics})
		}
	}
	for _, b := range budgets() {
		r.Verdicts = append(r.Verdicts, b.verdict(r.Results))
	}
	tell(r.Verdicts)
	if o.out != "" {
		if err := r.Save(o.out); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d measurements failed; the first: %w", len(failed), failed[0])
	}
	return nil
}

// repeats is the command that makes such a report again.
func repeats(o options) string {
	if o.quick {
		return "make bench-quick"
	}
	return "make bench"
}

// tell prints what became of the budgets that were measured.
func tell(verdicts []report.Verdict) {
	fmt.Println("\nbudgets")
	for _, v := range verdicts {
		if v.Measured == "" {
			continue
		}
		met := "met   "
		if !v.Met {
			met = "MISSED"
		}
		fmt.Printf("  %s  %-42s %s: %s\n", met, v.Budget, v.Wanted, v.Measured)
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
	metrics, err = s.run(&trial{pace: paceOf(o.quick), ctx: ctx, peer: p, server: server, client: client, headers: headers, dir: dir})
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
