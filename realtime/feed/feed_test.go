package feed

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"roomline/realtime/chat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// log is a Source: the changes of room 1, as a store would answer.
type log struct {
	mu    sync.Mutex
	all   []chat.Message // by rev; changes of one message all stay here
	reads int
}

// commit appends a change of the message seq (0: a new one) and returns it.
func (l *log) commit(seq int64) chat.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := chat.Message{RoomID: 1, Rev: int64(len(l.all)) + 1}
	if m.Seq = seq; seq == 0 {
		m.Seq = m.Rev
	}
	l.all = append(l.all, m)
	return m
}

func (l *log) Changes(_ context.Context, _, rev int64, limit int) ([]chat.Message, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	newest := make(map[int64]int64)
	for _, m := range l.all {
		newest[m.Seq] = m.Rev
	}
	var found []chat.Message
	for _, m := range l.all {
		if m.Rev > rev && newest[m.Seq] == m.Rev && len(found) < limit {
			found = append(found, m)
		}
	}
	return found, nil
}

// tape is a Sink that keeps what it gets while it has room.
type tape struct {
	mu     sync.Mutex
	revs   []int64
	calls  int
	room   int // -1: endless
	broken bool
	more   sync.Cond
}

func newTape(room int) *tape {
	t := &tape{room: room}
	t.more.L = &t.mu
	return t
}

func (t *tape) Deliver(revs []int64) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.room >= 0 {
		revs = revs[:min(t.room, len(revs))]
		t.room -= len(revs)
	}
	t.revs = append(t.revs, revs...)
	t.calls++
	t.more.Broadcast()
	return len(revs)
}

func (t *tape) Broken() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken = true
}

func (t *tape) makeRoom(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.room = n
}

// until waits for the entry rev and returns all that came.
func (t *tape) until(test *testing.T, rev int64) []int64 {
	test.Helper()
	stop := time.AfterFunc(10*time.Second, func() { t.more.Broadcast() })
	defer stop.Stop()
	deadline := time.Now().Add(10 * time.Second)
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.revs) == 0 || t.revs[len(t.revs)-1] < rev {
		if time.Now().After(deadline) {
			test.Fatalf("rev %d did not come: %v", rev, t.revs)
		}
		t.more.Wait()
	}
	return append([]int64(nil), t.revs...)
}

// Tail answers as a store does that has room 1 only.
func (l *log) Tail(ctx context.Context, _ string, page, most int) (chat.Tail, error) {
	l.mu.Lock()
	head := int64(len(l.all))
	l.mu.Unlock()
	t := chat.Tail{Room: chat.Room{ID: 1, Head: head}, After: max(0, head-int64(min(page, most)))}
	var err error
	t.Messages, err = l.Changes(ctx, 1, t.After, most)
	return t, err
}

func publish(h *Hub[int64], m chat.Message) { h.Publish(chat.Room{ID: 1, Head: m.Rev}, m) }

func newTestHub(t *testing.T, source Source) *Hub[int64] {
	h := NewHub(Config[int64]{
		Source: source,
		Encode: func(m chat.Message) (int64, error) { return m.Rev, nil },
		Size:   func(int64) int { return 1 },
		Page:   50,
		Logger: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(h.Close)
	return h
}

func requireAscending(t *testing.T, revs []int64, from int64) {
	t.Helper()
	for _, rev := range revs {
		if rev <= from {
			t.Fatalf("not ascending, or twice: %d after %d in %v", rev, from, revs)
		}
		from = rev
	}
}

func TestAFollowerHearsEveryChangeAfterItsCursorOnce(t *testing.T) {
	l, tape := &log{}, newTape(-1)
	h := newTestHub(t, l)
	for range 5 {
		publish(h, l.commit(0)) // before anybody follows
	}
	f := h.Follow(1, 2, tape)
	defer f.Stop()
	for range 5 {
		publish(h, l.commit(0))
	}
	revs := tape.until(t, 10)
	if len(revs) != 8 {
		t.Fatalf("got %v, want 3 to 10", revs)
	}
	requireAscending(t, revs, 2)
}

func TestASecondFollowerAtTheHeadReadsNothingFromTheStore(t *testing.T) {
	l, first, second := &log{}, newTape(-1), newTape(-1)
	h := newTestHub(t, l)
	h.Follow(1, 0, first)
	publish(h, l.commit(0))
	first.until(t, 1)
	publish(h, l.commit(0))
	first.until(t, 2)
	l.mu.Lock()
	before := l.reads
	l.mu.Unlock()
	h.Follow(1, 1, second)
	second.until(t, 2)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reads != before {
		t.Errorf("%d reads of the store for what the ring holds", l.reads-before)
	}
}

func TestASlowFollowerLagsAndLosesNothing(t *testing.T) {
	l, slow, quick := &log{}, newTape(3), newTape(-1)
	h := newTestHub(t, l)
	f := h.Follow(1, 0, slow)
	h.Follow(1, 0, quick)
	const last = 3 * ringSize // far out of the ring
	for range last {
		publish(h, l.commit(0))
	}
	quick.until(t, last)
	slow.until(t, 3)
	slow.makeRoom(-1)
	f.Resume()
	revs := slow.until(t, last)
	if len(revs) != last {
		t.Fatalf("got %d changes, want %d", len(revs), last)
	}
	requireAscending(t, revs, 0)
}

func TestTheLagIsOfWhoIsFurthestBehind(t *testing.T) {
	l := &log{}
	h := newTestHub(t, l)
	full, slow := newTape(-1), newTape(2)
	h.Follow(1, 0, full)
	f := h.Follow(1, 0, slow)
	if lag := h.Lag(); lag != 0 {
		t.Errorf("an empty room lags by %d", lag)
	}
	for range 7 {
		publish(h, l.commit(0))
	}
	full.until(t, 7)
	slow.until(t, 2)
	// One that is being delivered to is left out: it may have to be looked at again.
	for deadline := time.Now().Add(10 * time.Second); h.Lag() != 5; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("the lag is %d, want 5", h.Lag())
		}
	}
	f.Stop()
	if lag := h.Lag(); lag != 0 {
		t.Errorf("without the slow one the lag is %d", lag)
	}
}

func TestWhatAMessageWasBeforeItsChangeIsNotDeliveredLate(t *testing.T) {
	l, slow, quick := &log{}, newTape(1), newTape(-1)
	h := newTestHub(t, l)
	f := h.Follow(1, 0, slow)
	h.Follow(1, 0, quick)
	publish(h, l.commit(0)) // 1
	slow.until(t, 1)
	publish(h, l.commit(0)) // 2
	publish(h, l.commit(2)) // 3: 2 is deleted
	quick.until(t, 3)
	slow.makeRoom(-1)
	f.Resume()
	if revs := slow.until(t, 3); len(revs) != 2 {
		t.Errorf("got %v, want 1 and 3", revs)
	}
}

func TestNothingIsDeliveredAfterStop(t *testing.T) {
	l, stopped, other := &log{}, newTape(-1), newTape(-1)
	h := newTestHub(t, l)
	f := h.Follow(1, 0, stopped)
	h.Follow(1, 0, other)
	publish(h, l.commit(0))
	stopped.until(t, 1)
	f.Stop()
	publish(h, l.commit(0))
	other.until(t, 2)
	stopped.mu.Lock()
	defer stopped.mu.Unlock()
	if len(stopped.revs) != 1 {
		t.Errorf("got %v after Stop", stopped.revs)
	}
}

func TestRoomsThatNobodyFollowsAreKeptForAWhile(t *testing.T) {
	h := newTestHub(t, &log{})
	for id := range int64(2 * keptRooms) {
		h.Follow(id, 0, newTape(-1)).Stop()
		followed := h.Follow(1000, 0, newTape(-1))
		defer followed.Stop()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.rooms) != keptRooms+1 || len(h.idle) != keptRooms {
		t.Errorf("%d rooms are kept, %d of them idle", len(h.rooms), len(h.idle))
	}
	if h.rooms[2*keptRooms-1] == nil || h.rooms[keptRooms] == nil || h.rooms[1000] == nil {
		t.Error("those used last are not kept")
	}
}

func TestFollowersComeAndGoWhileMuchIsPublished(t *testing.T) {
	l := &log{}
	h := newTestHub(t, l)
	const last = 2000
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for cursor := int64(0); cursor < last; { // each turn a reconnect from what came before
				sink := newTape(1 + random.IntN(50))
				f := h.Follow(1, cursor, sink)
				for range random.IntN(20) {
					if cursor = requireWhole(t, cursor, sink.until(t, min(cursor+1, last))); cursor == last {
						break
					}
					sink.makeRoom(1 + random.IntN(50))
					f.Resume()
				}
				f.Stop()
				if came := sink.revs; len(came) > 0 { // nothing is added after Stop
					cursor = came[len(came)-1]
				}
			}
		})
	}
	for range last {
		publish(h, l.commit(0))
	}
	all.Wait()
}

// requireWhole holds that revs has no gap (every change here is a new message), and returns
// the last of them.
func requireWhole(t *testing.T, cursor int64, revs []int64) int64 {
	for i := 1; i < len(revs); i++ {
		if revs[i] != revs[i-1]+1 {
			t.Errorf("%d after %d", revs[i], revs[i-1])
		}
	}
	return max(cursor, revs[len(revs)-1])
}
