package transport

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"roomline/realtime/internal/wiretest"
)

// patience is for machines that have much else to do; engineio's tests have the exact moment.
const patience = 10 * time.Second

func TestTenThousandAbandonedHandshakesAreReaped(t *testing.T) {
	const polling, batch, webSockets, probes = 9000, 100, 500, 500
	const interval, timeout, upgrade = 5 * time.Second, time.Second, 2 * time.Second
	r := newRig(t, func(s *setup) {
		s.engine.PingInterval, s.engine.PingTimeout, s.engine.UpgradeTimeout = interval, timeout, upgrade
	})
	t.Run("warm up", func(t *testing.T) {
		alive(t, r)
		// The runtime never gives back what it keeps of each goroutine that there was at once, and
		// all sessions may end together.
		var together sync.WaitGroup
		ring := make(chan struct{})
		for range polling + webSockets {
			together.Go(func() { <-ring })
		}
		close(ring)
		together.Wait()
	})
	eventually(t, "nobody is there", func() bool { return r.sessions() == 0 })
	normal := measure(t, r)

	t.Run("abandon", func(t *testing.T) {
		var sids []string
		for range polling / batch {
			conn := dialRaw(t, r)
			conn.write(strings.Repeat("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n", batch))
			for range batch {
				heard := conn.hear()
				if !strings.HasPrefix(heard, "200 0{") {
					t.Fatalf("answered %q", heard)
				}
				sids = append(sids, strings.Split(heard, `"`)[3])
			}
		}
		var trying []*raw
		for _, sid := range sids[len(sids)-probes:] {
			probe := dialRaw(t, r)
			probe.write(request(http.MethodGet, "transport=websocket&sid="+sid, wsHeaders, "") + masked(0x81, "2probe"))
			trying = append(trying, probe)
		}
		for range webSockets {
			silent := dialRaw(t, r)
			silent.write(webSocket(""))
			if heard := silent.hear(); heard != "101" {
				t.Fatalf("answered %q", heard)
			}
		}
		last := time.Now()
		s := wiretest.Polling().Open(r.Client(t))
		s.Send("4x")
		s.Expect("4x")
		for _, probe := range trying {
			for _, want := range []string{"101", "3probe", "close 1000", ""} {
				if heard := probe.hear(); heard != want {
					t.Errorf("a probe heard %q, want %q", heard, want)
				}
			}
		}
		eventually(t, "all are reaped", func() bool { return r.sessions() == 0 })
		if took := time.Since(last); took > interval+timeout+patience {
			t.Errorf("the last one took %v", took)
		}
		if n := r.engine.Stats(); n.Opened != polling+webSockets+1+4 || n.Closed["ping timeout"] < polling+webSockets {
			t.Errorf("counted %+v", n)
		}
	})
	// The registry keeps the room that it grew to: less than half of what a session takes.
	normal.heap += 3 << 20
	normal.returns(t, r)
	alive(t, r)
}
