package filter

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// glyph is a character of a text as the filter compares it.
type glyph struct {
	r        rune
	spaced   bool  // it is of a word of a script that puts spaces between words
	from, to int32 // the bytes of the text that it stands for
}

// foldText returns a text as it is compared: case folded, white space as single blanks, without characters that nobody
// sees, and with plain letters for the same ones in other dress (full width, bold, in circles). Combining accents are
// joined to their letters, or left out where there is no such letter. In a word of Latin letters, Cyrillic and Greek
// ones are those that they look like; in words of their own they stay what they are.
func foldText(text string) []glyph {
	glyphs := make([]glyph, 0, len(text))
	for at := 0; at < len(text); {
		typed, size := utf8.DecodeRuneInString(text[at:])
		from, to := int32(at), int32(at+size)
		at += size
		last := len(glyphs) - 1
		switch r := foldRune(typed); {
		case r == unseen:
		case r == ' ':
			if last < 0 || glyphs[last].r != ' ' {
				glyphs = append(glyphs, glyph{r: ' ', from: from, to: to})
			}
		case isAccent(r):
			if last >= 0 {
				glyphs[last].r, glyphs[last].to = accented(glyphs[last].r, r), to
			}
		default:
			glyphs = append(glyphs, glyph{r, isSpaced(r), from, to})
		}
	}
	unmask(glyphs)
	return glyphs
}

// unmask replaces look-alikes in words that have a Latin letter, too.
func unmask(glyphs []glyph) {
	from, latin, masked := 0, false, false // of the word up to here
	for i, g := range glyphs {
		switch {
		case !g.spaced:
			from, latin, masked = i+1, false, false
			continue
		case 'a' <= g.r && g.r <= 'z':
			latin = true
		case !masked:
			_, masked = lookAlikes[g.r]
		}
		if !latin || !masked {
			continue
		}
		for j := from; j <= i; j++ {
			if as, ok := lookAlikes[glyphs[j].r]; ok {
				glyphs[j].r = as
			}
		}
		from, masked = i+1, false // what comes is of the same word still
	}
}

// foldString is foldText as a string, without blanks around it.
func foldString(text string) string {
	var b strings.Builder
	for _, g := range foldText(text) {
		b.WriteRune(g.r)
	}
	return strings.Trim(b.String(), " ")
}

// unseen stands for a character that nobody sees.
const unseen = -1

// foldRune returns how a character is compared: ' ' for all white space.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		switch {
		case 'A' <= r && r <= 'Z':
			r += 'a' - 'A'
		case '\t' <= r && r <= '\r':
			r = ' '
		}
		return r
	}
	switch {
	case unicode.IsSpace(r), r == 0x2800, r == 0x3164, r == 0xFFA0: // a Braille cell without dots, fillers of Hangul
		return ' '
	case isAccent(r):
		return r
	case isUnseen(r):
		return unseen
	}
	for _, a := range alphabets {
		if a.first <= r && r <= a.last {
			return foldRune(a.as + (r-a.first)%a.letters)
		}
	}
	// Both ways, as some characters have one other case only: ς, σ and Σ become one.
	r = unicode.ToLower(unicode.ToUpper(r))
	if plain, ok := plainLetters[r]; ok {
		return plain
	}
	return r
}

// isUnseen reports whether a character takes no room: of no width, a direction, a variant of the one before.
func isUnseen(r rune) bool {
	return r >= 0xAD && unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// withoutUnseen returns a text without the characters that nobody sees.
func withoutUnseen(text string) string {
	return strings.Map(func(r rune) rune {
		if isUnseen(r) {
			return unseen
		}
		return r
	}, text)
}

// isSpaced reports whether r is of a word of a script that puts spaces between words.
func isSpaced(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return isWord(r) && r != 'ー' && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func isWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

// alphabets are the ranges of letters that stand for plain ones. Those in capitals and small come by turns.
var alphabets = []struct{ first, last, as, letters rune }{
	{0xFF01, 0xFF5E, '!', 94},   // full width
	{0x24B6, 0x24E9, 'a', 26},   // in circles
	{0x1D400, 0x1D6A3, 'a', 26}, // of mathematics: bold, italic, script, Fraktur …
	{0x1D7CE, 0x1D7FF, '0', 10}, // and its digits
	{0x1F130, 0x1F149, 'a', 26}, // in squares
	{0x1F150, 0x1F169, 'a', 26}, // in black circles
	{0x1F170, 0x1F189, 'a', 26}, // in black squares
}

// plainLetters are single characters that stand for others: letters that the ranges have elsewhere, small capitals,
// and the apostrophe.
var plainLetters = pairs("ℂc ℊg ℋh ℌh ℍh ℎh ℐi ℑi ℒl ℓl ℕn ℙp ℚq ℛr ℜr ℝr ℤz ℨz ℬb ℭc ℯe ℰe ℱf ℳm ℴo ℹi " +
	"ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz ’' ‘' ʼ'")

// lookAlikes are small letters of Cyrillic and Greek, and the Latin ones that they, or their capitals, look like.
var lookAlikes = pairs("аa вb сc ԁd еe ғf ԍg һh нh іi ϳj јj кk ӏl мm оo рp ԛq гr ѕs тt цu ѵv ԝw хx уy ӕæ өo ґr ҝk ёe їi йu ўy " +
	"αa βb ϲc ҫc εe ηn ιi κk νv οo ρp τt υu ωw χx γy ζz σo μm άa έe ήn ίi όo ύu ώw ϊi ϋu")

func pairs(list string) map[rune]rune {
	m := make(map[rune]rune)
	for pair := range strings.FieldsSeq(list) {
		r := []rune(pair)
		m[r[0]] = r[1]
	}
	return m
}

// isAccent reports whether r is a combining accent of the kind that is put above letters of any script.
func isAccent(r rune) bool {
	return r >= 0x300 && (r <= 0x36F && r != 0x34F || 0x1AB0 <= r && r <= 0x1AFF || 0x1DC0 <= r && r <= 0x1DFF ||
		0x20D0 <= r && r <= 0x20FF || 0xFE20 <= r && r <= 0xFE2F)
}

// accented returns a folded letter with an accent, without it if there is none.
func accented(letter, accent rune) rune {
	if _, found, ok := strings.Cut(accents[accent], " "+string(letter)); ok {
		letter, _ = utf8.DecodeRuneInString(found)
	}
	return letter
}

// accents are the letters of Latin, Greek and Cyrillic with an accent, each after the one without.
var accents = map[rune]string{
	0x0300: " aà eè iì oò uù üǜ nǹ еѐ иѝ ēḕ ōṑ wẁ âầ ăằ êề ôồ ơờ ưừ yỳ",
	0x0301: " aá eé ií oó uú yý cć lĺ nń rŕ sś zź üǘ gǵ åǻ æǽ øǿ ϊΐ αά εέ ηή ιί ϋΰ οό υύ ωώ гѓ кќ çḉ ēḗ ïḯ kḱ mḿ õṍ ōṓ pṕ ũṹ wẃ âấ ăắ êế ôố ơớ ưứ",
	0x0302: " aâ eê iî oô uû cĉ gĝ hĥ jĵ sŝ wŵ yŷ zẑ ạậ ẹệ ọộ",
	0x0303: " aã nñ oõ iĩ uũ vṽ âẫ ăẵ eẽ êễ ôỗ ơỡ ưữ yỹ",
	0x0304: " aā eē iī oō uū üǖ äǟ ȧǡ æǣ ǫǭ öȫ õȭ ȯȱ yȳ иӣ уӯ gḡ ḷḹ ṛṝ",
	0x0306: " aă eĕ gğ iĭ oŏ uŭ ий уў аӑ еӗ ȩḝ ạặ",
	0x0307: " cċ eė gġ zż aȧ oȯ bḃ dḋ fḟ hḣ mṁ nṅ pṗ rṙ sṡ śṥ šṧ ṣṩ tṫ wẇ xẋ yẏ",
	0x0308: " aä eë iï oö uü yÿ ιϊ υϋ её ії аӓ әӛ жӝ зӟ иӥ оӧ өӫ эӭ уӱ чӵ ыӹ hḧ õṏ ūṻ wẅ xẍ tẗ",
	0x0309: " aả âẩ ăẳ eẻ êể iỉ oỏ ôổ ơở uủ ưử yỷ",
	0x030A: " aå uů wẘ yẙ",
	0x030B: " oő uű уӳ",
	0x030C: " cč dď eě lľ nň rř sš tť zž aǎ iǐ oǒ uǔ üǚ gǧ kǩ ʒǯ jǰ hȟ",
	0x030F: " aȁ eȅ iȉ oȍ rȑ uȕ",
	0x0311: " aȃ eȇ iȋ oȏ rȓ uȗ",
	0x031B: " oơ uư",
	0x0323: " bḅ dḍ hḥ kḳ lḷ mṃ nṇ rṛ sṣ tṭ vṿ wẉ zẓ aạ eẹ iị oọ ơợ uụ ưự yỵ",
	0x0324: " uṳ",
	0x0325: " aḁ",
	0x0326: " sș tț",
	0x0327: " cç gģ kķ lļ nņ rŗ sş tţ eȩ dḑ hḩ",
	0x0328: " aą eę iį uų oǫ",
	0x032D: " dḓ eḙ lḽ nṋ tṱ uṷ",
	0x032E: " hḫ",
	0x0330: " eḛ iḭ uṵ",
	0x0331: " bḇ dḏ kḵ lḻ nṉ rṟ tṯ zẕ hẖ",
}
