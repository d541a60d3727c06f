package feed

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"roomline/realtime/chat"
)

func TestARestIsAsLongAsThePassWas(t *testing.T) {
	for pass, want := range map[time.Duration]time.Duration{
		0: 0, shortPass - 1: 0, shortPass: shortPass, 3 * time.Millisecond: 3 * time.Millisecond,
		longRest: longRest, time.Second: longRest,
	} {
		if got := restAfter(pass); got != want {
			t.Errorf("after %v the pump rests %v, want %v", pass, got, want)
		}
	}
}

// slow is a Sink that takes its time, and notes when what came.
type slow struct {
	takes time.Duration
	came  chan arrival
}

type arrival struct {
	at      time.Time
	entries int
}

func (s slow) Deliver(entries []int64) int {
	s.came <- arrival{time.Now(), len(entries)}
	time.Sleep(s.takes)
	return len(entries)
}

func (slow) Broken() {}

// inBubble runs a scenario with a hub and a follower in a bubble of time.
func inBubble(t *testing.T, takes time.Duration, scenario func(t *testing.T, say func(), came chan arrival)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l, s := &log{}, slow{takes, make(chan arrival, 1000)}
		h := NewHub(Config[int64]{
			Source: l, Encode: func(m chat.Message) (int64, error) { return m.Rev, nil },
			Size: func(int64) int { return 1 }, Page: 50, Logger: slog.New(slog.DiscardHandler),
		})
		f := h.Follow(1, 0, s)
		synctest.Wait()
		scenario(t, func() { publish(h, l.commit(0)) }, s.came)
		f.Stop()
		h.Close()
	})
}

func TestTheFirstEntryAfterAQuietTimeWaitsForNothing(t *testing.T) {
	inBubble(t, 3*time.Millisecond, func(t *testing.T, say func(), came chan arrival) {
		for range 20 {
			said := time.Now()
			say()
			if got := <-came; got.at != said || got.entries != 1 {
				t.Fatalf("%d entries came after %v", got.entries, got.at.Sub(said))
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
}

func TestInAStormEntriesGoOutTogether(t *testing.T) {
	inBubble(t, 3*time.Millisecond, func(t *testing.T, say func(), came chan arrival) {
		const last = 100
		for range last {
			say()
			time.Sleep(time.Millisecond)
		}
		time.Sleep(50 * time.Millisecond)
		calls, entries := 0, 0
		for len(came) > 0 {
			got := <-came
			calls, entries = calls+1, entries+got.entries
		}
		if entries != last || calls > last/5 {
			t.Errorf("%d entries came in %d deliveries", entries, calls)
		}
	})
}

func TestCloseDoesNotWaitForARest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		h := &Hub[int64]{ctx: ctx, cancel: cancel}
		begun := time.Now()
		time.AfterFunc(time.Millisecond, cancel)
		if h.rest(longRest) || time.Since(begun) != time.Millisecond {
			t.Errorf("it rested for %v", time.Since(begun))
		}
	})
}

// counter is a Sink that takes everything.
type counter struct{ entries int }

func (c *counter) Deliver(entries []int64) int { c.entries += len(entries); return len(entries) }
func (*counter) Broken()                       {}

// BenchmarkFanOut is one pass over a thousand followers for four entries: nothing is allocated
// for a recipient.
func BenchmarkFanOut(b *testing.B) {
	h, r, followers := fanOut(1000)
	defer h.Close()
	shared := new(run[int64])
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		burst(r, followers, shared, 1)
	}
}

func TestAPassAllocatesNothingForARecipient(t *testing.T) {
	h, r, followers := fanOut(1000)
	defer h.Close()
	shared := new(run[int64])
	for _, workers := range []int{1, 4} {
		if n := testing.AllocsPerRun(20, func() { burst(r, followers, shared, workers) }); n > 10 {
			t.Errorf("%.0f allocations for 1000 recipients by %d", n, workers)
		}
	}
}

func TestWhatIsEmptiedAmidAPassIsNotDelivered(t *testing.T) {
	l, tape := &log{}, newTape(-1)
	h := newTestHub(t, l)
	r := h.use(1)
	r.knows(0)
	f := h.Follow(1, 0, tape)
	for _, m := range []chat.Message{l.commit(0), l.commit(0)} {
		r.append(entry[int64]{rev: m.Rev, seq: m.Seq, payload: m.Rev}, 0)
	}
	shared := new(run[int64])
	r.fill(shared, 0)
	m := l.commit(2) // what was posted second is deleted before the pass gets here
	r.append(entry[int64]{rev: m.Rev, seq: m.Seq, payload: m.Rev}, 0)
	f.advanceTo(2, shared)
	if len(tape.revs) != 2 || tape.revs[0] != 1 || tape.revs[1] != 3 || tape.calls != 1 {
		t.Errorf("got %v, want 1 and 3 at once", tape.revs)
	}
}

func fanOut(n int) (*Hub[int64], *room[int64], []*Follower[int64]) {
	h := NewHub(Config[int64]{
		Source: &log{}, Encode: func(m chat.Message) (int64, error) { return m.Rev, nil },
		Size: func(int64) int { return 1 }, Page: 50, Logger: slog.New(slog.DiscardHandler),
	})
	r := h.use(1)
	r.knows(0)
	var followers []*Follower[int64]
	for range n {
		followers = append(followers, h.Follow(1, 0, new(counter)))
	}
	return h, r, followers
}

func TestASharedPassReachesEverybodyOnce(t *testing.T) {
	const members = 5*share + 7
	h, r, followers := fanOut(members)
	defer h.Close()
	shared := new(run[int64])
	for range 50 {
		burst(r, followers, shared, 4)
	}
	for i, f := range followers {
		if got := f.sink.(*counter).entries; got != 50*4 {
			t.Fatalf("follower %d got %d entries, want %d", i, got, 50*4)
		}
	}
}

// burst appends four entries and does what the pump does then, without its goroutine.
func burst(r *room[int64], followers []*Follower[int64], shared *run[int64], workers int) {
	for range 4 {
		r.append(entry[int64]{rev: r.head + 1, seq: r.head + 1, payload: r.head + 1}, 0)
	}
	followers, from, to, _ := r.nextPass(followers)
	r.fill(shared, from)
	pass(followers, to, shared, workers)
}
