package benchmark

import (
	"math"
	"testing"
)

func TestMostPowerful(t *testing.T) {
	for _, c := range []struct{ before, after, alpha, want float64 }{
		// P(N ≥ 1) is 0.0952 at 0.1; at 5 % the draw is made of half of it: by hand
		// (0.05 − P(N ≥ 2)) / P(N = 1) of 0.3679, and all of the 0.2642 above it.
		{0.1, 1, 0.05, 0.2642411 + 0.3678794*(0.05-0.0046788)/0.0904837},
		{100, 100, 0.05, 0},
		{1000, 100, 0.003, 1},
		{50, 5000, 0.003, 1},
		// None at all has 0.0498 of 3: the draw, and 0.3679 of 1.
		{3, 1, 0.0248935, 0.3678794 / 2},
	} {
		if got := mostPowerful(c.before, c.after, c.alpha); math.Abs(got-c.want) > 1e-4 {
			t.Errorf("%v → %v at %v: %v, expected %v", c.before, c.after, c.alpha, got, c.want)
		}
	}
}

func TestCeiling(t *testing.T) {
	for _, e := range Effects {
		last := 0.0
		for _, level := range Levels {
			at := Ceiling(level, e, 0.01)
			if at < last-1e-9 || at > 1+1e-9 {
				t.Errorf("%s at %v: %v after %v", e.Name, level, at, last)
			}
			if more := Ceiling(level, e, 0.03); more < at-1e-9 {
				t.Errorf("%s at %v: %v at 3 %%, %v at 1 %%", e.Name, level, more, at)
			}
			last = at
		}
	}
}
