package filter

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestSpellingsOfOneTextHaveOneFold(t *testing.T) {
	for _, spellings := range [][]string{
		{"Crème brûlée", "creme brulee", "CRÈME  BRÛLÉE", "Cre\u0300me bru\u0302le\u0301e"},
		{"Łódź", "lodz", "ŁÓDŹ"}, {"Smørrebrød", "smorrebrod"}, {"İstanbul", "istanbul", "ISTANBUL"}, {"Iğdır", "igdir"},
		{"Straße", "STRASSE", "strasse", "STRAẞE"}, {"Cœur", "coeur", "CŒUR"}, {"Æsir", "aesir"}, {"ﬂuﬀy", "fluffy"},
		{"Ἀθῆναι", "αθηναι", "ΑΘΗΝΑΙ", "Αθήναι"}, {"ΟΔΟΣ", "οδος", "οδός"}, {"ёж", "еж", "ЁЖ", "е\u0308ж"}, {"Київ", "киів"},
		{"שָׁלוֹם", "שלום"}, {"בְּרֵאשִׁית", "בראשית"}, {"مُحَمَّد", "محمد", "محـمد"}, {"قُرْآن", "قران"}, {"أحمد", "احمد"},
		{"ｶﾞｷﾞｸﾞ", "ガギグ", "カ\u3099キ\u3099ク\u3099"}, {"ﾊﾟﾝ", "パン"}, {"ＡＢＣ１２３", "abc123"}, {"한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"},
		{"㍿", "株式会社"}, {"①②③", "123"}, {"x²", "x2"}, {"ʰᵉˡˡᵒ", "hello"}, {"Tiếng Việt", "tieng viet", "Tie\u0302\u0301ng Vie\u0323\u0302t"},
		{"हिंदी", "हिंदी"}, {"क़लम", "क\u093cलम"}, {"a\u200bb\u00adc", "abc"}, {"a\u00a0b", "a b", "a \u3000\n b"},
	} {
		want := Fold(spellings[0])
		for _, spelling := range spellings[1:] {
			if got := Fold(spelling); got != want {
				t.Errorf("%q folds to %q, %q to %q", spellings[0], want, spelling, got)
			}
		}
	}
}

func TestDifferentWordsKeepDifferentFolds(t *testing.T) {
	for _, pair := range [][2]string{
		{"はか", "ばか"}, {"ハン", "パン"}, {"กา", "กี"}, {"कल", "किल"}, {"가", "각"}, {"漢", "汉"}, {"ア", "あ"}, {"тот", "tot"}, {"a b", "ab"},
	} {
		if a, b := Fold(pair[0]), Fold(pair[1]); a == b {
			t.Errorf("%q and %q both fold to %q", pair[0], pair[1], a)
		}
	}
}

func TestFoldOfAnyCompositionIsTheSame(t *testing.T) {
	for r := rune(0x20); r < 0x30000; r++ {
		if text := string(r); Fold(norm.NFD.String(text)) != Fold(text) || Fold(norm.NFC.String(text)) != Fold(text) {
			t.Errorf("%U folds to %q, decomposed to %q", r, Fold(text), Fold(norm.NFD.String(text)))
		}
	}
}

func TestNamesThatLookAlikeHaveOneSkeleton(t *testing.T) {
	for _, names := range [][]string{
		{"owner", "owner.", "o.w.n.e.r", "Own-er", "own_er_", "0wner", "оwner", "ówner", "OWNER"},
		{"admin", "аdmin", "ADMIN", "adm1n", "ａｄｍｉｎ", "a-d-m-i-n", "ädmin"}, {"Alice", "AIice", "A1ice"}, {"modem", "rnodern"},
	} {
		for _, name := range names[1:] {
			if a, b := Skeleton(names[0]), Skeleton(name); a != b {
				t.Errorf("%q looks like %q, %q like %q", names[0], a, name, b)
			}
		}
	}
	for _, pair := range [][2]string{{"owner", "owners"}, {"owner1", "owner2"}, {"ada", "adam"}, {"李明", "李朋"}} {
		if Skeleton(pair[0]) == Skeleton(pair[1]) {
			t.Errorf("%q and %q look alike", pair[0], pair[1])
		}
	}
}

func TestInvisibleTextsAreNotVisible(t *testing.T) {
	for _, text := range []string{
		"", " \t\n", "\u3164", "\u2800\u2800", "\u115f\u1160", "\uffa0", "\u200b\u200d\ufeff", "\u00ad", "\u034f", "\u061c", "\u17b4\u17b5",
		"\u180e", "\u2060\u2061\u2064", "\u202e\u202c", "\ufe0f", "\U000e0001\U000e0041\U000e007f", "\U000e0100", "\U0001d159", "\U0001d173",
		"\u3000\u00a0\u2007", "\x1b\x07", "\U00013441", "\u2028\u2029",
	} {
		if Visible(text) {
			t.Errorf("%+q is visible", text)
		}
	}
	for _, text := range []string{".", "a", "\u3164x", "❤", "漢", "\u0600", "\u0301", "\u20e3", "👩‍💻", "¨"} {
		if !Visible(text) {
			t.Errorf("%+q is not visible", text)
		}
	}
}

func TestCleanRemovesControlsAndComposes(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[31mred": "a[31mred", "a\vb\fc": "abc", "a\x00\x7f\u0085b": "ab", "a\r\nb\rc\td": "a\nb\nc\td", "e\u0301": "é",
		"は\u3099": "ば", "\u1112\u1161\u11ab": "한", "\u2126": "Ω", "a\u202eb": "a\u202eb", "ﬁ": "ﬁ",
	} {
		if got := Clean(text); got != want {
			t.Errorf("%+q becomes %+q, want %+q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		" a \n b\t": "a b", "x\u202egnp.exe": "xgnp.exe", "\u2066a\u2069\u200f": "a", "a\u2028b": "a b", "e\u0301\x1b": "é", "\u202e \u202c": "",
	} {
		if got := CleanLine(text); got != want {
			t.Errorf("the line %+q becomes %+q, want %+q", text, got, want)
		}
	}
}

func TestWordsWithinSentencesAreFound(t *testing.T) {
	for _, c := range []struct{ text, query, marked string }{
		{"我今天在北京大学学习中文", "大学", "我今天在北京[大学]学习中文"}, {"我今天在北京大学学习中文", "北京大学", "我今天在[北京大学]学习中文"},
		{"東京都に行きます", "京都", "東[京都]に行きます"}, {"東京都に行きます", "す", "東京都に行きま[す]"}, {"ﾃﾞｰﾀベースの設計", "データベース", "[ﾃﾞｰﾀベース]の設計"},
		{"ฉันชอบกินข้าวผัดมาก", "ข้าวผัด", "ฉันชอบกิน[ข้าวผัด]มาก"}, {"ຂ້ອຍມັກກິນເຂົ້າ", "ກິນ", "ຂ້ອຍມັກ[ກິນ]ເຂົ້າ"},
		{"ខ្ញុំចូលចិត្តភាសាខ្មែរ", "ភាសា", "ខ្ញុំចូលចិត្ត[ភាសា]ខ្មែរ"}, {"ကျွန်တော်မြန်မာစာသင်တယ်", "မြန်မာ", "ကျွန်တော်[မြန်မာ]စာသင်တယ်"},
		{"我喜欢Go语言", "go", "我喜欢[Go]语言"}, {"我喜欢Go语言", "欢go语", "我喜[欢Go语]言"}, {"我喜欢Go语言。", "喜欢go语言", "我[喜欢Go语言]。"},
		{"猫が好き", "猫", "[猫]が好き"}, {"黒猫と白猫", "猫", "黒[猫]と白[猫]"}, {"abc 汉 def", "汉", "abc [汉] def"},
		{"the caféteria", "cafe", "the caféteria"}, {"الْكِتَابُ جَدِيد", "كتاب", "الْكِتَابُ جَدِيد"}, {"الْكِتَابُ جَدِيد", "الكتاب", "[الْكِتَابُ] جَدِيد"},
		{"Große Straße", "strasse", "Große [Straße]"}, {"Ёлка и ёж", "еж", "Ёлка и [ёж]"}, {"word", "wor", "word"}, {"東京", "京東", "東京"},
	} {
		term := ParseTerm(c.query, false)
		marked, at := "", 0
		for _, span := range FindAll([]Term{term}, c.text) {
			marked += c.text[at:span.From] + "[" + c.text[span.From:span.To] + "]"
			at = span.To
		}
		if marked += c.text[at:]; marked != c.marked {
			t.Errorf("%q in %q: %q, want %q (words %q)", c.query, c.text, marked, c.marked, term.Words)
		}
	}
}

func TestTheLastWordMayGoOn(t *testing.T) {
	for query, want := range map[string]bool{"mess": true, "me": false, "ме": true, "猫": true, "猫が": false, "猫 go": false, "go 猫": true} {
		if term := ParseTerm(query, true); term.Prefix != want {
			t.Errorf("%q: %+v", query, term)
		}
	}
}

func TestSearchableLeavesOutMarkupAndMentions(t *testing.T) {
	got := strings.Fields(Searchable(`<p>sp<strong>a</strong>m <span class="mention" data-user="12">&lt;@12&gt;</span> ` +
		`<a href="https://example.org/?a&amp;b" rel="nofollow">here</a> <a href="https://go.dev">https://go.dev</a></p><p>&lt;b&gt;</p>`))
	want := []string{"spam", "here", "https://go.dev", "<b>", "https://example.org/?a&b"}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %q, want %q", got, want)
	}
}
