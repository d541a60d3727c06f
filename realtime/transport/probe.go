package transport

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// probe asks the host's app, once, whether what stands before the transport's route lets polling work: some of a
// host's middlewares answer in its place, or change its answers. It asks as whoever came first, so that what only
// looks at who is signed in lets it through.
type probe struct {
	once    sync.Once
	running atomic.Bool
	secret  string // tells the probe's own requests, so nobody else's
	answers atomic.Int64
}

// The headers of the probe's requests and answers.
const (
	probeHeader  = "X-Roomline-Probe"
	probeTimeout = "X-Roomline-Timeout"
	probeBytes   = 4096 // of an answer: enough to be compressed
)

// finding is something in front of the route that polling suffers from.
type finding struct{ middleware, effect string }

// probeOnce starts the probe with the first request that comes.
func (t *Transport) probeOnce(c *fiber.Ctx) {
	t.probe.once.Do(func() {
		if !t.begin() {
			return
		}
		app, path := c.App(), strings.Clone(string(c.Context().URI().Path()))
		like := new(fasthttp.RequestHeader)
		c.Request().Header.CopyTo(like)
		t.probe.secret = rand.Text()
		t.probe.running.Store(true)
		go func() {
			defer t.running.Done()
			defer t.probe.running.Store(false)
			ask := func(method string) *fasthttp.Response {
				var request fasthttp.Request
				for _, name := range []string{
					fiber.HeaderHost, fiber.HeaderCookie, fiber.HeaderAuthorization, fiber.HeaderUserAgent, fiber.HeaderXForwardedProto, fiber.HeaderReferer,
				} {
					if value := like.Peek(name); len(value) > 0 {
						request.Header.SetBytesV(name, value)
					}
				}
				request.Header.SetMethod(method)
				request.SetRequestURI(path + "?EIO=4&transport=polling&sid=probe")
				request.Header.Set(fiber.HeaderAcceptEncoding, "gzip, br")
				request.Header.Set(probeHeader, t.probe.secret)
				if method == fiber.MethodPost {
					request.Header.SetContentType(fiber.MIMETextPlainCharsetUTF8)
					request.SetBodyString("2")
				}
				var ctx fasthttp.RequestCtx
				ctx.Init(&request, nil, nil) // of no address: it counts against nobody
				app.Handler()(&ctx)
				return &ctx.Response
			}
			t.warn(path, look(ask))
		}()
	})
}

// look asks, and returns what it finds. What asks for more than whoever came first has is not looked behind.
func look(ask func(method string) *fasthttp.Response) (found []finding) {
	defer func() {
		if recover() != nil { // a host's handler that does not bear such a request
			found = nil
		}
	}()
	cached := finding{"cache", "it answers polls with what others were told before"}
	get := ask(fiber.MethodGet)
	switch {
	case len(get.Header.Peek(probeHeader)) > 0:
	case string(get.Header.Peek("X-Cache")) == "hit": // with what whoever came first was answered
		return []finding{cached}
	default:
		return nil
	}
	if limit := get.Header.Peek("X-RateLimit-Limit"); len(limit) > 0 {
		found = append(found, finding{"limiter", fmt.Sprintf("it lets only %s requests through in a while, and polling makes one for each message", limit)})
	}
	if coding := get.Header.Peek(fiber.HeaderContentEncoding); len(coding) > 0 {
		found = append(found, finding{"compress", "it compresses each poll, which costs more than it saves"})
	}
	if len(get.Header.Peek(fiber.HeaderETag)) > 0 {
		found = append(found, finding{"etag", "it hashes each poll, and answers some of them with 304 and nothing"})
	}
	if len(get.Header.Peek(probeTimeout)) > 0 {
		found = append(found, finding{"timeout", "a poll is held for longer than it waits"})
	}
	again := ask(fiber.MethodGet)
	if string(again.Header.Peek("X-Cache")) == "hit" || string(again.Header.Peek(probeHeader)) == string(get.Header.Peek(probeHeader)) {
		found = append(found, cached)
	}
	post := ask(fiber.MethodPost)
	switch status := post.StatusCode(); {
	case len(post.Header.Peek(probeHeader)) > 0:
	case status == http.StatusTooManyRequests:
	case status == http.StatusForbidden, status == http.StatusBadRequest:
		found = append(found, finding{"csrf", fmt.Sprintf(
			"it refuses what clients post with %d; the chat checks the Origin of each request itself", status)})
	default:
		found = append(found, finding{"another", fmt.Sprintf("it answers what clients post with %d", status)})
	}
	return found
}

// warn says what was found, and what to do about it.
func (t *Transport) warn(path string, found []finding) {
	if len(found) == 0 {
		return
	}
	prefix := path
	if above := strings.TrimSuffix(strings.TrimRight(path, "/"), strings.TrimRight(t.cfg.Path, "/")); above != "" {
		prefix = above + "/"
	}
	for _, f := range found {
		t.cfg.Logger.Warn("the "+f.middleware+" middleware in front of the chat hurts polling: "+f.effect,
			"path", path, "exempt", fmt.Sprintf("Next: func(c *fiber.Ctx) bool { return strings.HasPrefix(c.Path(), %q) }", prefix))
	}
}

// probed answers a request of the probe's own; false: it is another.
func (t *Transport) probed(c *fiber.Ctx) bool {
	if !t.probe.running.Load() || subtle.ConstantTimeCompare([]byte(c.Get(probeHeader)), []byte(t.probe.secret)) != 1 {
		return false
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(probeHeader, strconv.FormatInt(t.probe.answers.Add(1), 10))
	if hasTimeout(c) {
		c.Set(probeTimeout, "yes")
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	_ = c.SendString(strings.Repeat("4 ", probeBytes/2)) // never fails
	return true
}

// hasTimeout reports whether a handler in front gives up after a while: Fiber's own is seen among the callers, and
// has no exemptions; others by the deadline they set.
func hasTimeout(c *fiber.Ctx) bool {
	if _, limited := c.UserContext().Deadline(); limited {
		return true
	}
	callers := make([]uintptr, 256)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for frame, more := frames.Next(); more; frame, more = frames.Next() {
		if strings.Contains(frame.Function, "/middleware/timeout.") {
			return true
		}
	}
	return false
}
