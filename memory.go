package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// tidyEvery is how often the memory is looked at.
	tidyEvery = 2 * time.Second
	// calmBytes is what the process may allocate in that time and still be calm.
	calmBytes = 2 << 20
	// untidyBytes is how much must be to be had before it is given back.
	untidyBytes = 2 << 20
)

// heap is what the runtime tells of its memory, in bytes.
type heap struct {
	live      uint64 // reachable at the last collection
	held      uint64 // dead objects and free room included
	allocated uint64 // since the start
}

func readHeap() heap {
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/gc/heap/allocs:bytes"},
	}
	metrics.Read(samples)
	value := func(i int) uint64 { return samples[i].Value.Uint64() }
	return heap{live: value(0), held: value(1) + value(2), allocated: value(3)}
}

// untidy reports whether the process is calm and much of what it holds could be given back.
func (h heap) untidy(before heap) bool {
	return h.allocated-before.allocated < calmBytes && h.held > h.live+max(untidyBytes, h.live/8)
}

// keepTidy gives memory back to the system soon after a crowd has come or gone, until ctx ends:
// by itself Go takes minutes.
func keepTidy(ctx context.Context) {
	ticker := time.NewTicker(tidyEvery)
	defer ticker.Stop()
	for before := readHeap(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := readHeap()
		if now.untidy(before) {
			debug.FreeOSMemory()
			now = readHeap()
		}
		before = now
	}
}
