package models

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// searchWorld is a database with two people, and the chat on it.
type searchWorld struct {
	testing.TB
	*chat.Service
	db       *DB
	ada, bob chat.Actor
	sends    int
}

func newSearchWorld(tb testing.TB) *searchWorld {
	w := &searchWorld{TB: tb, db: openTest(tb)}
	w.Service = chat.New(chat.Config{Store: w.db.Store(), Limits: chat.Limits{SendRate: -1, SearchRate: -1, ReportRate: -1, PageSize: -1, MaxPageSize: -1, ReplayCap: -1, TextLength: -1}})
	w.ada = chat.Actor{ID: addUser(tb, w.db, "ada", chat.RoleModerator).Chat().ID, Space: chat.SpaceGeneral}
	w.bob = chat.Actor{ID: addUser(tb, w.db, "bob", chat.RoleMember).Chat().ID, Space: chat.SpaceGeneral}
	return w
}

func (w *searchWorld) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *searchWorld) send(a chat.Actor, room, text string) chat.Message {
	w.Helper()
	w.sends++
	m, err := w.Send(w.Context(), a, chat.Draft{Room: room, ID: fmt.Sprintf("client-id-%d", w.sends), Text: text})
	w.ok(err)
	return m
}

// found returns the texts that somebody finds.
func (w *searchWorld) found(a chat.Actor, query string) []string {
	w.Helper()
	page, err := w.Search(w.Context(), a, chat.SearchQuery{Query: query})
	w.ok(err)
	texts := []string{}
	for _, m := range page.Messages {
		texts = append(texts, m.Text)
	}
	return texts
}

func (w *searchWorld) finds(query string, want ...string) {
	w.Helper()
	if got := w.found(w.bob, query); !slices.Equal(got, want) {
		w.Errorf("%s finds %q, want %q", query, got, want)
	}
}

// intact fails if the index is not what the texts of its documents make it.
func intact(tb testing.TB, db *DB) {
	tb.Helper()
	err := db.writer.do(tb.Context(), func(c *conn) error {
		var missing, extra int64
		err := c.first("count", `SELECT
	(SELECT count(*) FROM chat_messages m WHERE deleted_at = 0 AND NOT EXISTS (SELECT 1 FROM chat_documents d WHERE d.room_id = m.room_id AND d.seq = m.seq)),
	(SELECT count(*) FROM chat_documents d LEFT JOIN chat_messages m USING (room_id, seq) WHERE m.seq IS NULL OR m.deleted_at <> 0) +
	abs((SELECT count(*) FROM chat_documents) - (SELECT count(*) FROM chat_words))`, func(row *row) { missing, extra = row.int(), row.int() })
		if missing+extra > 0 {
			tb.Errorf("%d messages are not indexed, and %d documents are of none", missing, extra)
		}
		return errors.Join(err, c.each("check the index", "INSERT INTO chat_words (chat_words) VALUES ('integrity-check')", nil))
	}, nil)
	if err != nil {
		tb.Error(err)
	}
}

func TestADeletedTextIsNotFound(t *testing.T) {
	w := newSearchWorld(t)
	m := w.send(w.ada, "lobby", "regrettable words")
	w.finds("regrettable", "regrettable words")
	_, err := w.Delete(t.Context(), w.ada, "lobby", m.Seq)
	w.ok(err)
	w.finds("regrettable")
	intact(t, w.db)
}

func TestWhatIsPurgedIsNotFound(t *testing.T) {
	w := newSearchWorld(t)
	w.send(w.ada, "lobby", "indexed words")
	w.finds("words", "indexed words")
	w.send(w.ada, "lobby", "words that the index has not come to")
	if n, err := w.Purge(t.Context(), time.Now().Add(time.Hour)); n != 2 || err != nil {
		t.Fatalf("purged %d, %v", n, err)
	}
	w.send(w.ada, "lobby", "new words")
	w.finds("words", "new words")
	intact(t, w.db)
}

func TestAnEditIsFoundByItsNewWordsOnly(t *testing.T) {
	w := newSearchWorld(t)
	m := w.send(w.ada, "lobby", "the old words")
	w.finds("words", "the old words")
	_, err := w.Edit(t.Context(), w.ada, "lobby", m.Seq, "the new words")
	w.ok(err)
	w.finds("old")
	w.finds("new", "the new words")
	intact(t, w.db)
}

func TestAPrivateRoomsTextIsFoundByItsMembersOnly(t *testing.T) {
	w := newSearchWorld(t)
	room, err := w.CreateRoom(t.Context(), w.ada, chat.NewRoom{Name: "Cellar", Private: true})
	w.ok(err)
	w.send(w.ada, room.Slug, "hidden treasure")
	w.finds("treasure")
	if got := w.found(w.ada, "treasure"); len(got) != 1 {
		t.Errorf("its member finds %q", got)
	}
	_, err = w.Invite(t.Context(), w.ada, room.Slug, w.bob.ID)
	w.ok(err)
	w.finds("treasure", "hidden treasure")
}

func TestWhatTheIndexHasNotComeToIsNotShown(t *testing.T) {
	w := newSearchWorld(t)
	room := lobby(t, w.db)
	changed, gone := w.send(w.ada, "lobby", "old words"), w.send(w.ada, "lobby", "old times")
	w.finds("old", "old times", "old words")
	_, err := w.Edit(t.Context(), w.ada, "lobby", changed.Seq, "new words")
	w.ok(err)
	_, err = w.Delete(t.Context(), w.ada, "lobby", gone.Seq)
	w.ok(err)
	err = w.db.Store().Read(t.Context(), func(r chat.Reader) error {
		found, err := r.Search(chat.Find{Rooms: []int64{room.ID}, Terms: []chat.Term{{Words: []string{"old"}}}, Limit: 9})
		if len(found) != 0 {
			t.Errorf("%d are found", len(found))
		}
		return err
	})
	w.ok(err)
}

func TestAccentsDoNotMatter(t *testing.T) {
	w := newSearchWorld(t)
	w.send(w.ada, "lobby", "Der Müller trinkt Cà Phê in Ấp")
	for _, query := range []string{"muller", "MÜLLER", "ca phe", "Ap", "mulle"} {
		w.finds(query, "Der Müller trinkt Cà Phê in Ấp")
	}
}

func TestHostileQueriesAreWords(t *testing.T) {
	w := newSearchWorld(t)
	w.send(w.ada, "lobby", "or and not near text room 1 match select null")
	for _, query := range []string{
		`"`, `""`, `"""`, `"a" OR "`, `a OR`, `NOT a`, `a NEAR/2 b`, `(((`, `)`, `text:or`, `room:1`, `room:*`, `-or`, `^or`, `or*`, `*`,
		`' OR 1=1 --`, `\`, "a\x00b", `chat_words:or`, strings.Repeat(`"a" `, 16), strings.Repeat("(", 200), strings.Repeat("NOT ", 16), "\u0301", "a\u0301\u0301",
	} {
		_, err := w.Search(t.Context(), w.bob, chat.SearchQuery{Query: query})
		if code := chat.ErrorCode(err); code != "" && code != chat.CodeInvalid {
			t.Errorf("%q: %v", query, err)
		}
	}
	w.finds("or not near", "or and not near text room 1 match select null")
	w.finds("NOT match", "or and not near text room 1 match select null")
	w.finds("2 OR match")
}

// FuzzAQueryIsNeverAFault holds whatever is typed against the syntax of FTS4, and a text against
// being found by its own words.
func FuzzAQueryIsNeverAFault(f *testing.F) {
	for _, seed := range []string{"word", `"a b" c*`, "NOT (a OR", "été", "漢字", "a\u0301", "text:x", "ⅷ²₂", "<@12> x", "\u200bx\ufeff", "İ ß ǅ"} {
		f.Add(seed)
	}
	w := newSearchWorld(f)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := w.Search(t.Context(), w.bob, chat.SearchQuery{Query: text})
		if code := chat.ErrorCode(err); code != "" && code != chat.CodeInvalid {
			t.Fatalf("%q: %v", text, err)
		}
		w.sends++
		m, sent := w.Send(t.Context(), w.ada, chat.Draft{Room: "lobby", ID: fmt.Sprintf("client-id-%d", w.sends), Text: text})
		if err != nil || sent != nil {
			return
		}
		page, err := w.Search(t.Context(), w.bob, chat.SearchQuery{Query: text, Room: "lobby", Limit: 1})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if len(page.Messages) > 0 && page.Messages[0].Seq == m.Seq && !strings.Contains(page.Snippets[0], "<mark>") {
			t.Errorf("%q: the snippet %q marks nothing", text, page.Snippets[0])
		}
	})
}

func TestSearchKnowsNoCaseAndAccentsInAnyScript(t *testing.T) {
	w := newSearchWorld(t)
	for text, queries := range map[string][]string{
		"Η Ελλάδα είναι ωραία": {"ελλαδα", "ΕΛΛΆΔΑ", "ειναι"}, "Ёлка стоит в углу": {"елка", "ЁЛКА"}, "שָׁלוֹם עוֹלָם": {"שלום", "עולם"},
		"مَرْحَبًا بِكُم": {"مرحبا", "بكم"}, "In der Großen Straße": {"strasse", "GROSSEN", "Straße"}, "Un chef-d’œuvre": {"oeuvre", "ŒUVRE"},
		"ｆｕｌｌｗｉｄｔｈ ｶﾀｶﾅ": {"fullwidth", "カタカナ"}, "데이터베이스": {"데이터베이스", "\u1103\u1166\u110b\u1175\u1110\u1165\u1107\u1166\u110b\u1175\u1109\u1173"},
		"Żółć i źdźbło": {"zolc", "zdzblo"}, "Tiếng Việt": {"tieng viet", "\"tieng viet\""}, "か\u3099っこう": {"がっこう"}, "ﬁnal oﬃce": {"final", "office"},
	} {
		w.send(w.ada, "lobby", text)
		for _, query := range queries {
			if got := w.found(w.bob, query); len(got) != 1 {
				t.Errorf("%q finds %q, want %q", query, got, text)
			}
		}
	}
}

func TestSearchFindsWordsWithinSentencesWithoutSpaces(t *testing.T) {
	w := newSearchWorld(t)
	for text, queries := range map[string][]string{
		"我今天在北京大学学习中文": {"大学", "学习中文", "北京", "今天 中文"}, "明日は東京都に行きます": {"京都", "行きます", "明"}, "ฉันชอบกินข้าวผัดมาก": {"ข้าวผัด", "กิน"},
		"ຂ້ອຍມັກກິນເຂົ້າ": {"ກິນ"}, "ខ្ញុំចូលចិត្តភាសាខ្មែរ": {"ភាសា"}, "ကျွန်တော်မြန်မာစာသင်တယ်": {"မြန်မာ"}, "这个Kubernetes集群": {"kubernetes", "集群", "kubernetes集", "\"这个kubernetes集群\""},
	} {
		w.send(w.ada, "lobby", text)
		for _, query := range queries {
			if got := w.found(w.bob, query); !slices.Contains(got, text) {
				t.Errorf("%q finds %q, want %q", query, got, text)
			}
		}
	}
	for _, query := range []string{"京东", "学大", "都京", "\"中文 北京\""} {
		if got := w.found(w.bob, query); len(got) != 0 {
			t.Errorf("%q finds %q", query, got)
		}
	}
}
