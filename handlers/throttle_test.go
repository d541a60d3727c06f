package handlers

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type hands struct{ now time.Time }

func (h *hands) Now() time.Time { return h.now }

func TestTheWaitGrowsWithEachFailureAndHasAnEnd(t *testing.T) {
	at := &hands{time.Unix(1_000_000, 0)}
	tries := newThrottle(3, at.Now)
	for range 3 {
		if wait := tries.begin("ann"); wait != 0 {
			t.Fatalf("a free try waits %v", wait)
		}
	}
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300} {
		if wait := tries.begin("ann"); wait != 0 {
			t.Fatalf("after the wait it still waits %v", wait)
		}
		if wait := tries.begin("ann"); wait != want*time.Second {
			t.Fatalf("waits %v, want %v", wait, want*time.Second)
		}
		if wait := tries.begin("bob"); wait != 0 && want == 1 {
			t.Fatal("one name waits for another")
		}
		at.now = at.now.Add(want * time.Second)
	}
	at.now = at.now.Add(forgetAfter + time.Second)
	for range 3 {
		if wait := tries.begin("ann"); wait != 0 {
			t.Fatal("failures are never forgotten")
		}
	}
}

func TestASuccessForgetsTheFailuresOfANameButNotOfAnAddress(t *testing.T) {
	at := &hands{time.Unix(1_000_000, 0)}
	names, addresses := newThrottle(2, at.Now), newThrottle(2, at.Now)
	for range 2 {
		names.begin("ann")
		addresses.begin("192.0.2.1")
	}
	names.succeed("ann", true)
	addresses.succeed("192.0.2.1", false)
	for range 2 {
		if wait := names.begin("ann"); wait != 0 {
			t.Fatalf("the name waits %v", wait)
		}
	}
	addresses.begin("192.0.2.1")
	addresses.begin("192.0.2.1")
	if wait := addresses.begin("192.0.2.1"); wait == 0 {
		t.Fatal("a success bought the address free tries")
	}
}

func TestAHundredTriesAtOnceAreNotAllFree(t *testing.T) {
	at := &hands{time.Unix(1_000_000, 0)}
	tries := newThrottle(10, at.Now)
	var (
		free atomic.Int64
		all  sync.WaitGroup
	)
	for range 100 {
		all.Go(func() {
			if tries.begin("ann") == 0 {
				free.Add(1)
			}
		})
	}
	all.Wait()
	if free.Load() != 11 { // the eleventh sets the first wait
		t.Fatalf("%d tries were let through", free.Load())
	}
}

func TestManyNamesDoNotFillTheMemoryNorFreeWhoMustWait(t *testing.T) {
	at := &hands{time.Unix(1_000_000, 0)}
	tries := newThrottle(1, at.Now)
	tries.begin("ann")
	tries.begin("ann")
	for i := range 3 * throttleSize {
		tries.begin(fmt.Sprint(i))
	}
	if len(tries.keys) > throttleSize {
		t.Fatalf("%d names are remembered", len(tries.keys))
	}
	if tries.begin("ann") == 0 {
		t.Fatal("a flood of names freed one that must wait")
	}
}

func TestAQuotaIsRefilledEvenly(t *testing.T) {
	at := &hands{time.Unix(1_000_000, 0)}
	signups := newQuota(2, time.Hour, at.Now)
	for i, want := range []time.Duration{0, 0, 30 * time.Minute} {
		if wait := signups.take("192.0.2.1"); wait != want {
			t.Fatalf("take %d waits %v, want %v", i+1, wait, want)
		}
	}
	at.now = at.now.Add(30 * time.Minute)
	if wait := signups.take("192.0.2.1"); wait != 0 {
		t.Fatalf("refilled, it waits %v", wait)
	}
	signups.giveBack("192.0.2.1")
	if wait := signups.take("192.0.2.1"); wait != 0 {
		t.Fatalf("given back, it waits %v", wait)
	}
	unlimited := newQuota(0, time.Hour, at.Now)
	for range 1000 {
		if unlimited.take("192.0.2.1") != 0 {
			t.Fatal("no limit waits")
		}
	}
}

func TestAnAddressIsAnIPv4AddressOrAnIPv6Network(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.1":            "192.0.2.1",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::1": "2001:db8:1:2::/64",
		"2001:db8:1:3::1":      "2001:db8:1:3::/64",
		"not an address":       "not an address",
	} {
		if got := addressKey(ip); got != want {
			t.Errorf("addressKey(%q) = %q, want %q", ip, got, want)
		}
	}
}

func TestASetBackClockMakesNoKeyWaitLonger(t *testing.T) {
	for _, back := range []time.Duration{time.Hour, 24 * time.Hour} {
		at := &hands{time.Unix(1_000_000, 0)}
		tries, names := newThrottle(1, at.Now), newQuota(3, 24*time.Hour, at.Now)
		for tries.begin("ann") == 0 {
		}
		for names.take("ann") == 0 {
		}
		at.now = at.now.Add(-back)
		if wait := tries.begin("ann"); wait > longestWait {
			t.Errorf("%v earlier, a guess waits %v", back, wait)
		}
		if wait := names.take("ann"); wait > 8*time.Hour {
			t.Errorf("%v earlier, a new name waits %v", back, wait)
		}
		at.now = at.now.Add(48 * time.Hour)
		if tries.begin("ann") != 0 || names.take("ann") != 0 {
			t.Errorf("after it was set forward, keys wait")
		}
	}
}
