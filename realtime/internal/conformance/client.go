package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
	"roomline/realtime/socketio"
)

const (
	gateDelay = 10 * time.Millisecond // the gate thinks about a handshake: the suite times connections out
	askWithin = 10 * time.Second      // the suite leaves questions unanswered
)

func slowGate(c *fiber.Ctx) (engineio.Identity, error) {
	if c.Query("sid") == "" {
		time.Sleep(gateDelay)
	}
	return engineio.Identity{}, nil
}

// newClientServer is the client profile: what the JavaScript client's own suite talks to.
func newClientServer(engine engineio.Config) *socketio.Server {
	cfg := socketio.DefaultConfig()
	cfg.Engine = engine
	cfg.Recovery = &socketio.Recovery{Store: socketio.NewMemoryStore()}
	server := socketio.NewServer(cfg)

	main := server.Of("/")
	main.Use(func(_ context.Context, s *socketio.Socket) error {
		if s.Handshake().Query["fail"] != "" {
			return &socketio.ConnectError{Message: "Auth failed (main namespace)"}
		}
		return nil
	})
	bindEchoes(main)
	bindAcks(main)
	bindBinary(main)

	server.Of("/foo").Handle("getId", getID)
	server.Of("/abc").OnConnect(func(_ context.Context, s *socketio.Socket) {
		_ = s.Emit("handshake", handshakeOf(s)) // gone: nobody to tell
	})
	server.Of("/no").Use(func(context.Context, *socketio.Socket) error {
		return &socketio.ConnectError{Message: "Auth failed (custom namespace)"}
	})
	for _, name := range []string{"/asd", "/valid", "/timeout_socket"} {
		server.Of(name)
	}
	return server
}

// handshakeOf is what the suite looks at in a handshake.
func handshakeOf(s *socketio.Socket) any {
	h := s.Handshake()
	query := map[string]string{}
	for key, value := range h.Query {
		query[key] = value
	}
	var auth any = struct{}{}
	if s.Auth() != nil {
		auth = s.Auth()
	}
	return map[string]any{"query": query, "auth": auth, "address": h.RemoteAddr, "secure": h.Secure, "time": h.Time}
}

func getID(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
	return []any{s.ID()}, nil
}

// emit makes a handler that answers an event with another.
func emit(event string, args ...any) socketio.EventHandler {
	return func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
		return nil, s.Emit(event, args...)
	}
}

func bindEchoes(n *socketio.Namespace) {
	n.Handle("hi", emit("hi"))
	n.Handle("false", emit("false", false))
	n.Handle("echo", func(_ context.Context, _ *socketio.Socket, args socketio.Args) ([]any, error) {
		return []any{args.Value(0)}, nil
	})
	n.Handle("getId", getID)
	n.Handle("getHandshake", func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
		return []any{handshakeOf(s)}, nil
	})
	n.Handle("getDate", func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
		return nil, s.Emit("takeDate", time.Now())
	})
	n.Handle("getDateObj", func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
		return nil, s.Emit("takeDateObj", map[string]any{"date": time.Now()})
	})
	n.Handle("getUtf8", func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
		for _, text := range []string{"てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"} {
			if err := s.Emit("takeUtf8", text); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

func bindAcks(n *socketio.Namespace) {
	n.Handle("getAckDate", func(context.Context, *socketio.Socket, socketio.Args) ([]any, error) {
		return []any{time.Now()}, nil
	})
	n.Handle("ack", func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
		go ask(s) // the next event does not wait for the answer; ends with the socket or askWithin
		return nil, nil
	})
}

func ask(s *socketio.Socket) {
	answer, err := s.EmitWithTimeout(askWithin, "ack")
	if err != nil {
		return
	}
	var a int
	var b struct{ Test json.RawMessage }
	if answer.Decode(0, &a) == nil && answer.Decode(1, &b) == nil && a == 5 && b.Test != nil {
		_ = s.Emit("got it") // gone: nobody to tell
	}
}

func bindBinary(n *socketio.Namespace) {
	n.Handle("doge", emit("doge", []byte("asdfasdf")))
	n.Handle("getbin", emit("takebin", []byte("asdfasdf")))
	for event, answer := range map[string]string{
		"buffa": "buffack", "jsonbuff": "jsonbuff-ack", "blob": "back", "jsonblob": "jsonblob-ack", "blob3": "blob3-ack",
	} {
		n.Handle(event, func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
			if !args.Binary() {
				return nil, nil
			}
			return nil, s.Emit(answer)
		})
	}
	// The order of two events is what this answer says.
	n.Handle("abuff1", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		s.SetData(args.Binary())
		return nil, nil
	})
	n.Handle("abuff2", func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
		if first, _ := s.Data().(bool); !first {
			return nil, nil
		}
		return nil, s.Emit("abuff2-ack")
	})
}
