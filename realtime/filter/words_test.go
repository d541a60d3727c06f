package filter

import (
	"testing"
	"unicode"
)

func TestWordsAreFoundWhole(t *testing.T) {
	for _, c := range []struct{ word, text, found string }{
		{"spam", "spam", "spam"}, {"spam", "some SPAM, here", "SPAM"}, {"spam", "(spam)", "spam"}, {"spam", "_spam_", "spam"},
		{"spam", "spams", ""}, {"spam", "antispam", ""}, {"spam", "spam2", ""}, {"spam", "spamé", ""}, {"spam", "éspam", ""},
		{"spam", "spamspam spam", "spam"}, {"spam", "s pam", ""}, {"spam", "https://x.org/spam", "spam"},
		{"ass", "pass class assess", ""}, {"ass", "pass class an ass", "ass"},

		{"spam*", "spammer", "spammer"[:4]}, {"spam*", "antispam", ""}, {"spam*", "a spam", "spam"},
		{"*spam", "antispam", "spam"}, {"*spam", "spammer", ""},
		{"*spam*", "antispammer", "spam"}, {"*spam*", "sp am", ""},
		{"f*ck", "f*ck", "f*ck"}, {"f*ck", "flick", ""},

		{"free money", "Free \t\n\u00a0 MONEY!", "Free \t\n\u00a0 MONEY"}, {"free money", "freemoney", ""}, {"free money", "free, money", ""},
		{"free money", "free moneybag", ""}, {"free mon*", "free money", "free mon"}, {"*ee money", "free money", "ee money"},
		{"free money", "free  free money", "free money"},

		{"straße", "STRAẞE", "STRAẞE"}, {"ΟΔΟΣ", "οδος", "οδος"}, {"οδοσ", "ΟΔΟΣ", "ΟΔΟΣ"}, {"ПРИВЕТ", "привет", "привет"},
		{"kelvin", "\u212aelvin", "\u212aelvin"}, {"istanbul", "İstanbul", "İstanbul"}, {"ano", "año", "año"},

		{"spam", "s\u200bp\u200d\u200ca\u2060m\ufe0f", "spam"}, {"spam", "\u202espam\u202c", "spam"}, {"spam", "sp\u00adam", "spam"},
		{"spam", "ｓｐａｍ", "ｓｐａｍ"}, {"spam", "ＳＰＡＭ", "ＳＰＡＭ"}, {"spam", "𝐬𝓹𝕒𝚖", "𝐬𝓹𝕒𝚖"}, {"spam", "ⓢⓟⒶⓜ", "ⓢⓟⒶⓜ"}, {"spam", "🅂🅟🅰🅼", "🅂🅟🅰🅼"},
		{"spam", "ꜱᴘᴀᴍ", "ꜱᴘᴀᴍ"}, {"hello", "ℋℯℓℓℴ", "ℋℯℓℓℴ"}, {"spam", "s\u0336p\u0336a\u0336m\u0336", "s\u0336p\u0336a\u0336m\u0336"},
		{"café", "cafe\u0301", "cafe\u0301"}, {"cafe\u0301", "CAFÉ", "CAFÉ"}, {"việt", "vie\u0323\u0302t", "vie\u0323\u0302t"},
		{"ばか", "は\u3099か", "は\u3099か"}, {"ばか", "はか", ""}, {"ガチャ", "ｶﾞﾁｬ", "ｶﾞﾁｬ"}, {"パン", "ﾊﾟﾝ", "ﾊﾟﾝ"}, {"한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "\u1112\u1161\u11ab\u1100\u116e\u11a8"},
		{"office", "oﬃce", "oﬃce"}, {"spam", "ˢᵖᵃᵐ", "ˢᵖᵃᵐ"}, {"spam", "s̈p̃ȧm̌", "s̈p̃ȧm̌"}, {"ёлка", "ЕЛКА", "ЕЛКА"}, {"שלום", "שָׁלוֹם", "שָׁלוֹם"},
		{"مرحبا", "مَرْحَبًا", "مَرْحَبًا"}, {"مرحبا", "مـرحـبا", "مـرحـبا"}, {"spam", "spᎪm", "spᎪm"}, {"spam", "ꓢpam", "ꓢpam"},
		{"don't", "DON’T", "DON’T"}, {"spam", "spam\u200bs", ""},

		{"spam", "sраm", "sраm"}, {"spam", "ѕрaм", "ѕрaм"}, {"SPAM", "SPΑΜ", "SPΑΜ"}, {"spam", "Ѕ\u200bРАM.", "ЅРАM"}, {"spam", "ЅРАM a ЅРАM", "ЅРАM"}, {"sраm", "spam", "spam"},
		{"cop", "сор", ""}, {"cop", "a сор", ""}, {"сор", "сор", "сор"}, {"сор", "cop", ""}, {"spam", "sраms", ""}, {"νέα", "νέα", "νέα"}, {"vea", "νέα", ""},

		{"垃圾", "这是垃圾邮件", "垃圾"}, {"垃圾", "垃", ""}, {"スパム", "このスパムは", "スパム"}, {"สแปม", "นี่คือสแปมมาก", "สแปม"},
		{"スーパー", "スーパーマン", "スーパー"}, {"viagra", "买viagra吧", "viagra"}, {"viagra", "买viagras吧", ""}, {"스팸*", "스팸을", "스팸"}, {"스팸", "스팸을", ""},

		{"c++", "c++!", "c++"}, {"c++", "abc++", ""}, {"$$$", "a$$$$b", "$$$"}, {"🍆", "x🍆x", "🍆"}, {"👩‍💻", "👩‍💻", "👩💻"},
	} {
		matches := filterOf(t, rule(KindWords, c.word)).judge(c.text, nil)
		got := ""
		if len(matches) > 0 {
			got = matches[0].Found
		}
		if got != c.found {
			t.Errorf("%q in %q: found %q, want %q", c.word, c.text, got, c.found)
		}
	}
}

func TestWordsOfManyRulesAreFoundAtOnce(t *testing.T) {
	f := filterOf(t,
		rule(KindWords, "he", "she", "his", "hers"), rule(KindWords, "*he*"), rule(KindWords, "hers", "her*"), rule(KindWords, "*s"),
		rule(KindWords, "ushers"), rule(KindWords, "ush*", "x"), rule(KindWords, "he*"), rule(KindWords, "e", "r", "us", "sh"),
	)
	for text, want := range map[string]string{
		"ushers": "2456", "hers": "12347", "she he": "127", "his": "14", "": "", "xx": "", "u s h e r s": "48", "USHERS HE": "124567",
	} {
		got := ""
		for _, m := range f.judge(text, nil) {
			got += string('0' + rune(m.Rule.ID))
		}
		if got != want {
			t.Errorf("%q fits %s, want %s", text, got, want)
		}
	}
}

func TestFoldIsTheSameForAllCases(t *testing.T) {
	for r := rune(0); r <= 0x1FFFF; r++ { // all that have a case
		if isAccent(r) || isAccent(unicode.SimpleFold(r)) {
			continue // one of them is a letter elsewhere
		}
		folded := Fold(string(r))
		if other := Fold(string(unicode.SimpleFold(r))); other != folded {
			t.Errorf("%U folds to %q, its other case to %q", r, folded, other)
		}
		if again := Fold(folded); again != folded {
			t.Errorf("%U folds to %q, and that to %q", r, folded, again)
		}
	}
}
