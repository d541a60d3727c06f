package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"gorm.io/gorm"
)

// site is a running forum with what its operator reads.
type site struct {
	*forum
	url     string
	served  *fiber.App
	changed chan struct{} // a topic, or the log; holds one

	mu  sync.Mutex // guards log
	log bytes.Buffer
}

// Write implements io.Writer, for the log.
func (s *site) Write(line []byte) (int, error) {
	defer s.change()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(line)
}

func (s *site) change() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// until waits until something holds, which only a change of a topic or of the log can bring about.
func (s *site) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	late := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-s.changed:
		case <-late:
			t.Fatal(what + ": not in time")
		}
	}
}

func (s *site) logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// open serves a forum with its seed; change may change it before.
func open(t *testing.T, change func(*forum)) *site {
	t.Helper()
	t.Parallel() // what takes time is the wait at the end
	db, err := openDatabase(filepath.Join(t.TempDir(), "forum.db"))
	if err != nil {
		t.Fatal(err)
	}
	s := &site{changed: make(chan struct{}, 1)}
	err = db.Callback().Update().After("gorm:commit_or_rollback_transaction").Register("forum:changed", func(tx *gorm.DB) {
		if tx.Statement.Table == "topics" {
			s.change()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	s.forum = newForum(db, slog.New(slog.NewTextHandler(s, nil)), 1000)
	if err := s.openChat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(s.forum)
	}
	app, err := s.app()
	if err != nil {
		t.Fatal(err)
	}
	s.served = app
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	s.url = "http://" + listener.Addr().String()
	t.Cleanup(func() {
		if err := errors.Join(s.stop(app), <-served, s.chatDB.Close(), closeDatabase(db)); err != nil {
			t.Error(err)
		}
	})
	return s
}

// browser is somebody with cookies.
type browser struct {
	t    *testing.T
	site *site
	http *http.Client
}

func (s *site) browser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t, s, &http.Client{
		Jar: jar, Transport: new(http.Transport), Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	t.Cleanup(b.http.CloseIdleConnections)
	return b
}

// as is a browser in which somebody has signed in.
func (s *site) as(t *testing.T, name string) *browser {
	t.Helper()
	b := s.browser(t)
	if status, _ := b.submit("/signin", "/signin", "name", name, "password", seedPassword); status != http.StatusSeeOther {
		t.Fatalf("sign in of %s: %d", name, status)
	}
	return b
}

func (b *browser) do(method, path, body, kind string) (int, string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.site.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	answer, err := b.http.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func (b *browser) get(path string) (int, string) {
	b.t.Helper()
	return b.do(http.MethodGet, path, "", "")
}

// sees is get of a page that has to be there.
func (b *browser) sees(path string) string {
	b.t.Helper()
	status, text := b.get(path)
	if status != http.StatusOK {
		b.t.Fatalf("%s is answered with %d: %s", path, status, text)
	}
	return text
}

var token = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)

// submit posts a form as the page would.
func (b *browser) submit(page, path string, fields ...string) (int, string) {
	b.t.Helper()
	form := url.Values{}
	if found := token.FindStringSubmatch(b.sees(page)); found != nil {
		form.Set("_csrf", found[1])
	}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, path, form.Encode(), "application/x-www-form-urlencoded")
}

// line is a connection of the chat, by polling.
type line struct {
	*browser
	path  string
	heard string
}

const polling = chatHome + "/socket.io/?EIO=4&transport=polling"

func (b *browser) line(namespace string) *line {
	b.t.Helper()
	_, opened := b.get(polling)
	_, rest, _ := strings.Cut(opened, `"sid":"`)
	sid, _, ok := strings.Cut(rest, `"`)
	if !ok {
		b.t.Fatalf("a handshake is answered with %s", opened)
	}
	l := &line{browser: b, path: polling + "&sid=" + sid}
	l.say("40" + namespace)
	return l
}

func (l *line) say(packet string) {
	l.t.Helper()
	if status, answer := l.do(http.MethodPost, l.path, packet, "text/plain"); status != http.StatusOK {
		l.t.Fatalf("%s is answered with %d: %s", packet, status, answer)
	}
}

// hears polls until a text has come.
func (l *line) hears(text string) {
	l.t.Helper()
	for !strings.Contains(l.heard, text) {
		status, packets := l.get(l.path)
		if status != http.StatusOK {
			l.t.Fatalf("instead of %s: %d %s, after %s", text, status, packets, l.heard)
		}
		if strings.HasPrefix(packets, "2") {
			l.say("3")
		}
		l.heard += packets
	}
}

// asks sends an event and polls until a text has come.
func (l *line) asks(namespace, event, text string) {
	l.t.Helper()
	l.say("42" + namespace + ",1" + event)
	l.hears(text)
}
