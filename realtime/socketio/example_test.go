package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"regexp"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/socketio"
	"roomline/realtime/transport"
)

// A server in a Fiber app, and the order in which all of it ends.
func Example() {
	server := socketio.NewServer(socketio.DefaultConfig())
	chat := server.Of("/chat")
	socketio.On(chat, "say", func(_ context.Context, s *socketio.Socket, text string) (int, error) {
		return len(text), s.Broadcast().Emit("said", text)
	})

	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	line := transport.New(transport.Config{}, server.Engine())
	if err := line.Mount(app); err != nil {
		log.Fatal(err)
	}
	// Here app.Listen serves until the process is to end.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	fmt.Println(errors.Join(server.Close(ctx), line.Close(ctx), app.ShutdownWithContext(ctx)))
	// Output: <nil>
}

// A typed handler: what the client sends is decoded, what it returns is the acknowledgement.
func ExampleOn() {
	server := socketio.NewServer(socketio.DefaultConfig())
	type sum struct{ A, B int }
	socketio.On(server.Of("/"), "sum", func(_ context.Context, _ *socketio.Socket, r sum) (int, error) {
		return r.A + r.B, nil // the client's callback gets one number
	})
	fmt.Println(server.Close(context.Background()))
	// Output: <nil>
}

// Who may enter is decided by middleware, before the socket exists for anybody else.
func ExampleNamespace_Use() {
	server := socketio.NewServer(socketio.DefaultConfig())
	admin := server.Of("/admin")
	admin.Use(func(_ context.Context, s *socketio.Socket) error {
		if s.Handshake().Identity.User != "olga" {
			return &socketio.ConnectError{Message: "forbidden", Data: map[string]string{"code": "forbidden"}}
		}
		return nil
	})
	fmt.Println(server.Close(context.Background()))
	// Output: <nil>
}

// Namespaces that are made when the first client wants them, and go with the last.
func ExampleServer_OfPattern() {
	cfg := socketio.DefaultConfig()
	cfg.RemoveEmptyNamespaces = true
	server := socketio.NewServer(cfg)
	games := server.OfPattern(regexp.MustCompile(`/game-\d+`))
	games.OnConnect(func(_ context.Context, s *socketio.Socket) {
		_ = s.Namespace().Except(s.ID()).Emit("joined", s.ID()) // gone: nobody to tell
	})
	fmt.Println(len(games.Children()), server.Close(context.Background()))
	// Output: 0 <nil>
}

// A question to everybody in a room, wherever they are connected.
func ExampleBroadcast_EmitWithAck() {
	server := socketio.NewServer(socketio.DefaultConfig())
	answers, err := server.Of("/").To("voters").Timeout(time.Second).EmitWithAck(context.Background(), "vote", "Tea or coffee?")
	for _, args := range answers {
		var choice string
		if args.Decode(0, &choice) == nil {
			fmt.Println(choice)
		}
	}
	fmt.Println(len(answers), err, server.Close(context.Background())) // nobody is there
	// Output: 0 <nil> <nil>
}

// A client whose connection broke comes back as who it was, and hears what it missed.
func ExampleRecovery() {
	type player struct{ Name string }
	cfg := socketio.DefaultConfig()
	cfg.Recovery = &socketio.Recovery{
		Store:   socketio.NewMemoryStore(),
		NewData: func() any { return new(player) },
	}
	server := socketio.NewServer(cfg)
	server.Of("/").OnConnect(func(_ context.Context, s *socketio.Socket) {
		if !s.Recovered() { // otherwise its rooms and its data are there already
			s.Join("lobby")
			s.SetData(&player{Name: "new"})
		}
	})
	fmt.Println(server.Close(context.Background()))
	// Output: <nil>
}

// Two servers that are one to their clients.
func ExampleNewMemoryAdapters() {
	var servers []*socketio.Server
	for _, adapter := range socketio.NewMemoryAdapters(2) {
		cfg := socketio.DefaultConfig()
		cfg.Adapter = adapter
		servers = append(servers, socketio.NewServer(cfg))
	}
	servers[1].Of("/").OnServerSide("load", func(context.Context, socketio.Args) ([]any, error) {
		return []any{0.25}, nil
	})
	answers, err := servers[0].Of("/").ServerSideEmitWithAck(context.Background(), "load")
	var load float64
	err = errors.Join(err, answers[0].Decode(0, &load))
	fmt.Println(load, err)
	for _, s := range servers {
		_ = s.Close(context.Background()) // nothing is connected
	}
	// Output: 0.25 <nil>
}
