package transport

import (
	"io"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
)

// audience opens WebSockets whose clients read and forget, and returns their sessions.
func audience(t testing.TB, n int) []*engineio.Session {
	t.Helper()
	r := newRig(t, func(s *setup) {
		s.app = fiber.Config{ReduceMemoryUsage: true}
		s.engine.PingInterval = 0
	})
	sessions := make([]*engineio.Session, n)
	for i := range sessions {
		ws := dialRawWebSocket(t, r, "EIO=4&transport=websocket", "", "")
		if _, open, err := ws.frame(); err != nil || !strings.HasPrefix(open, "0") {
			t.Fatalf("read %q, %v", open, err)
		}
		sessions[i] = <-r.ear.opened
		go func(conn net.Conn) { _, _ = io.Copy(discard{make([]byte, 4096)}, conn) }(ws.conn) // until it is closed
	}
	return sessions
}

// discard reads into memory of its own, so that who listens allocates nothing.
type discard struct{ buf []byte }

// Write implements io.Writer.
func (discard) Write(p []byte) (int, error) { return len(p), nil }

// ReadFrom implements io.ReaderFrom.
func (d discard) ReadFrom(r io.Reader) (n int64, err error) {
	for {
		got, err := r.Read(d.buf)
		n += int64(got)
		if err != nil {
			return n, err
		}
	}
}

// joined is several entries of a room as they are handed to each session.
func joined() []engineio.Packet {
	text := []byte(`2/general,["message",{"room":"lobby","seq":1,"rev":1,"id":"abcdefgh","kind":"text","text":"` + strings.Repeat("x", 64) + `"}]`)
	packets := make([]engineio.Packet, 4)
	for i := range packets {
		packets[i] = engineio.Packet{Type: engineio.Message, Data: text}
	}
	return packets
}

// BenchmarkDelivery has four entries of a room on their way to each of a hundred WebSockets, and
// fails if that allocates anything for each of them.
func BenchmarkDelivery(b *testing.B) {
	const listeners = 100
	sessions, packets := audience(b, listeners), joined()
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		for _, s := range sessions {
			if !s.TrySend(1<<30, packets...) {
				b.Fatal("there is no room")
			}
		}
	}
	runtime.ReadMemStats(&after)
	deliveries := float64(b.N * listeners)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/deliveries, "ns/delivery")
	// Pools are emptied now and then, and a write that has to wait costs a goroutine and a copy.
	const few = 0.05
	if each := float64(after.Mallocs-before.Mallocs) / deliveries; b.N >= 100 && each > few {
		b.Errorf("a delivery allocates %.2f times", each)
	}
}
