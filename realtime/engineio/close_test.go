package engineio

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestCloseFlushesWhatWaitsAndThenEnds(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, Polling), newPuller()
		_ = s.Send(text(Message, "last words"))
		s.Close("server says so")
		s.Close(ForcedClose)
		if err := s.Send(text(Message, "too late")); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		if got := e.reasons(); got != "server says so" {
			t.Errorf("closed with %q", got)
		}
		if !found(srv, s) {
			t.Fatal("the next poll cannot hear of it")
		}
		if err := s.BeginPoll(p); err != nil {
			t.Fatal(err)
		}
		wantTake(t, s, p, "4last words", Stay)
		s.EndPoll(p)
		if err := s.BeginPoll(p); err != nil {
			t.Fatal(err)
		}
		wantTake(t, s, p, "", End) // in an answer of its own
		if found(srv, s) {
			t.Error("still found after its end was told")
		}
	})
}

func TestAnEndThatNobodyFetchesIsForgotten(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		var ended atomic.Int32
		s, err := srv.Open(Handshake{}, Polling, func() { ended.Add(1) })
		if err != nil {
			t.Fatal(err)
		}
		s.Close(ForcedClose)
		time.Sleep(defaultLinger - 1)
		if !found(srv, s) || ended.Load() != 0 {
			t.Error("forgotten before its time")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if found(srv, s) || ended.Load() != 1 {
			t.Errorf("not forgotten; ended was called %d times", ended.Load())
		}
	})
}

func TestAnAlarmThatRingsAsTheSessionClosesDropsNothing(t *testing.T) {
	run(t, &ear{}, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, Polling), newPuller()
		_ = s.Send(text(Message, "last words"))
		s.Close(ForcedClose)
		s.tick(s.alarm)
		_ = s.BeginPoll(p)
		wantTake(t, s, p, "4last words", Stay)
	})
}

func TestASecondPollClosesTheSessionAndEndsTheFirst(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, first, second := open(t, srv, Polling), newPuller(), newPuller()
		if err := s.BeginPoll(first); err != nil {
			t.Fatal(err)
		}
		if err := s.BeginPoll(second); !errors.Is(err, ErrOverlap) {
			t.Errorf("got %v", err)
		}
		if !first.awake() {
			t.Error("the first was not woken")
		}
		wantTake(t, s, first, "", End)
		if got := e.reasons(); got != "transport error" || found(srv, s) {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestASecondPostClosesTheSession(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s := open(t, srv, Polling)
		if err := s.BeginPost(); err != nil {
			t.Fatal(err)
		}
		if err := s.BeginPost(); !errors.Is(err, ErrOverlap) {
			t.Errorf("got %v", err)
		}
		if s.Receive(text(Message, "late")) {
			t.Error("the first goes on")
		}
		s.EndPost()
		if got := e.reasons(); got != "transport error" {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestCloseIsHeardOnceAndNotBeforeOpenReturned(t *testing.T) {
	var e *ear
	e = &ear{open: func(s *Session) {
		s.Close(ForcedClose)
		s.Abort(ParseError)
		if got := e.reasons(); got != "" {
			panic("closed with " + got + " while Open runs")
		}
	}}
	run(t, e, func(t *testing.T, srv *Server) {
		open(t, srv, Polling)
		if got := e.reasons(); got != "forced close" {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestAPanicEndsTheSessionOnly(t *testing.T) {
	e := &ear{message: func(*Session, string) { panic("oops") }}
	run(t, e, func(t *testing.T, srv *Server) {
		s, other := open(t, srv, Polling), open(t, srv, Polling)
		if s.Receive(text(Message, "x")) {
			t.Error("the session goes on")
		}
		if got := e.reasons(); got != "internal error" || !found(srv, other) {
			t.Errorf("closed with %q", got)
		}
	})
}

func TestAClosedServerOpensNothing(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		s, p := open(t, srv, Polling), newPuller()
		_ = s.BeginPoll(p)
		if err := srv.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := srv.Open(Handshake{}, Polling, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		if !p.awake() {
			t.Error("the waiting poll was not woken")
		}
		wantTake(t, s, p, "", End)
		if got := e.reasons(); got != "server shutting down" {
			t.Errorf("closed with %q", got)
		}
	})
}
