package handlers

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// problem is an error as the site shows it: a page with a sentence and a next step.
type problem struct {
	status     int
	title      string
	message    string
	hint       string
	retryAfter time.Duration
	kept       []KeptText // what the visitor wrote and nothing was done with
}

// Error implements error, so that a handler may return a problem of its own.
func (p *problem) Error() string { return p.message }

// fail answers err with a page. It is the site's edge: the only place that maps errors to
// statuses and that logs faults.
func (s *Site) fail(c *fiber.Ctx, err error) error {
	early := c.Locals(requestIDKey{}) == nil // refused before any middleware ran
	p := explain(err)
	if p.status == fiber.StatusInternalServerError {
		s.logFailure(c, err)
	}
	if early {
		linger(c)
	}
	s.setHeaders(c)
	if p.retryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(seconds(p.retryAfter)))
	}
	c.Status(p.status)
	if chatPath(c.Path()) {
		return c.SendString(p.message)
	}
	page := ErrorPage{
		Page:    Page{Title: p.title},
		Status:  p.status,
		Message: p.message,
		Hint:    p.hint,
		Kept:    p.kept,
	}
	if p.status >= fiber.StatusInternalServerError {
		page.RequestID = requestID(c)
	}
	if !early {
		// Somebody signed in keeps their navigation; who they are is not worth a second error.
		if v, err := s.accounts.visitor(c); err == nil {
			page.Page = s.page(v, p.title)
		}
	}
	var buf bytes.Buffer
	if err := s.views.Render(&buf, "error", page); err != nil {
		s.logFailure(c, err)
		return c.SendString(p.message + "\n" + p.hint + "\nRequest " + requestID(c) + "\n")
	}
	return sendPage(c, buf.Bytes())
}

// explain says what the site shows for err.
func explain(err error) *problem {
	var (
		shown   *problem
		refusal *chat.Error
		http    *fiber.Error
	)
	switch {
	case errors.As(err, &shown):
		return shown
	case errors.As(err, &refusal):
		return explainRefusal(refusal)
	case errors.As(err, &http):
		return explainStatus(http.Code)
	case errors.Is(err, context.DeadlineExceeded):
		return explainStatus(fiber.StatusServiceUnavailable)
	}
	return explainStatus(fiber.StatusInternalServerError)
}

// explainRefusal maps the chat's codes.
func explainRefusal(e *chat.Error) *problem {
	status := fiber.StatusInternalServerError
	switch e.Code {
	case chat.CodeInvalid:
		status = fiber.StatusBadRequest
	case chat.CodeNotFound:
		// Its words are the same whether the thing is absent or hidden; so is the page.
		return explainStatus(fiber.StatusNotFound)
	case chat.CodeForbidden, chat.CodeMuted, chat.CodeBanned, chat.CodeFrozen:
		status = fiber.StatusForbidden
	case chat.CodeIDReused:
		status = fiber.StatusConflict
	case chat.CodeRateLimited:
		status = fiber.StatusTooManyRequests
	case chat.CodeUnavailable:
		status = fiber.StatusServiceUnavailable
	case chat.CodeInternal:
	}
	p := *explainStatus(status)
	if status != fiber.StatusInternalServerError {
		p.message = e.Message
	}
	p.retryAfter = e.RetryAfter
	return &p
}

// explainStatus has the page of each status; one it does not know is a fault of ours.
func explainStatus(status int) *problem {
	p := &problem{status: status}
	switch status {
	case fiber.StatusBadRequest:
		p.title, p.message, p.hint = "Not understood", "The server could not understand this request.", "Go back, check what you entered and try again."
	case fiber.StatusForbidden:
		p.title, p.message, p.hint = "Not allowed", "You may not do this.", "Go back to the chat. If you think you should be allowed to, ask a moderator."
	case fiber.StatusNotFound:
		p.title, p.message, p.hint = "Not found", "There is nothing here.", "Check the address, or go back to the chat."
	case fiber.StatusMethodNotAllowed:
		p.title, p.message, p.hint = "Not possible", "This address does not take requests of this kind.", "Go back and use the buttons of the page."
	case fiber.StatusRequestTimeout:
		p.title, p.message, p.hint = "Too slow", "The request took too long to arrive.", "Check your connection and try again."
	case fiber.StatusConflict:
		p.title, p.message, p.hint = "Already used", "This was already done with other content.", "Go back, reload the page and try again."
	case fiber.StatusRequestEntityTooLarge:
		p.title, p.message, p.hint = "Too large", "This is more than the server takes at once.", "Go back and send less."
	case fiber.StatusUnsupportedMediaType:
		p.title, p.message, p.hint = "Not a form", "The server does not take content of this type here.", "Go back and use the form of the page."
	case fiber.StatusTooManyRequests:
		p.title, p.message, p.hint = "Too fast", "That was too many requests.", "Wait a moment, then try again."
	case fiber.StatusRequestHeaderFieldsTooLarge:
		p.title, p.message, p.hint = "Headers too large", "Your browser sent more than the server takes.", "Delete this site's cookies and try again."
	case fiber.StatusServiceUnavailable:
		p.title, p.message, p.hint = "Not available", "The server cannot do this right now.", "Wait a moment, then try again."
	default:
		p.status = fiber.StatusInternalServerError
		p.title, p.message, p.hint = "Something went wrong", "The server made a mistake.", "Try again. If it happens again, tell whoever runs this site the code below."
	}
	return p
}

// chatPath reports whether a request is the chat's and not a page's.
func chatPath(path string) bool { return strings.HasPrefix(path, "/socket.io/") }

// seconds rounds a wait up to whole seconds, for Retry-After.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
