package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"roomline/realtime/internal/wiretest"
	"roomline/realtime/socketio"
)

func TestAckIsReadBehindWaitingEvents(t *testing.T) {
	const waiting = 400
	each(t, nil, func(s *socketio.Server) {
		echo(s)
		s.Of("/").Handle("ask", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
			answer, err := s.EmitWithAck(ctx, "question")
			return answer.Values(), err
		})
	}, func(_ *testing.T, s *wiretest.Session) {
		s.Send(`40`)
		s.Expect(`40{*}`)
		s.Send(`427["ask"]`)
		s.Expect(`420["question"]`)
		for i := range waiting {
			s.Send(fmt.Sprintf(`42["echo",%d]`, i))
		}
		s.Send(`430["answer"]`)
		s.Expect(`437["answer"]`)
		for i := range waiting {
			s.Expect(fmt.Sprintf(`42["echoed",%d]`, i))
		}
	})
}

func TestSlowMiddlewareDelaysOnlyItsNamespace(t *testing.T) {
	for _, refused := range []bool{false, true} {
		release := make(chan struct{})
		s := wiretest.WebSocket().Open(serve(t, nil, func(s *socketio.Server) {
			echo(s)
			s.Of("/chat").Use(func(context.Context, *socketio.Socket) error {
				<-release
				if refused {
					return &socketio.ConnectError{Message: "no"}
				}
				return nil
			})
		}))
		if refused {
			s.Send(`40/chat`, `40`, `421["echo",1]`)
			s.Expect(`40{*}`, `42["echoed",1]`, `431[1]`)
			close(release)
			s.Expect(`44/chat,{"message":"no"}`)
			continue
		}
		s.Send(`40/chat`, `42/chat,["echo",1]`, `42/chat,["echo",2]`, `41/chat,`, `40/chat`, `42/chat,["echo",3]`, `40`, `42["echo",4]`)
		s.Expect(`40{*}`, `42["echoed",4]`)
		close(release)
		s.Expect(`40/chat,{*}`, `42/chat,["echoed",1]`, `42/chat,["echoed",2]`, `40/chat,{*}`, `42/chat,["echoed",3]`)
	}
}

func TestConnectOverTheLimitWaitsForWhatIsBeingDecided(t *testing.T) {
	release := make(chan struct{})
	s := wiretest.WebSocket().Open(serve(t, func(c *socketio.Config) { c.MaxNamespaces = 1 }, func(s *socketio.Server) {
		echo(s)
		s.Of("/chat").Use(func(context.Context, *socketio.Socket) error {
			<-release
			return &socketio.ConnectError{Message: "no"}
		})
	}))
	s.Send(`40/chat`, `40`, `42["echo",1]`, `42["echo",2]`)
	close(release)
	s.Expect(`44/chat,{"message":"no"}`, `40{*}`, `42["echoed",1]`, `42["echoed",2]`)
}

func TestConnectionMayEndDuringMiddleware(t *testing.T) {
	joined, entered := make(chan *socketio.Socket, 1), make(chan struct{})
	var over atomic.Bool // the middleware
	heard := make(chan string, 2)
	var server *socketio.Server
	s := wiretest.WebSocket().Open(serve(t, func(c *socketio.Config) { c.MaxNamespaces = 2 }, func(srv *socketio.Server) {
		server = srv
		main := srv.Of("/")
		main.OnConnect(func(_ context.Context, s *socketio.Socket) { joined <- s })
		main.OnDisconnect(func(context.Context, *socketio.Socket, socketio.Reason) { heard <- "disconnect" })
		main.Handle("note", func(context.Context, *socketio.Socket, socketio.Args) ([]any, error) {
			heard <- "note"
			return nil, nil
		})
		chat := srv.Of("/chat")
		chat.Use(func(ctx context.Context, _ *socketio.Socket) error {
			close(entered)
			<-ctx.Done()
			over.Store(true)
			return nil
		})
		chat.OnConnect(func(context.Context, *socketio.Socket) { t.Error("a closed connection was let in") })
		chat.OnDisconnect(func(context.Context, *socketio.Socket, socketio.Reason) { t.Error("it left without having been in") })
		chat.HandleUnknown(func(string) socketio.EventHandler {
			t.Error("an event was handled without a socket")
			return nil
		})
	}))
	s.Send(`40`)
	s.Expect(`40{*}`)
	asked := make(chan error, 1)
	go func() {
		_, err := (<-joined).EmitWithAck(context.Background(), "all read?")
		asked <- err
	}()
	s.Expect(`420["all read?"]`)
	// One namespace too many, until /chat is decided: what comes behind it waits with it.
	s.Send(`40/chat`, `42/chat,["echo"]`, `40/more`, `42["note"]`, `430[]`)
	must(t, <-asked)
	<-entered
	s.Hangup()
	for _, want := range []string{"note", "disconnect"} {
		if got := <-heard; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
	late, cancel := context.WithCancel(context.Background())
	cancel()
	if err := server.Close(late); !errors.Is(err, context.Canceled) || !over.Load() {
		t.Errorf("Close did not wait for the middleware: %v", err)
	}
	if n := server.Stats().Sockets["/chat"]; n != 0 {
		t.Errorf("%d sockets are left", n)
	}
	if n := server.Stats().Refused["packet before CONNECT"]; n != 0 {
		t.Errorf("%d packets were refused", n)
	}
}
