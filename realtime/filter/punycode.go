package filter

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxLabel is how long a label of a host may be (RFC 1035).
const maxLabel = 63

// The parameters of RFC 3492, section 5.
const (
	punyBase  = 36
	punyFirst = 1  // tmin
	punyLast  = 26 // tmax
	punySkew  = 38
	punyDamp  = 700
)

// decodePunycode decodes what follows "xn--" in a label (RFC 3492, section 6.2).
func decodePunycode(code string) (string, bool) {
	if len(code) > maxLabel {
		return "", false
	}
	var text []rune
	if at := strings.LastIndexByte(code, '-'); at >= 0 {
		text, code = []rune(code[:at]), code[at+1:]
	}
	next, bias, place := 128, 72, 0
	for len(code) > 0 {
		before, weight := place, 1
		for k := punyBase; ; k += punyBase {
			if code == "" {
				return "", false
			}
			digit := punyDigit(code[0])
			if code = code[1:]; digit < 0 {
				return "", false
			}
			if place += digit * weight; place > utf8.MaxRune*(maxLabel+1) {
				return "", false
			}
			threshold := min(max(k-bias, punyFirst), punyLast)
			if digit < threshold {
				break
			}
			weight *= punyBase - threshold
			if weight > utf8.MaxRune*(maxLabel+1) {
				return "", false
			}
		}
		count := len(text) + 1
		bias = punyBias(place-before, count, before == 0)
		next += place / count
		place %= count
		if !utf8.ValidRune(rune(next)) || next > utf8.MaxRune {
			return "", false
		}
		text = slices.Insert(text, place, rune(next))
		place++
	}
	return string(text), true
}

// punyDigit is the value of a digit, -1 for what is none.
func punyDigit(c byte) int {
	switch {
	case 'a' <= c && c <= 'z':
		return int(c - 'a')
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case '0' <= c && c <= '9':
		return int(c-'0') + 26
	}
	return -1
}

// punyBias adapts the bias (RFC 3492, section 6.1).
func punyBias(delta, count int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / count
	k := 0
	for delta > (punyBase-punyFirst)*punyLast/2 {
		delta /= punyBase - punyFirst
		k += punyBase
	}
	return k + (punyBase-punyFirst+1)*delta/(delta+punySkew)
}
