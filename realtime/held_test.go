package realtime_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"roomline/realtime/chat"
	"roomline/realtime/internal/wiretest"
)

// hold has every message with "casino" wait for review.
func (h *host) hold(t *testing.T) {
	t.Helper()
	_, err := h.chat.Service().PutRule(t.Context(), chat.Actor{ID: "1", Space: chat.SpaceAdmin},
		chat.Rule{Name: "gambling", Kind: chat.RuleWords, Action: chat.RuleHold, Words: []string{"casino"}}, "spam")
	if err != nil {
		t.Fatal(err)
	}
}

// openReport returns the id of the latest open report.
func openReport(t *testing.T, mod *wiretest.Session) int64 {
	t.Helper()
	answer, _ := ask(t, mod, "/admin", `"report:list",{"state":"open","limit":1}`, `{"ok":true,"reports":[{*"kind":"held",*}],*}`)
	var list []struct{ Reports []chat.Report }
	if err := json.Unmarshal([]byte(answer), &list); err != nil {
		t.Fatal(err)
	}
	return list[0].Reports[0].ID
}

const casino = `"message:send",{"room":"lobby","id":"held-message","text":"the casino"}`

func TestWhatIsHeldIsNowhereUntilItIsApproved(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil)
		h.hold(t)
		first := h.say("2", "lobby", "an ordinary message")
		mod, ada, ben := h.enter(t, line, "4", "/admin"), h.enter(t, line, "2", "/general"), h.enter(t, line, "3", "/general")
		phone := h.enter(t, wiretest.WebSocket(), "2", "/general")
		ask(t, ben, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,*}`)
		waiting := `{"room":"lobby","id":"held-message","text":"the casino","state":"waiting","at":"*"}`
		for range 2 { // the second is a retry
			ask(t, ada, "/general", casino, `{"ok":true,"held":`+waiting+`}`)
		}
		ask(t, ada, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,"room":{*},"held":[`+waiting+`],"messages":[{*"text":"an ordinary message",*}],"hasOlder":false}`)

		since := fmt.Sprintf(`"room:join",{"room":"lobby","since":{"epoch":%q,"rev":%d}}`, h.epoch(t), first.Rev)
		var heard []string
		for _, event := range []string{
			`"room:join",{"room":"lobby"}`, since, `"room:history",{"room":"lobby"}`, `"room:search",{"query":"casino"}`, `"room:list",{}`,
			fmt.Sprintf(`"message:get",{"room":"lobby","seqs":[%d,%d]}`, first.Seq, first.Seq+1),
		} {
			answer, before := ask(t, ben, "/general", event, `{"ok":true,*}`)
			heard = append(append(heard, before...), answer)
		}
		if all := strings.Join(heard, "\n"); strings.Contains(all, "casino") || strings.Contains(all, "held") {
			t.Errorf("somebody else heard %s", all)
		}
		ask(t, ben, "/general", `"room:list",{}`, `{"ok":true,"rooms":[{"slug":"lobby",*"posts":1,*"unread":0,*}]}`)

		report := openReport(t, mod)
		last := h.say("3", "lobby", "meanwhile")
		ask(t, mod, "/admin", fmt.Sprintf(`"report:resolve",{"report":%d,"action":"approve"}`, report), fmt.Sprintf(`{"ok":true,"report":{*"state":"resolved",*"seq":%d,*"action":"approve",*}}`, last.Seq+1))
		message := fmt.Sprintf(`42/general,["message",{"room":"lobby","seq":%d,"rev":%d,"id":"held-message","kind":"text","author":{"id":"2",*},"text":"the casino",*}]`, last.Seq+1, last.Seq+1)
		hear(t, ben, message)
		hearAll(t, ada, message, `42/general,["held",{"room":"lobby","id":"held-message","state":"approved","at":"*"}]`)
		hear(t, phone, `42/general,["held",{"room":"lobby","id":"held-message","state":"approved","at":"*"}]`)
		ask(t, ada, "/general", casino, fmt.Sprintf(`{"ok":true,"message":{"room":"lobby","seq":%d,*}}`, last.Seq+1))
		ask(t, ada, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,"room":{*},"messages":[*{*"text":"the casino",*}],*}`)
		ask(t, ben, "/general", `"room:search",{"query":"casino"}`, `{"ok":true,"messages":[{*"the casino"*}],*}`)
	})
}

func TestWhatIsRejectedIsToldItsAuthorOnly(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		h := newHost(t, nil)
		h.hold(t)
		mod, ada, ben := h.enter(t, wiretest.WebSocket(), "4", "/admin"), h.enter(t, line, "2", "/general"), h.enter(t, line, "3", "/general")
		ask(t, ben, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,*}`)
		ask(t, ada, "/general", casino, `{"ok":true,"held":{*}}`)
		ask(t, mod, "/admin", fmt.Sprintf(`"report:resolve",{"report":%d,"action":"reject-and-mute","note":"no spam","minutes":5}`, openReport(t, mod)), `{"ok":true,*}`)
		hearAll(t, ada, `42/general,["held",{"room":"lobby","id":"held-message","state":"rejected","at":"*","reason":"no spam"}]`,
			`42/general,["sanction",{"kind":"mute","until":"*","reason":"no spam"}]`)
		_, heard := ask(t, ben, "/general", `"room:list",{}`, `{"ok":true,"rooms":[{*"posts":0,*}]}`)
		if all := strings.Join(heard, "\n"); strings.Contains(all, "casino") || strings.Contains(all, "held") {
			t.Errorf("somebody else heard %s", all)
		}
		ask(t, ada, "/general", `"room:join",{"room":"lobby"}`, `{"ok":true,"room":{*},"messages":[],*}`)
	})
}

func TestTheRulesOfTheFilterAreTheModerators(t *testing.T) {
	h := newHost(t, nil)
	mod, ada := h.enter(t, wiretest.WebSocket(), "4", "/admin"), h.enter(t, wiretest.WebSocket(), "2", "/general")
	rule := `{"id":%d,"name":"gambling","kind":"words","action":"block","words":["casino"]}`
	stored := fmt.Sprintf(rule, 1)
	for _, step := range [][2]string{
		{`"rule:list",{}`, `{"ok":true,"rules":[]}`},
		{`"rule:try",{"rule":` + fmt.Sprintf(rule, 0) + `,"text":"To the Casino!"}`, `{"ok":true,"match":{"rule":{*},"found":"Casino"}}`},
		{`"rule:try",{"rule":` + fmt.Sprintf(rule, 0) + `,"text":"to the zoo"}`, `{"ok":true}`},
		{`"rule:put",{"rule":` + fmt.Sprintf(rule, 0) + `,"reason":"spam"}`, `{"ok":true,"rule":` + stored + `}`},
		{`"rule:list",{}`, `{"ok":true,"rules":[` + stored + `]}`},
		{`"rule:put",{"rule":{"id":1,"name":"gambling","kind":"words","action":"block","words":["casino"],"owner":"me"},"reason":"x"}`, `{"ok":false,"error":{"code":"invalid",*}}`},
	} {
		ask(t, mod, "/admin", step[0], step[1])
	}
	ask(t, ada, "/general", casino, `{"ok":false,"error":{"code":"forbidden",*}}`)
	ask(t, mod, "/admin", `"rule:delete",{"id":1,"reason":"enough"}`, `{"ok":true}`)
	ask(t, ada, "/general", casino, `{"ok":true,"message":{*}}`)
	ask(t, mod, "/admin", `"rule:delete",{"id":1,"reason":"again"}`, `{"ok":false,"error":{"code":"not_found",*}}`)
}
