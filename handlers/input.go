package handlers

import (
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// Fiber reuses a request's memory for the next one. Everything a handler keeps or hands on
// comes through the functions of this file, which copy it.

// maxFields is how many fields a form may have; ours have four.
const maxFields = 32

// readForm reads the body of an urlencoded or multipart form for field. Of a field sent
// twice the first counts.
func readForm(c *fiber.Ctx) error {
	if c.Get(fiber.HeaderContentEncoding) != "" {
		return fiber.ErrUnsupportedMediaType
	}
	if err := readBody(c); err != nil {
		return err
	}
	form := map[string]string{}
	fields, err := formFields(c)
	if err != nil {
		return err
	}
	for name, value := range fields {
		if len(form) == maxFields || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return fiber.ErrBadRequest
		}
		if _, twice := form[name]; !twice {
			form[strings.Clone(name)] = strings.Clone(value)
		}
	}
	c.Locals(formKey{}, form)
	return nil
}

// readBody reads the body of a form as it arrives. One over formLimit is refused by its
// announced length (refuseAnnounced), or as soon as it is over.
func readBody(c *fiber.Ctx) error {
	request := c.Request()
	if !request.IsBodyStream() {
		if len(request.Body()) > formLimit { // the app does not stream bodies
			return fiber.ErrRequestEntityTooLarge
		}
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(request.BodyStream(), formLimit+1))
	switch {
	case err != nil: // the client left, or was too slow
		c.Context().SetConnectionClose()
		return fiber.ErrRequestTimeout
	case len(body) > formLimit:
		return refuseOversized(c)
	}
	request.SetBodyRaw(body)
	return nil
}

// refuseOversized ends the connection after the client could read why.
func refuseOversized(c *fiber.Ctx) error {
	c.Context().SetConnectionClose()
	linger(c)
	return fiber.ErrRequestEntityTooLarge
}

func formFields(c *fiber.Ctx) (iter.Seq2[string, string], error) {
	kind, _, _ := strings.Cut(strings.ToLower(c.Get(fiber.HeaderContentType)), ";")
	switch strings.TrimSpace(kind) {
	case fiber.MIMEApplicationForm:
		return func(yield func(string, string) bool) {
			for name, value := range c.Request().PostArgs().All() {
				if !yield(string(name), string(value)) {
					return
				}
			}
		}, nil
	case fiber.MIMEMultipartForm:
		form, err := c.MultipartForm()
		if err != nil {
			return nil, fiber.ErrBadRequest
		}
		return func(yield func(string, string) bool) {
			for name, values := range form.Value {
				if !yield(name, values[0]) {
					return
				}
			}
		}, nil
	}
	if len(c.Request().Body()) > 0 {
		return nil, fiber.ErrUnsupportedMediaType
	}
	return func(func(string, string) bool) {}, nil
}

// field returns a field of the form that guard has read, "" if it was not sent.
func field(c *fiber.Ctx, name string) string {
	form, _ := c.Locals(formKey{}).(map[string]string)
	return form[name]
}

func query(c *fiber.Ctx, name string) string  { return strings.Clone(c.Query(name)) }
func param(c *fiber.Ctx, name string) string  { return strings.Clone(c.Params(name)) }
func header(c *fiber.Ctx, name string) string { return strings.Clone(c.Get(name)) }

// number reads a positive number of a path or query; what is none names nothing.
func number(value string) (int64, error) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n <= 0 {
		return 0, chat.Errorf(chat.CodeNotFound, "There is nothing here.")
	}
	return n, nil
}

// localPath returns path if it leads to a page of this site, and "/" for anything else.
func localPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || len(path) > 512 {
		return "/"
	}
	if strings.IndexFunc(path, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) >= 0 {
		return "/"
	}
	return path
}

// keptFields are the fields of forms in which people write sentences, as their labels name
// them. What a form of another site sends does not come this far.
var keptFields = []struct{ name, label string }{
	{"text", "Your text"}, {"reason", "Your reason"}, {"note", "Your note"}, {"name", "The name"}, {"topic", "The topic"}, {"notice", "The notice"},
}

// keptTexts returns what was written into a form, for a page that refuses the form as a whole.
func keptTexts(c *fiber.Ctx) (kept []KeptText) {
	for _, f := range keptFields {
		if text := field(c, f.name); strings.TrimSpace(text) != "" {
			kept = append(kept, KeptText{f.label, text})
		}
	}
	return kept
}
