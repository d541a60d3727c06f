package models

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"roomline/realtime/chat"
)

const (
	indexAfter  = time.Second     // without a write
	indexWithin = 5 * time.Second // of a write, however busy it is

	catchUpSteps = 20 // a search waits for so many writes of the indexer at most
)

// indexer brings the index of words up to date with the rooms' logs, a little at a time: a
// message costs its sender nothing but the note that there is one. Where it stands is stored
// with what it has done, so it goes on there after any end.
type indexer struct {
	// set once
	writer *writer
	logger *slog.Logger
	due    chan struct{} // of one place: something was written since it was taken
	turn   chan struct{} // of one place: who has it may index
	cancel context.CancelFunc
	done   chan struct{} // closed when the goroutine has ended

	writes atomic.Uint64 // noted
}

// startIndexer starts the goroutine if it is to work in the background; close ends it.
func startIndexer(w *writer, background bool, logger *slog.Logger) *indexer {
	ctx, cancel := context.WithCancel(context.Background())
	x := &indexer{
		writer: w, logger: logger, cancel: cancel,
		due: make(chan struct{}, 1), turn: make(chan struct{}, 1), done: make(chan struct{}),
	}
	x.due <- struct{}{} // what was there before
	if background {
		go x.run(ctx)
	} else {
		close(x.done)
	}
	return x
}

// close waits for the write that runs. It is called once.
func (x *indexer) close() {
	x.cancel()
	<-x.done
}

// note says that something was written.
func (x *indexer) note() {
	x.writes.Add(1)
	select {
	case x.due <- struct{}{}:
	default:
	}
}

func (x *indexer) run(ctx context.Context) {
	defer close(x.done)
	for {
		select {
		case <-x.due:
		case <-ctx.Done():
			return
		}
		if x.calm(ctx) {
			x.work(ctx)
		}
	}
}

// calm waits until nothing was written for a while, or for long enough. It returns false at the
// end of ctx.
func (x *indexer) calm(ctx context.Context) bool {
	for begin := time.Now(); time.Since(begin) < indexWithin; {
		before := x.writes.Load()
		if !rest(ctx, indexAfter) {
			return false
		}
		if x.writes.Load() == before {
			break
		}
	}
	return true
}

// work indexes all there is. It has half of the writer's time, and a twentieth of it while
// others write.
func (x *indexer) work(ctx context.Context) {
	for more := true; more; {
		begin, before := time.Now(), x.writes.Load()
		var err error
		if more, err = x.step(ctx, ""); err != nil {
			if ctx.Err() == nil && chat.ErrorCode(err) != chat.CodeUnavailable { // which is logged once
				x.logger.Warn("index the messages", "error", err)
			}
			return
		}
		took := time.Since(begin)
		if !rest(ctx, took) || x.writes.Load() != before && !rest(ctx, 18*took) {
			return
		}
	}
}

// rest waits, and returns false at the end of ctx.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// step indexes the changes of one write, and merges a bit of the index. It reports whether there
// may be more to do in the room of that slug, or with "" in any.
func (x *indexer) step(ctx context.Context, slug string) (more bool, err error) {
	select {
	case x.turn <- struct{}{}:
		defer func() { <-x.turn }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	batch := &indexBatch{}
	err = x.writer.do(ctx, func(c *conn) error {
		batch.conn = c
		return batch.index(slug)
	}, nil)
	if err != nil || len(batch.documents) == 0 {
		return batch.full, err
	}
	err = x.writer.do(ctx, func(c *conn) error { return c.each("merge the index", mergeWords, nil) }, nil)
	return batch.full, err
}

// CatchUp implements chat.Store.
func (s *Store) CatchUp(ctx context.Context, slug string) (complete bool, err error) {
	behind := false
	err = s.db.ask(ctx, func(c *conn) error {
		return c.each("look for what is not indexed", selectBehind, func(*row) { behind = true }, slug, int64(1))
	})
	for range catchUpSteps {
		if err != nil || !behind {
			break
		}
		behind, err = s.db.index.step(ctx, slug)
	}
	if chat.ErrorCode(err) == chat.CodeUnavailable {
		return false, nil // what is indexed can be found while nothing can be written
	}
	return !behind, err
}
