package markup

import (
	_ "embed" // for the list
	"encoding/json"
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

const (
	presentation = "\uFE0F" // asks for an emoji where there is a plain character, too
	maxEmoji     = 64       // bytes
)

// picker is what can be picked.
type picker struct {
	whole    map[string]bool // emoji
	toneless map[string]bool // those that may have skin tones, without presentation
	json     []byte
}

func newPicker(emoji definition.Emojis) picker {
	type group struct {
		Name  string     `json:"name"`
		Emoji [][]string `json:"emoji"`
	}
	var groups []group
	p := picker{whole: make(map[string]bool), toneless: make(map[string]bool)}
	for line := range strings.Lines(emojiList) {
		if name, ok := strings.CutPrefix(line, "# "); ok {
			groups = append(groups, group{Name: strings.TrimSpace(name)})
			continue
		}
		last := &groups[len(groups)-1]
		for code := range strings.FieldsSeq(line) {
			e, ok := emoji.Get(code)
			if !ok {
				continue
			}
			text := string(e.Unicode)
			last.Emoji = append(last.Emoji, append([]string{text}, e.ShortNames...))
			p.whole[text] = true
			if strings.ContainsFunc(text, isToneBase) {
				p.toneless[strings.ReplaceAll(text, presentation, "")] = true
			}
		}
	}
	p.json, _ = json.Marshal(groups) // strings only: it cannot fail
	return p
}

// EmojiJSON returns the emoji for a picker, by group, each with its shortcodes, the usual one
// first: [{"name": "Smileys", "emoji": [["😀", "grinning"], …]}, …]. It is not to be changed.
func (m *Markup) EmojiJSON() []byte { return m.picker.json }

// Emoji reports whether s is exactly one emoji that can be a reaction: one of EmojiJSON, with
// or without skin tones.
func (m *Markup) Emoji(s string) bool {
	return m.picker.whole[s] || len(s) <= maxEmoji && m.picker.toneless[withoutTones(s)]
}

// withoutTones returns s without skin tones and presentation; "" if it has no tone, or one where
// none can be.
func withoutTones(s string) string {
	var bare []rune
	var last rune
	toned := false
	for _, r := range strings.ReplaceAll(s, presentation, "") {
		switch {
		case !unicode.Is(tones, r):
			bare = append(bare, r)
		case !isToneBase(last):
			return ""
		default:
			toned = true
		}
		last = r
	}
	if !toned {
		return ""
	}
	return string(bare)
}

func isToneBase(r rune) bool { return unicode.Is(toneBases, r) }
