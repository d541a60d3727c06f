package realtime

import (
	"slices"
	"sync"
	"time"
)

const (
	keptAcks = 1024        // the last of them, for percentiles
	ackFor   = time.Minute // those that are older do not count
)

// ackBounds are upper bounds of a histogram, in seconds.
var ackBounds = [...]float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}

// acks is how long acknowledgements of sends took. Its methods may be called concurrently.
type acks struct {
	mu    sync.Mutex // guards what follows
	last  [keptAcks]ack
	count uint64
	sum   time.Duration
	upTo  [len(ackBounds)]uint64 // how many took no longer than each bound and longer than the one before
}

type ack struct {
	at   time.Time
	took time.Duration
}

// Durations is a histogram of how long something took.
type Durations struct {
	Count uint64
	Sum   float64            // seconds
	UpTo  map[float64]uint64 // how many took at most so many seconds
}

// handled hears of every event that was handled.
func (c *Chat) handled(event string, took time.Duration, err error) {
	if event == "message:send" && err == nil {
		c.acks.add(time.Now(), took)
	}
}

func (a *acks) add(at time.Time, took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last[a.count%keptAcks] = ack{at, took}
	a.count++
	a.sum += took
	if i, _ := slices.BinarySearch(ackBounds[:], took.Seconds()); i < len(a.upTo) {
		a.upTo[i]++
	}
}

// percentiles returns in milliseconds what half of the acknowledgements of the last minute took at
// most, and what 99 of 100 did; 0 for none.
func (a *acks) percentiles(now time.Time) (p50, p99 float64) {
	took := make([]time.Duration, 0, keptAcks)
	a.mu.Lock()
	for _, one := range a.last[:min(a.count, keptAcks)] {
		if now.Sub(one.at) <= ackFor {
			took = append(took, one.took)
		}
	}
	a.mu.Unlock()
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	at := func(percent int) float64 {
		rank := (percent*len(took) + 99) / 100 // rounded up
		return float64(took[rank-1]) / float64(time.Millisecond)
	}
	return at(50), at(99)
}

func (a *acks) durations() Durations {
	a.mu.Lock()
	defer a.mu.Unlock()
	d := Durations{Count: a.count, Sum: a.sum.Seconds(), UpTo: make(map[float64]uint64, len(ackBounds))}
	var n uint64
	for i, bound := range ackBounds {
		n += a.upTo[i]
		d.UpTo[bound] = n
	}
	return d
}
