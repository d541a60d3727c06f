package models

import (
	"strings"
	"testing"

	"roomline/realtime/chat"
)

func TestWhichNamesCanBeHad(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"Ada", "Ada"},
		{"  Ada\t", "Ada"},
		{"\uff21\uff44\uff41", "Ada"}, // full width
		{"Zoe\u0308", "Zo\u00eb"},     // decomposed
		{"ﬁona", "fiona"},
		{"d-m_y.3", "d-m_y.3"},
		{"42", "42"},
		{"Дмитрий", "Дмитрий"},
		{"アダ", "アダ"},
		{"אדה", "אדה"},
		{"अदिति", "अदिति"},
		{"พิมพ์", "พิมพ์"},
		{strings.Repeat("ä", 32), strings.Repeat("ä", 32)},
	} {
		n, err := parseName(c.raw)
		if err != nil || n.display != c.want {
			t.Errorf("%q becomes %q, %v, want %q", c.raw, n.display, err, c.want)
		}
	}
}

func TestWhichNamesCannotBeHad(t *testing.T) {
	for why, raw := range map[string]string{
		"empty":                  "",
		"one character":          "a",
		"blank":                  "    ",
		"33 characters":          strings.Repeat("a", 33),
		"a megabyte":             strings.Repeat("a", 1<<20),
		"zero width space":       "ad\u200bmin",
		"zero width joiner":      "ad\u200dmin",
		"zero width at the end":  "admin\u200b",
		"byte order mark":        "\ufeffadmin",
		"right-to-left override": "nim\u202eda",
		"isolate":                "\u2066ada\u2069",
		"left-to-right mark":     "ada\u200e",
		"soft hyphen":            "ad\u00admin",
		"Hangul filler":          "\u3164\u3164\u3164",
		"grapheme joiner":        "ad\u034fmin",
		"variation selector":     "ada\ufe0f",
		"tag character":          "ada\U000e0041",
		"control":                "ada\x00",
		"newline":                "ada\nbob",
		"space":                  "ada bob",
		"no-break space":         "ada\u00a0bob",
		"markup":                 "<b>ada",
		"at":                     "@ada",
		"emoji":                  "ada🐙",
		"only punctuation":       "...",
		"mark at the start":      "\u0301ada",
		"a tower of marks":       "a" + strings.Repeat("\u0301", 5) + "da",
		"private use":            "ada\ue000",
		"broken UTF-8":           "ada\xff",
		"both directions":        "adaאדה1a",
		"ligature of a sentence": "\ufdfa",
	} {
		n, err := parseName(raw)
		if err == nil {
			t.Errorf("%s: became %q", why, n.display)
			continue
		}
		wantCode(t, err, chat.CodeInvalid)
	}
}

func TestNamesThatLookAlikeAreTaken(t *testing.T) {
	db := openTest(t)
	for _, name := range []string{"admin", "Alice", "paypal", "Bob0", "Ναταλία"} {
		addUser(t, db, name, chat.RoleMember)
	}
	for why, name := range map[string]string{
		"the same":                           "admin",
		"another case":                       "ADMIN",
		"a Cyrillic a":                       "\u0430dmin",
		"Cyrillic and upper case":            "\u0410DMIN",
		"a Cyrillic capital for a small one": "\u0410dmin",
		"r and n for m":                      "adrnin",
		"full width":                         "ａｄｍｉｎ",
		"capital I for l":                    "AIice",
		"a digit for l":                      "A1ice",
		"all of Cyrillic that can be":        "\u0440\u0430\u0443\u0440\u0430\u04cf",
		"O for zero":                         "BobO",
		"small o for zero":                   "bobo",
		"case in another script":             "ΝΑΤΑΛΊΑ",
	} {
		_, err := db.CreateUser(t.Context(), name, goodPassword)
		if err == nil {
			t.Errorf("%s: %q can be had", why, name)
			continue
		}
		wantCode(t, err, chat.CodeInvalid)
		if !strings.Contains(err.Error(), "taken") {
			t.Errorf("%s: %v does not say that it is taken", why, err)
		}
	}
	for _, name := range []string{"admins", "alicia", "bob", "Дмитрий"} {
		if _, err := db.CreateUser(t.Context(), name, goodPassword); err != nil {
			t.Errorf("%q cannot be had: %v", name, err)
		}
	}
}
