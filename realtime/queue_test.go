package realtime_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/internal/wiretest"
)

// report has a message reported, and returns the report as a moderator hears of it.
func (h *host) report(t *testing.T, mod *wiretest.Session, by string, m chat.Message, reason string) chat.Report {
	t.Helper()
	if err := h.chat.Service().Report(t.Context(), chat.Actor{ID: by, Space: chat.SpaceGeneral}, m.Room, m.Seq, reason); err != nil {
		t.Fatal(err)
	}
	var r chat.Report
	packet := hear(t, mod, `42/admin,["report",{*"text":"`+m.Text+`"*}]`)
	body := strings.TrimSuffix(strings.TrimPrefix(packet, `42/admin,["report",`), "]")
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAReportArrivesInTheAdminRoomAndChangesWhenItIsResolved(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil)
		m := h.say("3", "lobby", "something bad")
		mod, ada, ben := h.enter(t, line, "4", "/admin"), h.enter(t, line, "2", "/general"), h.enter(t, line, "3", "/general")
		ask(t, mod, "/admin", `"room:join",{"room":"admin"}`, `{"ok":true,*}`)
		ask(t, ada, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,*}`)
		event := fmt.Sprintf(`"message:report",{"room":"lobby","seq":%d,"reason":"rude"}`, m.Seq)
		ask(t, ada, "/general", event, `{"ok":true}`)
		ask(t, ben, "/general", event, `{"ok":false,"error":{"code":"invalid",*}}`) // his own
		report := fmt.Sprintf(`{"id":1,"kind":"report","state":"open","room":"lobby","seq":%d,"author":{"id":"3",*},"text":"something bad","count":1,"reasons":[{"user":{"id":"2",*},"text":"rude","at":"*"}],"message":1,"at":"*"}`, m.Seq)
		hearAll(t, mod, `42/admin,["report",`+report+`]`,
			`42/admin,["message",{"room":"admin","seq":1,"rev":1,"id":"report-1","kind":"report","author":{"id":"","name":"Roomline","role":"member"},"text":"A message in lobby was reported.","sentAt":"*","report":`+report+`}]`)
		ask(t, mod, "/admin", `"report:list",{"state":"open"}`, `{"ok":true,"reports":[`+report+`],"hasOlder":false}`)

		resolved := `{"id":1,"kind":"report","state":"resolved",*"action":"agree-and-delete","note":"yes","resolvedBy":{"id":"4",*},"resolvedAt":"*"}`
		_, heard := ask(t, mod, "/admin", `"report:resolve",{"report":1,"action":"agree-and-delete","note":"yes"}`, `{"ok":true,"report":`+resolved+`}`)
		missing := []string{
			`42/admin,["report",` + resolved + `]`, `42/admin,["audit",{*"actor":{"id":"4",*},"act":"report:resolve",*"reason":"yes"*}]`,
			`42/admin,["message",{"room":"admin","seq":1,"rev":2,"id":"report-1",*"report":` + resolved + `}]`,
		}
		hearAll(t, mod, unheard(missing, heard)...)
		hear(t, ada, `42/general,["message",{"room":"lobby",*"deletedBy":"4"}]`)
		ask(t, mod, "/admin", `"report:resolve",{"report":1,"action":"keep"}`, `{"ok":true,"report":`+resolved+`,"already":true}`)
		ask(t, mod, "/admin", `"report:list",{"state":"open"}`, `{"ok":true,"reports":[],"hasOlder":false}`)
		ask(t, mod, "/admin", `"room:history",{"room":"admin"}`, `{"ok":true,"messages":[{*"kind":"report",*"report":`+resolved+`}],*}`)
		_, heard = ask(t, ben, "/general", `"room:list",{}`, `{"ok":true,*}`)
		if text := strings.Join(heard, ""); strings.Contains(text, "report") || strings.Contains(text, "audit") {
			t.Errorf("who was reported heard %q", heard)
		}
	})
}

// unheard returns the patterns that match none of the packets.
func unheard(patterns, packets []string) (missing []string) {
	for _, p := range patterns {
		heard := false
		for _, packet := range packets {
			heard = heard || wiretest.Match(p, packet)
		}
		if !heard {
			missing = append(missing, p)
		}
	}
	return missing
}

func TestManyReportsOfAMessageAreOneItem(t *testing.T) {
	h := newHost(t, nil)
	m := h.say("3", "lobby", "something bad")
	mod := h.enter(t, wiretest.WebSocket(), "4", "/admin")
	first := h.report(t, mod, "2", m, "rude")
	h.report(t, mod, "1", m, "spam")
	ask(t, mod, "/admin", `"report:list",{}`, fmt.Sprintf(`{"ok":true,"reports":[{"id":%d,*"count":2,"reasons":[{*"rude"*},{*"spam"*}],*}],"hasOlder":false}`, first.ID))
}

func TestTwoModeratorsWhoActAtOnceDoNotCollide(t *testing.T) {
	h := newHost(t, func(l *realtime.Limits) { l.Chat.ReportRate = 0 })
	one, two := h.enter(t, wiretest.WebSocket(), "4", "/admin"), h.enter(t, wiretest.WebSocket(), "1", "/admin")
	for round := range 10 {
		m := h.say("3", "lobby", fmt.Sprintf("something bad %d", round))
		r := h.report(t, one, "2", m, "rude")
		answers := make([]string, 2)
		var both sync.WaitGroup
		for i, s := range []*wiretest.Session{one, two} {
			action := []string{"keep", "ignore"}[i]
			both.Go(func() {
				s.Send(fmt.Sprintf(`42/admin,%d["report:resolve",{"report":%d,"action":%q}]`, round, r.ID, action))
				for packet, open := s.Next(); open; packet, open = s.Next() {
					if rest, is := strings.CutPrefix(packet, fmt.Sprintf(`43/admin,%d`, round)); is {
						answers[i] = rest
						return
					}
				}
			})
		}
		both.Wait()
		var got [2]struct {
			OK      bool
			Already bool
			Report  chat.Report
		}
		for i, answer := range answers {
			list := []any{&got[i]}
			if err := json.Unmarshal([]byte(answer), &list); err != nil || !got[i].OK {
				t.Fatalf("%v: %s", err, answer)
			}
		}
		if got[0].Already == got[1].Already {
			t.Errorf("%d of two were second: %s", map[bool]int{true: 2}[got[0].Already], answers)
		}
		if a, b := got[0].Report, got[1].Report; a.Action != b.Action || a.ResolvedBy.ID != b.ResolvedBy.ID {
			t.Errorf("they learn different things: %s", answers)
		}
	}
}
