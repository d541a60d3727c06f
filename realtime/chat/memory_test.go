package chat

import (
	"strconv"
	"testing"
	"time"
)

func TestIdleSendersAreForgotten(t *testing.T) {
	p := newPace(5, 1)
	now := time.Unix(0, 0)
	for i := range 10_000 {
		p.spend(strconv.Itoa(i), now)
		now = now.Add(time.Millisecond)
	}
	// A token comes back in a second: at any moment 1,000 of them are not idle.
	if n := len(p.full); n > 2100 {
		t.Errorf("%d senders are remembered", n)
	}
	if wait := p.wait("9999", now); wait != 0 {
		t.Errorf("a sender with four tokens left waits %v", wait)
	}
	for range 4 {
		p.spend("9999", now)
	}
	if wait := p.wait("9999", now); wait != 999*time.Millisecond {
		t.Errorf("a sender without a token waits %v, want 999ms", wait)
	}
}

func TestIdleTypistsAreForgotten(t *testing.T) {
	typing := newTypists(3 * time.Second)
	now := time.Unix(0, 0)
	for i := range 10_000 {
		typing.tell(typist{strconv.Itoa(i), "a"}, "mia", true, now)
		typing.tell(typist{strconv.Itoa(i), "b"}, "mia", false, now)
		now = now.Add(100 * time.Millisecond)
	}
	if n := len(typing.told); n > 2100 {
		t.Errorf("%d typists are remembered", n)
	}
}

func TestExtremeRatesDoNotWrapAround(t *testing.T) {
	now := time.Unix(0, 0)
	for _, c := range []struct {
		burst int
		rate  float64
	}{{1 << 62, 1e-12}, {1 << 62, 1e12}, {1, 1e-300}, {1, 1e300}} {
		p := newPace(c.burst, c.rate)
		if wait := p.wait("mia", now); wait != 0 {
			t.Errorf("%+v: the first waits %v", c, wait)
		}
		p.spend("mia", now)
		if wait := p.wait("mia", now); (wait > 0) != (c.burst == 1) || wait < 0 {
			t.Errorf("%+v: the second waits %v", c, wait)
		}
	}
}
