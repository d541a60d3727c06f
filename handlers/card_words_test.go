package handlers

import (
	"testing"

	"roomline/realtime/chat"
)

func TestACardSaysHowItCameIntoTheQueue(t *testing.T) {
	mira := []chat.Reason{{User: chat.User{ID: "1", Name: "Mira"}, Text: "spam"}}
	for _, c := range []struct {
		report chat.Report
		want   string
	}{
		{chat.Report{Kind: chat.ReportMember, Count: 1, Reasons: mira}, "Reported by Mira"},
		{chat.Report{Kind: chat.ReportMember, Count: 3, Reasons: mira}, "Reported by 3"},
		{chat.Report{Kind: chat.ReportFlag, Count: 1, Reasons: []chat.Reason{{Text: "Shops"}}}, "Flagged by a rule"},
		{chat.Report{Kind: chat.ReportFlag, Count: 2, Reasons: mira}, "Reported by 2"},
		{chat.Report{Kind: chat.ReportHeld, Count: 1}, "Waits for review"},
	} {
		if got := cardKind(&c.report); got != c.want {
			t.Errorf("%+v: %q, want %q", c.report, got, c.want)
		}
	}
}

func TestACardCountsTheReasonsThatItDoesNotShow(t *testing.T) {
	report := chat.Report{Count: 25, Reasons: make([]chat.Reason, 20)}
	if got := cardOthers(&report); got != 5 {
		t.Errorf("%d, want 5", got)
	}
}

func TestACardLeadsToItsMessage(t *testing.T) {
	for room, want := range map[string]string{"lobby": "/rooms/lobby/7#m7", "admin": "/admin/7#m7"} {
		if got := cardMessage(&chat.Report{Room: room, Seq: 7}); got != want {
			t.Errorf("%s: %s, want %s", room, got, want)
		}
	}
}

func TestEveryResolutionHasAnOutcome(t *testing.T) {
	for _, r := range []chat.Resolution{
		chat.AgreeDelete, chat.AgreeMute, chat.Keep, chat.Ignore, chat.Approve, chat.Reject, chat.RejectMute,
	} {
		if cardOutcome(&chat.Report{Action: r}) == cardOutcome(&chat.Report{}) {
			t.Errorf("%s has none", r)
		}
	}
}
