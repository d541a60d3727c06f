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
	if codes != len(m.picker.whole) || codes < 1500 {
		t.Errorf("%d names for %d emoji", codes, len(m.picker.whole))
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

func TestAReactionIsOneEmoji(t *testing.T) {
	m := New()
	for _, s := range []string{"😀", "❤️", "👍", "👍🏽", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "👩‍💻", "👩🏿‍💻", "🕵️‍♂️", "🕵🏽‍♂️", "🧑🏻‍🤝‍🧑🏿", "☝️", "☝🏽"} {
		if !m.Emoji(s) {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range []string{
		"", "a", ":smile:", "😀😀", "😀 ", "👍👍🏽", "👍🏽🏽", "🧠🏽", "🏽", "🏽👍", "😀🏽", "❤", "\uFE0F", "\u200D", "1", "🇩", "👩‍",
		"<b>", strings.Repeat("👍🏽", 99), "\xff",
	} {
		if m.Emoji(s) {
			t.Errorf("%q is taken", s)
		}
	}
}
