package models

import (
	"context"
	"time"
)

// guardEvery is how often the files are looked at while nothing is written.
const guardEvery = 300 * time.Millisecond

// guard finds out without a write that writes would fail, and that they succeed again.
type guard struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// startGuard starts the goroutine; close ends it.
func startGuard(w *writer) *guard {
	ctx, cancel := context.WithCancel(context.Background())
	g := &guard{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(g.done)
		for rest(ctx, guardEvery) {
			w.inspect(ctx)
		}
	}()
	return g
}

// close waits for an inspection that runs. It is called once.
func (g *guard) close() {
	g.cancel()
	<-g.done
}

// inspect looks at the files. While writes fail, it tries one.
func (w *writer) inspect(ctx context.Context) {
	if err := w.files.check(); err != nil {
		w.health.failed(err)
		return
	}
	if w.health.err() == nil && w.files.space() == nil {
		return
	}
	_ = w.do(ctx, func(c *conn) error {
		c.changed = true // so that it is committed
		return nil
	}, nil)
}
