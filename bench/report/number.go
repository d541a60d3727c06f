package report

import (
	"math"
	"strconv"
	"strings"
)

const absent = "–"

// number prints three significant digits, or all before the point, in groups of three: 0.0123,
// 2.6, 18.9, 15,312. What is not a number is absent.
func number(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return absent
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', decimals(v), 64), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction
}

// decimals is how many digits after the point make three significant ones.
func decimals(v float64) int {
	if v == 0 {
		return 0
	}
	return max(0, 2-int(math.Floor(math.Log10(math.Abs(v)))))
}

// with appends a unit.
func with(v float64, unit string) string {
	switch text := number(v); {
	case text == absent, unit == Count:
		return text
	case unit == Percent, unit == PerSecond:
		return text + unit
	default:
		return text + " " + unit
	}
}
