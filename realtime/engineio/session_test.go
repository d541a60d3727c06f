package engineio

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheHandshakeHasExactlyFiveMembers(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		for transport, upgrades := range map[string]string{Polling: `["websocket"]`, WebSocket: `[]`} {
			s := open(t, srv, transport)
			want := `{"sid":"` + s.ID() + `","upgrades":` + upgrades + `,"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}`
			if got := s.OpenPacket(); got.Type != Open || string(got.Data) != want {
				t.Errorf("%s: got %s", transport, got.Data)
			}
			if !json.Valid(s.OpenPacket().Data) || len(s.ID()) != 22 {
				t.Errorf("sid %q", s.ID())
			}
		}
	})
}

func TestWhatOpenSendsFollowsTheHandshake(t *testing.T) {
	e := &ear{open: func(s *Session) { _ = s.Send(text(Message, "hello")) }}
	run(t, e, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, WebSocket), newPuller()
		s.Attach(p)
		if !p.awake() {
			t.Error("nobody was woken for the handshake")
		}
		got, _ := take(s, p)
		if !strings.HasPrefix(got, `0{"sid":`) || !strings.HasSuffix(got, "\x1e4hello") {
			t.Errorf("took %q", got)
		}
	})
}

func TestASilentClientIsPingedThenClosedOnTheDot(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, WebSocket), newPuller()
		s.Attach(p)
		take(s, p)
		time.Sleep(25*time.Second - 1)
		wantTake(t, s, p, "", Stay)
		time.Sleep(time.Nanosecond)
		wantTake(t, s, p, "2", Stay)
		time.Sleep(20*time.Second - 1)
		if !found(srv, s) {
			t.Error("closed before its time")
		}
		time.Sleep(time.Nanosecond)
		if found(srv, s) {
			t.Error("still found after the ping timeout")
		}
		wantTake(t, s, p, "", End)
		if got := e.reasons(); got != "ping timeout" {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestWhoComesAtAboutTheSameTimeIsPingedTogether(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		var all []*Session
		for range 10 {
			all = append(all, open(t, srv, Polling))
			time.Sleep(coarsest / 10)
		}
		pinged := func() (n int) {
			for _, s := range all {
				if packets, _ := s.Queued(); packets > 0 {
					n++
				}
			}
			return n
		}
		alarms := func() int {
			srv.alarms.mu.Lock()
			defer srv.alarms.mu.Unlock()
			return len(srv.alarms.bells)
		}
		time.Sleep(25*time.Second - 1) // the first has been there for that and a quarter
		synctest.Wait()
		if n := pinged(); n != 1 {
			t.Errorf("%d are pinged before the moment that they share", n)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if n := pinged(); n != len(all) {
			t.Errorf("%d are pinged at it", n)
		}
		time.Sleep(20*time.Second - 1)
		synctest.Wait()
		if n := alarms(); n != 1 {
			t.Errorf("%d alarms are set", n)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if n := srv.Stats(); n.Closed[PingTimeout] != uint64(len(all)) || alarms() != 0 {
			t.Errorf("%d alarms are left, and counted %+v", alarms(), n)
		}
	})
}

func TestAnyPacketCountsAsLife(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, WebSocket), newPuller()
		s.Attach(p)
		take(s, p)
		for _, sign := range []Packet{text(Pong, ""), text(Message, "x"), text(Noop, ""), text(Pong, "")} {
			time.Sleep(25 * time.Second)
			wantTake(t, s, p, "2", Stay)
			time.Sleep(19 * time.Second)
			if !s.Receive(sign) {
				t.Fatalf("the session ended at %+v", sign)
			}
		}
		if got := e.reasons(); got != "" {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestAnAbandonedHandshakeIsForgotten(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		for range 1000 {
			open(t, srv, Polling)
		}
		time.Sleep(46 * time.Second)
		if n := srv.Stats(); n.Polling+n.WebSocket != 0 {
			t.Errorf("%+v are left", n)
		}
		if n := srv.Stats(); n.Opened != 1000 || n.Closed[PingTimeout] != 1000 {
			t.Errorf("counted %+v", n)
		}
	})
}

func TestAClientsPingIsAViolation(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s := open(t, srv, Polling)
		if s.Receive(text(Ping, "")) {
			t.Error("the session goes on")
		}
		if got := e.reasons(); got != "transport error" || found(srv, s) {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestAFullOutboxClosesAsSlow(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s := open(t, srv, Polling)
		big := text(Message, strings.Repeat("x", 5000))
		if err := s.Send(big); err != nil {
			t.Fatalf("an empty outbox refused a packet: %v", err)
		}
		if err := s.Send(text(Message, "")); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		if got := e.reasons(); got != "slow" {
			t.Errorf("closed with %q", got)
		}
		if n, bytes := s.Queued(); n != 0 || bytes != 0 {
			t.Errorf("%d packets of %d bytes are kept", n, bytes)
		}
	})
}

func TestEmptyPacketsFillTheOutboxToo(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s := open(t, srv, Polling)
		n := 0
		for s.Send(text(Message, "")) == nil {
			n++
		}
		if n != testConfig.OutboxBytes/packetOverhead {
			t.Errorf("%d empty packets were taken", n)
		}
	})
}

func TestPingsAreNotRefusedByAFullOutbox(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s := open(t, srv, Polling)
		_ = s.Send(text(Message, strings.Repeat("x", 2000)))
		time.Sleep(26 * time.Second)
		if got := e.reasons(); got != "" {
			t.Errorf("closed with %q", got)
		}
		if n, _ := s.Queued(); n != 2 {
			t.Errorf("%d packets wait", n)
		}
	})
}

func TestARefusedTrySendIsFollowedByOneDrain(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, WebSocket), newPuller()
		s.Attach(p)
		take(s, p)
		packet := text(Message, strings.Repeat("x", 60)) // counts 100
		for i := range 4 {
			if !s.TrySend(400, packet) {
				t.Fatalf("packet %d was refused", i)
			}
		}
		for range 2 {
			if s.TrySend(400, packet) {
				t.Fatal("more than room was taken")
			}
		}
		for _, c := range []struct{ drains, left int }{{0, 300}, {1, 200}, {1, 100}, {1, 0}, {1, 0}} {
			s.Take(p, nil, 100)
			synctest.Wait()
			if _, bytes := s.Queued(); e.drains != c.drains || bytes != c.left {
				t.Errorf("%d drains with %d bytes left, want %+v", e.drains, bytes, c)
			}
		}
		if !s.TrySend(0, packet) {
			t.Error("an empty outbox refused a packet")
		}
	})
}

func TestWritableMeansThatItLeavesNow(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, Polling), newPuller()
		steps := []struct {
			what string
			do   func()
			want bool
		}{
			{"between polls", func() {}, false},
			{"a poll waits", func() { _ = s.BeginPoll(p) }, true},
			{"a packet waits", func() { _ = s.Send(text(Message, "a")) }, false},
			{"it is on its way", func() { take(s, p) }, false},
			{"the poll has ended", func() { s.EndPoll(p) }, false},
			{"the next one waits", func() { _ = s.BeginPoll(p) }, true},
			{"the session is closed", func() { s.Close(ForcedClose) }, false},
		}
		for _, step := range steps {
			step.do()
			if s.Writable() != step.want {
				t.Errorf("%s: Writable is %v", step.what, !step.want)
			}
		}
	})
}

func TestStatsTellWhatWaits(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		a, b := open(t, srv, Polling), open(t, srv, Polling)
		for s, data := range map[*Session]string{a: "1234", b: "12345678"} {
			if err := s.Send(Packet{Type: Message, Data: []byte(data)}); err != nil {
				t.Fatal(err)
			}
		}
		_, little := a.Queued()
		_, much := b.Queued()
		if n := srv.Stats(); little == 0 || n.Queued != little+much || n.MostQueued != much {
			t.Errorf("got %+v, want %d and %d", n, little, much)
		}
		p := newPuller()
		if err := b.BeginPoll(p); err != nil {
			t.Fatal(err)
		}
		take(b, p)
		if n := srv.Stats(); n.Queued != little || n.MostQueued != little {
			t.Errorf("got %+v, want %d", n, little)
		}
	})
}
