package signal

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func near(t *testing.T, name string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.9g, expected %.9g", name, got, want)
	}
}

func TestSignedRoot(t *testing.T) {
	for _, c := range []struct {
		name           string
		x0, n0, x1, n1 float64
		want           float64
	}{
		// 2 Σ O ln(O/E) over the four cells, by hand: 5 and 95 of 10 and 90 expected,
		// 15 and 85 of 10 and 90: 5.788260.
		{"three times as many", 5, 100, 15, 100, 2.405893},
		{"a third", 15, 100, 5, 100, -2.405893},
		{"the same rate", 2, 1000, 1, 500, 0},
		// None and all: 2·(200 ln 2) = 277.258872.
		{"none, then all", 0, 100, 100, 100, 16.651092},
		{"all, then none", 100, 100, 0, 100, -16.651092},
		// 2·(10 ln(10/9.5) + ln 2 + 9 ln(9/9.5)) = 1.438950.
		{"the first error", 0, 10, 1, 10, 1.199563},
		{"no error at all", 0, 100, 0, 100, 0},
		{"no request before", 0, 0, 5, 100, 0},
		{"no request after", 5, 100, 0, 0, 0},
		{"fractions of requests", 0.5, 10, 1.5, 10, 0.760811},
	} {
		got := signedRoot(c.x0, c.n0, c.x1, c.n1)
		near(t, c.name, got, c.want, 1e-6)
		near(t, c.name+", from the cells", got, rootOfCells(c.x0, c.n0, c.x1, c.n1), 1e-6)
	}
}

// rootOfCells is the same by the other formula, observed over expected.
func rootOfCells(x0, n0, x1, n1 float64) float64 {
	if n0 == 0 || n1 == 0 {
		return 0
	}
	share := (x0 + x1) / (n0 + n1)
	g := 0.0
	for _, cell := range [][2]float64{{x0, n0 * share}, {n0 - x0, n0 * (1 - share)}, {x1, n1 * share}, {n1 - x1, n1 * (1 - share)}} {
		if cell[0] > 0 {
			g += 2 * cell[0] * math.Log(cell[0]/cell[1])
		}
	}
	return math.Copysign(math.Sqrt(math.Max(0, g)), x1/n1-x0/n0)
}

// TestRanksAgainstEveryArrangement: the statistic is U less its mean, over the
// deviation that U has over every way to choose the second sample.
func TestRanksAgainstEveryArrangement(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after []float64
	}{
		{"no ties", []float64{1.1, 2.2, 3.3, 4.4}, []float64{2.5, 5.5, 6.6}},
		{"ties", []float64{1, 2, 2, 3, 5}, []float64{2, 3, 3}},
		{"nearly all equal", []float64{7, 7, 7, 7, 7}, []float64{7, 7, 8}},
		{"one after", []float64{1, 2, 3, 4}, []float64{9}},
		{"one before", []float64{3}, []float64{1, 2, 3, 4, 5}},
		{"falling", []float64{5, 6, 7, 8}, []float64{1, 2, 3, 4}},
		{"negative", []float64{-5, -1, 0}, []float64{-3, -3, 2, 0}},
	} {
		var r ranks
		r.begin(c.before)
		for _, x := range c.after {
			r.add(x)
		}
		mean, deviation := everyArrangement(c.before, c.after)
		u := pairs(c.before, c.after)
		near(t, c.name+": U", r.wins, u, 0)
		// The tie break is at most an eighth of a deviation's grain.
		near(t, c.name+": z", r.z(), (u-mean)/deviation, 1/(8*deviation)+1e-9)
		if shift := r.shift(); shift != 0 && (r.z() > (u-mean)/deviation) != (shift > 0) {
			t.Errorf("%s: the tie break goes against the medians", c.name)
		}
	}
}

// pairs counts in how many pairs the second is larger, ties as a half.
func pairs(before, after []float64) (u float64) {
	for _, b := range before {
		for _, a := range after {
			switch {
			case a > b:
				u++
			case a == b:
				u += 0.5
			}
		}
	}
	return u
}

func everyArrangement(before, after []float64) (mean, deviation float64) {
	all := append(append([]float64{}, before...), after...)
	var us []float64
	for mask := range 1 << len(all) {
		var first, second []float64
		for i, x := range all {
			if mask>>i&1 == 1 {
				second = append(second, x)
			} else {
				first = append(first, x)
			}
		}
		if len(second) == len(after) {
			us = append(us, pairs(first, second))
		}
	}
	for _, u := range us {
		mean += u / float64(len(us))
	}
	for _, u := range us {
		deviation += (u - mean) * (u - mean) / float64(len(us))
	}
	return mean, math.Sqrt(deviation)
}

// TestRanksPublished: the permeability of chorioamnion, Hollander and Wolfe (1973),
// page 69, of which W = 35 is the known answer.
func TestRanksPublished(t *testing.T) {
	var r ranks
	r.begin([]float64{1.15, 0.88, 0.90, 0.74, 1.21})
	for _, x := range []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46} {
		r.add(x)
	}
	near(t, "W", r.wins, 35, 0)
}

// TestRanksGrow: adding one by one gives what starting anew gives.
func TestRanksGrow(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var grown ranks
	before := make([]float64, 40)
	for i := range before {
		before[i] = math.Floor(random.Float64() * 12)
	}
	grown.begin(before)
	var after []float64
	for range 30 {
		x := math.Floor(random.Float64() * 14)
		after = append(after, x)
		grown.add(x)
		var anew ranks
		anew.begin(before)
		for i := range after {
			anew.add(after[len(after)-1-i])
		}
		if grown.z() != anew.z() {
			t.Fatalf("after %d: %v grown, %v anew", len(after), grown.z(), anew.z())
		}
	}
}

// TestSaturatedRanks: where no pair contradicts any more, the larger shift is the
// larger statistic, and no tie break overtakes one more pair.
func TestSaturatedRanks(t *testing.T) {
	z := func(after ...float64) float64 {
		var r ranks
		r.begin([]float64{1, 2, 3, 4, 5, 6, 7})
		for _, x := range after {
			r.add(x)
		}
		return r.z()
	}
	if !(z(8, 9) < z(80, 90) && z(80, 90) < z(800, 900)) {
		t.Error("saturated statistics do not follow the shift")
	}
	if !(z(6.5, 1e9) < z(7.5, 7.6)) {
		t.Error("a tie break overtook a pair")
	}
	var flat ranks
	flat.begin([]float64{3, 3, 3})
	flat.add(3)
	near(t, "all equal", flat.z(), 0, 0)
	flat.add(4)
	if flat.z() <= 0 {
		t.Error("the first other value says nothing")
	}
}

func TestLogRatio(t *testing.T) {
	near(t, "half", logRatio(6000, 60, 1250, 25), math.Log(50.02/100.02), 1e-9)
	near(t, "nothing, then nothing", logRatio(0, 60, 0, 25), 0, 0)
	near(t, "no steps", logRatio(10, 60, 0, 0), 0, 0)
	// 0.02 over 100.02.
	near(t, "nothing left", logRatio(6000, 60, 0, 25), -8.517393, 1e-5)
}

func TestQuantile(t *testing.T) {
	values := []float64{1, 2, 3, 4}
	for q, want := range map[float64]float64{0: 1, 0.5: 2.5, 0.9: 3.7, 1: 4} {
		near(t, "quantile", quantile(values, q), want, 1e-12)
	}
	near(t, "of none", quantile(nil, 0.5), 0, 0)
	near(t, "median", median([]float64{9, 1, 5}), 5, 0)
}

// TestSelected and the MAD: against sorting.
func TestSelected(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for n := 1; n < 200; n++ {
		values := make([]float64, n)
		for i := range values {
			values[i] = math.Floor(r.Float64() * float64(1+n%17*5))
			if n%5 == 0 {
				values[i] = float64(i)
			}
		}
		sorted := slices.Clone(values)
		slices.Sort(sorted)
		middle := quantile(sorted, 0.5)
		var distances []float64
		for _, x := range sorted {
			distances = append(distances, math.Abs(x-middle))
		}
		near(t, "MAD", deviation(sorted, middle), median(distances), 1e-12)
		for _, q := range []float64{0, 0.05, 0.5, 0.9, 1} {
			near(t, "selected", selected(slices.Clone(values), q), quantile(sorted, q), 1e-12)
		}
	}
	near(t, "of none", selected(nil, 0.5), 0, 0)
	near(t, "MAD of none", deviation(nil, 0), 0, 0)
}

// TestWilson against Newcombe (1998), Statistics in Medicine 17, page 857, table I,
// and TestUpperRise against page 873, table II, method 10; 95 %, two-sided.
func TestWilson(t *testing.T) {
	z := normalQuantile(0.975)
	for _, c := range []struct{ x, n, low, high float64 }{
		{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718},
	} {
		near(t, "low", wilson(c.x, c.n, -z), c.low, 5e-5)
		near(t, "high", wilson(c.x, c.n, z), c.high, 5e-5)
	}
	near(t, "of none, low", wilson(0, 0, -z), 0, 0)
	near(t, "of none, high", wilson(0, 0, z), 1, 0)
}

func TestUpperRise(t *testing.T) {
	z := normalQuantile(0.975)
	for _, c := range []struct{ x1, n1, x0, n0, upper float64 }{
		{56, 70, 48, 80, 0.3339}, {9, 10, 3, 10, 0.8090}, {5, 56, 0, 29, 0.1926}, {10, 10, 0, 10, 1},
	} {
		near(t, "upper", upperRise(c.x0, c.n0, c.x1, c.n1, z), c.upper, 5e-5)
	}
	near(t, "no request", upperRise(0, 0, 0, 0, z), 1, 0)
}

func TestNeeds(t *testing.T) {
	for _, c := range []struct {
		base, worse float64
		want        int64
	}{
		{0.002, 0.012, 598}, {0.002, 0.004, 8918}, {0.002, 0.002, 0}, {0.004, 0.002, 0}, {-1, 0.5, 0}, {0.5, 1.5, 0},
		{math.NaN(), 0.5, 0}, {0.5, math.NaN(), 0}, {0.5, 1, 10},
	} {
		if got := Needs(c.base, c.worse); got != c.want {
			t.Errorf("Needs(%v, %v) = %d, expected %d", c.base, c.worse, got, c.want)
		}
	}
	if n := Needs(0, 0.01); n < 50 || n > 100 {
		t.Errorf("from nothing to 1 %%: %d requests", n)
	}
	for _, c := range []struct {
		base, rise float64
		want       int64
	}{
		{0.002, 0.002, 1498}, {0, 0.002, 1498}, {0.05, 0.01, 1285}, {0.002, 0, 0}, {0.002, -1, 0}, {0.002, math.Inf(1), 0}, {math.NaN(), 0.1, 0},
	} {
		if got := needsToExclude(c.base, c.rise, normalQuantile(0.95), 0.05); got != c.want {
			t.Errorf("needsToExclude(%v, %v) = %d, expected %d", c.base, c.rise, got, c.want)
		}
	}
}

func TestPOfPlacebos(t *testing.T) {
	c := calibration{final: []float64{0, 1, 1, 2, 5}}
	for largest, want := range map[float64]float64{9: 1.0 / 6, 5: 2.0 / 6, 1: 5.0 / 6, -1: 1} {
		p, _ := c.p(largest)
		near(t, "p", p, want, 0)
	}
}

func TestSlope(t *testing.T) {
	near(t, "twice", slope([]float64{2, 4, 6, math.NaN()}, []float64{1, 2, 3, 9}), 2, 1e-9)
	near(t, "against", slope([]float64{-2, -4}, []float64{1, 2}), 0, 0)
	near(t, "constant", slope([]float64{1, 2}, []float64{3, 3}), 0, 0)
	near(t, "none", slope(nil, nil), 0, 0)
}

func TestHorizons(t *testing.T) {
	want := []int{7, 8, 10, 13, 17, 23, 30}
	got := horizons(5, 30, 60)
	if len(got) != len(want) {
		t.Fatalf("%v, expected %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%v, expected %v", got, want)
		}
	}
	if got := horizons(5, 5, 60); len(got) != 0 {
		t.Errorf("no window after the guard: %v", got)
	}
	if got := horizons(1, 24, 300); got[len(got)-1] != 24 || got[0] != 2 {
		t.Errorf("five minutes a step: %v", got)
	}
	if got := horizons(5, 1440, 60); len(got) > 20 {
		t.Errorf("a day has %d horizons", len(got))
	}
}
