package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"roomline/realtime/engineio"
	"roomline/realtime/socketio"
	"roomline/realtime/socketio/msgpack"
	"roomline/realtime/socketio/recoverydb"
)

// labOptions are the flags that only the lab profile has.
type labOptions struct {
	recovery string // "", "memory" or a file
	codec    string // "" or "msgpack"
}

// newLabServer is the lab profile: what tests/client needs of a server and no official suite
// asks for, with the bounds of socketio.DefaultConfig. closeLab ends it and its store. The
// sockets of all its namespaces can have themselves refused, questioned, moved between rooms,
// and speak to each other. /any says back every event it hears, by its catch-all listener.
func newLabServer(engine engineio.Config, options labOptions) (
	server *socketio.Server, closeLab func(context.Context) error, err error,
) {
	cfg := socketio.DefaultConfig()
	engine.MaxPackets = cfg.Engine.MaxPackets
	cfg.Engine = engine
	switch options.codec {
	case "":
	case "msgpack":
		cfg.Codec = msgpack.Codec{}
	default:
		return nil, nil, fmt.Errorf("there is no codec %q", options.codec)
	}
	closeStore := func() error { return nil }
	switch options.recovery {
	case "":
	case "memory":
		cfg.Recovery = &socketio.Recovery{Store: socketio.NewMemoryStore()}
	default:
		store, err := recoverydb.Open(options.recovery)
		if err != nil {
			return nil, nil, err
		}
		cfg.Recovery, closeStore = &socketio.Recovery{Store: store}, store.Close
	}
	server = socketio.NewServer(cfg)
	bindLab(server)
	return server, func(ctx context.Context) error { return errors.Join(server.Close(ctx), closeStore()) }, nil
}

func bindLab(server *socketio.Server) {
	for _, n := range []*socketio.Namespace{
		server.Of("/"), server.Of("/custom"), server.Of("/a/b c/ünï"), server.OfPattern(regexp.MustCompile(`/room-\d+`)),
	} {
		n.Use(refuseAsAsked)
		n.OnDisconnect(func(_ context.Context, s *socketio.Socket, reason socketio.Reason) {
			tellWatchers(s, "left", reason)
		})
		bindLabEvents(n)
		bindLabQuestions(n)
		bindLabRooms(n)
	}
	server.Of("/any").OnAny(func(_ context.Context, s *socketio.Socket, event string, args socketio.Args) {
		_ = s.Emit("heard", append([]any{event}, args.Values()...)...) // gone: nobody to tell
	})
}

// refuseAsAsked is a middleware that does what the client's auth asks for.
func refuseAsAsked(_ context.Context, s *socketio.Socket) error {
	var auth struct {
		Refuse any
		Fail   bool
	}
	if s.Auth() != nil && json.Unmarshal(s.Auth(), &auth) != nil {
		return &socketio.ConnectError{Message: "bad auth"}
	}
	switch {
	case auth.Refuse != nil:
		return &socketio.ConnectError{Message: "refused", Data: auth.Refuse}
	case auth.Fail:
		return errors.New("a secret that clients do not hear")
	}
	return nil
}

// tellWatchers tells the room "watchers" of a socket that cannot be asked any more.
func tellWatchers(s *socketio.Socket, event string, what any) {
	_ = s.Namespace().To("watchers").Emit(event, s.ID(), what) // no adapter: nothing can go wrong
}

func bindLabEvents(n *socketio.Namespace) {
	n.Handle("whoami", func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
		return []any{map[string]any{
			"id": s.ID(), "auth": s.Auth(), "query": s.Handshake().Query, "transport": s.Session().TransportName(),
			"recovered": s.Recovered(), "rooms": sorted(s.Rooms()), "data": s.Data(),
		}}, nil
	})
	n.Handle("echo", func(_ context.Context, _ *socketio.Socket, args socketio.Args) ([]any, error) {
		return args.Values(), nil
	})
	n.Handle("reflect", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		return nil, s.Emit("reflect", args.Values()...)
	})
	n.Handle("volatile", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		return nil, s.EmitVolatile("volatile", args.Values()...)
	})
	// Every third item is binary.
	n.Handle("count", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		var upTo int
		if err := args.Decode(0, &upTo); err != nil {
			return nil, err
		}
		for i := range upTo {
			item := any(i)
			if i%3 == 0 {
				item = fmt.Append(nil, i)
			}
			if err := s.Emit("item", item); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	n.Handle("remember", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		s.SetData(args.Value(0))
		return []any{}, nil
	})
	n.Handle("dismiss", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		var closeConn bool
		err := args.Decode(0, &closeConn)
		s.Disconnect(closeConn)
		return nil, err
	})
}

// bindLabQuestions binds what waits for acknowledgements: question(ms, ...args) asks the client
// back, survey(target, ms, ...args) all those meant.
func bindLabQuestions(n *socketio.Namespace) {
	n.Handle("question", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		var ms int
		if err := args.Decode(0, &ms); err != nil {
			return nil, err
		}
		answer, err := s.EmitWithTimeout(time.Duration(ms)*time.Millisecond, "question", args.Values()[1:]...)
		if errors.Is(err, socketio.ErrDisconnected) {
			tellWatchers(s, "unanswered", err.Error())
		}
		return []any{why(err), answer.Values()}, nil
	})
	n.Handle("survey", func(ctx context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		var to target
		var ms int
		if err := errors.Join(args.Decode(0, &to), args.Decode(1, &ms)); err != nil {
			return nil, err
		}
		within := time.Duration(ms) * time.Millisecond
		all, err := to.of(s).Timeout(within).EmitWithAck(ctx, "question", args.Values()[2:]...)
		answers := make([][]any, len(all))
		for i, answer := range all {
			answers[i] = answer.Values()
		}
		return []any{why(err), answers}, nil
	})
}

// why is an error as clients may compare it; "" if there is none.
func why(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return err.Error()
}

// target is who is meant: sockets in any of the rooms To, or all, but those in Except and,
// unless Self says so, the one that speaks.
type target struct {
	To, Except     []string
	Self, Volatile bool
}

func (t target) of(s *socketio.Socket) socketio.Broadcast {
	b := s.Broadcast()
	if t.Self {
		b = s.Namespace().To()
	}
	if t.Volatile {
		b = b.Volatile()
	}
	return b.To(t.To...).Except(t.Except...)
}

func bindLabRooms(n *socketio.Namespace) {
	// move changes the rooms of the socket that asks.
	n.Handle("move", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		var rooms struct{ Join, Leave []string }
		err := args.Decode(0, &rooms)
		s.Join(rooms.Join...)
		s.Leave(rooms.Leave...)
		return []any{sorted(s.Rooms())}, err
	})
	// say(target, event, ...args) emits, and answers with the error.
	n.Handle("say", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		var to target
		var event string
		if err := errors.Join(args.Decode(0, &to), args.Decode(1, &event)); err != nil {
			return nil, err
		}
		return []any{why(to.of(s).Emit(event, args.Values()[2:]...))}, nil
	})
	// herd(target, room) has others join.
	n.Handle("herd", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		var to target
		var room string
		if err := errors.Join(args.Decode(0, &to), args.Decode(1, &room)); err != nil {
			return nil, err
		}
		return []any{why(to.of(s).SocketsJoin(room))}, nil
	})
	// banish(target) disconnects others.
	n.Handle("banish", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
		var to target
		if err := args.Decode(0, &to); err != nil {
			return nil, err
		}
		return []any{why(to.of(s).DisconnectSockets(false))}, nil
	})
}

func sorted(rooms []string) []string {
	slices.Sort(rooms)
	return append([]string{}, rooms...) // never null
}
