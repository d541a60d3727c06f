package engineio

import (
	"maps"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func (e *ear) heard() (drains, pongs int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.drains, e.pongs
}

func TestAPongProvesThatAllBeforeItsPingHasArrived(t *testing.T) {
	const interval = 25 * time.Second
	for name, c := range map[string]struct {
		scenario func(s *Session, p Puller)
		pongs    int
	}{
		"an answered ping": {func(s *Session, p Puller) {
			time.Sleep(interval)
			take(s, p)
			s.Receive(text(Pong, ""))
		}, 1},
		"each of several": {func(s *Session, p Puller) {
			for range 3 {
				time.Sleep(interval)
				take(s, p)
				s.Receive(text(Pong, ""))
			}
		}, 3},
		"a pong to no ping": {func(s *Session, _ Puller) {
			s.Receive(text(Pong, ""))
		}, 0},
		"a second pong to one ping": {func(s *Session, p Puller) {
			time.Sleep(interval)
			take(s, p)
			s.Receive(text(Pong, ""))
			s.Receive(text(Pong, ""))
		}, 1},
		"another sign of life": {func(s *Session, p Puller) {
			time.Sleep(interval)
			take(s, p)
			s.Receive(text(Message, "x"))
		}, 0},
		"a pong behind another sign of life": {func(s *Session, p Puller) {
			time.Sleep(interval)
			take(s, p)
			s.Receive(text(Message, "x"))
			s.Receive(text(Pong, ""))
		}, 1},
		"a pong that may be of the ping before": {func(s *Session, p Puller) {
			time.Sleep(interval)
			take(s, p)
			s.Receive(text(Message, "x"))
			time.Sleep(interval)
			take(s, p)
			s.Receive(text(Pong, ""))
		}, 0},
		"the pong that follows it": {func(s *Session, p Puller) {
			time.Sleep(interval)
			take(s, p)
			s.Receive(text(Message, "x"))
			time.Sleep(interval)
			take(s, p)
			s.Receive(text(Pong, ""))
			s.Receive(text(Pong, ""))
		}, 1},
		"a pong after the end": {func(s *Session, p Puller) {
			time.Sleep(interval)
			take(s, p)
			s.Abort(ForcedClose)
			s.Receive(text(Pong, ""))
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			e := &ear{}
			run(t, e, func(t *testing.T, srv *Server) {
				s, p := open(t, srv, WebSocket), newPuller()
				s.Attach(p)
				take(s, p)
				c.scenario(s, p)
				if _, got := e.heard(); got != c.pongs {
					t.Errorf("heard %d pongs, want %d", got, c.pongs)
				}
			})
		})
	}
}

func TestDrainIsCalledOnceWhenThereIsTheRoomAskedFor(t *testing.T) {
	for name, c := range map[string]struct {
		waiting int // packets of 50 bytes
		ask     func(s *Session) bool
		told    bool
		takes   int // of one packet each, until Drain is heard
	}{
		"nothing waits":             {0, func(s *Session) bool { return s.NotifyDrain(0) }, false, 0},
		"enough room":               {2, func(s *Session) bool { return s.NotifyDrain(100) }, false, 0},
		"too little room":           {3, func(s *Session) bool { return s.NotifyDrain(100) }, true, 1},
		"until nothing waits":       {3, func(s *Session) bool { return s.NotifyDrain(0) }, true, 3},
		"less than nothing":         {1, func(s *Session) bool { return s.NotifyDrain(-1) }, true, 1},
		"asked twice, for the less": {3, func(s *Session) bool { return s.NotifyDrain(100) && s.NotifyDrain(50) }, true, 2},
		"a refused TrySend as well": {3, func(s *Session) bool { return !s.TrySend(100, text(Message, "")) && s.NotifyDrain(100) }, true, 2},
		"a session that has ended":  {3, func(s *Session) bool { s.Close(ForcedClose); return s.NotifyDrain(0) }, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			e := &ear{}
			run(t, e, func(t *testing.T, srv *Server) {
				s, p := open(t, srv, WebSocket), newPuller()
				s.Attach(p)
				take(s, p)
				for range c.waiting {
					_ = s.Send(text(Message, "0123456789"))
				}
				if told := c.ask(s); told != c.told {
					t.Fatalf("said %v", told)
				}
				for n := 1; n <= 6; n++ {
					s.Take(p, nil, 1)
					synctest.Wait()
					want := 0
					if c.told && n >= c.takes {
						want = 1
					}
					if got, _ := e.heard(); got != want {
						t.Errorf("after %d takes heard %d drains, want %d", n, got, want)
					}
				}
			})
		})
	}
}

func TestStatsCountWhatHasBeen(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		ws := newPuller()
		s := open(t, srv, Polling)
		s.BeginUpgrade(ws)
		s.Probe(ws)
		s.FinishUpgrade(ws)
		open(t, srv, Polling).Abort(ParseError)
		open(t, srv, WebSocket).Abort(ParseError)
		slow := open(t, srv, Polling)
		slow.Close(Slow)
		slow.Abort(TransportError) // only the first reason counts
		n := srv.Stats()
		want := map[Reason]uint64{ParseError: 2, Slow: 1}
		if n.Polling != 0 || n.WebSocket != 1 || n.Opened != 4 || n.Upgraded != 1 || !maps.Equal(n.Closed, want) {
			t.Errorf("counted %+v", n)
		}
		n.Closed["mine"]++
		for i := range 100 {
			open(t, srv, Polling).Abort(Reason(strconv.Itoa(i)))
		}
		n = srv.Stats()
		if len(n.Closed) != maxReasons+1 || n.Closed[Other] != 100-maxReasons+2 || n.Closed["mine"] != 0 {
			t.Errorf("counted %d reasons, %d others", len(n.Closed), n.Closed[Other])
		}
	})
}
