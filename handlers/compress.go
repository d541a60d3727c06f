package handlers

import (
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Content codings, and the levels at which a page is made small: over them it takes more time
// than it saves.
const (
	brotli      = "br"
	gzip        = "gzip"
	brotliLevel = 4
	gzipLevel   = 6
)

// coding is the best content coding that a visitor's browser takes, "" for none.
func coding(c *fiber.Ctx) string {
	for _, name := range []string{brotli, gzip} {
		if c.Request().Header.HasAcceptEncoding(name) {
			return name
		}
	}
	return ""
}

// sendPage answers with a page, compressed unless another site made the browser ask: who can
// have a page loaded again and again, has words of their own on it and sees how long the
// answers are could find out the rest of it, letter by letter (BREACH).
func sendPage(c *fiber.Ctx, page []byte) error {
	c.Type("html", "utf-8")
	c.Vary(fiber.HeaderAcceptEncoding, "Sec-Fetch-Site")
	switch c.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		return c.Send(page)
	}
	switch name := coding(c); name {
	case brotli:
		c.Set(fiber.HeaderContentEncoding, name)
		page = fasthttp.AppendBrotliBytesLevel(nil, page, brotliLevel)
	case gzip:
		c.Set(fiber.HeaderContentEncoding, name)
		page = fasthttp.AppendGzipBytesLevel(nil, page, gzipLevel)
	}
	return c.Send(page)
}

// codings has what does not change in each content coding, and as it is under "". Each is made
// when it is first asked for, as small as can be.
type codings map[string]func() []byte

func code(plain func() []byte) codings {
	plain = sync.OnceValue(plain)
	return codings{
		"": plain,
		brotli: sync.OnceValue(func() []byte {
			return fasthttp.AppendBrotliBytesLevel(nil, plain(), fasthttp.CompressBrotliBestCompression)
		}),
		gzip: sync.OnceValue(func() []byte {
			return fasthttp.AppendGzipBytesLevel(nil, plain(), fasthttp.CompressBestCompression)
		}),
	}
}
