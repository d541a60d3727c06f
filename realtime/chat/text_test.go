package chat_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"roomline/realtime/chat"
)

func TestTextIsCleanedOrRefused(t *testing.T) {
	for _, c := range []struct {
		name, text, want string // want "" for refused
	}{
		{"as it is", "hello", "hello"},
		{"blank around it", " \t\r\n hello \u00a0\n", "hello"},
		{"lines", "a\r\nb\nc\td", "a\nb\nc\td"},
		{"inner blanks", "a  b\n\n\nc", "a  b\n\n\nc"},
		{"as long as allowed", strings.Repeat("漢", 10), strings.Repeat("漢", 10)},
		{"as long as allowed once trimmed", "   " + strings.Repeat("x", 10) + "   ", strings.Repeat("x", 10)},
		{"markup is text", "<b>&amp;x", "<b>&amp;x"},
		{"joined emoji", "👩‍🚀", "👩‍🚀"},
		{"right to left", "\u202eabc", "\u202eabc"},
		{"nothing", "", ""},
		{"blank", " \n\t ", ""},
		{"nothing to see", "\u200b\u2060\ufeff", ""},
		{"too long", strings.Repeat("é", 11), ""},
		{"not UTF-8", "a\xffb", ""},
		{"half a surrogate", "a\xed\xa0\x80", ""},
		{"a zero byte", "a\x00b", "ab"},
		{"an escape sequence", "a\x1b[31mb", "a[31mb"},
		{"a vertical tab and a form feed", "a\vb\fc", "abc"},
		{"a lone carriage return", "a\rb", "a\nb"},
		{"a delete and a C1 control", "a\x7fb\u0085c", "abc"},
		{"only controls", "\x1b\a\b", ""},
		{"decomposed Latin", "Cafe\u0301", "Café"},
		{"decomposed kana", "は\u3099か", "ばか"},
		{"jamo", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국"},
		{"within the limit once composed", strings.Repeat("e\u0301", 10), strings.Repeat("é", 10)},
		{"a filler of Hangul", "\u3164", ""},
		{"blank Braille", "\u2800\u2800", ""},
		{"jamo fillers", "\u115f\u1160", ""},
		{"tags", "\U000e0041\U000e007f", ""},
		{"variation selectors", "\ufe0f\U000e0100", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, chat.Limits{TextLength: 10})
			original := w.says(mia, "original")
			m, err := w.Send(t.Context(), in(mia), w.draft(c.text))
			e, err2 := w.Edit(t.Context(), in(mia), "lobby", original.Seq, c.text)
			code := chat.Code("")
			if c.want == "" {
				code = chat.CodeInvalid
			}
			w.refused(err, code)
			w.refused(err2, code)
			if m.Text != c.want || e.Text != c.want {
				t.Errorf("sent %q, edited %q, want %q", m.Text, e.Text, c.want)
			}
		})
	}
}

func TestTextHasNoBoundWhenTheLimitIsNone(t *testing.T) {
	w := newWorld(t, noLimits())
	if m := w.says(mia, strings.Repeat("x", 100_000)); len(m.Text) != 100_000 {
		t.Errorf("%d bytes are left", len(m.Text))
	}
}

func FuzzText(f *testing.F) {
	for _, text := range []string{"", "hello", " a\r\nb ", "\x00", "\xff", "漢字", "\r\r\n", "\u200b", "\u2028x", "é\u0301"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const most = 20
		w := newWorld(t, chat.Limits{TextLength: most})
		m, err := w.Send(t.Context(), in(mia), w.draft(text))
		if err != nil {
			w.refused(err, chat.CodeInvalid)
			return
		}
		if !utf8.ValidString(m.Text) || utf8.RuneCountInString(m.Text) > most || m.Text != strings.TrimSpace(m.Text) {
			t.Errorf("%q was stored as %q", text, m.Text)
		}
		if i := strings.IndexFunc(m.Text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 }); i >= 0 {
			t.Errorf("%q was stored with a control character as %q", text, m.Text)
		}
		again, err := w.Edit(t.Context(), in(mia), "lobby", m.Seq, m.Text)
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("cleaning %q again gave %q, %v", m.Text, again.Text, err)
		}
	})
}
