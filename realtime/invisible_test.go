package realtime_test

import (
	"testing"

	"roomline/realtime/internal/wiretest"
)

func TestMarkupAroundNothingVisibleIsRefused(t *testing.T) {
	h := newHost(t, nil)
	h.say("2", "lobby", "original")
	s := h.enter(t, wiretest.WebSocket(), "2", "/general")
	for _, text := range []string{
		`**\u3164**`, `*\u2800*`, `~~\u115f~~`, "`\\u2800`", `> \u200b`, "- \\u3164\\n- \\u2800", "```\\n\\u3164\\n```", `[\u200b](https://example.org/)`,
	} {
		s.Send(`42/general,1["message:send",{"room":"lobby","id":"invisible-1","text":"` + text + `"}]`)
		s.Expect(`43/general,1[{"ok":false,"error":{"code":"invalid",*}}]`)
		s.Send(`42/general,2["message:edit",{"room":"lobby","seq":1,"text":"` + text + `"}]`)
		s.Expect(`43/general,2[{"ok":false,"error":{"code":"invalid",*}}]`)
	}
	s.Send(`42/general,3["message:edit",{"room":"lobby","seq":1,"text":"**\u3164x**"}]`)
	s.Expect(`43/general,3[{"ok":true,*}]`)
}
