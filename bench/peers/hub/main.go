// Command hub is the chat server that a Fiber developer writes on contrib/websocket: a registry of
// clients under a lock, and for each client the handler's goroutine that reads, a goroutine that
// writes, and a channel of messages between the registry and the writer. Every text message goes
// to everybody, the sender included; who falls behind by a full channel is dropped.
//
// It is the pattern of the libraries' examples with their default buffers. Where these could do
// more it does less, which is to its advantage: no pings, no deadline per write, and a channel of
// 32 messages instead of the usual 256, which would cost every client 5 KB more.
package main

import (
	"fmt"
	"log"
	"net"
	"sync"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
)

// backlog is how many messages may wait for a client.
const backlog = 32

func main() {
	app := newHub().app()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	log.Fatal(app.Listener(listener))
}

// hub is everybody who is connected.
type hub struct {
	mu      sync.Mutex // guards clients; and so that everybody hears messages in one order
	clients map[*client]struct{}
}

type client struct {
	conn *websocket.Conn
	send chan []byte // closed when the client is no longer in its hub
}

func newHub() *hub { return &hub{clients: make(map[*client]struct{})} }

func (h *hub) app() *fiber.App {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/ws", websocket.New(h.serve))
	return app
}

// serve is a client's reader. The connection is closed, and used for somebody else, once it
// has returned.
func (h *hub) serve(conn *websocket.Conn) {
	c := &client{conn: conn, send: make(chan []byte, backlog)}
	h.add(c)
	var writer sync.WaitGroup
	writer.Go(c.write)
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil {
			break
		}
		if kind == websocket.TextMessage {
			h.broadcast(message)
		}
	}
	h.remove(c)
	writer.Wait()
}

func (c *client) write() {
	for message := range c.send {
		if err := c.conn.WriteMessage(websocket.TextMessage, message); err != nil {
			c.cut()
			break
		}
	}
}

// cut wakes reader and writer with an error: closing a hijacked connection does not.
func (c *client) cut() {
	_ = c.conn.NetConn().SetDeadline(time.Now()) // fails if it is broken: they know then
}

func (h *hub) add(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clients[c] = struct{}{}
}

func (h *hub) remove(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.removeLocked(c)
}

func (h *hub) removeLocked(c *client) {
	if _, ok := h.clients[c]; ok {
		delete(h.clients, c)
		close(c.send)
		c.cut()
	}
}

func (h *hub) broadcast(message []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		select {
		case c.send <- message:
		default:
			h.removeLocked(c)
		}
	}
}
