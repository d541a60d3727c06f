package socketio_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roomline/realtime/internal/wiretest"
	"roomline/realtime/socketio"
)

func TestNoBroadcastComesBehindLastWords(t *testing.T) {
	var room *socketio.Namespace
	c := serve(t, nil, func(s *socketio.Server) { room = s.Of("/room") })
	why, e1 := room.Prepare("why", "so")
	bye, e2 := room.Prepare("bye", "now")
	if e1 != nil || e2 != nil {
		t.Fatal(e1, e2)
	}
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		for range 10 {
			s := line.Open(c)
			s.Send("40/room")
			s.Expect(`40/room,{*}`)
			begun := make(chan struct{})
			var talker sync.WaitGroup
			talker.Go(func() {
				for i := range 200 {
					if i == 20 {
						close(begun)
					}
					_ = room.Emit("talk") // always encodable
				}
			})
			<-begun
			for _, socket := range room.Sockets() {
				if err := socket.DisconnectWith(why, bye); err != nil {
					t.Error(err)
				}
				if err := socket.DisconnectWith(bye); err == nil {
					t.Error("it was said twice")
				}
				socket.Session().Close("forced server close")
			}
			talker.Wait()
			var all []string
			for packet, open := s.Next(); open; packet, open = s.Next() {
				all = append(all, packet)
			}
			if n := len(all); n < 23 || !slices.Equal(all[n-3:], []string{`42/room,["why","so"]`, `42/room,["bye","now"]`, `41/room,`}) {
				t.Fatalf("the last of %d packets are %q", n, all[max(0, n-4):])
			}
		}
	})
}

func TestHowLongAnEventTookIsTold(t *testing.T) {
	type told struct {
		event string
		took  time.Duration
		err   error
	}
	heard := make(chan told, 2)
	const work = 20 * time.Millisecond
	c := serve(t, func(cfg *socketio.Config) {
		cfg.Handled = func(event string, took time.Duration, err error) { heard <- told{event, took, err} }
	}, func(s *socketio.Server) {
		socketio.On(s.Of("/"), "work", func(_ context.Context, _ *socketio.Socket, r struct{ A int }) (int, error) {
			time.Sleep(work)
			return r.A, nil
		})
	})
	s := wiretest.WebSocket().Open(c)
	s.Send("40")
	s.Expect(`40{*}`)
	s.Send(`421["work",{"A":1}]`, `422["work",{"A":"no number"}]`)
	s.Expect(`431[1]`, `432[{*}]`)
	if got := <-heard; got.event != "work" || got.took < work || got.err != nil {
		t.Errorf("got %+v", got)
	}
	if got := <-heard; got.err == nil || !strings.Contains(got.err.Error(), "work") {
		t.Errorf("got %+v", got)
	}
}
