package handlers_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"roomline/handlers"
	"roomline/models"
	"roomline/public"
	"roomline/realtime"
	"roomline/views"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp's clock for the Date header has no end, and the sweep of its workers ends
		// up to ten seconds after the server.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		// Its compressors have no end either: as many as processors, from the first page on; and one that has
		// made something as small as can be keeps a goroutine until it is collected.
		goleak.IgnoreTopFunction("github.com/valyala/fasthttp/stackless.funcWorker"),
		goleak.IgnoreTopFunction("github.com/molecule-man/go-brrr/internal/encoder.(*hqCollector).serve"),
	)
}

const password = "seven bees on a door"

// site is the real site on a database of its own, listening on loopback.
type site struct {
	t     *testing.T
	url   string
	db    *models.DB
	site  *handlers.Site
	live  *realtime.Chat
	clock *clock
	log   *lines
}

// schema is a database file with the schema of today.
var schema = sync.OnceValues(func() (data []byte, err error) {
	folder, err := os.MkdirTemp("", "roomline")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "roomline.db")
	db, err := models.Open(context.Background(), models.Config{Path: path})
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// fresh returns the path of such a file, for the test alone.
func fresh(t *testing.T) string {
	t.Helper()
	data, err := schema()
	path := filepath.Join(t.TempDir(), "roomline.db")
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// serving holds the tests that have a site.
var serving sync.Map

// serve starts a site; options change its configuration. Tests with one run beside each other.
func serve(t *testing.T, options ...func(*handlers.Config)) *site {
	t.Helper()
	if _, again := serving.LoadOrStore(t, true); !again {
		t.Parallel()
	}
	log := &lines{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	db, err := models.Open(t.Context(), models.Config{Path: fresh(t), Exclusive: true, Logger: logger, PasswordMemory: 64})
	if err != nil {
		t.Fatal(err)
	}
	accounts := handlers.NewAccounts(db)
	limits := realtime.DefaultLimits()
	limits.DrainTime = time.Millisecond
	metrics := prometheus.NewRegistry()
	live, err := realtime.New(realtime.Options{
		Metrics: metrics, Store: db.Store(), Identify: accounts.Identify, Session: accounts.SessionKey, Recheck: accounts.Recheck, Limits: &limits, Logger: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, db: db, live: live, clock: &clock{now: time.Now()}, log: log}
	config := handlers.Config{
		Registry: metrics, Accounts: accounts, Chat: live, Views: views.FS, Public: public.FS,
		TextLength: limits.Chat.TextLength, MaxPayload: limits.MaxPayload, SignupRate: -1, Logger: logger, Now: s.clock.Now,
	}
	for _, option := range options {
		option(&config)
	}
	if s.site, err = handlers.New(config); err != nil {
		t.Fatal(err)
	}
	app, err := s.site.App()
	if err != nil {
		t.Fatal(err)
	}
	s.url = listen(t, app, handlers.ListenerConfig{})
	s.site.SetReady(true)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := errors.Join(live.Close(ctx), app.ShutdownWithContext(ctx), db.Close()); err != nil {
			t.Errorf("stop the site: %v", err)
		}
	})
	return s
}

func listen(t *testing.T, app *fiber.App, cfg handlers.ListenerConfig) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(handlers.NewListener(listener, cfg)) }()
	t.Cleanup(func() {
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return "http://" + listener.Addr().String()
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// browser is somebody with a cookie jar who follows no redirect by themselves.
type browser struct {
	t      *testing.T
	site   *site
	client *http.Client
	header http.Header // sent with every request
}

func (s *site) visitor() *browser {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	transport := &http.Transport{}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &browser{t: s.t, site: s, header: http.Header{}, client: &http.Client{
		Jar: jar, Transport: transport, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// member is a visitor who has signed up. The first on a site owns it.
func (s *site) member(name string) *browser {
	s.t.Helper()
	b := s.visitor()
	b.submit("/signup", "/signup", "username", name, "password", password).wants(http.StatusSeeOther)
	return b
}

// in returns the same browser for a subtest, with headers of its own.
func (b *browser) in(t *testing.T) *browser {
	return &browser{t: t, site: b.site, client: b.client, header: http.Header{}}
}

// answer is a response that was read.
type answer struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   string
}

func (b *browser) do(method, path, contentType, body string) *answer {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.site.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for name, values := range b.header {
		request.Header[name] = values
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if host := b.header.Get("Host"); host != "" {
		request.Host = host
	}
	response, err := b.client.Do(request)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	return &answer{b.t, method + " " + path, response.StatusCode, response.Header, string(text)}
}

func (b *browser) get(path string) *answer {
	b.t.Helper()
	return b.do(http.MethodGet, path, "", "")
}

// post sends a form without looking for a token.
func (b *browser) post(path string, fields ...string) *answer {
	b.t.Helper()
	return b.do(http.MethodPost, path, "application/x-www-form-urlencoded", form(fields...))
}

// submit fills in a form of a page and sends it to path.
func (b *browser) submit(page, path string, fields ...string) *answer {
	b.t.Helper()
	return b.post(path, append([]string{"_csrf", b.token(page)}, fields...)...)
}

// say posts a message with the plain form of a room.
func (b *browser) say(room, id, text string) *answer {
	b.t.Helper()
	return b.submit(room, room+"/messages", "id", id, "text", text)
}

func (b *browser) token(page string) string {
	b.t.Helper()
	return b.get(page).wants(http.StatusOK).value("_csrf")
}

// cookie returns a cookie that the browser holds, "" for none.
func (b *browser) cookie(name string) string {
	home, err := url.Parse(b.site.url)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(home) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func form(fields ...string) string {
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	return values.Encode()
}

// wants fails the test unless the answer has the status.
func (a *answer) wants(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: %d, want %d\n%s", a.what, a.status, status, a.body)
	}
	return a
}

// leadsTo fails the test unless the answer redirects there.
func (a *answer) leadsTo(path string) *answer {
	a.t.Helper()
	a.wants(http.StatusSeeOther)
	if got := a.header.Get("Location"); got != path {
		a.t.Fatalf("%s leads to %s, want %s", a.what, got, path)
	}
	return a
}

func (a *answer) shows(text string) *answer {
	a.t.Helper()
	if !strings.Contains(a.body, text) {
		a.t.Fatalf("%s does not show %q:\n%s", a.what, text, a.body)
	}
	return a
}

func (a *answer) hides(text string) *answer {
	a.t.Helper()
	if strings.Contains(a.body, text) {
		a.t.Fatalf("%s shows %q:\n%s", a.what, text, a.body)
	}
	return a
}

// value returns that of the first input of a name.
func (a *answer) value(name string) string {
	a.t.Helper()
	return a.find(`name="` + name + `" value="([^"]*)"`)
}

// find returns what the group of a pattern matches first.
func (a *answer) find(pattern string) string {
	a.t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(a.body)
	if found == nil {
		a.t.Fatalf("%s has no %s:\n%s", a.what, pattern, a.body)
	}
	return found[1]
}
