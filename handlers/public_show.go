package handlers

import (
	"encoding/hex"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// address is where a browser finds a file. The version is a folder of its own, so that modules
// find one another in the same one, and all of them can be kept for good.
func (p *publicFiles) address(name string) string { return "/public/" + p.version + "/" + name }

// find returns the file at a path below /public/, and whether the path promises this content. A
// page from before the last start asks for another version; there is only this one.
func (p *publicFiles) find(name string) (f publicFile, current, ok bool) {
	version, rest, _ := strings.Cut(name, "/")
	if b, err := hex.DecodeString(version); err == nil && len(version) == len(p.version) && len(b) > 0 {
		f, ok = p.byName[rest]
		return f, version == p.version, ok
	}
	f, ok = p.byName[name]
	return f, false, ok
}

// showPublic serves GET /public/*.
func (s *Site) showPublic(c *fiber.Ctx) error { return s.sendPublic(c, c.Params("*")) }

// showFavicon serves GET /favicon.ico, which browsers ask for unasked.
func (s *Site) showFavicon(c *fiber.Ctx) error {
	for _, name := range []string{"img/favicon.ico", "img/icon.svg"} {
		if _, ok := s.public.byName[name]; ok {
			return s.sendPublic(c, name)
		}
	}
	return fiber.ErrNotFound
}

func (s *Site) sendPublic(c *fiber.Ctx, name string) error {
	f, current, ok := s.public.find(name)
	if !ok {
		return fiber.ErrNotFound
	}
	// What protects a page would be a good part of a first visit here, file by file.
	c.Response().Header.Reset()
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	if f.kind == "image/svg+xml" { // the only kind that can be a document
		c.Set(fiber.HeaderContentSecurityPolicy, noDocument)
	}
	if current {
		c.Set(fiber.HeaderCacheControl, "max-age=31536000, immutable")
	} else {
		c.Set(fiber.HeaderCacheControl, "no-cache")
		c.Set(fiber.HeaderETag, f.tag)
		if matches(c.Get(fiber.HeaderIfNoneMatch), f.tag) {
			return c.SendStatus(fiber.StatusNotModified)
		}
	}
	c.Set(fiber.HeaderContentType, f.kind)
	c.Vary(fiber.HeaderAcceptEncoding)
	how := coding(c)
	if f.packed {
		how = ""
	}
	if how != "" {
		c.Set(fiber.HeaderContentEncoding, how)
	}
	return c.Send(f.coded[how]())
}

// matches implements If-None-Match (RFC 9110, 13.1.2) for a weak tag.
func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
