package engineio

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestHeartbeatContinuesWhileAMessageIsHandled(t *testing.T) {
	e := &ear{}
	run(t, e, func(t *testing.T, srv *Server) {
		release := make(chan struct{})
		e.message = func(*Session, string) { <-release }
		s := open(t, srv, WebSocket)
		go s.Receive(Packet{Type: Message, Data: []byte("slow")})
		time.Sleep(10 * time.Minute)
		if got := e.reasons(); got != "" {
			t.Fatalf("ended with %q while its message was handled", got)
		}
		s.mu.Lock()
		pings := s.heart.asked
		s.mu.Unlock()
		if pings < 20 {
			t.Errorf("%d pings in 10 minutes: the client's own timeout ends the connection", pings)
		}
		close(release)
		synctest.Wait()
		time.Sleep(46 * time.Second)
		if got := e.reasons(); got != string(PingTimeout) {
			t.Errorf("a silent client ended with %q", got)
		}
	})
}
