package models

import (
	"database/sql"
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
	for _, name := range []string{"adaline", "Alice", "paypal", "Carmen", "Bob0", "Ναταλία"} {
		addUser(t, db, name, chat.RoleMember)
	}
	for why, name := range map[string]string{
		"the same":                           "adaline",
		"another case":                       "ADALINE",
		"a Cyrillic a":                       "\u0430daline",
		"Cyrillic and upper case":            "\u0410DALINE",
		"a Cyrillic capital for a small one": "\u0410daline",
		"r and n for m":                      "Carrnen",
		"full width":                         "ａｄａｌｉｎｅ",
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
	for _, name := range []string{"adalines", "alicia", "bob", "Дмитрий"} {
		if _, err := db.CreateUser(t.Context(), name, goodPassword); err != nil {
			t.Errorf("%q cannot be had: %v", name, err)
		}
	}
}

func TestNamesThatDifferByPunctuationOrMarksAreTaken(t *testing.T) {
	db := openTest(t)
	for _, name := range []string{"first", "owen", "o-neil", "Zoë", "Жанна"} {
		addUser(t, db, name, chat.RoleMember)
	}
	for _, name := range []string{"owen.", "o.wen", "o_w_e_n", "Owen-", "oneil", "o.neil_", "zoe", "ZOE.", "жан.на", "Жан-на"} {
		if _, err := db.CreateUser(t.Context(), name, goodPassword); err == nil || !strings.Contains(err.Error(), "taken") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestReservedNamesAreRefusedInEverySpelling(t *testing.T) {
	db := openTest(t)
	for _, name := range []string{"Roomline", "system", "SYSTEM.", "everyone", "a-l-l", "hеre"} { // the last with a Cyrillic letter
		if _, err := db.CreateUser(t.Context(), name, goodPassword); err == nil || !strings.Contains(err.Error(), "reserved") {
			t.Errorf("the first account can be %q: %v", name, err)
		}
	}
	owner := mustCreate(t, db, "admin", goodPassword) // it is one
	ada := mustCreate(t, db, "ada", goodPassword)
	for _, name := range []string{
		"Moderator", "owner", "0wner", "Owner.", "оwner", "support", "Suppört", "adm1nistrator", "ｓｔａｆｆ", "rоot", "security", "0fficial",
		"Rооmline", "roornline", "r.o.o.m.l.i.n.e", "System", "all", "AlI", "here", "Everyone", "chаnnel",
	} {
		if _, err := db.CreateUser(t.Context(), name, goodPassword); err == nil || !strings.Contains(err.Error(), "reserved") {
			t.Errorf("there can be %q: %v", name, err)
		}
		if _, err := db.RenameUser(t.Context(), ada.ID, name); err == nil || !strings.Contains(err.Error(), "reserved") {
			t.Errorf("somebody can become %q: %v", name, err)
		}
	}
	for _, name := range []string{"Ali", "Adele", "Herero", "Allan", "supporter", "Systema"} {
		mustCreate(t, db, name, goodPassword)
	}
	if _, err := db.RenameUser(t.Context(), owner.ID, "Admin"); err != nil {
		t.Errorf("an account cannot change the case of its reserved name: %v", err)
	}
}

func TestReservedNamesCanBeChosen(t *testing.T) {
	db := openAt(t, Config{Path: t.TempDir() + "/roomline.db", ReservedNames: []string{"Boss"}})
	mustCreate(t, db, "ada", goodPassword)
	mustCreate(t, db, "support", goodPassword)
	if _, err := db.CreateUser(t.Context(), "b0ss", goodPassword); err == nil {
		t.Error("there can be b0ss")
	}
}

func TestAccountsThatLookAlikeKeepWorking(t *testing.T) {
	path := t.TempDir() + "/roomline.db"
	db := openAt(t, Config{Path: path})
	for _, name := range []string{"ada", "owen", "bob"} {
		mustCreate(t, db, name, goodPassword)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := Config{}.sets()[1].provider(pool)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	// As it was made before punctuation and marks were ignored.
	_, err = pool.ExecContext(t.Context(), `INSERT INTO users (name, name_key, look_key, role, password_hash, created_at)
SELECT 'Öwen', 'öwen', 'öwen', role, password_hash, created_at FROM users WHERE name = 'owen'`)
	if err != nil {
		t.Fatal(err)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}

	db = openAt(t, Config{Path: path})
	for _, name := range []string{"owen", "Öwen"} {
		user, err := db.Authenticate(t.Context(), name, goodPassword)
		if err != nil || user.Name != name {
			t.Errorf("%s signs in as %+v, %v", name, user, err)
		}
	}
	if _, err := db.CreateUser(t.Context(), "o-wen", goodPassword); err == nil {
		t.Error("a third can have the look")
	}
	var found []chat.User
	err = db.Store().Read(t.Context(), func(r chat.Reader) (err error) {
		found, err = r.FindUsers("OWE", 10)
		return err
	})
	if err != nil || len(found) != 2 {
		t.Errorf("found %+v, %v", found, err)
	}
}
