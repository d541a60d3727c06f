package markup

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"strings"
	"testing"
)

func TestTheListNamesEveryEmojiOnce(t *testing.T) {
	m := New()
	codes := 0
	for line := range strings.Lines(emojiList) {
		if strings.HasPrefix(line, "# ") {
			continue
		}
		for code := range strings.FieldsSeq(line) {
			codes++
			if e, ok := m.emoji.Get(code); !ok || !e.IsUnicode() || e.ShortNames[0] != code {
				t.Errorf("%q is not the first name of an emoji", code)
			}
		}
	}
	if codes < 1500 {
		t.Errorf("%d names", codes)
	}
}

func TestTheListForThePickerIsSmall(t *testing.T) {
	var groups []struct {
		Name  string
		Emoji [][]string
	}
	list := New().EmojiJSON()
	if err := json.Unmarshal(list, &groups); err != nil {
		t.Fatal(err)
	}
	if len(groups) != 9 || groups[0].Name != "Smileys" || strings.Join(groups[0].Emoji[4], " ") != "😆 laughing satisfied" {
		t.Errorf("%d groups, the first begins %v", len(groups), groups[0].Emoji[:5])
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(list); err != nil || w.Close() != nil || packed.Len() > 25_000 {
		t.Errorf("%d bytes, %d packed, %v", len(list), packed.Len(), err)
	}
}

func TestEveryEmojiOfThePickerIsOneAndShownAsOne(t *testing.T) {
	m := New()
	var groups []struct{ Emoji [][]string }
	if err := json.Unmarshal(m.EmojiJSON(), &groups); err != nil {
		t.Fatal(err)
	}
	for _, group := range groups {
		for _, names := range group.Emoji {
			if spelled, ok := m.Emoji(names[0]); !ok || spelled != names[0] {
				t.Errorf("%+q is %t as a reaction, as %+q", names[0], ok, spelled)
			}
			if bare, ok := m.Emoji(strings.ReplaceAll(names[0], "\ufe0f", "")); !ok || bare != names[0] {
				t.Errorf("%+q without selectors is %t as a reaction, as %+q", names[0], ok, bare)
			}
			if !m.EmojiOnly(names[0]) {
				t.Errorf("%+q is not shown larger", names[0])
			}
		}
	}
}

func TestAReactionIsOneEmoji(t *testing.T) {
	m := New()
	for s, want := range map[string]string{
		"😀": "", "❤️": "", "❤": "❤️", "👍": "", "👍🏽": "", "🇩🇪": "", "🏴󠁧󠁢󠁥󠁮󠁧󠁿": "", "1️⃣": "", "1⃣": "1️⃣", "👩‍💻": "", "👩🏿‍💻": "", "☝️": "", "☝": "☝️", "☝🏽": "", "☝️🏽": "☝🏽",
		"🕵️‍♂️": "", "🕵‍♂": "🕵️‍♂️", "🕵🏽‍♂️": "", "🕵🏽‍♂": "🕵🏽‍♂️", "🧑🏻‍🤝‍🧑🏿": "", "🏳‍🌈": "🏳️‍🌈", "👁‍🗨": "👁️‍🗨️", "✈": "✈️", "☀": "☀️", "😀️": "😀", "❤‍🔥": "❤️‍🔥",
		"🙂‍↔️": "", "🙂‍↔": "🙂‍↔️", "🐦‍🔥": "", "⛓️‍💥": "", "🚶‍➡️": "", "🧑‍🧑‍🧒": "", // Unicode 15.1
		"🫩": "", "🫆": "", "🪾": "", "🫜": "", "🪉": "", "🪏": "", "🫟": "", "🇨🇶": "", // 16
		"\U0001FAEA": "", "\U0001FAEF": "", "\U0001FA8A": "", "\U0001FACD": "", "\U0001F6D8": "", // 17
		"🅰️": "", "🅰": "🅰️", "🈁": "", "🉐": "", "©": "©️", "#⃣": "#️⃣",
	} {
		if want == "" {
			want = s
		}
		if got, ok := m.Emoji(s); !ok || got != want {
			t.Errorf("%q (%+q) is %t, as %+q, want %+q", s, s, ok, got, want)
		}
	}
	for _, s := range []string{
		"", "a", ":smile:", "😀😀", "😀 ", "👍👍🏽", "👍🏽🏽", "🧠🏽", "🏽", "🏽👍", "😀🏽", "\uFE0F", "\u200D", "1", "1\uFE0F", "#", "🇩", "👩\u200D", "\u200D👩", "漢", "①", "♠️♠️",
		"<b>", strings.Repeat("👍🏽", 99), strings.Repeat("👩‍", 20) + "👩", "\xff", "🏴󠁧󠁢󠁥󠁮󠁧", "\u20e3", "😀\u0301",
	} {
		if got, ok := m.Emoji(s); ok {
			t.Errorf("%q is taken, as %q", s, got)
		}
	}
}

func TestFewEmojiAloneAreShownLarger(t *testing.T) {
	m := New()
	for text, want := range map[string]bool{
		"🎉": true, "🎉🎉 🎉": true, "👩‍🚀": true, "👍🏽": true, "❤️": true, "🇫🇷": true, "🇫🇷🇩🇪": true, "1️⃣": true, "🏳️‍🌈": true, "👨‍👩‍👧": true, "🤷🏽‍♀️": true, "⭐": true,
		"🅰️": true, "🈁": true, "🉐": true, "🈂️": true, "㊗️": true, "ℹ️": true, "™️": true, "🏴󠁧󠁢󠁳󠁣󠁴󠁿": true, "🫩🫆": true, "\U0001FAEA": true, "❤️‍🔥\n🎉": true, "🎉🎉🎉🎉🎉": true,
		"🎉!": false, "1": false, "©": false, "❤": false, "": false, " ": false, "ok": false, "🎉🎉🎉🎉🎉🎉": false, "👍 yes": false, "🇫": false, "123": false, "🅰": false, "👍🏽🏽": false,
	} {
		if got := m.EmojiOnly(text); got != want {
			t.Errorf("%q (%+q) is %v", text, text, got)
		}
	}
}
