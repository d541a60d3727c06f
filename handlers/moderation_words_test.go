package handlers

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"roomline/realtime"
	"roomline/realtime/chat"
)

func TestALengthIsSaidInTheLargestUnitThatIsWhole(t *testing.T) {
	for seconds, want := range map[int]string{
		0: "0 seconds", 1: "1 second", 59: "59 seconds", 60: "1 minute", 90: "90 seconds", 3600: "1 hour", 5400: "90 minutes", 86400: "1 day", 604800: "7 days",
	} {
		if got := pause(seconds); got != want {
			t.Errorf("pause(%d) = %q, want %q", seconds, got, want)
		}
	}
}

func TestARuleIsSaidInWords(t *testing.T) {
	many := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	for want, rule := range map[string]chat.Rule{
		"Messages with “a”": {Kind: chat.RuleWords, Words: many[:1]},
		"Messages with “a”, “b”, “c”, “d”, “e”, “f” or 2 more": {Kind: chat.RuleWords, Words: many},
		"Links to “a” or “b”":                {Kind: chat.RuleLinks, Words: many[:2]},
		"All links but those to “a” and “b”": {Kind: chat.RuleLinks, Words: many[:2], Only: true},
		"All links": {Kind: chat.RuleLinks, Only: true},
		"The same text for the 2nd time within 1 minute":  {Kind: chat.RuleRepeats, Most: 2, Seconds: 60},
		"The same text for the 11th time within 1 second": {Kind: chat.RuleRepeats, Most: 11, Seconds: 1},
		"The same text for the 23rd time within 2 hours":  {Kind: chat.RuleRepeats, Most: 23, Seconds: 7200},
		"More than 1 mention within 5 minutes":            {Kind: chat.RuleMentions, Most: 1, Seconds: 300},
		"Messages that fit ^a+$":                          {Kind: chat.RulePattern, Pattern: "^a+$"},
	} {
		if got := looksAt(rule); got != want {
			t.Errorf("%+v looks at %q, want %q", rule, got, want)
		}
	}
}

func TestAnEntryIsSaidInWords(t *testing.T) {
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for want, e := range map[string]chat.Entry{
		"muted|for 1 hour":                     {Act: "member:mute", After: json.RawMessage(`{"until":"2026-11-01T13:00:00.000Z"}`)},
		"banned|until it is lifted":            {Act: "member:ban", After: json.RawMessage(`{"until":"until it is lifted"}`)},
		"made|an owner":                        {Act: "member:role", After: json.RawMessage(`{"role":"owner"}`)},
		"deleted all messages of|(1 message)":  {Act: "member:purge", After: json.RawMessage(`{"messages":1}`)},
		"unfroze|":                             {Act: "room:freeze", After: json.RawMessage(`{"frozen":false}`)},
		"froze|":                               {Act: "room:freeze", After: json.RawMessage(`{"frozen":true}`)},
		"ended the slow mode of|":              {Act: "room:slow", After: json.RawMessage(`{"seconds":0}`)},
		"made the rule|“Odds”":                 {Act: "rule:put", After: json.RawMessage(`{"name":"Odds"}`)},
		"changed the rule|“Odds”, now “Ends”":  {Act: "rule:put", Before: json.RawMessage(`{"name":"Odds"}`), After: json.RawMessage(`{"name":"Ends"}`)},
		"deleted the rule|“Odds”":              {Act: "rule:delete", Before: json.RawMessage(`{"name":"Odds"}`)},
		"kept a reported message of|":          {Act: "report:resolve", After: json.RawMessage(`{"report":3,"action":"keep"}`)},
		"rejected a message of|and muted them": {Act: "report:resolve", After: json.RawMessage(`{"report":3,"action":"reject-and-mute"}`)},
		"did garden:water|":                    {Act: "garden:water"},
		"lifted the mute of|":                  {Act: "member:unmute", Before: json.RawMessage(`no object`)},
	} {
		e.At = at
		row := auditRow(nil, e)
		if got := row.Verb + "|" + row.Tail; got != want {
			t.Errorf("%s is %q, want %q", e.Act, got, want)
		}
	}
	row := auditRow(nil, chat.Entry{Act: "x:y", Before: json.RawMessage(`{"a":true,"b":[1,"two"]}`), After: json.RawMessage(`{"a":false,"c":"2026-11-01T12:00:00Z"}`)})
	want := []Change{{"a", "yes", "no"}, {"b", "1, two", ""}, {"c", "", "1 November 2026, 12:00 UTC"}}
	if len(row.Changes) != len(want) {
		t.Fatalf("the changes are %v, want %v", row.Changes, want)
	}
	for i := range want {
		if row.Changes[i] != want[i] {
			t.Errorf("change %d is %v, want %v", i, row.Changes[i], want[i])
		}
	}
}

func TestAFigureIsALineFromTheLeastToTheMost(t *testing.T) {
	for want, values := range map[string][]float64{
		"0.0,14.0 100,14.0":             {7},
		"0.0,14.0 50.0,14.0 100.0,14.0": {7, 7, 7},
		"0.0,27.0 50.0,1.0 100.0,14.0":  {0, 10, 5},
	} {
		if got := spark(values); got != want {
			t.Errorf("spark(%v) = %q, want %q", values, got, want)
		}
	}
	now := realtime.Sample{Members: 3, Connections: map[string]int{"websocket": 4, "polling": 1}, Heap: 1_500_000}
	for _, f := range figures(realtime.Live{Sample: now, History: []realtime.Sample{{Members: 8}, {Members: 5}}}) {
		switch f.Metric {
		case "members":
			if f.Now != "3" || f.Least != "3" || f.Most != "8" {
				t.Errorf("members: %+v", f)
			}
		case "connections":
			if f.Now != "5" || f.About != "polling 1, websocket 4" {
				t.Errorf("connections: %+v", f)
			}
		case "heap": // where the system does not say more
			if f.Now != "1.5 MB" || f.Least != "0 B" {
				t.Errorf("heap: %+v", f)
			}
		}
	}
}

func TestLivePageHasOneMemoryFigure(t *testing.T) {
	for _, sample := range []realtime.Sample{{Heap: 1_500_000}, {Heap: 1_500_000, Resident: 40_000_000}} {
		var shown []string
		for _, f := range figures(realtime.Live{Sample: sample}) {
			if strings.HasPrefix(f.Name, "Memory") {
				shown = append(shown, f.Now)
			}
		}
		want := "1.5 MB"
		if sample.Resident > 0 {
			want = "40.0 MB"
		}
		if len(shown) != 1 || shown[0] != want {
			t.Errorf("memory figures: %q, want only %s", shown, want)
		}
	}
}
