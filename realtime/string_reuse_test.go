package realtime_test

import (
	"fmt"
	"testing"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime"
	"roomline/realtime/chat"
)

// unclonedStrings makes a host that returns strings in Fiber's own memory, which the next
// request on the same connection overwrites.
func unclonedStrings(_ *host, o *realtime.Options) {
	o.Identify = func(c *fiber.Ctx) (chat.User, error) {
		return chat.User{ID: c.Get("User"), Name: c.Get("Name"), Avatar: c.Get("Avatar")}, nil
	}
	o.Session = func(c *fiber.Ctx) string { return c.Get("Web") }
	o.Recheck = nil
}

// closedByServer returns how many connections the server has ended.
func (h *host) closedByServer() uint64 { return h.chat.Stats().Closed["forced server close"] }

func TestDisconnectSessionFindsItAfterOtherRequests(t *testing.T) {
	h := newHost(t, nil, unclonedStrings)
	alive := h.Client(t) // one keep-alive connection
	for i := range 10 {
		alive.With("User", "2").With("Web", fmt.Sprintf("session-%d", i)).Handshake()
		alive.With("User", "3").With("Web", "another-1").Get("EIO=4&transport=polling")
	}
	for i := range 10 {
		web := fmt.Sprintf("session-%d", i)
		h.chat.DisconnectSession(web, "signed_out")
		if got := h.closedByServer(); got != uint64(i+1) {
			t.Fatalf("DisconnectSession(%q) left the connection open: %d closed, want %d", web, got, i+1)
		}
	}
}

func TestDisconnectUserFindsItAfterOtherRequests(t *testing.T) {
	h := newHost(t, nil, unclonedStrings)
	alive := h.Client(t)
	alive.With("User", "2").With("Web", "one").Handshake()
	alive.With("User", "3").With("Web", "two").Get("EIO=4&transport=polling")
	h.chat.DisconnectUser("2", "signed_out")
	if got := h.closedByServer(); got != 1 {
		t.Errorf("DisconnectUser closed %d connections, want 1", got)
	}
}
