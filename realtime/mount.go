// Package realtime is the door a host app uses: it mounts Roomline's chat, over the real
// Socket.IO protocol, into a Fiber app that has users of its own.
package realtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"roomline/realtime/chat"
	"roomline/realtime/engineio"
	"roomline/realtime/transport"
)

// ErrAnonymous is what Options.Identify returns for a visitor without an account.
var ErrAnonymous = errors.New("realtime: nobody is signed in")

// Options configures New. Store and Identify are required; the zero value of the rest is safe.
type Options struct {
	// Store keeps the rooms (see roomline/models).
	Store chat.Store
	// Identify says who makes a request, from the host's own session. It is asked at each
	// handshake, poll, POST and upgrade. ErrAnonymous: nobody. Any other error: 503.
	// What it returns must not alias memory of the *fiber.Ctx.
	Identify func(*fiber.Ctx) (chat.User, error)
	// Session names the web session of a request, for DisconnectSession; a connection is
	// bound to it and to the user. It is called after Identify on the same *fiber.Ctx.
	// Nil: connections are bound to the user alone.
	Session func(*fiber.Ctx) string
	// Recheck says whether an identity still holds, for connections that make no more requests:
	// an error ends them (see Limits.RecheckEvery and Chat.RefreshUsers). Nil: it holds.
	Recheck func(ctx context.Context, user chat.User, session string) error
	// Users finds the users of a host that keeps them itself, by id, in batches; nil: the store keeps
	// them. The chat's tables hold nothing of a user but the id.
	Users *chat.Directory
	// Authorize may take from users what the chat's own rules would let them do in a room; nil: nothing is
	// taken. What it says is believed for a second; see RefreshUser for what is open.
	Authorize chat.Authorize
	// BeforeSend may change, hold or reject what is sent before it is stored; nil: everything passes.
	BeforeSend *chat.BeforeSend
	// OnEvent hears of every change after it is durable, at least once, in order within a room: see
	// chat.Service.Deliver. An error has it told again, later and later up to a minute. Nil: nobody is told.
	OnEvent func(context.Context, chat.Event) error
	// Guests says which public rooms visitors without an account may read; nil: none. They write nowhere.
	Guests func(chat.Room) bool
	// Origins are allowed beside the request's own ("https://chat.example.org").
	Origins []string
	// CORS lets pages of those origins poll from another origin, with cookies. Off, they
	// can still connect by WebSocket, which CORS does not cover.
	CORS bool
	// CreateRooms is the lowest role that may create rooms; "": moderators.
	CreateRooms chat.Role
	// Limits bounds everything; the zero value means DefaultLimits.
	Limits *Limits
	// Metrics is where the chat's metrics are registered until Close ("roomline_…"); nil: nowhere.
	Metrics prometheus.Registerer
	// Logger hears what operators should know; nil: slog.Default().
	Logger *slog.Logger
}

// Mount adds the routes of Engine.IO under /socket.io/ to router. A host that sets
// app.Server().KeepHijackedConns pays a few kilobytes for a quiet connection instead of some
// tens (see transport.Transport for what else that means); fiber.Config's ReduceMemoryUsage
// saves as much again where clients poll.
//
// Middlewares in front of it that break polling or cost it dear (csrf, limiter, cache, compress, etag, timeout) are
// told the Logger when the first request comes, with what exempts the chat from them.
func (c *Chat) Mount(router fiber.Router) error {
	if err := c.transport.Mount(router); err != nil {
		return fmt.Errorf("realtime: mount: %w", err)
	}
	return nil
}

// HeaderReceived is for the field of the same name of the host's fasthttp.Server: with it a polling
// body over Limits.MaxPayload is refused before it is read. Optional; other routes are left alone.
func (c *Chat) HeaderReceived(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	return c.transport.HeaderReceived(header)
}

func (c *Chat) transportConfig() transport.Config {
	return transport.Config{
		Origins:         c.opts.Origins,
		CORS:            c.opts.CORS,
		Identify:        c.identify,
		Recheck:         c.recheck,
		RecheckEvery:    c.limits.RecheckEvery,
		MaxConnsPerUser: c.limits.MaxConnsPerUser,
		MaxConnsPerAddr: c.limits.MaxConnsPerAddr,
		HandshakeRate:   c.limits.HandshakeRate,
		WriteTimeout:    c.limits.WriteTimeout,
		Logger:          c.log,
	}
}

// identity is what a connection's handshake proved, kept with it.
type identity struct {
	user    chat.User
	session string
}

// identify binds a request, and with it a connection, to a user and a web session.
func (c *Chat) identify(ctx *fiber.Ctx) (engineio.Identity, error) {
	user, err := c.opts.Identify(ctx)
	if errors.Is(err, ErrAnonymous) {
		return engineio.Identity{}, nil
	}
	if err != nil {
		return engineio.Identity{}, err
	}
	id := identity{user: user}
	if c.opts.Session != nil {
		id.session = c.opts.Session(ctx)
	}
	return engineio.Identity{Key: user.ID + "/" + id.session, User: user.ID, Value: id}, nil
}

// recheck ends the connections of an identity that holds no more.
func (c *Chat) recheck(ctx context.Context, who engineio.Identity) error {
	id, ok := who.Value.(identity)
	if !ok || c.opts.Recheck == nil {
		return nil
	}
	err := c.opts.Recheck(ctx, id.user, id.session)
	if err != nil && ctx.Err() == nil {
		room := sessionRoom(id.session)
		if id.session == "" {
			room = userRoom(id.user.ID)
		}
		c.disconnect(room, farewell{reason: "signed_out"}, func(other identity) bool {
			return other.session == id.session && other.user.ID == id.user.ID
		})
	}
	return err
}
