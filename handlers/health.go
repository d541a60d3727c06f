package handlers

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"
)

// showHealth serves GET /healthz: the process answers.
func (s *Site) showHealth(c *fiber.Ctx) error { return c.SendString("ok\n") }

// showReadiness serves GET /readyz: the site wants requests and its database answers.
func (s *Site) showReadiness(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), time.Second)
	defer cancel()
	if !s.ready.Load() || s.accounts.db.Ping(ctx) != nil {
		return c.Status(fiber.StatusServiceUnavailable).SendString("not ready\n")
	}
	return c.SendString("ready\n")
}
