package engineio

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnUpgradeLosesNothingOnItsWay(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		s, poll, ws := open(t, srv, Polling), newPuller(), newPuller()
		_ = s.BeginPoll(poll)
		if !s.BeginUpgrade(ws) || poll.awake() {
			t.Fatal("the upgrade did not begin in silence")
		}
		if !s.Probe(ws) || poll.awake() {
			t.Fatal("the poll ended before the answer to the probe was on its way")
		}
		_ = s.Send(text(Message, "a"))
		if !poll.awake() {
			t.Fatal("a poll that waits was not told of a message")
		}
		wantTake(t, s, ws, "", Stay)
		wantTake(t, s, poll, "4a", Stay)
		s.EndPoll(poll)

		for range 2 { // each poll that the client still sends
			if err := s.BeginPoll(poll); err != nil {
				t.Fatal(err)
			}
			wantTake(t, s, poll, "", Stay)
			time.Sleep(probeLead)
			synctest.Wait()
			if !poll.awake() {
				t.Fatal("the probe did not end the waiting poll")
			}
			wantTake(t, s, poll, "", Release)
			s.EndPoll(poll)
		}

		_ = s.Send(text(Message, "b"), text(Message, "c"))
		wantTake(t, s, ws, "", Stay)
		if !s.FinishUpgrade(ws) || !ws.awake() {
			t.Fatal("the upgrade did not finish, or what waits was forgotten")
		}
		wantTake(t, s, ws, "4b\x1e4c", Stay)
		if got := s.TransportName(); got != WebSocket {
			t.Errorf("the transport is %q", got)
		}
		if err := s.BeginPoll(poll); !errors.Is(err, ErrTransport) {
			t.Errorf("a later poll gets %v", err)
		}
		if err := s.BeginPost(); !errors.Is(err, ErrTransport) {
			t.Errorf("a later POST gets %v", err)
		}
	})
}

func TestAPollThatOvertakesTheUpgradePacketIsRefused(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		s, ws := open(t, srv, Polling), newPuller()
		s.BeginUpgrade(ws)
		s.Probe(ws)
		began := make(chan error, 1)
		go func() { began <- s.BeginPoll(newPuller()) }()
		synctest.Wait()
		s.FinishUpgrade(ws)
		if err := <-began; !errors.Is(err, ErrTransport) {
			t.Errorf("got %v", err)
		}
	})
}

func TestOnlyTheSessionsOwnProbeUpgrades(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		s, ws, other := open(t, srv, Polling), newPuller(), newPuller()
		if s.Probe(ws) || s.FinishUpgrade(ws) {
			t.Error("a stranger upgraded the session")
		}
		if !s.BeginUpgrade(ws) || s.BeginUpgrade(other) {
			t.Error("not exactly one may try")
		}
		if s.FinishUpgrade(other) {
			t.Error("another connection upgraded the session")
		}
		if !s.FinishUpgrade(ws) {
			t.Error("an upgrade packet without a probe was refused")
		}
	})
}

func TestAFailedProbeLeavesTheSessionToPolling(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, poll, ws := open(t, srv, Polling), newPuller(), newPuller()
		s.BeginUpgrade(ws)
		s.Probe(ws)
		_ = s.Send(text(Message, "kept"))
		s.Leave(ws, TransportClose)
		wantTake(t, s, ws, "", Release)
		if err := s.BeginPoll(poll); err != nil {
			t.Fatal(err)
		}
		wantTake(t, s, poll, "4kept", Stay)
		if got := e.reasons(); got != "" {
			t.Errorf("closed with %q", got)
		}
		if !s.BeginUpgrade(newPuller()) {
			t.Error("it cannot try again")
		}
	})
}

func TestTheHeartBeatsDuringAnUpgrade(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, poll, ws := open(t, srv, Polling), newPuller(), newPuller()
		s.BeginUpgrade(ws)
		s.Probe(ws)
		_ = s.Send(text(Message, "waits"))
		time.Sleep(25 * time.Second)
		_ = s.BeginPoll(poll)
		wantTake(t, s, poll, "4waits\x1e2", Stay)
		s.EndPoll(poll)
		s.Receive(text(Pong, ""))
		_ = s.Send(text(Message, "waits"))
		time.Sleep(20 * time.Second)
		if got := e.reasons(); got != "" {
			t.Errorf("closed with %q", got)
		}
		s.FinishUpgrade(ws)
		wantTake(t, s, ws, "4waits", Stay)
	})
}

func TestAnUpgradeWaitsForAPostThatIsStillReceived(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		s, ws := open(t, srv, Polling), newPuller()
		_ = s.BeginPost()
		s.BeginUpgrade(ws)
		s.Probe(ws)
		finished := make(chan bool, 1)
		go func() { finished <- s.FinishUpgrade(ws) }()
		synctest.Wait()
		select {
		case <-finished:
			t.Error("messages of the two could mix")
		default:
		}
		s.EndPost()
		if !<-finished {
			t.Error("the upgrade failed")
		}
	})
}

func TestTheEndOfASessionReachesItsProbe(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		s, ws := open(t, srv, Polling), newPuller()
		s.BeginUpgrade(ws)
		s.Abort(ParseError)
		if !ws.awake() {
			t.Error("the probe was not woken")
		}
		wantTake(t, s, ws, "", End)
	})
}

func TestAClosingSessionFinishesAnUpgradeThatWasAnswered(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		for _, probed := range []bool{false, true} {
			s, ws := open(t, srv, Polling), newPuller()
			s.BeginUpgrade(ws)
			if probed {
				s.Probe(ws)
			}
			_ = s.Send(text(Message, "last words"))
			s.Close(ForcedClose)
			if !ws.awake() {
				t.Error("the probe was not woken")
			}
			if !probed {
				wantTake(t, s, ws, "", Release)
				continue
			}
			wantTake(t, s, ws, "", Stay)
			s.FinishUpgrade(ws)
			wantTake(t, s, ws, "4last words", End)
		}
	})
}

func TestTheClientsCloseReleasesAPollThatComesTooLate(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		for _, late := range []bool{false, true} {
			s, poll := open(t, srv, Polling), newPuller()
			if !late {
				_ = s.BeginPoll(poll)
			}
			received := make(chan bool, 1)
			go func() { received <- s.Receive(text(Close, "")) }()
			synctest.Wait()
			if late {
				if err := s.BeginPoll(poll); err != nil {
					t.Fatal(err)
				}
			}
			wantTake(t, s, poll, "", Release)
			if <-received || found(srv, s) {
				t.Error("the session goes on")
			}
		}
		if got := e.reasons(); got != "transport close, transport close" {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestTheClientsCloseWaitsForNobodyForLong(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		s, begin := open(t, srv, Polling), time.Now()
		s.Receive(text(Close, ""))
		if waited := time.Since(begin); waited != raceGrace || found(srv, s) {
			t.Errorf("it took %v", waited)
		}
	})
}
