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
)

// openFiles are needed by ten thousand connections, on each side.
const openFiles = 12_000

// options are the command line.
type options struct {
	pace      pace
	peers     string
	scenarios string
	out       string
	roomline  string
	dir       string
}

func main() {
	o := options{pace: thorough}
	flag.BoolFunc("quick", "a rougher picture in less than two minutes", o.take(rough))
	flag.BoolFunc("smoke", "so little of everything that it says only whether it works", o.take(smoke))
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

// take has a flag set the pace.
func (o *options) take(p pace) func(string) error {
	return func(value string) error {
		if value != "true" {
			return errors.New("it is given or not")
		}
		o.pace = p
		return nil
	}
}
