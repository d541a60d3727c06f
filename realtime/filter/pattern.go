package filter

import (
	"errors"
	"math/bits"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of patterns. Go's regexp keeps, for each character of a text, all places of the pattern at which a match
// that has begun somewhere before may stand now; so the time that a text takes grows with the number of these places.
// The weight of a pattern is the most that there can be, whatever the text: that of "free (money|cash)" is 5, that of
// "x.{0,40}y" 82. For each the worst text of 4,000 characters takes 30 to 80 µs.
const (
	maxPattern  = 200      // characters
	maxProgram  = 1000     // instructions of one
	maxWeight   = 100      // of one: 3 to 8 ms
	maxWeights  = 200      // of all rules together: 6 to 16 ms
	manyRanges  = 16       // of characters: a place with more counts as
	bigClass    = 3        // so many, as they are searched
	noCharacter = 0x10FFFE // is none, and never will be
)

// compilePattern compiles a pattern, and weighs it.
func compilePattern(text string) (p pattern, weight int, err error) {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return p, 0, badPattern(err)
	}
	tree = tree.Simplify()
	prog, err := syntax.Compile(tree)
	if err != nil {
		return p, 0, badPattern(err)
	}
	if len(prog.Inst) > maxProgram {
		return p, 0, tooHeavy()
	}
	if fitsNothing(tree) {
		return p, 0, wrong("pattern", "The pattern fits every text: it must ask for one character at least.")
	}
	if p.find, err = regexp.Compile(text); err != nil {
		return p, 0, badPattern(err)
	}
	weight = 1 // of what is searched as a string
	if _, literal := p.find.LiteralPrefix(); !literal {
		weight = weigh(prog)
	}
	if weight > maxWeight {
		return p, 0, tooHeavy()
	}
	p.unseen = asksForUnseen(prog)
	return p, weight, nil
}

func tooHeavy() *Error {
	return wrong("pattern", "The pattern would take too long. Ask for fewer repetitions: x{1,20} is 20 times as much as x, x+ is not.")
}

// badPattern is the refusal of a pattern that is none.
func badPattern(err error) *Error {
	var bad *syntax.Error
	if !errors.As(err, &bad) {
		return wrong("pattern", "The pattern is none.")
	}
	switch expr := bad.Expr; {
	case bad.Code == syntax.ErrInvalidPerlOp, bad.Code == syntax.ErrInvalidEscape && strings.ContainsAny(expr, "123456789"):
		return wrong("pattern", "The pattern has %s, which RE2 does not know: no looking ahead or behind, no references back.", expr)
	case bad.Code == syntax.ErrLarge, bad.Code == syntax.ErrNestingDepth, bad.Code == syntax.ErrInvalidRepeatSize:
		return tooHeavy()
	default:
		return wrong("pattern", "The pattern cannot be read: %s, in %s", bad.Code, expr)
	}
}

// fitsNothing reports whether an expression may fit without a character, as x* does, and \b.
func fitsNothing(e *syntax.Regexp) bool {
	switch e.Op {
	case syntax.OpLiteral:
		return len(e.Rune) == 0
	case syntax.OpNoMatch, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return fitsNothing(e.Sub[0])
	case syntax.OpRepeat:
		return e.Min == 0 || fitsNothing(e.Sub[0])
	case syntax.OpConcat:
		return !slices.ContainsFunc(e.Sub, func(sub *syntax.Regexp) bool { return !fitsNothing(sub) })
	case syntax.OpAlternate:
		return slices.ContainsFunc(e.Sub, fitsNothing)
	default: // what may be left out, and what looks at a place
		return true
	}
}

// asksForUnseen reports whether a pattern names characters that nobody sees; to fit all characters, or all but some, is
// not to name them.
func asksForUnseen(prog *syntax.Prog) bool {
	for i := range prog.Inst {
		in := &prog.Inst[i]
		if !isRune(in) || in.MatchRune(noCharacter) {
			continue
		}
		for j := 0; j < len(in.Rune); j += 2 {
			first, last := in.Rune[j], in.Rune[min(j+1, len(in.Rune)-1)]
			for r := first; r <= last && r-first < 0x200; r++ {
				if isInvisible(r) {
					return true
				}
			}
		}
	}
	return false
}

// places is a set of instructions of a program.
type places []uint64

func (p places) add(i uint32)      { p[i/64] |= 1 << (i % 64) }
func (p places) has(i uint32) bool { return p[i/64]>>(i%64)&1 != 0 }

func (p places) with(others places) {
	for i := range p {
		p[i] |= others[i]
	}
}

// weigh returns the weight of a program of maxProgram instructions at most: how many of them there can be to go on
// with, after the character that leaves the most.
func weigh(prog *syntax.Prog) int {
	none := func() places { return make(places, len(prog.Inst)/64+1) }
	// What follows a character is the same for all instructions with the same characters.
	type kind struct {
		in      *syntax.Inst
		follows places
	}
	var kinds []*kind
	var turns []rune // where it may begin to matter which character it is
	for i := range prog.Inst {
		in := &prog.Inst[i]
		if !isRune(in) {
			continue
		}
		at := slices.IndexFunc(kinds, func(k *kind) bool { return sameRunes(k.in, in) })
		if at < 0 {
			at = len(kinds)
			kinds = append(kinds, &kind{in, none()})
			turns = append(turns, turnsOf(in)...)
		}
		reach(prog, in.Out, kinds[at].follows)
	}
	slices.Sort(turns)
	start := none()
	reach(prog, uint32(prog.Start), start) // a match may begin anywhere
	heaviest, now := cost(prog, start), none()
	for _, r := range slices.Compact(turns) {
		copy(now, start)
		for _, k := range kinds {
			if k.in.MatchRune(r) {
				now.with(k.follows)
			}
		}
		heaviest = max(heaviest, cost(prog, now))
	}
	return heaviest
}

// reach adds all instructions that are reached from one without a character.
func reach(prog *syntax.Prog, from uint32, reached places) {
	for open := []uint32{from}; len(open) > 0; {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if reached.has(at) {
			continue
		}
		reached.add(at)
		switch in := &prog.Inst[at]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			open = append(open, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstEmptyWidth, syntax.InstNop:
			open = append(open, in.Out)
		}
	}
}

// cost is the weight of instructions.
func cost(prog *syntax.Prog, now places) int {
	sum := 0
	for i, left := range now {
		for ; left != 0; left &= left - 1 {
			sum++
			if in := &prog.Inst[i*64+bits.TrailingZeros64(left)]; in.Op == syntax.InstRune && len(in.Rune) > 2*manyRanges {
				sum += bigClass - 1
			}
		}
	}
	return sum
}

func isRune(in *syntax.Inst) bool {
	switch in.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	}
	return false
}

func sameRunes(a, b *syntax.Inst) bool {
	return a.Op == b.Op && a.Arg == b.Arg && slices.Equal(a.Rune, b.Rune)
}

// turnsOf returns the characters of which each begins, or ends, a range of what an instruction fits.
func turnsOf(in *syntax.Inst) []rune {
	switch in.Op {
	case syntax.InstRuneAny:
		return []rune{0}
	case syntax.InstRuneAnyNotNL:
		return []rune{0, '\n', '\n' + 1}
	}
	var turns []rune
	if len(in.Rune) == 1 { // with all its cases, if it is folded
		r := in.Rune[0]
		for turns = []rune{r, r + 1}; ; turns = append(turns, r, r+1) {
			if r = unicode.SimpleFold(r); r == in.Rune[0] {
				return turns
			}
		}
	}
	for i := 0; i+1 < len(in.Rune); i += 2 {
		turns = append(turns, in.Rune[i], min(in.Rune[i+1]+1, utf8.MaxRune))
	}
	return turns
}
