package document

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"
)

// Float gives the value of a number.
func (n Node) Float() (float64, bool) {
	if n.Kind() != Number {
		return 0, false
	}
	return parseNumber(n.d.value(n.i))
}

// Exact gives the value of a number without rounding. It is false for what is no number
// and for a number with an exponent beyond 1,000.
func (n Node) Exact() (*big.Rat, bool) {
	if n.Kind() != Number {
		return nil, false
	}
	return parseExact(n.d.value(n.i))
}

// maxExponent bounds the work on one number: 1e1000000 would fill the memory.
const maxExponent = 1000

func parseExact(text string) (*big.Rat, bool) {
	if i := strings.IndexAny(text, "eE"); i >= 0 && !strings.HasPrefix(text, "0x") {
		if e, err := strconv.Atoi(text[i+1:]); err != nil || e > maxExponent || e < -maxExponent {
			return nil, false
		}
	}
	if r, ok := new(big.Rat).SetString(strings.ReplaceAll(text, "_", "")); ok {
		return r, true
	}
	return nil, false
}

// compareNumbers rounds first: what differs then differs for certain, in the same order.
func compareNumbers(s, t string) (int, bool) {
	f, okF := parseNumber(s)
	g, okG := parseNumber(t)
	if !okF || !okG {
		return 0, false
	}
	if f != g || s == t {
		return cmp.Compare(f, g), true
	}
	x, okX := parseExact(s)
	y, okY := parseExact(t)
	if !okX || !okY {
		return 0, f == g
	}
	return x.Cmp(y), true
}

func parseNumber(text string) (float64, bool) {
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return f, true
	}
	if i, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 0, 64); err == nil {
		return float64(i), true
	}
	return 0, false
}
