package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// publicFiles are the files of package public by path. All are read at start: there are few,
// and a path that is not among them reaches no file system.
type publicFiles map[string]publicFile

type publicFile struct {
	data    []byte
	kind    string
	version string // of the content
}

// readPublic reads what browsers may load: no dotfiles, and only kinds with a content type.
func readPublic(files fs.FS) (publicFiles, error) {
	public := publicFiles{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		kind := contentType(name)
		if d.IsDir() || kind == "" || strings.HasPrefix(path.Base(name), ".") {
			return nil
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		public[name] = publicFile{data: data, kind: kind, version: hex.EncodeToString(sum[:8])}
		return nil
	})
	return public, err
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return ""
}

// address is where a browser finds a file: its version is in the query, so that it can be
// kept for good.
func (p publicFiles) address(name string) string {
	if f, ok := p[name]; ok {
		return "/public/" + name + "?v=" + f.version
	}
	return "/public/" + name
}

// showPublic serves GET /public/*.
func (s *Site) showPublic(c *fiber.Ctx) error { return s.sendPublic(c, c.Params("*")) }

// showFavicon serves GET /favicon.ico, which browsers ask for unasked.
func (s *Site) showFavicon(c *fiber.Ctx) error {
	for _, name := range []string{"img/favicon.ico", "img/icon.svg"} {
		if _, ok := s.public[name]; ok {
			return s.sendPublic(c, name)
		}
	}
	return fiber.ErrNotFound
}

func (s *Site) sendPublic(c *fiber.Ctx, name string) error {
	f, ok := s.public[name]
	if !ok {
		return fiber.ErrNotFound
	}
	// Modules import one another without a version: those are asked for again each time, and
	// answered with 304.
	c.Set(fiber.HeaderCacheControl, "no-cache")
	if c.Query("v") == f.version {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	tag := fmt.Sprintf("%q", f.version)
	c.Set(fiber.HeaderETag, tag)
	if matches(c.Get(fiber.HeaderIfNoneMatch), tag) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, f.kind)
	return c.Send(f.data)
}

// matches implements If-None-Match (RFC 9110, 13.1.2).
func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
			return true
		}
	}
	return false
}
