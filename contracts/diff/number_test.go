package diff

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"plimsoll/contracts"
)

// number is a type with a format, and which values it takes.
type number struct{ kind, format string }

func (n number) String() string { return fmt.Sprintf("{type: %s, format: %q}", n.kind, n.format) }

// takes tells whether a value is one of the type and the format: OpenAPI's format registry.
func (n number) takes(v *big.Rat) bool {
	if n.kind == "integer" && !v.IsInt() {
		return false
	}
	between := func(low, high int64) bool {
		return v.IsInt() && v.Cmp(big.NewRat(low, 1)) >= 0 && v.Cmp(big.NewRat(high, 1)) <= 0
	}
	switch n.format {
	case "int8":
		return between(math.MinInt8, math.MaxInt8)
	case "uint8":
		return between(0, math.MaxUint8)
	case "int16":
		return between(math.MinInt16, math.MaxInt16)
	case "uint32":
		return between(0, math.MaxUint32)
	case "int32":
		return between(math.MinInt32, math.MaxInt32)
	case "int64":
		return between(math.MinInt64, math.MaxInt64)
	case "float":
		_, exact := v.Float32()
		return exact
	case "double":
		_, exact := v.Float64()
		return exact
	}
	return true
}

// TestNumbersWidenAndNarrow: for each pair of numeric types and formats, a change is
// harmless exactly if every value that may come is one that was (request: will be) taken.
// A number that becomes an integer by its type alone is harmful on requests, whatever its
// format says.
func TestNumbersWidenAndNarrow(t *testing.T) {
	t.Parallel()
	samples := []*big.Rat{big.NewRat(1, 2), new(big.Rat).SetFrac64(1<<30+1, 1<<30), big.NewRat(1, 10)}
	for _, shift := range []uint{7, 8, 15, 16, 24, 31, 32, 53, 63, 64, 200, 2000} {
		power := new(big.Int).Lsh(big.NewInt(1), shift)
		for _, d := range []int64{-1, 0, 1} {
			v := new(big.Rat).SetInt(new(big.Int).Add(power, big.NewInt(d)))
			samples = append(samples, v, new(big.Rat).Neg(v))
		}
	}
	var all []number
	for _, format := range []string{"", "int8", "uint8", "int16", "uint32", "int32", "int64", "float", "double"} {
		all = append(all, number{"integer", format}, number{"number", format})
	}
	within := func(narrow, wide number) bool {
		for _, v := range samples {
			if narrow.takes(v) && !wide.takes(v) {
				return false
			}
		}
		return narrow.kind == "integer" || wide.kind == "number"
	}
	text := func(n number) string {
		format := ""
		if n.format != "" {
			format = ", format: " + n.format
		}
		return fmt.Sprintf("openapi: 3.1.0\ninfo: {}\npaths:\n  /x:\n    post:\n      requestBody: {content: {a/b: {schema: {type: %[1]s%[2]s}}}}\n"+
			"      responses: {'200': {description: ok, content: {a/b: {schema: {type: %[1]s%[2]s}}}}}\n", n.kind, format)
	}
	for _, old := range all {
		for _, now := range all {
			src := memory{"b.yaml": text(old), "h.yaml": text(now)}
			harm := map[contracts.Direction]bool{}
			said := map[contracts.Direction]bool{}
			for _, c := range mustCompare(t, mustLoad(t, src, "b.yaml"), mustLoad(t, src, "h.yaml")).Changes() {
				said[c.Direction] = true
				harm[c.Direction] = harm[c.Direction] || c.Level != contracts.Info
			}
			for dir, safe := range map[contracts.Direction]bool{contracts.Request: within(old, now), contracts.Response: within(now, old)} {
				if harm[dir] == safe {
					t.Errorf("%s: %s → %s: harmful %t, expected %t", dir, old, now, harm[dir], !safe)
				}
				if said[dir] != (old != now) {
					t.Errorf("%s: %s → %s: reported %t", dir, old, now, said[dir])
				}
			}
		}
	}
}
