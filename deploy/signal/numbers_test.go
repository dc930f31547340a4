package signal

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
)

func TestNumbersReadBack(t *testing.T) {
	for _, n := range []Numbers{nil, {}, {0}, {1, -2.5, 1e-300, 1e300, 0.1, 3, math.NaN(), 1.0000000000000002}, {math.NaN()}, {math.Inf(1), math.Inf(-1)}} {
		text, err := json.Marshal(struct{ N Numbers }{n})
		if err != nil {
			t.Fatal(err)
		}
		var back struct{ N Numbers }
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		want := slices.Clone(n)
		for i := range want {
			if !finite(want[i]) {
				want[i] = math.NaN() // what is no measurement stays none
			}
		}
		if (back.N == nil) != (n == nil) || !slices.EqualFunc(back.N, want, func(a, b float64) bool {
			return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
		}) {
			t.Errorf("%v: %v", n, back.N)
		}
	}
	for text, ok := range map[string]bool{
		" [ 1 , null,2 ] ": true, "null": true, "[]": true, "[1,]": false, `["1"]`: false, "[[1]]": false, "{}": false, "[1 2]": false, "[1e999]": false, "[0x10]": false, "[Inf]": false, "[true]": false,
	} {
		var n Numbers
		if err := json.Unmarshal([]byte(text), &n); (err == nil) != ok {
			t.Errorf("%s: %v, %v", text, n, err)
		}
	}
}
