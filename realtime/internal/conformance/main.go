// Command conformance serves what the suites that accompany the specifications of Engine.IO
// and Socket.IO expect of a server, with the packages of this module and nothing of the chat.
//
//	go run ./realtime/internal/conformance -addr 127.0.0.1:3000 -profile engine|socket|client|lab
//
// The fourth profile, lab, is for tests/client: everything that no suite asks for. It prints
// "listening on http://…" when it listens, and ends on SIGTERM.
package main

import (
	"cmp"
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

	"roomline/internal/options"
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
	name := flags.String("profile", "socket", "which suite to serve: engine, socket or client; or lab, for tests/client")
	addr := flags.String("addr", "", "where to listen; the suites look on port 3000, the client's on 3210")
	interval := flags.Duration("ping-interval", 0, "the server pings this often; 300ms, for clients 2s, in the lab 25s")
	timeout := flags.Duration("ping-timeout", 0, "and closes this long after a ping without an answer; 200ms, for clients and in the lab 20s")
	var lab labOptions
	flags.StringVar(&lab.recovery, "recovery", "", "the lab recovers clients: memory, or a file")
	flags.StringVar(&lab.codec, "codec", "", "the lab speaks another encoding: msgpack")
	if err := flags.Parse(args); err != nil {
		return err
	}
	engine := engineio.Config{
		PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond,
		UpgradeTimeout: 10 * time.Second, MaxPayload: 1_000_000,
	}
	host := "127.0.0.1:3000"
	switch *name {
	case "client":
		engine.PingInterval, engine.PingTimeout, host = 2*time.Second, 20*time.Second, "127.0.0.1:3210"
	case "lab":
		engine = socketio.DefaultConfig().Engine
	}
	engine.DrainTime = time.Second // clients that poll come and hear the end
	engine.PingInterval = cmp.Or(*interval, engine.PingInterval)
	engine.PingTimeout = cmp.Or(*timeout, engine.PingTimeout)
	host = cmp.Or(*addr, host)

	switch *name {
	case "engine":
		server := engineio.NewServer(options.Explicit(engine), echo{})
		return serve(ctx, host, transport.Config{Path: "/engine.io/"}, server, server.Close)
	case "socket":
		server := newSocketServer(engine)
		return serve(ctx, host, transport.Config{}, server.Engine(), server.Close)
	case "client":
		server := newClientServer(engine)
		return serve(ctx, host, transport.Config{Identify: slowGate}, server.Engine(), server.Close)
	case "lab":
		server, closeLab, err := newLabServer(engine, lab)
		if err != nil {
			return err
		}
		return serve(ctx, host, transport.Config{}, server.Engine(), closeLab)
	}
	return fmt.Errorf("there is no profile %q", *name)
}

// serve answers until ctx ends.
func serve(ctx context.Context, addr string, cfg transport.Config, engine *engineio.Server, closeServer func(context.Context) error) error {
	app := fiber.New(fiber.Config{DisableStartupMessage: true, BodyLimit: engine.Config().MaxPayload + 1})
	app.Server().KeepHijackedConns = true
	line := transport.New(options.Explicit(cfg), engine)
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

func (echo) Pong(*engineio.Session) {}

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
