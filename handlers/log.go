package handlers

import (
	"net/netip"

	"github.com/gofiber/fiber/v2"

	"roomline/models"
	"roomline/realtime/chat"
)

// refused logs, at growing intervals while it goes on, that requests are refused, and what the
// operator can do about it. message is a constant that names the cause.
func (s *Site) refused(c *fiber.Ctx, message, advice string, attrs ...any) {
	if proxy := unnamedProxy(c); proxy != "" {
		advice = "if " + proxy + " is your proxy, set --trusted-proxy " + proxy + "; otherwise: " + advice
	}
	s.recurring.Warn(message, append([]any{"advice", advice, "address", c.IP()}, attrs...)...)
}

// noteProxy logs that requests of many people arrive through a proxy that is not trusted, so
// that all of them count as one address. Only peers in the operator's own networks are reported:
// any client can send the header.
func (s *Site) noteProxy(c *fiber.Ctx) {
	proxy := unnamedProxy(c)
	addr, err := netip.ParseAddr(proxy)
	if err != nil {
		return
	}
	if addr = addr.Unmap(); addr.IsLoopback() || addr.IsPrivate() {
		s.recurring.Warn("requests arrive through a proxy that is not trusted: all its visitors count as one address, with that address's limits",
			"advice", "if "+proxy+" is your proxy, set --trusted-proxy "+proxy, "address", proxy)
	}
}

// unnamedProxy returns the address of a peer that forwards requests of others and is not
// trusted to, "" if there is none.
func unnamedProxy(c *fiber.Ctx) string {
	if c.IsProxyTrusted() || c.Get(fiber.HeaderXForwardedFor) == "" {
		return ""
	}
	return c.Context().RemoteIP().String()
}

// logEntry logs that a user came in: "signed in", or "account created".
func (s *Site) logEntry(c *fiber.Ctx, what string, user models.User) {
	s.log.Info(what, "user", user.Name, "id", user.ID, "address", c.IP())
}

// logFailedSignIn logs a wrong name or password. The name is logged only if it is an account's:
// people type passwords into the wrong field.
func (s *Site) logFailedSignIn(c *fiber.Ctx, name string, refusal *chat.Error) {
	if refusal.Code == chat.CodeRateLimited {
		s.refused(c, "sign-ins refused: too many wrong passwords", "somebody is guessing, or has forgotten the password; it passes by itself")
		return
	}
	attrs := []any{"address", c.IP()}
	if user, err := s.accounts.db.UserByName(c.UserContext(), name); err == nil {
		attrs = append(attrs, "user", user.Name, "id", user.ID)
	}
	s.log.Info("sign-in failed", attrs...)
}
