package recoverydb_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"roomline/realtime/socketio"
)

// each runs a policy against every store there is.
func each(t *testing.T, policy func(t *testing.T, s socketio.RecoveryStore)) {
	t.Helper()
	t.Run("in memory", func(t *testing.T) { policy(t, socketio.NewMemoryStore()) })
	t.Run("in SQLite", func(t *testing.T) { policy(t, open(t, filepath.Join(t.TempDir(), "recovery.db"))) })
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// now is of microseconds, as stores keep it.
func now() time.Time { return time.Now().Truncate(time.Microsecond) }

func entry(offset uint64) socketio.Entry {
	return socketio.Entry{Offset: offset, Rooms: []string{"room"}, Packet: [][]byte{fmt.Appendf(nil, `2["e",%d]`, offset)}}
}

func wantEntries(t *testing.T, s socketio.RecoveryStore, namespace string, behind uint64, want ...uint64) {
	t.Helper()
	entries, err := s.Between(t.Context(), namespace, behind, math.MaxUint64)
	must(t, err)
	var got []uint64
	for _, e := range entries {
		if !reflect.DeepEqual(e, entry(e.Offset)) {
			t.Errorf("entry %d came back as %+v", e.Offset, e)
		}
		got = append(got, e.Offset)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("behind %d of %s: %v, want %v", behind, namespace, got, want)
	}
}

func wantState(t *testing.T, s socketio.RecoveryStore, namespace string, want socketio.State) {
	t.Helper()
	got, ok, err := s.Load(t.Context(), namespace, want.PID)
	must(t, err)
	if !ok || !got.Left.Equal(want.Left) || got.Left.IsZero() != want.Left.IsZero() {
		t.Errorf("got %+v (%v), want %+v", got, ok, want)
	}
	got.Left, want.Left = time.Time{}, time.Time{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func wantNoState(t *testing.T, s socketio.RecoveryStore, namespace, pid string) {
	t.Helper()
	if got, ok, err := s.Load(t.Context(), namespace, pid); ok || err != nil || !reflect.DeepEqual(got, socketio.State{}) {
		t.Errorf("got %+v (%v), %v, want nothing", got, ok, err)
	}
}

func TestAJournalIsReadInOrderFromBehindAnOffset(t *testing.T) {
	each(t, func(t *testing.T, s socketio.RecoveryStore) {
		ctx := t.Context()
		must(t, s.Start(ctx, now()))
		if head, err := s.Head(ctx, "/"); head != 0 || err != nil {
			t.Errorf("the head of nothing is %d, %v", head, err)
		}
		wantEntries(t, s, "/", 0)
		most := uint64(now().UnixMicro())
		for _, offset := range []uint64{9, 10, 100, most} {
			must(t, s.Append(ctx, "/", entry(offset)))
		}
		if head, err := s.Head(ctx, "/"); head != most || err != nil {
			t.Errorf("the head is %d, %v", head, err)
		}
		wantEntries(t, s, "/", 0, 9, 10, 100, most)
		wantEntries(t, s, "/", 9, 10, 100, most)
		wantEntries(t, s, "/", 11, 100, most)
		wantEntries(t, s, "/", most-1, most)
		wantEntries(t, s, "/", most)
		wantEntries(t, s, "/", math.MaxInt64)
		wantEntries(t, s, "/", math.MaxUint64) // a client may ask for any
		for _, c := range []struct {
			after, end uint64
			want       int
		}{{0, 8, 0}, {8, 9, 1}, {9, 9, 0}, {9, 100, 2}, {9, 10, 1}, {0, most, 4}, {100, 10, 0}} {
			if got, err := s.Between(t.Context(), "/", c.after, c.end); err != nil || len(got) != c.want {
				t.Errorf("after %d, up to %d: %d entries, %v, want %d", c.after, c.end, len(got), err, c.want)
			}
		}
	})
}

func TestNamespacesAreApart(t *testing.T) {
	each(t, func(t *testing.T, s socketio.RecoveryStore) {
		ctx := t.Context()
		a, b := socketio.State{PID: "p", SID: "a"}, socketio.State{PID: "p", SID: "b"}
		must(t, s.Append(ctx, "/a", entry(1)), s.Append(ctx, "/b", entry(1)), s.Append(ctx, "/b", entry(2)),
			s.Save(ctx, "/a", a), s.Save(ctx, "/b", b))
		wantEntries(t, s, "/a", 0, 1)
		wantEntries(t, s, "/b", 0, 1, 2)
		wantEntries(t, s, "/", 0)
		wantState(t, s, "/a", a)
		wantState(t, s, "/b", b)
		wantNoState(t, s, "/", "p")
		must(t, s.Delete(ctx, "/a", "p"))
		wantNoState(t, s, "/a", "p")
		wantState(t, s, "/b", b)
		if head, err := s.Head(ctx, "/a"); head != 1 || err != nil {
			t.Errorf("the head of /a is %d, %v", head, err)
		}
	})
}

func TestAStateIsReplacedAndForgotten(t *testing.T) {
	each(t, func(t *testing.T, s socketio.RecoveryStore) {
		ctx := t.Context()
		wantNoState(t, s, "/", "p")
		st := socketio.State{PID: "p", SID: "s", Key: "k", Rooms: map[string]uint64{"a": 1, "b": math.MaxUint64}, Data: json.RawMessage(`{"a":1}`), Received: 7}
		must(t, s.Save(ctx, "/", st))
		wantState(t, s, "/", st)
		st = socketio.State{PID: "p", SID: "s", Rooms: map[string]uint64{"c": 3}, Left: now()}
		must(t, s.Save(ctx, "/", st))
		wantState(t, s, "/", st)
		must(t, s.Delete(ctx, "/", "p"), s.Delete(ctx, "/", "p"), s.Delete(ctx, "/", "nobody"))
		wantNoState(t, s, "/", "p")
	})
}

func TestWhoWasConnectedHasLeftWhenAServerStarts(t *testing.T) {
	each(t, func(t *testing.T, s socketio.RecoveryStore) {
		ctx := t.Context()
		start, before := now(), now().Add(-time.Minute)
		connected, left := socketio.State{PID: "c", SID: "c", Received: 1}, socketio.State{PID: "l", SID: "l", Left: before}
		must(t, s.Save(ctx, "/", connected), s.Save(ctx, "/x", connected), s.Save(ctx, "/", left))
		must(t, s.Start(ctx, start))
		connected.Left = start
		wantState(t, s, "/", connected)
		wantState(t, s, "/x", connected)
		wantState(t, s, "/", left)
	})
}

func TestOnlyWhatIsOldIsTrimmed(t *testing.T) {
	each(t, func(t *testing.T, s socketio.RecoveryStore) {
		ctx := t.Context()
		at := now()
		states := map[string]time.Time{"connected": {}, "before": at.Add(-time.Microsecond), "then": at, "after": at.Add(time.Microsecond)}
		for _, namespace := range []string{"/", "/a", "/b"} {
			for offset := uint64(1); offset <= 1000; offset++ {
				must(t, s.Append(ctx, namespace, entry(offset)))
			}
			for pid, left := range states {
				must(t, s.Save(ctx, namespace, socketio.State{PID: pid, Left: left}))
			}
		}
		must(t, s.Append(ctx, "/new", entry(2000)))
		must(t, s.Trim(ctx, 0, time.Time{}))
		if entries, err := s.Between(ctx, "/", 0, math.MaxUint64); len(entries) != 1000 || err != nil {
			t.Fatalf("%d entries are left when nothing is old, %v", len(entries), err)
		}
		must(t, s.Trim(ctx, 999, at))
		for _, namespace := range []string{"/", "/a", "/b"} {
			wantEntries(t, s, namespace, 0, 999, 1000)
			for pid, left := range states {
				if pid == "before" {
					wantNoState(t, s, namespace, pid)
				} else {
					wantState(t, s, namespace, socketio.State{PID: pid, Left: left})
				}
			}
		}
		wantEntries(t, s, "/new", 0, 2000)
		must(t, s.Trim(ctx, math.MaxUint64, at))
		wantEntries(t, s, "/", 0)
		if head, err := s.Head(ctx, "/"); head != 0 || err != nil {
			t.Errorf("the head of what was trimmed is %d, %v", head, err)
		}
	})
}

func TestWhatIsKeptComesBackAsItWas(t *testing.T) {
	binary := "\x00\xff\xfe\xc3"
	each(t, func(t *testing.T, s socketio.RecoveryStore) {
		ctx := t.Context()
		entries := []socketio.Entry{
			{},
			{Rooms: []string{}, Except: []string{}, Packet: [][]byte{}},
			{Rooms: []string{""}, Packet: [][]byte{{}, {}}},
			{Rooms: []string{"a", binary, `"`}, Except: []string{binary}, Packet: [][]byte{[]byte(`51-["e",{"_placeholder":true,"num":0}]`), []byte(binary)}},
			{Packet: [][]byte{make([]byte, 1<<20)}, Hole: true},
		}
		for i := range entries {
			entries[i].Offset = uint64(i) + 1
			must(t, s.Append(ctx, "/"+binary, entries[i]))
		}
		got, err := s.Between(ctx, "/"+binary, 0, math.MaxUint64)
		if err != nil || !reflect.DeepEqual(got, entries) {
			t.Errorf("the entries came back as %+v, %v", got, err)
		}
		for _, st := range []socketio.State{
			{},
			{PID: binary, SID: binary, Key: binary, Rooms: map[string]uint64{binary: 1, "": 2}, Data: json.RawMessage(`"<é>"`)},
			{PID: "empty", Rooms: map[string]uint64{}, Data: json.RawMessage{}},
			{PID: "null", Data: json.RawMessage(`null`), Received: math.MaxUint64},
		} {
			must(t, s.Save(ctx, "/", st))
			wantState(t, s, "/", st)
		}
	})
}

func TestAStoreMayBeUsedConcurrently(t *testing.T) {
	each(t, func(t *testing.T, s socketio.RecoveryStore) {
		ctx := t.Context()
		const count = 50
		var wg sync.WaitGroup
		for i := range 8 {
			namespace := fmt.Sprintf("/%d", i%4)
			pid := fmt.Sprint(i)
			wg.Go(func() {
				for n := range uint64(count) {
					err := s.Save(ctx, namespace, socketio.State{PID: pid, Received: n})
					if i < 4 { // one writer of each journal
						err = errors.Join(err, s.Append(ctx, namespace, entry(n+1)))
					}
					st, ok, failed := s.Load(ctx, namespace, pid)
					if err = errors.Join(err, failed); err != nil || !ok || st.Received != n {
						t.Errorf("saved %d, loaded %+v (%v), %v", n, st, ok, err)
						return
					}
				}
			})
			wg.Go(func() {
				for last := uint64(0); last < count && !t.Failed(); {
					entries, err := s.Between(ctx, namespace, last, math.MaxUint64)
					if err != nil {
						t.Error(err)
						return
					}
					for _, e := range entries {
						if last++; e.Offset != last {
							t.Errorf("entry %d came in place of %d", e.Offset, last)
							return
						}
					}
				}
			})
			wg.Go(func() {
				if err := s.Trim(ctx, 0, time.Time{}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}
