package chat_test

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"roomline/realtime/chat"
)

func TestTimesOfModerationHaveThreeDigitsOfASecond(t *testing.T) {
	at := time.Date(2026, 11, 26, 6, 31, 58, int(200*time.Millisecond), time.FixedZone("", 3600))
	sanction := chat.Sanction{Kind: chat.SanctionMute, Reason: "<b>", At: at, Until: at, LiftedAt: at}
	reason := chat.Reason{Text: "<b>", At: at}
	for want, v := range map[int]any{
		3: sanction,
		4: chat.Report{Text: "<b>", At: at, ResolvedAt: at, Reasons: []chat.Reason{reason, reason}},
		1: chat.Held{Text: "<b>", At: at},
		2: []chat.Entry{{Reason: "<b>", At: at}, {Reason: "<b>", At: at}},
		5: chat.Member{Account: chat.Account{User: chat.User{Name: "<b>"}, JoinedAt: at, SeenAt: at}, Mute: &sanction},
		6: map[string]any{"revisions": []chat.PlainRevision{{At: at}, {At: at}, {At: at}}, "reasons": []chat.Reason{reason, reason, reason}},
	} {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if times := regexp.MustCompile(`"[a-zA-Z]*[aA]t":"|"until":"`).FindAll(data, -1); len(times) != want {
			t.Errorf("%d times in %s", len(times), data)
		}
		if good := regexp.MustCompile(`"2026-11-26T05:31:58\.200Z"`).FindAll(data, -1); len(good) != want {
			t.Errorf("%d of the times as they should be in %s", len(good), data)
		}
	}
	data, err := json.Marshal(sanction)
	if err != nil {
		t.Fatal(err)
	}
	var back chat.Sanction
	if err := json.Unmarshal(data, &back); err != nil || !back.At.Equal(at) || back.Reason != "<b>" {
		t.Errorf("%+v, %v from %s", back, err, data)
	}
	data, err = json.Marshal(chat.Sanction{Kind: chat.SanctionBan, At: at})
	if err != nil || regexp.MustCompile(`until|lifted`).Match(data) {
		t.Errorf("%s, %v", data, err)
	}
}
