package recoverydb_test

import (
	"path/filepath"
	"testing"

	"roomline/realtime/socketio"
	"roomline/realtime/socketio/recoverydb"
)

func BenchmarkAppend(b *testing.B) {
	store := open(b, filepath.Join(b.TempDir(), "recovery.db"))
	e := socketio.Entry{Rooms: []string{"room"}, Packet: [][]byte{make([]byte, 200)}}
	for b.Loop() {
		e.Offset++
		if err := store.Append(b.Context(), "/", e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSave(b *testing.B) {
	store := open(b, filepath.Join(b.TempDir(), "recovery.db"))
	st := socketio.State{PID: "p", SID: "s", Rooms: map[string]uint64{"a": 1, "b": 2}, Data: []byte(`{"user":"name"}`), Received: 1}
	for b.Loop() {
		st.Received++
		if err := store.Save(b.Context(), "/", st); err != nil {
			b.Fatal(err)
		}
	}
}

func open(tb testing.TB, path string) *recoverydb.Store {
	tb.Helper()
	store, err := recoverydb.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return store
}
