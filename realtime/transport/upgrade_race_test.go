package transport

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

// TestAnUpgradeUnderLoadLosesNothing counts both ways while the transport changes: every
// number must arrive exactly once, in order.
func TestAnUpgradeUnderLoadLosesNothing(t *testing.T) {
	const sessions, count = 8, 300
	up := make(map[*engineio.Session][]string)
	var mu sync.Mutex
	r := newRig(t, func(s *setup) {
		s.engine.PingInterval = 50 * time.Millisecond
		s.engine.MaxPayload = 100_000
		s.ear.message = func(s *engineio.Session, data []byte, _ bool) {
			mu.Lock()
			defer mu.Unlock()
			up[s] = append(up[s], string(data))
		}
	})
	var all sync.WaitGroup
	for range sessions {
		c := r.Client(t)
		sid := c.Handshake()
		s := <-r.ear.opened
		all.Go(func() {
			for i := range count {
				if err := s.Send(engineio.Packet{Type: engineio.Message, Data: []byte(strconv.Itoa(i))}); err != nil {
					t.Errorf("send %d: %v", i, err)
					return
				}
				if i%20 == 0 {
					time.Sleep(time.Millisecond) // spreads the load over the upgrade
				}
			}
		})
		all.Go(func() { expectNumbers(t, c, sid, count) })
	}
	all.Wait()
	eventually(t, "everything has come up", func() bool {
		mu.Lock()
		defer mu.Unlock()
		for _, got := range up {
			if len(got) < count {
				return false
			}
		}
		return len(up) == sessions
	})
	for _, got := range up {
		for i, n := range got {
			if n != strconv.Itoa(i) {
				t.Fatalf("message %d came up as %q", i, n)
			}
		}
	}
	r.expectOpen(t)
}

// expectNumbers polls like a browser, upgrades on the way, and counts. It sends numbers of
// its own, the first hundred by POST.
func expectNumbers(t *testing.T, c *wiretest.Client, sid string, count int) {
	next := 0
	take := func(packet string) {
		switch {
		case packet == "2" || packet == "6" || packet == "3probe":
		case packet != "4"+strconv.Itoa(next):
			t.Errorf("expect %d, got %q", next, packet)
		default:
			next++
		}
	}
	// The client pauses polling while it probes, as the reference's does: what a poll
	// brought is taken, and no further one is begun after the probe was answered.
	stop, paused := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(paused)
		for {
			select {
			case <-stop:
				return
			default:
			}
			a, err := c.Try("GET", "EIO=4&transport=polling&sid="+sid, "")
			if err != nil || a.Status != 200 {
				t.Errorf("poll: %v, %d %s", err, a.Status, a.Body)
				return
			}
			for p, err := range engineio.DecodePayload([]byte(a.Body)) {
				if err != nil {
					t.Error(err)
				}
				take(string(p.AppendText(nil)))
			}
		}
	}()
	for i := range 100 {
		if a, err := c.Try("POST", "EIO=4&transport=polling&sid="+sid, "4"+strconv.Itoa(i)+"\x1e3"); err != nil || a.Status != 200 {
			t.Errorf("post %d: %v, %d", i, err, a.Status)
		}
	}
	ws, _, err := c.TryDial("EIO=4&transport=websocket&sid=" + sid)
	if err != nil {
		t.Error(err)
		close(stop)
		return
	}
	_ = ws.TrySend("2probe") // a failure shows in the next read
	if packet, err := ws.Next(); err != nil || packet != "3probe" {
		t.Errorf("expect 3probe, got %q, %v", packet, err)
	}
	close(stop)
	<-paused
	_ = ws.TrySend("5") // as above
	for i := 100; i < count; i++ {
		_ = ws.TrySend("4" + strconv.Itoa(i)) // a loss shows in the count
	}
	for next < count {
		packet, err := ws.Next()
		if err != nil {
			t.Errorf("after %d: %v", next, err)
			return
		}
		if packet == "2" {
			_ = ws.TrySend("3") // a failure shows in the next read
		}
		take(packet)
	}
}
