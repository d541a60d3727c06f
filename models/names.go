package models

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"

	"roomline/realtime/chat"
	"roomline/realtime/filter"
)

// The bounds of a user name, in characters, and of what is looked at at all, in bytes.
const (
	minName      = 2
	maxName      = 32
	maxNameBytes = 512
	maxMarks     = 3 // combining marks on one letter; living scripts need no more
)

// name is a user name in the forms the site needs.
type name struct {
	display string // as written, normalised
	key     string // case-folded: two spellings of one name have one key
	look    string // see lookOf
	find    string // see findOf
}

// parseName normalises a user name and checks it; the error is a *chat.Error (invalid).
//
// A name is letters, digits, dots, dashes and underscores: everything invisible, every
// bidirectional control and every space is outside of that.
func parseName(raw string) (name, error) {
	if len(raw) > maxNameBytes || !utf8.ValidString(raw) {
		return name{}, badLength()
	}
	text := norm.NFKC.String(strings.TrimSpace(raw))
	if n := utf8.RuneCountInString(text); n < minName || n > maxName {
		return name{}, badLength()
	}
	if !nameRunes(text) {
		return name{}, refuseField("name",
			"A name is made of letters, digits, dots, dashes and underscores, and begins with a letter or digit.")
	}
	display, err := precis.UsernameCasePreserved.String(text)
	if err != nil {
		return name{}, refuseField("name", "That name has characters that cannot be used in a name.")
	}
	display = strings.Clone(display) // it may still be the caller's memory
	return name{display: display, key: fold(display), look: lookOf(display), find: findOf(display)}, nil
}

// refuseField returns a refusal (invalid) of one field of a form.
func refuseField(field, format string, args ...any) *chat.Error {
	e := chat.Errorf(chat.CodeInvalid, format, args...)
	e.Field = field
	return e
}

func badLength() error {
	return refuseField("name", "A name has %d to %d characters.", minName, maxName)
}

func nameRunes(text string) bool {
	marks := 0
	for i, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.Is(unicode.Nd, r):
			marks = 0
		case i == 0:
			return false
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				return false
			}
		case strings.ContainsRune("._-", r):
			marks = 0
		default:
			return false
		}
	}
	return true
}

// fold removes the difference of upper and lower case.
func fold(text string) string { return norm.NFC.String(cases.Fold().String(text)) }

// lookOf returns what a name looks like: two names that may be taken for each other have one look.
func lookOf(display string) string { return filter.Skeleton(display) }

// findOf returns what a name is found by, from its beginning on.
func findOf(display string) string { return filter.Fold(display) }
