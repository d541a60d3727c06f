package realtime

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// Chat is a mounted chat. Its methods may be called concurrently.
type Chat struct{}

// New makes a Chat; it starts nothing until Mount. The error says which option is wrong.
func New(opts Options) (*Chat, error) { return &Chat{}, nil }

// Service returns the rules, for pages that read and write without a socket.
func (c *Chat) Service() *chat.Service { return nil }

// Mount adds the routes of Engine.IO under /socket.io/ to router.
func (c *Chat) Mount(router fiber.Router) error { return nil }

// DisconnectUser ends every connection of a user. They are told why ("signed_out", "banned", …)
// and do not come back by themselves.
func (c *Chat) DisconnectUser(user, reason string) {}

// DisconnectSession ends the connections of one web session (see Options.Session).
func (c *Chat) DisconnectSession(session, reason string) {}

// RefreshUsers reads the rights of everybody connected again and ends what they no longer may.
// Call it when users have changed behind the chat's back.
func (c *Chat) RefreshUsers(ctx context.Context) error { return nil }

// Close tells clients to come back later, ends their connections within Limits.DrainTime or
// until ctx ends, and waits for every goroutine. The host calls it before it shuts its app down.
func (c *Chat) Close(ctx context.Context) error { return nil }
