package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	"roomline/realtime/chat"
)

// site is a running forum with what its operator reads.
type site struct {
	*forum
	url string

	mu  sync.Mutex // guards log
	log bytes.Buffer
}

// Write implements io.Writer, for the log.
func (s *site) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(line)
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
	s := new(site)
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

// eventually looks until check holds: what it waits for happens in its own time.
func eventually(t *testing.T, what string, check func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !check(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what + ": not in time")
		}
	}
}

func TestWhoSignsInIsKnownToPagesAndChat(t *testing.T) {
	nora := open(t, nil).as(t, "nora")
	if home := nora.sees("/"); !strings.Contains(home, `<a href="/account">Nora</a>`) {
		t.Errorf("the page does not know Nora: %s", home)
	}
	nora.line("/general").hears(`"user":{"id":"u_q2xd","name":"Nora","role":"member"}`)
}

func TestAForumsModeratorIsOneInTheChat(t *testing.T) {
	s := open(t, nil)
	s.as(t, "Olga").line("/admin").hears(`"name":"Olga","role":"moderator"`)
	s.as(t, "Nora").line("/admin").hears(`"code":"forbidden"`)
}

func TestATopicPageHasItsChat(t *testing.T) {
	s := open(t, nil)
	nora := s.as(t, "Nora")
	for range 2 {
		if text := nora.sees("/topics/1"); !strings.Contains(text, `<roomline-chat room="topic-1">`) {
			t.Errorf("the page has no chat: %s", text)
		}
	}
	page, err := s.chat.Service().History(t.Context(), chat.AsHost(), "topic-1", chat.HistoryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Messages) != 1 || page.Messages[0].Kind != chat.KindSystem || page.Messages[0].Text != "Nora opened this topic." {
		t.Errorf("the chat begins with %+v", page.Messages)
	}
}

func TestANewTopicOpensItsRoom(t *testing.T) {
	s := open(t, nil)
	emil := s.as(t, "Emil")
	status, _ := emil.submit("/category/tools/new", "/category/tools", "title", strings.Repeat("A very long title. ", 6), "text", "Words.")
	if status != http.StatusSeeOther {
		t.Fatalf("a new topic is answered with %d", status)
	}
	room, err := s.chat.Service().Room(t.Context(), chat.AsHost(), "topic-5")
	if err != nil || room.Posts != 1 || !room.Unlisted {
		t.Errorf("the room is %+v, %v", room, err)
	}
	if status, text := emil.submit("/category/tools/new", "/category/tools", "title", "Win at our Casino", "text", "Words."); status != http.StatusUnprocessableEntity {
		t.Errorf("advertising is answered with %d %s", status, text)
	}
}

func TestAFormWithoutItsTokenIsRefused(t *testing.T) {
	nora := open(t, nil).as(t, "Nora")
	if status, _ := nora.do(http.MethodPost, "/signout", "", "application/x-www-form-urlencoded"); status != http.StatusForbidden {
		t.Errorf("a form of another site is answered with %d", status)
	}
	nora.sees("/account")
}

func TestAVisitorReadsPublicTopicsAndWritesNothing(t *testing.T) {
	s := open(t, nil)
	visitor := s.browser(t)
	visitor.sees("/topics/1")
	line := visitor.line("/general")
	line.asks("/general", `["room:join",{"room":"topic-1"}]`, `"text":"Nora opened this topic."`)
	line.heard = ""
	line.asks("/general", `["message:send",{"room":"topic-1","id":"of-a-guest","text":"hello"}]`, `"code":"forbidden"`)
	if status, _ := visitor.get("/account"); status != http.StatusSeeOther {
		t.Errorf("/account is answered with %d", status)
	}
}

// TestWhoHasNoKeyKnowsNothing asks everything that might speak of a keyholders' topic.
func TestWhoHasNoKeyKnowsNothing(t *testing.T) {
	s := open(t, nil)
	nora := s.as(t, "Nora")
	nora.sees("/topics/4")
	line := nora.line("/general")
	line.asks("/general", `["message:send",{"room":"topic-4","id":"of-a-keyholder","text":"The code is under the pot."}]`, `"ok":true`)
	for who, b := range map[string]*browser{"emil": s.as(t, "Emil"), "a visitor": s.browser(t)} {
		if status, _ := b.get("/topics/4"); status != http.StatusNotFound {
			t.Errorf("%s gets the page with %d", who, status)
		}
		if status, _ := b.get("/category/keyholders"); status != http.StatusNotFound {
			t.Errorf("%s gets the category with %d", who, status)
		}
		text := b.sees("/")
		line := b.line("/general")
		for _, ask := range []string{
			`["room:join",{"room":"topic-4"}]`, `["room:history",{"room":"topic-4"}]`, `["message:get",{"room":"topic-4","seqs":[1]}]`,
			`["room:search",{"room":"topic-4","query":"pot"}]`, `["message:send",{"room":"topic-4","id":"of-nobody-here","text":"x"}]`,
		} {
			line.heard = ""
			line.asks("/general", ask, `"ok":false`)
			text += line.heard
		}
		line.heard = ""
		line.asks("/general", `["room:search",{"query":"pot"}]`, `43/general,1[`)
		space := b.line(readersSpace)
		space.asks(readersSpace, `["reading",{"topic":4}]`, `43/forum,1[{"topic":0,"count":0}]`)
		for _, secret := range []string{"alarm", "keyholders", "under the pot"} {
			if strings.Contains(strings.ToLower(text+line.heard), secret) {
				t.Errorf("%s hears of %q: %s", who, secret, text+line.heard)
			}
		}
	}
	unread, err := s.unread(t.Context(), User{ID: "u_m9ta"}, 0)
	if err != nil || unread != 0 {
		t.Errorf("unread are %d, %v", unread, err)
	}
}

func TestWhoLosesTheKeyIsOutAtOnce(t *testing.T) {
	s := open(t, nil)
	olga, nora := s.as(t, "Olga"), s.as(t, "Nora")
	nora.sees("/topics/4")
	line, space := nora.line("/general"), nora.line(readersSpace)
	line.asks("/general", `["room:join",{"room":"topic-4"}]`, `"ok":true`)
	space.asks(readersSpace, `["reading",{"topic":4}]`, `"count":1`)
	if status, _ := olga.submit("/members", "/members/u_q2xd/badge", "on", "false"); status != http.StatusSeeOther {
		t.Fatalf("taking the key is answered with %d", status)
	}
	line.heard = ""
	line.asks("/general", `["room:leave",{"room":"topic-4"}]`, `"message":"You are not in this room."`)
	if left := s.chat.Of(readersSpace).To(roomOf(4)).Sockets(); len(left) != 0 {
		t.Errorf("%d still count as readers", len(left))
	}
	if unread, err := s.unread(t.Context(), User{ID: "u_q2xd"}, 0); err != nil || unread != 0 {
		t.Errorf("unread are %d, %v", unread, err)
	}
	if status, _ := olga.submit("/members", "/members/u_q2xd/badge", "on", "true"); status != http.StatusSeeOther {
		t.Fatalf("giving the key is answered with %d", status)
	}
	line.asks("/general", `["room:join",{"room":"topic-4"}]`, `"ok":true`)
	if status, _ := nora.submit("/account", "/members/u_m9ta/badge", "on", "true"); status != http.StatusNotFound {
		t.Errorf("a member gives keys: %d", status)
	}
}

func TestSigningOutEndsTheConnectionsOfThatBrowser(t *testing.T) {
	s := open(t, nil)
	here, there := s.as(t, "Nora"), s.as(t, "Nora")
	line, other := here.line("/general"), there.line("/general")
	line.hears(`"hello"`)
	other.hears(`"hello"`)
	if status, _ := here.submit("/", "/signout"); status != http.StatusSeeOther {
		t.Fatalf("signing out is answered with %d", status)
	}
	if status, answer := line.get(line.path); status == http.StatusOK && !strings.Contains(answer, "signed_out") {
		t.Errorf("the connection goes on: %s", answer)
	}
	other.asks("/general", `["room:list",{}]`, `"ok":true`)
}

func TestTheLastLineOfAChatStandsInTheLists(t *testing.T) {
	s := open(t, nil)
	nora := s.as(t, "Nora")
	nora.sees("/topics/1")
	line := nora.line("/general")
	line.asks("/general", `["message:send",{"room":"topic-1","id":"first-line","text":"It is <oak>."}]`, `"ok":true`)
	eventually(t, "the line", func() bool {
		return strings.Contains(s.browser(t).sees("/"), `<q>It is &lt;oak&gt;.</q> <small>Nora</small>`)
	})
	var topic Topic
	last := func() string {
		topic = Topic{}
		if err := s.db.First(&topic, 1).Error; err != nil {
			t.Fatal(err)
		}
		return topic.ChatLine
	}
	last()
	tell := func(seq, rev int64, epoch, text string) {
		t.Helper()
		m := chat.Message{Kind: chat.KindText, Seq: seq, Rev: rev, Text: text, Author: chat.User{ID: "u_q2xd"}}
		e := chat.Event{Message: &m, Room: chat.Room{Slug: "topic-1"}, Position: chat.Position{Epoch: epoch, Rev: rev}}
		if err := s.noteLine(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	epoch, seq := topic.ChatEpoch, topic.ChatSeq
	for _, c := range []struct {
		seq, rev int64
		epoch    string
		want     string
	}{
		{seq, topic.ChatRev, epoch, "It is <oak>."}, // told twice
		{1, seq + 5, epoch, "It is <oak>."},         // an older line was edited
		{seq, seq + 6, epoch, "6"},                  // this one was
		{seq + 7, seq + 7, epoch, "7"},              // a new one
		{seq, seq + 6, epoch, "7"},                  // told late
		{1, 1, "another", "1"},                      // a backup was restored
	} {
		tell(c.seq, c.rev, c.epoch, fmt.Sprint(c.rev-seq))
		if c.epoch == "another" {
			c.want = fmt.Sprint(1 - seq)
		}
		if got := last(); got != c.want {
			t.Errorf("after seq %d, rev %d of %s the line is %q, want %q", c.seq, c.rev, c.epoch, got, c.want)
		}
	}
}

func TestTheForumsWordsHoldInTheChat(t *testing.T) {
	s := open(t, nil)
	nora := s.as(t, "Nora")
	nora.sees("/topics/1")
	nora.line("/general").asks("/general",
		`["message:send",{"room":"topic-1","id":"of-a-seller","text":"Visit our CASINO"}]`, `This forum does not carry advertising.`)
}

func TestModeratorsOfTheForumDecideAboutReports(t *testing.T) {
	s := open(t, nil)
	nora, emil, olga := s.as(t, "Nora"), s.as(t, "Emil"), s.as(t, "Olga")
	nora.sees("/topics/1")
	nora.line("/general").asks("/general", `["message:send",{"room":"topic-1","id":"a-rude-line","text":"Rubbish."}]`, `"seq":2`)
	emil.line("/general").asks("/general", `["message:report",{"room":"topic-1","seq":2,"reason":"Rude to Yusuf."}]`, `"ok":true`)
	if page := olga.sees("/reports"); !strings.Contains(page, "Rubbish.") || !strings.Contains(page, "Emil: Rude to Yusuf.") {
		t.Errorf("the page is %s", page)
	}
	if status, _ := olga.submit("/reports", "/reports/1", "action", "agree-and-delete"); status != http.StatusSeeOther {
		t.Fatalf("a decision is answered with %d", status)
	}
	m, err := s.chat.Service().Message(t.Context(), chat.AsHost(), "topic-1", 2)
	if err != nil || m.DeletedBy != "u_7f3k" {
		t.Errorf("the message is %+v, %v", m, err)
	}
	if status, _ := emil.get("/reports"); status != http.StatusNotFound {
		t.Errorf("a member gets the page with %d", status)
	}
}

func TestTheHeadCountsWhatWasSaidInVisitedTopics(t *testing.T) {
	s := open(t, nil)
	nora, emil := s.as(t, "Nora"), s.as(t, "Emil")
	for _, topic := range []string{"/topics/1", "/topics/2"} {
		nora.sees(topic)
		emil.sees(topic)
	}
	line := emil.line("/general")
	line.asks("/general", `["message:send",{"room":"topic-1","id":"a-line-of-emil","text":"Peg it."}]`, `"ok":true`)
	if home := nora.sees("/"); !strings.Contains(home, `id="unread">3<`) { // with the two lines that opened them
		t.Errorf("the head does not count three: %s", home)
	}
	if here := nora.sees("/topics/1"); !strings.Contains(here, `id="unread">1<`) {
		t.Errorf("the head counts what is in front of her: %s", here)
	}
	if list := nora.sees("/visited"); !strings.Contains(list, `<b class="count">2</b> unread`) {
		t.Errorf("the list does not count two: %s", list)
	}
}

func TestADeletedAccountLeavesNothingInTheChat(t *testing.T) {
	s := open(t, nil)
	nora := s.as(t, "Nora")
	nora.sees("/topics/1")
	line := nora.line("/general")
	line.asks("/general", `["message:send",{"room":"topic-1","id":"to-be-erased","text":"Forget me."}]`, `"ok":true`)
	if status, _ := nora.submit("/account", "/account/delete"); status != http.StatusSeeOther {
		t.Fatalf("deleting is answered with %d", status)
	}
	page, err := s.chat.Service().History(t.Context(), chat.AsHost(), "topic-1", chat.HistoryQuery{})
	if err != nil || len(page.Messages) != 2 || !page.Messages[1].Deleted() || page.Messages[1].Text != "" {
		t.Errorf("the chat has %+v, %v", page.Messages, err)
	}
	text := s.browser(t).sees("/topics/1")
	if strings.Contains(text, "<h2>Nora</h2>") || !strings.Contains(text, "<h2>a former member</h2>") {
		t.Errorf("the posts are signed: %s", text)
	}
	eventually(t, "the lists forget the line", func() bool { return !strings.Contains(s.browser(t).sees("/"), "Forget me.") })
	if status, _ := nora.get("/account"); status != http.StatusSeeOther {
		t.Errorf("the session is answered with %d", status)
	}
}

func TestTheMiddlewaresLetTheChatPass(t *testing.T) {
	s := open(t, func(f *forum) { f.requests = 3 })
	visitor := s.browser(t)
	line := visitor.line("/general")
	for range 10 {
		line.heard = ""
		line.asks("/general", `["room:list",{}]`, `"ok":true`)
	}
	if log := s.logged(); strings.Contains(log, "level=WARN") || strings.Contains(log, "level=ERROR") {
		t.Errorf("the log says %s", log)
	}
	statuses := make(map[int]int)
	for range 4 {
		status, _ := visitor.get("/")
		statuses[status]++
	}
	if statuses[http.StatusOK] != 3 || statuses[http.StatusTooManyRequests] != 1 {
		t.Errorf("pages are answered with %v", statuses)
	}
}

func TestAForumOfAnotherKindOfDatabaseIsToldWhy(t *testing.T) {
	db, err := openDatabase(filepath.Join(t.TempDir(), "forum.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := closeDatabase(db); err != nil {
			t.Error(err)
		}
	}()
	if err := db.Exec("PRAGMA journal_mode = DELETE").Error; err != nil {
		t.Fatal(err)
	}
	err = newForum(db, slog.New(slog.DiscardHandler), 1).openChat(context.Background())
	if err == nil || !strings.Contains(err.Error(), "_journal_mode=WAL") {
		t.Errorf("the error is %v", err)
	}
}

var _ fiber.Storage = sessionTable{}
