package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"roomline/realtime/chat"
)

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
	line.hears(`["removed",{"room":"topic-4"}]`)
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
	line.heard = ""
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
	s.until(t, "the line", func() bool {
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

func TestNoMiddlewareIsInTheWayOfTheChat(t *testing.T) {
	for name, exempt := range map[string]bool{"as it is": true, "without exemptions": false} {
		t.Run(name, func(t *testing.T) {
			s := open(t, func(f *forum) {
				if !exempt {
					f.exempt = nil
				}
			})
			found := strings.Join(s.chat.Diagnose(s.served, nil), "\n")
			for _, middleware := range []string{"limiter", "compress", "csrf"} {
				if strings.Contains(found, "the "+middleware+" middleware") == exempt {
					t.Errorf("of the %s middleware is said: %q", middleware, found)
				}
			}
			if exempt && found != "" || !exempt && !strings.Contains(found, "/community/chat/") {
				t.Errorf("found %q", found)
			}
		})
	}
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
	reader := nora.line("/general")
	for _, topic := range []string{"topic-1", "topic-2"} {
		reader.asks("/general", `["room:join",{"room":"`+topic+`"}]`, `"ok":true`)
	}
	line.asks("/general", `["message:send",{"room":"topic-1","id":"a-line-of-emil","text":"Peg it."}]`, `"ok":true`)
	if home := nora.sees("/"); !strings.Contains(home, `id="unread">1<`) { // without the lines that opened them, which she found there
		t.Errorf("the head does not count one: %s", home)
	}
	if here := nora.sees("/topics/1"); strings.Contains(here, `id="unread">`) {
		t.Errorf("the head counts what is in front of her: %s", here)
	}
	if list := nora.sees("/visited"); !strings.Contains(list, `<b class="count">1</b> unread`) {
		t.Errorf("the list does not count one: %s", list)
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
	s.until(t, "the lists forget the line", func() bool { return !strings.Contains(s.browser(t).sees("/"), "Forget me.") })
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
