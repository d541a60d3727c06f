package transport

import (
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// The headers of the answers to Diagnose.
const (
	diagnosisHeader  = "X-Roomline-Diagnosis"
	diagnosisTimeout = "X-Roomline-Timeout"
	diagnosisBytes   = 4096 // of an answer: enough to be compressed
)

// diagnosisKey is under which a request made by Diagnose carries its *diagnosis. No client can set it.
type diagnosisKey struct{}

// diagnosis is one call of Diagnose.
type diagnosis struct {
	app     *fiber.App
	path    string
	headers map[string]string
	answers int // of the transport
}

// Diagnose sends requests like those of clients through app, to the transport at path ("/socket.io/"), and returns in
// words what the middlewares in front of it do to them: no findings, no harm. It is for a host's tests: it opens no
// connection, but what the middlewares do with a request they do with these. Headers are added to each request, so that
// a wall in front lets them pass ("Cookie").
func Diagnose(app *fiber.App, path string, headers map[string]string) []string {
	d := &diagnosis{app: app, path: path, headers: headers}
	prefix := strings.TrimSuffix(strings.TrimRight(path, "/"), strings.TrimRight(DefaultPath, "/")) + "/"
	var findings []string
	for _, f := range d.look() {
		findings = append(findings, fmt.Sprintf("the %s middleware in front of the chat hurts polling: %s; "+
			"exempt the chat with Next: live.Owns (all paths below %s)", f.middleware, f.effect, prefix))
	}
	return findings
}

// finding is something in front of the route that polling suffers from.
type finding struct{ middleware, effect string }

// look asks, and returns what it finds. Behind a middleware that answers by itself it sees nothing.
func (d *diagnosis) look() (found []finding) {
	get := d.ask(fiber.MethodGet)
	if len(get.Header.Peek(diagnosisHeader)) == 0 {
		return []finding{{"first", fmt.Sprintf("it answers a poll with %d instead of letting it pass", get.StatusCode())}}
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
	if len(get.Header.Peek(diagnosisTimeout)) > 0 {
		found = append(found, finding{"timeout", "a poll is held for longer than it waits"})
	}
	again := d.ask(fiber.MethodGet)
	if string(again.Header.Peek("X-Cache")) == "hit" || string(again.Header.Peek(diagnosisHeader)) == string(get.Header.Peek(diagnosisHeader)) {
		found = append(found, finding{"cache", "it answers polls with what others were told before"})
	}
	post := d.ask(fiber.MethodPost)
	switch status := post.StatusCode(); {
	case len(post.Header.Peek(diagnosisHeader)) > 0, status == http.StatusTooManyRequests:
	case status == http.StatusForbidden, status == http.StatusBadRequest:
		found = append(found, finding{"csrf", fmt.Sprintf(
			"it refuses what clients post with %d; the chat checks the Origin of each request itself", status)})
	default:
		found = append(found, finding{"first", fmt.Sprintf("it answers what clients post with %d", status)})
	}
	return found
}

// ask sends one request through the app.
func (d *diagnosis) ask(method string) *fasthttp.Response {
	var request fasthttp.Request
	request.Header.SetMethod(method)
	request.SetRequestURI(d.path + "?EIO=4&transport=polling&sid=diagnosis")
	request.Header.SetHost("localhost")
	request.Header.Set(fiber.HeaderAcceptEncoding, "gzip, br")
	for name, value := range d.headers {
		request.Header.Set(name, value)
	}
	if method == fiber.MethodPost {
		request.Header.SetContentType(fiber.MIMETextPlainCharsetUTF8)
		request.SetBodyString("2")
	}
	var exchange fasthttp.RequestCtx
	exchange.Init(&request, nil, nil)
	exchange.SetUserValue(diagnosisKey{}, d)
	d.app.Handler()(&exchange)
	return &exchange.Response
}

// diagnosed answers a request of Diagnose; false: it is another's.
func diagnosed(c *fiber.Ctx) bool {
	d, ok := c.Locals(diagnosisKey{}).(*diagnosis)
	if !ok {
		return false
	}
	d.answers++
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(diagnosisHeader, strconv.Itoa(d.answers))
	if hasTimeout(c) {
		c.Set(diagnosisTimeout, "yes")
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	_ = c.SendString(strings.Repeat("4 ", diagnosisBytes/2)) // never fails
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
