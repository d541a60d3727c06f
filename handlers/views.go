package handlers

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/template/html/v2"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"roomline/realtime/chat"
)

// parseViews parses every template, with the functions they may call. Of these initials, hue,
// and those of words.go have twins in public/js/text.js: where they differ a row changes when
// the script takes it over.
func parseViews(files fs.FS, public *publicFiles) (*html.Engine, error) {
	engine := html.NewFileSystem(http.FS(files), ".html")
	engine.AddFuncMap(map[string]any{
		"asset":    public.address,
		"modules":  public.modules,
		"initials": initials,
		"hue":      hue,
		"clock":    func(t time.Time) string { return t.UTC().Format("15:04") },
		"day":      func(t time.Time) string { return t.UTC().Format("Monday, 2 January 2006") },
		"date":     func(t time.Time) string { return t.UTC().Format("2 January 2006") },
		"brief":    func(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") },
		"iso":      func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") },
		"dict":     dict,
		"atMost":   atMost,
		"mentions": mentionsWords,
		"rest":     rest,
		"shown":    shown,
		"line":     line,
		"who":      who,
		"among":    among,
		"pause":    pause,
		"counted":  counted,
		"resolved": resolved,
		"lasted":   lasted,
		"looksAt":  looksAt,

		"cardKind":    cardKind,
		"cardOutcome": cardOutcome,
		"cardOthers":  cardOthers,
		"cardMessage": cardMessage,
	})
	if err := engine.Load(); err != nil {
		return nil, err
	}
	// html/template escapes a template when it is first executed, and the engine looks
	// templates up without the lock that this takes.
	for _, t := range engine.Templates.Templates() {
		_ = t.Execute(io.Discard, nil) // only the escaping matters
	}
	return engine, nil
}

// render answers with a page. It is drawn aside first, so that a fault in a template is an
// error page and not half a page.
func (s *Site) render(c *fiber.Ctx, status int, name string, page any) error {
	var buf bytes.Buffer
	if err := s.views.Render(&buf, name, page); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	return sendPage(c.Status(status), sameTab(buf.Bytes(), s.publicOrigin(c)))
}

// page is what every page of v (nil for nobody) has.
func (s *Site) page(v *visitor, title string) Page {
	p := Page{Title: title}
	if v != nil {
		user := v.user.Chat()
		p.User = &user
		p.CSRF = formToken(v.token)
	}
	return p
}

// refuse sets the sentence of a refusal on a page and returns its status.
func (p *Page) refuse(c *fiber.Ctx, why *problem, field string) int {
	p.Error, p.Field = why.message, field
	if why.retryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, fmt.Sprint(seconds(why.retryAfter)))
	}
	return why.status
}

// refuseForm is refuse for one of several forms: it keeps what was typed into its fields. A refusal about
// something that is none of them is about the form.
func (p *Page) refuseForm(c *fiber.Ctx, refusal *chat.Error, form string, fields ...string) int {
	p.Form, p.Typed = form, make(map[string]string, len(fields))
	at := ""
	for _, name := range fields {
		p.Typed[name] = field(c, name)
		if name == refusal.Field {
			at = name
		}
	}
	return p.refuse(c, explainRefusal(refusal), at)
}

// atForm returns the refusal in err that is told at the form; what is not there has a page of its own.
func atForm(err error) *chat.Error {
	var refusal *chat.Error
	if errors.As(err, &refusal) && refusal.Code != chat.CodeNotFound {
		return refusal
	}
	return nil
}

// mentionsWords says how many mentions of the visitor are unread: "1 mention of you". It has a twin in the
// script (public/js/rail.js).
func mentionsWords(n int64) string {
	if n == 1 {
		return "1 mention of you"
	}
	return atMost(99, n) + " mentions of you"
}

// atMost writes a count that has little room: "99+".
func atMost(most, n int64) string {
	if n > most {
		return fmt.Sprintf("%d+", most)
	}
	return strconv.FormatInt(n, 10)
}

// initials are one or two capitals for the round mark beside a name: the first letters of
// its first and last word.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	first := firstUpper(words[0])
	if len(words) == 1 {
		return first
	}
	return first + firstUpper(words[len(words)-1])
}

func firstUpper(word string) string {
	_, size := utf8.DecodeRuneInString(word)
	return cases.Upper(language.Und).String(word[:size]) // a capital may be two letters
}

// hue picks one of eight colours for an id, always the same.
func hue(id string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash never fails
	return int(h.Sum32() % 8)
}

// dict builds a map for a partial with several arguments.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: an odd number of arguments")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: key %v is no string", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}
