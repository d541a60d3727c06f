package socketio_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"go.uber.org/goleak"

	"roomline/internal/options"
	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
	"roomline/realtime/socketio"
	"roomline/realtime/transport"
)

func TestMain(m *testing.M) {
	// fasthttp keeps one clock for the whole process.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// serve starts a server with the namespaces that setup makes; change may change its config.
func serve(t *testing.T, change func(*socketio.Config), setup func(*socketio.Server)) *wiretest.Client {
	t.Helper()
	return serveIdentified(t, change, setup, nil)
}

func serveIdentified(t *testing.T, change func(*socketio.Config), setup func(*socketio.Server),
	identify func(*fiber.Ctx) (engineio.Identity, error),
) *wiretest.Client {
	t.Helper()
	cfg := socketio.DefaultConfig()
	cfg.Logger, cfg.Engine.DrainTime = slog.New(slog.DiscardHandler), 0
	if change != nil {
		change(&cfg)
	}
	server := socketio.NewServer(cfg)
	setup(server)
	line := transport.New(options.Explicit(transport.Config{Identify: identify}), server.Engine())
	host := wiretest.Serve(t, func(app *fiber.App) {
		if err := line.Mount(app); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := errors.Join(server.Close(ctx), line.Close(ctx)); err != nil {
				t.Error(err)
			}
		})
	})
	return host.Client(t)
}

// each runs a scenario over every way of connecting, on a server of its own.
func each(t *testing.T, change func(*socketio.Config), setup func(*socketio.Server), scenario func(t *testing.T, s *wiretest.Session)) {
	t.Helper()
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		t.Helper()
		scenario(t, line.Open(serve(t, change, setup)))
	})
}

// echo is a namespace whose events come back.
func echo(s *socketio.Server) {
	for _, name := range []string{"/", "/chat"} {
		n := s.Of(name)
		n.Handle("echo", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
			return args.Values(), s.Emit("echoed", args.Values()...)
		})
	}
}

func TestSocketsConnectToTheNamespacesThatExist(t *testing.T) {
	each(t, nil, func(s *socketio.Server) {
		echo(s)
		s.Of("/auth").OnConnect(func(_ context.Context, s *socketio.Socket) { _ = s.Emit("auth", s.Auth()) })
	}, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40`)
		s.Expect(`40{"sid":"*"}`)
		s.Send(`40/chat,{}`)
		s.Expect(`40/chat,{"sid":"*"}`)
		s.Send(`40/auth,{"token":"123"}`)
		s.Expect(`40/auth,{"sid":"*"}`, `42/auth,["auth",{"token":"123"}]`)
		s.Send(`40/nowhere`)
		s.Expect(`44/nowhere,{"message":"Invalid namespace"}`)
		s.Send(`42/chat,["echo",1]`)
		s.Expect(`42/chat,["echoed",1]`)
	})
}

func TestAConnectionThatJoinsNothingIsClosed(t *testing.T) {
	each(t, func(c *socketio.Config) { c.ConnectTimeout = 50 * time.Millisecond }, echo, func(_ *testing.T, s *wiretest.Session) {
		s.ExpectClosed()
	})
}

func TestANamespaceHasItsMiddlewareInOrder(t *testing.T) {
	each(t, nil, func(s *socketio.Server) {
		n := s.Of("/guarded")
		n.Use(func(_ context.Context, s *socketio.Socket) error { s.SetData("first"); return nil })
		n.Use(func(_ context.Context, s *socketio.Socket) error {
			switch string(s.Auth()) {
			case `{"as":"nobody"}`:
				return &socketio.ConnectError{Message: "Sign in", Data: map[string]string{"code": "unauthenticated"}}
			case `{"as":"trouble"}`:
				return errors.New("a detail for the operator")
			case `{"as":"panic"}`:
				panic("a detail for the operator")
			}
			return nil
		})
		n.OnConnect(func(_ context.Context, s *socketio.Socket) { _ = s.Emit("welcome", s.Data()) })
		n.OnDisconnect(func(_ context.Context, s *socketio.Socket, _ socketio.Reason) {
			if s.Data() == nil {
				t.Error("a refused socket was told to be disconnected")
			}
		})
	}, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40/guarded,{"as":"nobody"}`)
		s.Expect(`44/guarded,{"message":"Sign in","data":{"code":"unauthenticated"}}`)
		s.Send(`40/guarded,{"as":"trouble"}`)
		s.Expect(`44/guarded,{"message":"internal error"}`)
		s.Send(`40/guarded,{"as":"panic"}`)
		s.Expect(`44/guarded,{"message":"internal error"}`)
		s.Send(`40/guarded`)
		s.Expect(`40/guarded,{"sid":"*"}`, `42/guarded,["welcome","first"]`)
	})
}

type sumRequest struct {
	A int `json:"a"`
	B int `json:"b"`
}

func TestTypedHandlersAnswer(t *testing.T) {
	each(t, func(c *socketio.Config) { c.StrictRequests = true }, func(s *socketio.Server) {
		n := s.Of("/")
		socketio.On(n, "sum", func(_ context.Context, _ *socketio.Socket, r sumRequest) (int, error) {
			if r.A < 0 {
				return 0, errors.New("a detail for the operator")
			}
			return r.A + r.B, nil
		})
		socketio.On(n, "panic", func(context.Context, *socketio.Socket, struct{}) (int, error) { panic("oh") })
		socketio.On(n, "size", func(_ context.Context, _ *socketio.Socket, b []byte) (int, error) { return len(b), nil })
	}, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40`)
		s.Expect(`40{*}`)
		s.Send(`420["sum",{"a":1,"b":2}]`, `42["sum",{"a":1,"b":2}]`, `421["sum"]`)
		s.Expect(`430[3]`, `431[0]`)
		s.Send(`422["sum",{"a":"1"}]`, `423["sum",{"c":1}]`, `424["sum",[]]`)
		s.Expect(`432[{"error":"bad argument of \"sum\": *"}]`, `433[{"error":"*unknown field*"}]`, `434[{"error":"*"}]`)
		s.Send(`425["sum",{"a":-1}]`, `426["panic",{}]`)
		s.Expect(`435[{"error":"internal error"}]`, `436[{"error":"internal error"}]`)
		s.Send(`427["nobody listens"]`, `428["sum",{}]`) // no acknowledgement for what has no handler
		s.Expect(`438[0]`)
		s.Send(`451-9["size",{"_placeholder":true,"num":0}]`, `bAQID`)
		s.Expect(`439[3]`)
		s.Send(`429007199254740991["sum",{"a":1,"b":1}]`)
		s.Expect(`439007199254740991[2]`)
	})
}

func TestBinaryGoesBothWays(t *testing.T) {
	each(t, nil, echo, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40/chat`)
		s.Expect(`40/chat,{*}`)
		s.Send(`452-/chat,7["echo",{"b":{"_placeholder":true,"num":1},"a":"x"},{"_placeholder":true,"num":0}]`, `bAQID`, `bBAU=`)
		s.Expect(`452-/chat,["echoed",{"a":"x","b":{"_placeholder":true,"num":0}},{"_placeholder":true,"num":1}]`, `bBAU=`, `bAQID`)
		s.Expect(`462-/chat,7[{"a":"x","b":{"_placeholder":true,"num":0}},{"_placeholder":true,"num":1}]`, `bBAU=`, `bAQID`)
	})
}

func TestAHandlerMayWaitForItsClient(t *testing.T) {
	each(t, nil, func(s *socketio.Server) {
		n := s.Of("/")
		n.Handle("ask", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
			answer, err := s.EmitWithAck(ctx, "question", 1)
			if err != nil {
				return nil, err
			}
			return answer.Values(), nil
		})
	}, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40`)
		s.Expect(`40{*}`)
		s.Send(`4255["ask"]`)
		s.Expect(`420["question",1]`)
		s.Send(`439["an answer nobody waits for"]`, `430["yes",{"n":2}]`, `430["too late"]`)
		s.Expect(`4355["yes",{"n":2}]`)
		s.Send(`4256["ask"]`)
		s.Expect(`421["question",1]`)
		s.Send(`461-1[{"_placeholder":true,"num":0}]`, `bAQID`)
		s.Expect(`461-56[{"_placeholder":true,"num":0}]`, `bAQID`)
	})
}

func TestWaitingForAnAnswerEnds(t *testing.T) {
	results := make(chan error, 3)
	c := serve(t, func(c *socketio.Config) { c.MaxAcks = 1 }, func(s *socketio.Server) {
		s.Of("/").Handle("ask", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
			_, err := s.EmitWithTimeout(10*time.Millisecond, "question")
			results <- err
			waiting := make(chan struct{})
			go func() {
				close(waiting)
				_, err := s.EmitWithAck(ctx, "question")
				results <- err
			}()
			<-waiting
			return nil, nil
		})
	})
	s := wiretest.WebSocket().Open(c)
	s.Send(`40`)
	s.Expect(`40{*}`)
	s.Send(`42["ask"]`)
	s.Expect(`420["question"]`)
	if err := <-results; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after its timeout: %v", err)
	}
	s.Expect(`421["question"]`)
	s.Hangup()
	if err := <-results; !errors.Is(err, socketio.ErrDisconnected) {
		t.Errorf("after the disconnect: %v", err)
	}
}

func TestBroadcastsReachTheirRoomsOnce(t *testing.T) {
	var chat *socketio.Namespace
	c := serve(t, nil, func(s *socketio.Server) {
		chat = s.Of("/chat")
		socketio.On(chat, "join", func(_ context.Context, s *socketio.Socket, room string) (string, error) {
			s.Join(room)
			return s.ID(), nil
		})
		socketio.On(chat, "leave", func(_ context.Context, s *socketio.Socket, room string) (int, error) {
			s.Leave(room)
			return len(s.Rooms()), nil
		})
		socketio.On(chat, "tell", func(_ context.Context, s *socketio.Socket, room string) (int, error) {
			return 0, s.To(room).Emit("told", room)
		})
	})
	open := func(line wiretest.Line, rooms ...string) (*wiretest.Session, string) {
		s := line.Open(c)
		s.Send(`40/chat`)
		s.Expect(`40/chat,{*}`)
		for _, room := range rooms {
			s.Send(`42/chat,0["join","` + room + `"]`)
			s.Expect(`43/chat,0["*"]`)
		}
		var id string
		for _, socket := range chat.To("both").Sockets() {
			id = socket.ID()
		}
		return s, id
	}
	a, _ := open(wiretest.Polling(), "a")
	b, _ := open(wiretest.WebSocket(), "b")
	both, id := open(wiretest.Upgraded(), "a", "b", "both")

	emit := func(b socketio.Broadcast, event string) {
		t.Helper()
		if err := b.Emit(event); err != nil {
			t.Fatal(err)
		}
	}
	emit(chat.To("a", "b"), "1")
	emit(chat.To("a").To("b").Except("both"), "2")
	emit(chat.To(id), "3")
	emit(chat.Except("a"), "4")
	emit(chat.To("a", "b").Except(id), "5")
	if err := chat.Emit("6"); err != nil {
		t.Fatal(err)
	}
	a.Expect(`42/chat,["1"]`, `42/chat,["2"]`, `42/chat,["5"]`, `42/chat,["6"]`)
	b.Expect(`42/chat,["1"]`, `42/chat,["2"]`, `42/chat,["4"]`, `42/chat,["5"]`, `42/chat,["6"]`)
	both.Expect(`42/chat,["1"]`, `42/chat,["3"]`, `42/chat,["6"]`)

	both.Send(`42/chat,1["leave","a"]`, `42/chat,2["tell","b"]`)
	both.Expect(`43/chat,1[2]`, `43/chat,2[0]`)
	b.Expect(`42/chat,["told","b"]`)
	if err := chat.To("nobody").Emit("disconnect"); err == nil {
		t.Error("a reserved event was emitted")
	}
}

func TestAnEventRunsBehindItsAcknowledgement(t *testing.T) {
	each(t, nil, func(s *socketio.Server) {
		s.Of("/").Handle("go", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
			socketio.AfterAck(context.WithoutCancel(ctx), func() { _ = s.Emit("after") })
			return []any{"acknowledged"}, s.Emit("before")
		})
	}, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40`)
		s.Expect(`40{*}`)
		s.Send(`421["go"]`)
		s.Expect(`42["before"]`, `431["acknowledged"]`, `42["after"]`)
	})
}

func TestDisconnecting(t *testing.T) {
	var mu sync.Mutex
	var heard []string
	ended := make(chan string, 16)
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, what)
	}
	c := serve(t, nil, func(s *socketio.Server) {
		echo(s)
		n := s.Of("/a")
		n.OnDisconnect(func(_ context.Context, s *socketio.Socket, reason socketio.Reason) {
			note("disconnected")
			ended <- string(reason) + " in " + strings.Join(s.Rooms(), ",")
		})
		n.OnConnect(func(_ context.Context, s *socketio.Socket) { s.Join("room") })
		n.Handle("work", func(context.Context, *socketio.Socket, socketio.Args) ([]any, error) {
			note("worked")
			return nil, nil
		})
		n.Handle("kick", func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
			s.Disconnect(false)
			return nil, s.Emit("nothing")
		})
		n.Handle("close", func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
			_ = s.Emit("last words")
			s.Disconnect(true)
			return nil, nil
		})
	})
	expect := func(t *testing.T, want string) {
		t.Helper()
		if got := <-ended; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		s := line.Open(c)
		s.Send(`40/chat`, `40/a`)
		s.Expect(`40/chat,{*}`, `40/a,{*}`)

		s.Send(`41/a,`)
		expect(t, "client namespace disconnect in room")
		s.Send(`42/a,["work"]`, `42/chat,["echo"]`) // late for /a: ignored; /chat lives on
		s.Expect(`42/chat,["echoed"]`)

		s.Send(`40/a`)
		s.Expect(`40/a,{*}`)
		s.Send(`42/a,["kick"]`, `42/a,["work"]`, `42/chat,["echo"]`)
		s.Expect(`41/a,`, `42/chat,["echoed"]`)
		expect(t, "server namespace disconnect in room")

		s.Send(`40/a`)
		s.Expect(`40/a,{*}`)
		s.Send(`42/a,["close"]`)
		packets := map[string]bool{}
		for range 3 {
			packet, _ := s.Next()
			packets[packet] = true
		}
		if !packets[`42/a,["last words"]`] || !packets[`41/a,`] || !packets[`41/chat,`] {
			t.Errorf("the client heard %v", packets)
		}
		s.ExpectClosed()
		expect(t, "server namespace disconnect in room")
	})
	mu.Lock()
	for _, what := range heard {
		if what == "worked" {
			t.Error("an event ran after its socket was disconnected")
		}
	}
	heard = nil
	mu.Unlock()

	s := wiretest.WebSocket().Open(c)
	s.Send(`40/a`)
	s.Expect(`40/a,{*}`)
	s.Send(`42/a,["work"]`, `42/a,["work"]`, `42/a,["work"]`, `41`)
	s.Hangup()
	<-ended
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(heard, " "); got != "worked worked worked disconnected" {
		t.Errorf("what came before the end was handled as: %s", got)
	}
}

func TestAttachmentsThatNeverComeAreNotWaitedFor(t *testing.T) {
	each(t, func(c *socketio.Config) { c.AttachmentTimeout = 50 * time.Millisecond }, echo, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40`)
		s.Expect(`40{*}`)
		s.Send(`451-["echo",{"_placeholder":true,"num":0}]`)
		s.ExpectClosed()
	})
}

func TestAConnectionJoinsSoManyNamespaces(t *testing.T) {
	each(t, func(c *socketio.Config) { c.MaxNamespaces = 1 }, echo, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40/chat`)
		s.Expect(`40/chat,{*}`)
		s.Send(`40`)
		s.Expect(`44{"message":"Too many namespaces"}`)
	})
}

func TestASlowHandlerHoldsBackItsOwnConnectionOnly(t *testing.T) {
	release := make(chan struct{})
	c := serve(t, func(c *socketio.Config) { c.MaxPendingBytes = 1000 }, func(s *socketio.Server) {
		echo(s)
		s.Of("/").Handle("wait", func(context.Context, *socketio.Socket, socketio.Args) ([]any, error) {
			<-release
			return []any{}, nil
		})
	})
	slow, quick := wiretest.WebSocket().Open(c), wiretest.WebSocket().Open(c)
	for _, s := range []*wiretest.Session{slow, quick} {
		s.Send(`40`)
		s.Expect(`40{*}`)
	}
	slow.Send(`420["wait"]`)
	for range 20 {
		slow.Send(`42["echo"]`)
	}
	quick.Send(`42["echo"]`)
	quick.Expect(`42["echoed"]`)
	close(release)
	slow.Expect(`430[]`)
	for range 20 {
		slow.Expect(`42["echoed"]`)
	}
}

func TestEventsAreCheckedBeforeTheirHandlers(t *testing.T) {
	each(t, nil, func(s *socketio.Server) {
		echo(s)
		n := s.Of("/")
		n.HandleUnknown(func(event string) socketio.EventHandler {
			return func(context.Context, *socketio.Socket, socketio.Args) ([]any, error) { return []any{event}, nil }
		})
		n.UseEvent(func(_ context.Context, _ *socketio.Socket, event string, args socketio.Args) error {
			if args.Len() > 1 {
				return &socketio.RequestError{Event: event, Err: errors.New("too much")}
			}
			return nil
		})
	}, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40`)
		s.Expect(`40{*}`)
		s.Send(`421["echo",1,2]`, `422["anything"]`, `423`+strings.Repeat("[", 20)+strings.Repeat("]", 20))
		s.Expect(`431[{"error":"bad argument of \"echo\": too much"}]`, `432["anything"]`, `433[{"error":"*nested too deep"}]`)
	})
}

func TestAHandlerMayLeaveAnEventUnacknowledged(t *testing.T) {
	each(t, nil, func(s *socketio.Server) {
		n := s.Of("/")
		for event, reply := range map[string][]any{"nothing": nil, "empty": {}, "null": {nil}} {
			n.Handle(event, func(context.Context, *socketio.Socket, socketio.Args) ([]any, error) { return reply, nil })
		}
	}, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40`)
		s.Expect(`40{*}`)
		s.Send(`421["nothing"]`, `422["empty"]`, `423["null"]`)
		s.Expect(`432[]`, `433[null]`)
	})
}

func TestVolatileEventsAreForgottenWhenNobodyListens(t *testing.T) {
	var n *socketio.Namespace
	c := serve(t, nil, func(s *socketio.Server) { n = s.Of("/") })
	s := wiretest.Polling().Open(c)
	s.Send(`40`)
	s.Expect(`40{*}`)
	if err := n.Except().Volatile().Emit("volatile"); err != nil {
		t.Fatal(err)
	}
	if err := n.Emit("kept"); err != nil {
		t.Fatal(err)
	}
	s.Expect(`42["kept"]`)
}
