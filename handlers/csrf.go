package handlers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// guard lets a form through that this site rendered for this very visitor. It reads the form;
// handlers take its fields with field.
func (s *Site) guard(c *fiber.Ctx) error {
	if !s.sameOrigin(c) {
		s.refused(c, "forms refused: they come from another origin than the site's",
			"if that origin is the site's own, set --url to it, or have the proxy pass the Host header on; nginx: proxy_set_header Host $http_host;",
			"origin", header(c, fiber.HeaderOrigin), "host", c.Hostname())
		return &problem{
			status: fiber.StatusForbidden, title: "Not from here",
			message: "This request came from another site, so nothing was done.",
			hint:    "Open the chat yourself and try again there.",
		}
	}
	if err := readForm(c); err != nil {
		return err
	}
	key, err := s.formKey(c)
	if err != nil {
		return err
	}
	if key == "" || !isFormToken(field(c, "_csrf"), key) {
		return &problem{
			status: fiber.StatusForbidden, title: "Out of date",
			message: "This form is out of date, so nothing was done.",
			hint:    "You may have signed in or out meanwhile. Go back, reload the page and try again.",
			kept:    keptTexts(c),
		}
	}
	return c.Next()
}

// sameOrigin judges a request as net/http's CrossOriginProtection does: browsers say where a
// request comes from, in Sec-Fetch-Site or, older ones, in Origin. What has neither is no
// browser's and carries nobody's cookies unasked.
func (s *Site) sameOrigin(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if origin != "" && s.origins.Allows(origin) {
		return true
	}
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
	default:
		return false
	}
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, c.Hostname())
}

// formKey is the secret that the visitor's forms are bound to: the session's token, or before
// sign-in that of a cookie made for nothing else. It is "" if the visitor has neither.
func (s *Site) formKey(c *fiber.Ctx) (string, error) {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return "", err
	}
	if v != nil {
		return v.token, nil
	}
	key := cookie(c, preSessionCookie)
	if len(key) != len(rand.Text()) {
		return "", nil
	}
	return key, nil
}

// formToken makes what stands in the forms of one page. It is another on each: what stays the
// same from page to page can be found out from their lengths once they are compressed.
func formToken(key string) string {
	mask := make([]byte, sha256.Size)
	_, _ = rand.Read(mask) // it never fails
	masked := formMAC(key)
	subtle.XORBytes(masked, masked, mask)
	return base64.RawURLEncoding.EncodeToString(append(mask, masked...))
}

// isFormToken reports whether formToken made token from key.
func isFormToken(token, key string) bool {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != 2*sha256.Size {
		return false
	}
	mask, masked := b[:sha256.Size], b[sha256.Size:]
	subtle.XORBytes(masked, masked, mask)
	return hmac.Equal(masked, formMAC(key))
}

// formMAC is derived from the secret without giving it away.
func formMAC(key string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte("roomline form"))
	return mac.Sum(nil)
}

// anonymousToken returns the form token of a visitor who is not signed in; it gives them the
// cookie it is bound to if they have none.
func (s *Site) anonymousToken(c *fiber.Ctx) string {
	key := cookie(c, preSessionCookie)
	if len(key) != len(rand.Text()) {
		key = rand.Text()
		setCookie(c, preSessionCookie, key, 0)
	}
	return formToken(key)
}
