// Command socketio is Roomline's Socket.IO server on Fiber without the chat: the same events as
// peers/node/server.mjs, so that what both do can be compared line by line. A client joins a room
// and sends texts; everybody in the room hears them, the sender included.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/socketio"
	"roomline/realtime/transport"
)

type (
	ack struct {
		OK bool `json:"ok"`
	}
	request struct {
		Room string `json:"room"`
		Text string `json:"text"`
	}
	message struct {
		Room string `json:"room"`
		Seq  int64  `json:"seq"`
		Text string `json:"text"`
	}
)

func main() {
	server := socketio.NewServer(socketio.DefaultConfig())
	bind(server.Of("/"))
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ReduceMemoryUsage: true})
	app.Server().KeepHijackedConns = true // lets the transport park quiet connections
	if err := transport.New(transport.Config{MaxConnsPerUser: -1, MaxConnsPerAddr: -1, HandshakeRate: -1}, server.Engine()).Mount(app); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	log.Fatal(app.Listener(listener))
}

func bind(n *socketio.Namespace) {
	var seq atomic.Int64
	socketio.On(n, "join", func(_ context.Context, s *socketio.Socket, room string) (ack, error) {
		s.Join(room)
		return ack{true}, nil
	})
	socketio.On(n, "send", func(_ context.Context, _ *socketio.Socket, r request) (ack, error) {
		return ack{true}, n.To(r.Room).Emit("message", message{r.Room, seq.Add(1), r.Text})
	})
}
