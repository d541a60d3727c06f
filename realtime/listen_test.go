package realtime

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"roomline/realtime/chat"
	"roomline/realtime/engineio"
)

// listener is a transport without a network that keeps all messages that it hears.
type listener struct {
	session *engineio.Session
	heard   chan string

	mu sync.Mutex // held while taking
}

// Wake implements engineio.Puller.
func (l *listener) Wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		packets, _ := l.session.Take(l, nil, 0)
		if len(packets) == 0 {
			return
		}
		for _, p := range packets {
			if p.Type == engineio.Message {
				l.heard <- string(p.Data) + string(p.Tail)
			}
		}
	}
}

// listen opens a connection of a person and joins a namespace.
func (c *crowd) listen(tb testing.TB, person int, namespace string) *listener {
	tb.Helper()
	user := strconv.Itoa(person)
	l := &listener{heard: make(chan string, 1000)}
	id := engineio.Identity{Key: user, User: user, Value: identity{user: chat.User{ID: user}, session: "web-" + user}}
	var err error
	if l.session, err = c.chat.server.Engine().Open(engineio.Handshake{Identity: id}, engineio.WebSocket, nil); err != nil {
		tb.Fatal(err)
	}
	l.session.Attach(l)
	l.send("0" + namespace + ",")
	return l
}

func (l *listener) send(packet string) {
	l.session.Receive(engineio.Packet{Type: engineio.Message, Data: []byte(packet)})
}

// until reads until a packet that begins so, and returns it with those before.
func (l *listener) until(tb testing.TB, prefix string) []string {
	tb.Helper()
	var all []string
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	for {
		select {
		case packet := <-l.heard:
			if all = append(all, packet); strings.HasPrefix(packet, prefix) {
				return all
			}
		case <-deadline.C:
			tb.Fatalf("%s did not come, but %q", prefix, all)
		}
	}
}
