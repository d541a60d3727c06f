package markup

import (
	_ "embed" // for the list
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/yuin/goldmark-emoji/definition"
)

// emojiList names the emoji that a picker offers, in its order: a "# group", then the
// shortcode of each.
//
//go:embed emoji.txt
var emojiList string

// tones are the skin tones; toneBases what may have one (Unicode's Emoji_Modifier_Base).
var (
	tones     = &unicode.RangeTable{R32: []unicode.Range32{{Lo: 0x1F3FB, Hi: 0x1F3FF, Stride: 1}}}
	toneBases = &unicode.RangeTable{
		R16: []unicode.Range16{
			{Lo: 0x261D, Hi: 0x261D, Stride: 1}, {Lo: 0x26F9, Hi: 0x26F9, Stride: 1}, {Lo: 0x270A, Hi: 0x270D, Stride: 1},
		},
		R32: []unicode.Range32{
			{Lo: 0x1F385, Hi: 0x1F385, Stride: 1}, {Lo: 0x1F3C2, Hi: 0x1F3C4, Stride: 1}, {Lo: 0x1F3C7, Hi: 0x1F3C7, Stride: 1},
			{Lo: 0x1F3CA, Hi: 0x1F3CC, Stride: 1}, {Lo: 0x1F442, Hi: 0x1F443, Stride: 1}, {Lo: 0x1F446, Hi: 0x1F450, Stride: 1},
			{Lo: 0x1F466, Hi: 0x1F469, Stride: 1}, {Lo: 0x1F46B, Hi: 0x1F46E, Stride: 1}, {Lo: 0x1F470, Hi: 0x1F478, Stride: 1},
			{Lo: 0x1F47C, Hi: 0x1F47C, Stride: 1}, {Lo: 0x1F481, Hi: 0x1F483, Stride: 1}, {Lo: 0x1F485, Hi: 0x1F487, Stride: 1},
			{Lo: 0x1F48F, Hi: 0x1F48F, Stride: 1}, {Lo: 0x1F491, Hi: 0x1F491, Stride: 1}, {Lo: 0x1F4AA, Hi: 0x1F4AA, Stride: 1},
			{Lo: 0x1F574, Hi: 0x1F575, Stride: 1}, {Lo: 0x1F57A, Hi: 0x1F57A, Stride: 1}, {Lo: 0x1F590, Hi: 0x1F590, Stride: 1},
			{Lo: 0x1F595, Hi: 0x1F596, Stride: 1}, {Lo: 0x1F645, Hi: 0x1F647, Stride: 1}, {Lo: 0x1F64B, Hi: 0x1F64F, Stride: 1},
			{Lo: 0x1F6A3, Hi: 0x1F6A3, Stride: 1}, {Lo: 0x1F6B4, Hi: 0x1F6B6, Stride: 1}, {Lo: 0x1F6C0, Hi: 0x1F6C0, Stride: 1},
			{Lo: 0x1F6CC, Hi: 0x1F6CC, Stride: 1}, {Lo: 0x1F90C, Hi: 0x1F90C, Stride: 1}, {Lo: 0x1F90F, Hi: 0x1F90F, Stride: 1},
			{Lo: 0x1F918, Hi: 0x1F91F, Stride: 1}, {Lo: 0x1F926, Hi: 0x1F926, Stride: 1}, {Lo: 0x1F930, Hi: 0x1F939, Stride: 1},
			{Lo: 0x1F93D, Hi: 0x1F93E, Stride: 1}, {Lo: 0x1F977, Hi: 0x1F977, Stride: 1}, {Lo: 0x1F9B5, Hi: 0x1F9B6, Stride: 1},
			{Lo: 0x1F9B8, Hi: 0x1F9B9, Stride: 1}, {Lo: 0x1F9BB, Hi: 0x1F9BB, Stride: 1}, {Lo: 0x1F9CD, Hi: 0x1F9CF, Stride: 1},
			{Lo: 0x1F9D1, Hi: 0x1F9DD, Stride: 1}, {Lo: 0x1FAC3, Hi: 0x1FAC5, Stride: 1}, {Lo: 0x1FAF0, Hi: 0x1FAF8, Stride: 1},
		},
	}
)

// pictures are the blocks that Unicode keeps for emoji: what is not one yet will be. Those of other blocks are in
// emojiList.
var pictures = &unicode.RangeTable{R32: []unicode.Range32{
	{Lo: 0x1F6D5, Hi: 0x1F6DF, Stride: 1}, {Lo: 0x1F6FC, Hi: 0x1F6FF, Stride: 1}, {Lo: 0x1F7F0, Hi: 0x1F7FF, Stride: 1},
	{Lo: 0x1F90C, Hi: 0x1F93A, Stride: 1}, {Lo: 0x1F93C, Hi: 0x1F945, Stride: 1}, {Lo: 0x1F947, Hi: 0x1F9FF, Stride: 1},
	{Lo: 0x1FA70, Hi: 0x1FAFF, Stride: 1},
}}

const (
	presentation = '\uFE0F' // asks for an emoji where there is a plain character, too
	joiner       = '\u200D'
	keycap       = '\u20E3'
	blackFlag    = '\U0001F3F4' // with tags the flag of a part of a country
	endOfTags    = '\U000E007F'

	maxEmoji     = 64  // bytes of one
	maxEmojiText = 256 // bytes of a text of emoji only
	emojiAtOnce  = 5   // in such a text
)

// picker is what can be picked.
type picker struct {
	single map[rune]bool // of which each is an emoji by itself, or part of one
	plain  map[rune]bool // those of them that are text unless presentation follows
	json   []byte
}

func newPicker(emoji definition.Emojis) picker {
	type group struct {
		Name  string     `json:"name"`
		Emoji [][]string `json:"emoji"`
	}
	var groups []group
	p := picker{single: make(map[rune]bool), plain: make(map[rune]bool)}
	for line := range strings.Lines(emojiList) {
		if name, ok := strings.CutPrefix(line, "# "); ok {
			groups = append(groups, group{Name: strings.TrimSpace(name)})
			continue
		}
		last := &groups[len(groups)-1]
		for code := range strings.FieldsSeq(line) {
			if e, ok := emoji.Get(code); ok {
				last.Emoji = append(last.Emoji, append([]string{string(e.Unicode)}, e.ShortNames...))
				p.learn(e.Unicode)
			}
		}
	}
	for _, group := range groups {
		for _, e := range group.Emoji {
			e[0] = p.spell([]rune(e[0]))
		}
	}
	p.json, _ = json.Marshal(groups) // strings only: it cannot fail
	return p
}

// learn notes of what an emoji is made.
func (p picker) learn(emoji []rune) {
	for i, r := range emoji {
		if i+1 < len(emoji) && emoji[i+1] == presentation {
			p.plain[r] = true
		}
		if r >= 0x80 && r != presentation && r != joiner && r != keycap && !isFlagLetter(r) && !isTag(r) && !unicode.Is(tones, r) {
			p.single[r] = true
		}
	}
}

// EmojiJSON returns the emoji for a picker, by group, each with its shortcodes, the usual one
// first: [{"name": "Smileys", "emoji": [["😀", "grinning"], …]}, …]. It is not to be changed.
func (m *Markup) EmojiJSON() []byte { return m.picker.json }

// Emoji returns the usual spelling of s if it is exactly one emoji, which can be a reaction: one of
// EmojiJSON, or one that Unicode has added since, with or without skin tones, and with or without
// the selectors that ask for an emoji.
func (m *Markup) Emoji(s string) (emoji string, ok bool) {
	if len(s) > maxEmoji {
		return "", false
	}
	runes := []rune(s)
	if n, _ := m.picker.first(runes); n == 0 || n < len(runes) {
		return "", false
	}
	return m.picker.spell(runes), true
}

// EmojiOnly reports whether a text is one to five emoji and nothing else: such a text is shown larger.
// A character that is text without a selector needs one.
func (m *Markup) EmojiOnly(text string) bool {
	if len(text) > maxEmojiText || text != "" && text[0] < 0x80 && !isKey(rune(text[0])) { // nearly all texts
		return false
	}
	runes := []rune(strings.Join(strings.Fields(text), ""))
	for count := 0; count < emojiAtOnce; count++ {
		n, shown := m.picker.first(runes)
		if n == 0 || !shown {
			return false
		}
		if runes = runes[n:]; len(runes) == 0 {
			return true
		}
	}
	return false
}

// first returns how many characters the emoji has that a text begins with, 0 for none, and whether it is shown as one.
func (p picker) first(text []rune) (n int, shown bool) {
	switch {
	case len(text) > 1 && isFlagLetter(text[0]) && isFlagLetter(text[1]):
		return 2, true
	case len(text) > 1 && isKey(text[0]):
		n = 1
		if text[n] == presentation {
			n++
		}
		if n < len(text) && text[n] == keycap {
			return n + 1, true
		}
		return 0, false
	}
	if n, shown = p.picture(text); n == 0 {
		return 0, false
	}
	if tags := tagsOf(text[n:]); text[0] == blackFlag && tags > 0 {
		return n + tags, true
	}
	for n < len(text) && text[n] == joiner {
		more, _ := p.picture(text[n+1:])
		if more == 0 {
			break
		}
		n, shown = n+1+more, true
	}
	return n, shown
}

// picture is first for what may be joined with others.
func (p picker) picture(text []rune) (n int, shown bool) {
	if len(text) == 0 || !p.single[text[0]] && !unicode.Is(pictures, text[0]) {
		return 0, false
	}
	n, shown = 1, !p.plain[text[0]]
	if n < len(text) && text[n] == presentation {
		n, shown = n+1, true
	}
	if n < len(text) && unicode.Is(tones, text[n]) && isToneBase(text[0]) {
		n, shown = n+1, true
	}
	return n, shown
}

// spell returns an emoji with presentation where it makes a difference, and nowhere else.
func (p picker) spell(emoji []rune) string {
	bare := slices.DeleteFunc(slices.Clone(emoji), func(r rune) bool { return r == presentation })
	var b strings.Builder
	for i, r := range bare {
		b.WriteRune(r)
		if p.plain[r] && (i+1 == len(bare) || !unicode.Is(tones, bare[i+1])) {
			b.WriteRune(presentation)
		}
	}
	return b.String()
}

// tagsOf returns how many tags a text begins with; the last one ends them.
func tagsOf(text []rune) int {
	for i, r := range text {
		switch {
		case !isTag(r):
			return 0
		case r == endOfTags:
			return i + 1
		}
	}
	return 0
}

func isToneBase(r rune) bool { return unicode.Is(toneBases, r) }

func isFlagLetter(r rune) bool { return 0x1F1E6 <= r && r <= 0x1F1FF }

func isTag(r rune) bool { return 0xE0020 <= r && r <= endOfTags }

func isKey(r rune) bool { return '0' <= r && r <= '9' || r == '#' || r == '*' }
