// Command conformance serves what the suites that accompany the specifications of Engine.IO
// and Socket.IO expect of a server, with the packages of this module and nothing of the chat.
//
//	go run ./realtime/internal/conformance -addr 127.0.0.1:3000 -profile engine|socket
//
// It prints "listening on http://…" when it listens, and ends on SIGTERM.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
	"roomline/realtime/socketio"
	"roomline/realtime/transport"
)

const stopWithin = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:3000", "where to listen")
	name := flags.String("profile", "socket", "which suite to serve: engine or socket")
	interval := flags.Duration("ping-interval", 300*time.Millisecond, "the server pings this often")
	timeout := flags.Duration("ping-timeout", 200*time.Millisecond, "and closes this long after a ping without an answer")
	if err := flags.Parse(args); err != nil {
		return err
	}
	engine := engineio.Config{
		PingInterval: *interval, PingTimeout: *timeout, UpgradeTimeout: 10 * time.Second, MaxPayload: 1_000_000,
	}
	switch *name {
	case "engine":
		server := engineio.NewServer(engine, echo{})
		return serve(ctx, *addr, "/engine.io/", server, server.Close)
	case "socket":
		server := newSocketServer(engine)
		return serve(ctx, *addr, transport.DefaultPath, server.Engine(), server.Close)
	}
	return fmt.Errorf("there is no profile %q", *name)
}

// serve answers under path until ctx ends.
func serve(ctx context.Context, addr, path string, engine *engineio.Server, closeServer func(context.Context) error) error {
	app := fiber.New(fiber.Config{DisableStartupMessage: true, BodyLimit: engine.Config().MaxPayload + 1})
	line := transport.New(transport.Config{Path: path}, engine)
	if err := line.Mount(app); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	fmt.Printf("listening on http://%s\n", listener.Addr())
	<-ctx.Done()

	ending, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	return errors.Join(closeServer(ending), line.Close(ending), app.ShutdownWithContext(ending), <-served)
}

// echo is the engine profile: every message comes back.
type echo struct{}

func (echo) Open(*engineio.Session) {}

func (echo) Message(s *engineio.Session, data []byte, binary bool) {
	_ = s.Send(engineio.Packet{Type: engineio.Message, Binary: binary, Data: data}) // gone: nobody to answer
}

func (echo) Drain(*engineio.Session) {}

func (echo) Close(*engineio.Session, engineio.Reason) {}

// newSocketServer is the socket profile: two namespaces that tell what they were given.
func newSocketServer(engine engineio.Config) *socketio.Server {
	cfg := socketio.DefaultConfig()
	cfg.Engine, cfg.ConnectTimeout = engine, time.Second
	server := socketio.NewServer(cfg)
	for _, name := range []string{"/", "/custom"} {
		server.Of(name).OnConnect(func(_ context.Context, s *socketio.Socket) {
			var auth any = struct{}{}
			if s.Auth() != nil {
				auth = s.Auth()
			}
			_ = s.Emit("auth", auth) // gone: nobody to tell
		})
	}
	main := server.Of("/")
	main.Handle("message", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		return nil, s.Emit("message-back", args.Values()...)
	})
	main.Handle("message-with-ack", func(_ context.Context, _ *socketio.Socket, args socketio.Args) ([]any, error) {
		return args.Values(), nil
	})
	main.Handle("ask", func(ctx context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		answer, err := s.EmitWithAck(ctx, "question", args.Values()...)
		return answer.Values(), err
	})
	return server
}
