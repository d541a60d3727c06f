package realtime

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"roomline/realtime/chat"
	"roomline/realtime/socketio"
)

// Of returns a namespace of Socket.IO that the host defines on the connections of the chat: "/forum", or "/". Those
// of the chat, /general and /admin, are its own; Of panics for them.
func (c *Chat) Of(namespace string) *socketio.Namespace {
	for _, s := range c.spaces {
		if s.namespace.Name() == "/"+strings.TrimPrefix(namespace, "/") {
			panic("realtime: the namespace " + namespace + " is the chat's")
		}
	}
	return c.server.Of(namespace)
}

// UserOf returns who is behind a socket of any namespace, as Options.Identify said at the handshake; false for a
// visitor without an account.
func UserOf(socket *socketio.Socket) (chat.User, bool) {
	id, ok := socket.Handshake().Identity.Value.(identity)
	return id.user, ok
}

// Erase takes away all that is kept of a user (see chat.Service.Erase), and ends their connections.
func (c *Chat) Erase(ctx context.Context, user string) error {
	c.DisconnectUser(user, "signed_out")
	err := c.service.Erase(ctx, user)
	c.DisconnectUser(user, "signed_out") // who came back meanwhile
	for _, s := range c.spaces {
		s.feed.Forget()
	}
	return err
}

// The pauses between two attempts to tell the host of what it could not take.
const (
	firstRetry = time.Second
	lastRetry  = time.Minute
)

// happened says that there is something to tell the host.
func (c *Chat) happened() {
	select {
	case c.due <- struct{}{}:
	default:
	}
}

// tellHost calls OnEvent, whose panic is an error.
func (c *Chat) tellHost(ctx context.Context, e chat.Event) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in OnEvent: %v\n%s", p, debug.Stack())
		}
	}()
	return c.opts.OnEvent(ctx, e)
}

// deliver tells the host of what happens until ctx ends.
func (c *Chat) deliver(ctx context.Context) {
	for wait := firstRetry; ; {
		select {
		case <-c.due:
		case <-ctx.Done():
			return
		}
		err := c.service.Deliver(ctx, c.tellHost)
		if err == nil {
			wait = firstRetry
			continue
		}
		if ctx.Err() != nil {
			return
		}
		c.log.Warn("an event is told again later", "after", wait, "error", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		wait = min(2*wait, lastRetry)
		c.happened()
	}
}
