package transport

import (
	"crypto/sha256"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
)

// credentials say what a request carries that may prove who makes it. A copy is kept with
// the session, without the secrets themselves.
type credentials struct {
	cookie        [sha256.Size]byte // hash; zero: none
	authorization bool
	browser       bool // a browser made the request
}

// credentialsOf returns the credentials of a request.
func credentialsOf(c *fiber.Ctx) credentials {
	header := &c.Request().Header
	var cred credentials
	if cookie := header.Peek(fiber.HeaderCookie); len(cookie) > 0 {
		cred.cookie = sha256.Sum256(cookie)
	}
	cred.authorization = len(header.Peek(fiber.HeaderAuthorization)) > 0
	cred.browser = len(header.Peek(fiber.HeaderOrigin)) > 0 || len(header.Peek("Sec-Fetch-Site")) > 0 || len(header.Peek("Sec-Fetch-Mode")) > 0
	return cred
}

// continues reports whether a request without an identity continues session s, which has one.
//
// Many clients send their headers with the handshake only, and a page can set headers for
// polling but not for its WebSocket. So a request that carries no credential continues the
// session. A browser sends its cookie with every request, however: where a browser opened the
// session by cookie, a request without it comes from somebody who has only the sid, which
// stands in access logs. Where a browser opened it by Authorization, the cookies it sends
// beside that must still be the same.
func continues(c *fiber.Ctx, s *engineio.Session) bool {
	opened, ok := s.Handshake().Transport.(credentials)
	if !ok {
		return false
	}
	now, none := credentialsOf(c), [sha256.Size]byte{}
	switch {
	case now.authorization:
		return false
	case opened.browser:
		return opened.authorization && now.cookie == opened.cookie || opened.cookie == none && now.cookie == none
	}
	return now.cookie == none
}
