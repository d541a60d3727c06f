package realtime

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
	"roomline/realtime/engineio"
	"roomline/realtime/transport"
)

// identity is what a connection's handshake proved, kept with it.
type identity struct {
	user    chat.User
	session string
	request *transport.Replay // the handshake's, to call Options.Identify again; nil: it cannot be
}

func (id identity) same(other identity) bool {
	return id.user.ID == other.user.ID && id.session == other.session
}

// whoAsks calls Options.Identify. The error is ErrAnonymous for every way in which a host says that nobody is
// signed in; a panic is an error, too.
func (c *Chat) whoAsks(ctx *fiber.Ctx) (user chat.User, err error) {
	defer func() {
		if p := recover(); p != nil {
			user, err = chat.User{}, fmt.Errorf("panic in Identify: %v\n%s", p, debug.Stack())
		}
	}()
	user, err = c.opts.Identify(ctx)
	var status *fiber.Error
	refused := errors.As(err, &status) && (status.Code == fiber.StatusUnauthorized || status.Code == fiber.StatusForbidden)
	if refused || err == nil && user.ID == "" {
		return chat.User{}, ErrAnonymous
	}
	return user, err
}

// identify binds a request, and with it a connection, to a user and a web session.
func (c *Chat) identify(ctx *fiber.Ctx) (engineio.Identity, error) {
	id, err := c.identityOf(ctx)
	if errors.Is(err, ErrAnonymous) {
		return engineio.Identity{}, nil
	}
	if err != nil {
		return engineio.Identity{}, err
	}
	if c.opts.Recheck == nil && ctx.Query("sid") == "" {
		id.request = c.keep(ctx, id)
	}
	return engineio.Identity{Key: id.user.ID + "/" + id.session, User: id.user.ID, Value: id}, nil
}

// identityOf returns who makes a request and in which web session. Nothing of it is memory of ctx.
func (c *Chat) identityOf(ctx *fiber.Ctx) (identity, error) {
	user, err := c.whoAsks(ctx)
	if err != nil {
		return identity{}, err
	}
	id := identity{user: user.Clone()}
	if c.opts.Session != nil {
		id.session = strings.Clone(c.opts.Session(ctx))
	}
	return id, nil
}

// keep returns the request of a handshake if Options.Identify gives the same answer for it alone. It does not where it
// depends on a middleware in front: such a request would say later that everybody has signed out.
func (c *Chat) keep(ctx *fiber.Ctx, id identity) *transport.Replay {
	request := transport.NewReplay(ctx)
	if request != nil {
		if again, err := c.identifyAgain(ctx.UserContext(), request); err == nil && id.same(again) {
			return request
		}
	}
	c.unchecked.Do(func() {
		c.log.Warn("open connections are not checked again: Identify recognises nobody by the headers of the handshake alone. " +
			"Set Options.Recheck, or call DisconnectSession or DisconnectUser when somebody signs out")
	})
	return nil
}

func (c *Chat) identifyAgain(ctx context.Context, request *transport.Replay) (id identity, err error) {
	request.Run(ctx, func(again *fiber.Ctx) { id, err = c.identityOf(again) })
	return id, err
}

// recheck ends the connections of an identity that no longer holds.
func (c *Chat) recheck(ctx context.Context, who engineio.Identity) error {
	id, ok := who.Value.(identity)
	if !ok {
		return nil
	}
	err := c.stillHolds(ctx, id)
	if err != nil && ctx.Err() == nil {
		room := sessionRoom(id.session)
		if id.session == "" {
			room = userRoom(id.user.ID)
		}
		// A request that is kept stands for one connection; another device may be signed in still.
		c.disconnect(room, farewell{reason: "signed_out"}, func(other identity) bool {
			return id.same(other) && id.request == other.request
		})
	}
	return err
}

// errSignedOut is the outcome of a check that finds another identity, or none, behind a handshake.
var errSignedOut = errors.New("realtime: the session of the handshake has ended")

// stillHolds asks the host whether an identity holds: Options.Recheck, or without it Options.Identify with the request
// of the handshake. An Identify that fails has decided nothing.
func (c *Chat) stillHolds(ctx context.Context, id identity) error {
	if c.opts.Recheck != nil {
		return c.opts.Recheck(ctx, id.user, id.session)
	}
	if id.request == nil {
		return nil
	}
	again, err := c.identifyAgain(ctx, id.request)
	switch {
	case errors.Is(err, ErrAnonymous), err == nil && !id.same(again):
		return errSignedOut
	case err != nil:
		c.log.Warn("an identity could not be checked again", "user", id.user.ID, "error", err)
	}
	return nil
}
