package transport

import (
	"os"
	"runtime"
	"testing"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

// baseline is what a server holds while it has nothing to do.
type baseline struct {
	goroutines, files, sockets int
	heap                       uint64
}

// measure waits for no rest: call it before the trouble.
func measure(t *testing.T, r *rig) baseline {
	t.Helper()
	// With the first answer of the process fasthttp's clock starts; with the first WebSocket
	// the lot is opened.
	_ = r.Client(t).Dial("EIO=4&transport=websocket").Conn.Close() // as it pleases
	r.expectReason(t, engineio.TransportClose)
	var last baseline
	eventually(t, "the server is at rest", func() bool {
		now := snapshot(t, r)
		rest := now.goroutines == last.goroutines && now.files == last.files && now.sockets == last.sockets
		last = now
		return rest
	})
	return last
}

func snapshot(t *testing.T, r *rig) baseline {
	t.Helper()
	runtime.GC()
	runtime.GC() // twice, for what lies in pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b := baseline{goroutines: wiretest.Goroutines(), heap: m.HeapAlloc}
	r.transport.mu.Lock()
	b.sockets = len(r.transport.sockets)
	r.transport.mu.Unlock()
	// Elsewhere than on Linux files stay uncounted.
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		b.files = len(open)
	}
	return b
}

// returns waits until no more is held than before; of memory, than a megabyte more.
func (b baseline) returns(t *testing.T, r *rig) {
	t.Helper()
	now, back := baseline{}, false
	defer func() {
		if !back {
			t.Logf("held %+v, and holds %+v", b, now)
		}
	}()
	eventually(t, "everything is given back", func() bool {
		now = snapshot(t, r)
		back = now.goroutines <= b.goroutines && now.files <= b.files && now.sockets <= b.sockets && now.heap <= b.heap+1<<20
		return back
	})
}
