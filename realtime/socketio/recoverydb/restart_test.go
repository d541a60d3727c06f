package recoverydb_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/internal/options"
	"roomline/realtime/internal/wiretest"
	"roomline/realtime/socketio"
	"roomline/realtime/transport"
)

// serve starts a server with recovery. It is closed by the function that comes back, or at the end.
func serve(t *testing.T, store socketio.RecoveryStore) (*socketio.Namespace, *wiretest.Client, func()) {
	t.Helper()
	cfg := socketio.DefaultConfig()
	cfg.Engine.DrainTime = -1
	cfg.Recovery = &socketio.Recovery{Store: store}
	cfg.Logger = slog.New(slog.DiscardHandler)
	server := socketio.NewServer(cfg)
	n := server.Of("/")
	n.Handle("join", func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
		s.Join("room")
		s.SetData(map[string]any{"name": "Ada"})
		return []any{"joined"}, nil
	})
	line := transport.New(options.Explicit(transport.Config{}), server.Engine())
	stop := sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := errors.Join(server.Close(ctx), line.Close(ctx)); err != nil {
			t.Error(err)
		}
	})
	host := wiretest.Serve(t, func(app *fiber.App) {
		must(t, line.Mount(app))
		t.Cleanup(stop)
	})
	return n, host.Client(t), stop
}

// identity is what CONNECT was answered with.
type identity struct{ SID, PID string }

func connect(t *testing.T, s *wiretest.Session, auth string) (id identity) {
	t.Helper()
	s.Send("40" + auth)
	reply, ok := s.Next()
	if !ok || !strings.HasPrefix(reply, "40") || json.Unmarshal([]byte(reply[2:]), &id) != nil {
		t.Fatalf("CONNECT was answered with %q", reply)
	}
	return id
}

func TestClientsAreRecoveredByTheNextServer(t *testing.T) {
	endings := map[string]func(s *wiretest.Session, stop, closeStore func()){
		"after the last was closed": func(s *wiretest.Session, stop, closeStore func()) { s.Hangup(); stop(); closeStore() },
		// Its sockets are still connected, and nothing that it does gets into the file any more.
		"after the last was killed": func(s *wiretest.Session, _, closeStore func()) { closeStore(); s.Hangup() },
	}
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
				path := filepath.Join(t.TempDir(), "recovery.db")
				store := open(t, path)
				n, c, stop := serve(t, store)
				s := line.Open(c)
				id := connect(t, s, "")
				s.Send(`420["join"]`)
				s.Expect(`430["joined"]`)
				must(t, n.To("room").Emit("heard", 1))
				packet, _ := s.Next()
				heard := strings.Split(packet, `"`)
				if len(heard) != 5 || heard[1] != "heard" {
					t.Fatalf("heard %q", packet)
				}
				must(t, n.To("room").Emit("missed", 2), n.Emit("binary", []byte{1, 2, 3}), n.To("elsewhere").Emit("not for it"),
					n.Except("room").Emit("not for it"), n.To(id.SID).Emit("for it alone"))
				end(s, stop, func() { must(t, store.Close()) })

				n, c, _ = serve(t, open(t, path))
				must(t, n.To("room").Emit("missed again"))
				s = line.Open(c)
				if again := connect(t, s, fmt.Sprintf(`{"pid":%q,"offset":%q}`, id.PID, heard[3])); again != id {
					t.Fatalf("came back as %+v, was %+v", again, id)
				}
				s.Expect(`42["missed",2,"*"]`, `451-["binary",{"_placeholder":true,"num":0},"*"]`, `bAQID`,
					`42["for it alone","*"]`, `42["missed again","*"]`)
				must(t, n.To("room").Emit("live"))
				s.Expect(`42["live","*"]`)
				socket := n.Socket(id.SID)
				if !socket.Recovered() || !slices.Equal(socket.Rooms(), []string{"room"}) ||
					!reflect.DeepEqual(socket.Data(), map[string]any{"name": "Ada"}) {
					t.Errorf("recovered: %v, rooms: %v, data: %v", socket.Recovered(), socket.Rooms(), socket.Data())
				}
			})
		})
	}
}
