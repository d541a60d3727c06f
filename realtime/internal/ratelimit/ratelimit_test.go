package ratelimit

import (
	"strconv"
	"testing"
	"time"
)

var start = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func TestBurstIsFollowedByRate(t *testing.T) {
	l := New[string](3, 2)
	for i := range 3 {
		if wait := l.Take("a", start); wait != 0 {
			t.Errorf("token %d: wait %v", i+1, wait)
		}
	}
	if wait := l.Take("a", start); wait != 500*time.Millisecond {
		t.Errorf("wait %v, want 500 ms", wait)
	}
	if wait := l.Take("b", start); wait != 0 {
		t.Errorf("another key waits %v", wait)
	}
	if wait := l.Take("a", start.Add(500*time.Millisecond)); wait != 0 {
		t.Errorf("after 500 ms: wait %v", wait)
	}
}

func TestWaitIsBoundedWhenTheClockIsSetBack(t *testing.T) {
	for _, back := range []time.Duration{time.Minute, time.Hour, 24 * time.Hour} {
		l := New[string](2, 1)
		l.Take("a", start)
		l.Take("a", start)
		if wait := l.Take("a", start.Add(-back)); wait > time.Second {
			t.Errorf("set back by %v: wait %v, want 1 s at most", back, wait)
		}
	}
}

func TestIdleKeysAreForgotten(t *testing.T) {
	l := New[string](1, 1000)
	now := start
	for i := range 10 * minSweep {
		l.Take(strconv.Itoa(i), now)
		now = now.Add(time.Millisecond)
	}
	if n := len(l.full); n > minSweep {
		t.Errorf("%d keys are kept, want %d at most", n, minSweep)
	}
}

func TestLimiterWithoutRateNeverLimits(t *testing.T) {
	for _, l := range []*Limiter[string]{nil, New[string](0, 1), New[string](1, 0), New[string](-1, -1)} {
		for range 100 {
			if wait := l.Take("a", start); wait != 0 {
				t.Fatalf("wait %v", wait)
			}
		}
	}
}
