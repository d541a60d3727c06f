package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
	"roomline/realtime/socketio"
)

func TestDynamicNamespacesAreMadeForWhoWantsThem(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		var byPattern, byFunction *socketio.Namespace
		c := serve(t, func(cfg *socketio.Config) { cfg.RemoveEmptyNamespaces = true }, func(s *socketio.Server) {
			s.Of("/room-static")
			byPattern = s.OfPattern(regexp.MustCompile(`/room-\d+`))
			byPattern.OnConnect(func(_ context.Context, s *socketio.Socket) { _ = s.Emit("pattern", s.Namespace().Name()) })
			byFunction = s.OfFunc(func(_ context.Context, name string, auth json.RawMessage, h *engineio.Handshake) bool {
				return strings.HasPrefix(name, "/room-") && string(auth) == `{"key":1}` && h.RemoteAddr != ""
			})
			socketio.On(byFunction, "name", func(_ context.Context, s *socketio.Socket, _ struct{}) (string, error) {
				return s.Namespace().Name(), nil
			})
		})
		s := line.Open(c)
		s.Send(`40/room-1`)
		s.Expect(`40/room-1,{*}`, `42/room-1,["pattern","/room-1"]`)
		for _, name := range []string{"/room-x", "/room-1x"} {
			s.Send(`40` + name)
			s.Expect(`44` + name + `,{"message":"Invalid namespace"}`)
		}
		s.Send(`40/room-static`)
		s.Expect(`40/room-static,{*}`)
		s.Send(`40/room-y,{"key":1}`)
		s.Expect(`40/room-y,{*}`)
		s.Send(`42/room-y,0["name"]`)
		s.Expect(`43/room-y,0["/room-y"]`)
		s.Send(`40/room-2`)
		s.Expect(`40/room-2,{*}`, `42/room-2,["pattern","/room-2"]`)
		must(t, byPattern.Emit("all"))
		got := []string{}
		for range 2 {
			packet, _ := s.Next()
			got = append(got, packet)
		}
		if slices.Sort(got); !slices.Equal(got, []string{`42/room-1,["all"]`, `42/room-2,["all"]`}) {
			t.Errorf("what is sent to all children came as %v", got)
		}
		if len(byPattern.Children()) != 2 || len(byFunction.Children()) != 1 {
			t.Errorf("%d and %d children", len(byPattern.Children()), len(byFunction.Children()))
		}
		s.Send(`41/room-2,`, `42/room-y,1["name"]`)
		s.Expect(`43/room-y,1["/room-y"]`)
		s.Send(`42/room-y,2["name"]`) // it is gone when what waited with the 41 is done
		s.Expect(`43/room-y,2["/room-y"]`)
		if left := byPattern.Children(); len(left) != 1 || left[0].Name() != "/room-1" {
			t.Errorf("an empty namespace stayed: %d", len(left))
		}
	})
}

func TestADynamicNamespaceIsMadeOnce(t *testing.T) {
	const clients = 16
	var arrived sync.WaitGroup
	arrived.Add(clients)
	var parent *socketio.Namespace
	c := serve(t, nil, func(s *socketio.Server) {
		parent = s.OfFunc(func(context.Context, string, json.RawMessage, *engineio.Handshake) bool {
			arrived.Done()
			arrived.Wait() // all are asked before any is made
			return true
		})
	})
	var all []*wiretest.Session
	for range clients {
		s := wiretest.WebSocket().Open(c)
		s.Send(`40/one`)
		all = append(all, s)
	}
	for _, s := range all {
		s.Expect(`40/one,{*}`)
	}
	if n := parent.Children(); len(n) != 1 || len(n[0].Sockets()) != clients {
		t.Errorf("%d namespaces", len(n))
	}
}

func TestRoomsTellWhoComesAndGoes(t *testing.T) {
	var mu sync.Mutex
	var heard []string
	ended := make(chan struct{}, 3)
	c := serve(t, nil, func(s *socketio.Server) {
		n := s.Of("/")
		note := func(what string) func(string) {
			return func(room string) {
				mu.Lock()
				defer mu.Unlock()
				heard = append(heard, what+" "+room)
			}
		}
		n.OnRooms(socketio.RoomHooks{
			Created: note("created"), Deleted: func(room string) { note("deleted")(room); ended <- struct{}{} },
			Joined: func(room string, s *socketio.Socket) { note("joined")(room); _ = s.Emit("joined", room) },
			Left:   func(room string, _ *socketio.Socket) { note("left")(room) },
		})
		socketio.On(n, "join", func(_ context.Context, s *socketio.Socket, room string) (int, error) {
			s.Join(room, room)
			return len(s.Rooms()), nil
		})
	})
	a, b := wiretest.WebSocket().Open(c), wiretest.Polling().Open(c)
	for _, s := range []*wiretest.Session{a, b} {
		s.Send(`40`)
		s.Expect(`40{*}`)
		s.Send(`421["join","r"]`)
		s.Expect(`42["joined","r"]`, `431[1]`)
	}
	a.Send("41")
	b.Send("41")
	<-ended
	mu.Lock()
	defer mu.Unlock()
	if got, want := strings.Join(heard, ", "), "created r, joined r, joined r, left r, left r, deleted r"; got != want {
		t.Errorf("heard %s, want %s", got, want)
	}
}

func TestListenersHearAllEvents(t *testing.T) {
	each(t, nil, func(s *socketio.Server) {
		n := s.Of("/")
		note := func(ctx context.Context, s *socketio.Socket, how, event string, args socketio.Args) {
			var first []byte
			if args.Len() > 0 {
				_ = args.Decode(0, &first)
			}
			if event != "noted" {
				socketio.AfterAck(ctx, func() { _ = s.Emit("noted", how, event, args.Len(), string(first)) })
			}
		}
		n.OnAny(func(ctx context.Context, s *socketio.Socket, event string, args socketio.Args) {
			note(ctx, s, "in", event, args)
		})
		n.OnAnyOutgoing(func(s *socketio.Socket, event string, args socketio.Args) {
			note(context.Background(), s, "out", event, args)
		})
		n.OnConnect(func(_ context.Context, s *socketio.Socket) {
			s.Use(func(_ context.Context, _ *socketio.Socket, event string, _ socketio.Args) error {
				if event == "forbidden" {
					return fmt.Errorf("not for everybody")
				}
				return nil
			})
		})
		n.Handle("go", func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
			return []any{}, n.To(s.ID()).Emit("went", []byte("x"), 2)
		})
		n.Handle("forbidden", func(context.Context, *socketio.Socket, socketio.Args) ([]any, error) { return []any{1}, nil })
	}, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40`)
		s.Expect(`40{*}`)
		s.Send(`421["go"]`, `422["forbidden"]`, `423["nobody's"]`)
		s.Expect(`451-["went",{"_placeholder":true,"num":0},2]`, `beA==`, `42["noted","out","went",2,"x"]`, `431[]`,
			`42["noted","in","go",0,""]`, `432[{"error":"internal error"}]`, `42["noted","in","nobody's",0,""]`)
	})
}

func TestWhoSendsTooMuchIsRefused(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		_, c := recovering(t, socketio.NewMemoryStore(), func(cfg *socketio.Config) {
			cfg.EventRate = socketio.Rate{PerSecond: 0.01, Burst: 8}
		}, func(n *socketio.Namespace) {
			n.Limit("say", socketio.Rate{PerSecond: 0.01, Burst: 2})
			for _, event := range []string{"say", "other"} {
				n.Handle(event, func(context.Context, *socketio.Socket, socketio.Args) ([]any, error) { return []any{"ok"}, nil })
			}
		})
		c = c.With("Key", "ada")
		a, b := line.Open(c), line.Open(c)
		for _, s := range []*wiretest.Session{a, b} {
			s.Send(`40`)
			s.Expect(`40{*}`)
		}
		a.Send(`421["say"]`)
		a.Expect(`431["ok"]`)
		b.Send(`421["say"]`, `422["say"]`) // the same user's
		b.Expect(`431["ok"]`, `432[{"error":"too many events: \"say\"","retryAfter":*}]`)
		for i := range 6 {
			a.Send(fmt.Sprintf(`421%d["other"]`, i))
			a.Expect(fmt.Sprintf(`431%d["ok"]`, i))
		}
		a.Send(`427["other"]`, `40/x`)
		a.Expect(`437[{"error":"too many events: \"other\"","retryAfter":*}]`, `44/x,{"message":"Too many requests"}`)
		b.Send(`423["other"]`) // another connection has its own
		b.Expect(`433["ok"]`)
	})
}

func TestASlowClientIsSeenAndEnded(t *testing.T) {
	var n *socketio.Namespace
	drained := make(chan int, 8)
	gone := make(chan socketio.Reason, 1)
	c := serve(t, func(cfg *socketio.Config) { cfg.Engine.OutboxBytes = 10_000 }, func(s *socketio.Server) {
		n = s.Of("/")
		n.OnDrain(func(s *socketio.Socket) {
			_, bytes := s.Queued()
			drained <- bytes
		})
		n.OnDisconnect(func(_ context.Context, _ *socketio.Socket, reason socketio.Reason) { gone <- reason })
		echo(s)
	})
	s := wiretest.Polling().Open(c)
	s.Send(`40`)
	s.Expect(`40{*}`)
	socket := n.Sockets()[0]
	text := strings.Repeat("x", 1000)
	for range 5 {
		must(t, socket.Emit("text", text))
	}
	if packets, bytes := socket.Queued(); packets != 5 || bytes < 5000 || bytes > 6000 {
		t.Errorf("%d packets, %d bytes wait", packets, bytes)
	}
	if !socket.NotifyDrain(1000) || socket.NotifyDrain(8000) {
		t.Error("more than 1,000 bytes wait, and fewer than 8,000")
	}
	for range 5 {
		s.Expect(`42["text","*"]`)
	}
	s.Send(`42["echo"]`)
	s.Expect(`42["echoed"]`) // a client that polls shows with its next poll that there is room
	for range 12 {
		_ = socket.Emit("text", text)
	}
	if reason := <-gone; reason != engineio.Slow {
		t.Errorf("it ended with %q", reason)
	}
	select {
	case bytes := <-drained:
		if bytes > 1000 {
			t.Errorf("told of room with %d bytes waiting", bytes)
		}
	case <-time.After(10 * time.Second):
		t.Error("nobody was told that there is room")
	}
}

func TestRefusalsAreCountedByReason(t *testing.T) {
	var server *socketio.Server
	c := serve(t, nil, func(s *socketio.Server) {
		server = s
		echo(s)
		s.Of("/no").Use(func(context.Context, *socketio.Socket) error { return &socketio.ConnectError{Message: "no"} })
	})
	s := wiretest.WebSocket().Open(c)
	s.Send(`40/no`)
	s.Expect(`44/no,{*}`)
	s.Send(`40/random`, `40`, `421`+strings.Repeat("[", 20)+strings.Repeat("]", 20))
	s.Expect(`44/random,{*}`, `40{*}`, `431[{*}]`)
	stats := server.Stats()
	if stats.Sockets["/"] != 1 {
		t.Errorf("got %+v", stats)
	}
	s.SendAny(`4x`)
	s.ExpectClosed()
	want := map[string]uint64{"middleware": 1, "unknown namespace": 1, "nested too deep": 1, "malformed packet": 1}
	got := server.Stats().Refused
	for reason, n := range want {
		if got[reason] != n {
			t.Errorf("%q: %d, want %d", reason, got[reason], n)
		}
	}
}

func TestCompressionIsLeftToTransports(t *testing.T) {
	each(t, nil, func(s *socketio.Server) {
		n := s.Of("/")
		n.OnConnect(func(context.Context, *socketio.Socket) { _ = n.Compress(false).Emit("plain", []byte{1}) })
	}, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40`)
		s.Expect(`40{*}`, `451-["plain",{"_placeholder":true,"num":0}]`, `bAQ==`)
	})
}

func TestWhatMiddlewareSaysAndJoinsHoldsFromTheAnswerOn(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		var n *socketio.Namespace
		refused := make(chan *socketio.Socket, 1)
		c := serve(t, nil, func(s *socketio.Server) {
			n = s.Of("/")
			n.Use(func(_ context.Context, socket *socketio.Socket) error {
				socket.Join("early", "left")
				socket.Leave("left")
				return errors.Join(socket.Emit("first", 1), socket.Emit("second", []byte{1}))
			})
			n.Use(func(_ context.Context, socket *socketio.Socket) error {
				if socket.Auth() != nil {
					refused <- socket
					return &socketio.ConnectError{Message: "no"}
				}
				return nil
			})
			n.OnConnect(func(_ context.Context, socket *socketio.Socket) { _ = socket.Emit("third") })
		})
		s := line.Open(c)
		s.Send(`40{"x":1}`)
		s.Expect(`44{"message":"no"}`)
		if err := (<-refused).Emit("late"); !errors.Is(err, socketio.ErrDisconnected) {
			t.Errorf("a socket that was refused is told something: %v", err)
		}
		if all := n.To("early").Sockets(); len(all) > 0 {
			t.Errorf("%d that were refused are in a room", len(all))
		}
		s.Send("40")
		s.Expect(`40{"sid":"*"}`)
		if early, left := n.To("early").Sockets(), n.To("left").Sockets(); len(early) != 1 || len(left) != 0 {
			t.Errorf("%d are in the room that was joined, %d in the one that was left", len(early), len(left))
		}
		s.Expect(`42["first",1]`, `451-["second",{"_placeholder":true,"num":0}]`, "bAQ==", `42["third"]`)
	})
}
