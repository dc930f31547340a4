package benchmark

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"plimsoll/deploy/signal"
)

// TestGenerators: one seed, one service; what is harmed differs from what is not only after the
// deployment began, and the rates are those that were asked for.
func TestGenerators(t *testing.T) {
	for _, g := range Generators {
		a, b := g.make(7, 200, Effects[2], true, Scenario{Errors: 0.01}), g.make(7, 200, Effects[1], true, Scenario{Errors: 0.01})
		if again := g.make(7, 200, Effects[2], true, Scenario{Errors: 0.01}); !equal(again.Changed.Bad, a.Changed.Bad) || !reflect.DeepEqual(again.Cuts, a.Cuts) {
			t.Errorf("%s: one seed, two services", g.Name)
		}
		if other := g.make(8, 200, Effects[2], true, Scenario{Errors: 0.01}); equal(other.Changed.Bad, a.Changed.Bad) {
			t.Errorf("%s: two seeds, one service", g.Name)
		}
		begins := History - a.Scenario.RollOut
		if !equal(a.Changed.Bad[:begins], b.Changed.Bad[:begins]) || equal(a.Changed.Bad[History:], b.Changed.Bad[History:]) {
			t.Errorf("%s: one and five points more errors differ before the deployment, or not after it", g.Name)
		}
		if before, after := share(a.Changed, begins-600, begins), share(a.Changed, History+15, minutes); before < 0.004 || before > 0.03 || after < 0.04 || after > 0.12 {
			t.Errorf("%s: %.3f errors before, %.3f after", g.Name, before, after)
		}
		if !a.Beyond || !b.Beyond || g.make(7, 200, Harmless, false, Scenario{}).Beyond || len(a.Unchanged.Total) != minutes {
			t.Errorf("%s: beyond the margin: %v and %v, or harmless ones are; %d minutes of control", g.Name, a.Beyond, b.Beyond, len(a.Unchanged.Total))
		}
		if limit := a.limit(0.01); limit < 0.9 || limit > 1 {
			t.Errorf("%s: five points at 200 requests a minute have a limit of %v", g.Name, limit)
		}
	}
}

// TestOffice: quiet nights and weekends, gaps, and a local clock that may change.
func TestOffice(t *testing.T) {
	moved, gone := 0, 0
	for seed := range uint64(30) {
		s := office(seed, 2000, Harmless, false, Scenario{})
		if s.Clock != nil {
			moved++
			if deployed := s.Begins + History*60; deployed < changed || deployed > changed+8*86400 {
				t.Errorf("seed %d: the clock changes at another time", seed)
			}
		}
		missing := 0
		for _, x := range s.Changed.Total {
			if math.IsNaN(x) {
				missing++
			}
		}
		if missing > 60 {
			gone++
		}
	}
	if moved < 4 || moved > 17 || gone < 5 || gone > 25 {
		t.Errorf("of 30 services %d with a clock change, %d with gaps", moved, gone)
	}
	h := hours{floor: 0.1, weekend: 0.2, opens: 8, closes: 18, clock: []signal.Offset{{From: 0, Seconds: 7200}, {From: changed, Seconds: 3600}}}
	noon := changed + 10*3600 + 86400 // a Monday, 11:00 local time
	if x := h.at(noon); x < 0.95 {
		t.Errorf("%v at 11 on a Monday", x)
	}
	if x := h.at(noon - 86400); x > 0.4 {
		t.Errorf("%v at 11 on a Sunday", x)
	}
	if x := h.at(noon - 9*3600); x > 0.15 {
		t.Errorf("%v at 2 in the night", x)
	}
	if before := noon - 3*86400 - 3600; math.Abs(h.at(before)-h.at(noon)) > 0.01 || !h.open(noon) || h.open(noon-86400) {
		t.Error("the rhythm does not follow the local clock")
	}
}

// TestHeavy: the tails are those of the distributions.
func TestHeavy(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	beyond := 0
	for range 20_000 {
		if pareto(r, 1.5) > 4 {
			beyond++
		}
	}
	if got, want := float64(beyond)/20_000, math.Pow(4, -1.5); math.Abs(got-want) > 0.01 {
		t.Errorf("%v beyond 4, expected %v", got, want)
	}
	x, mean, squares, jumps := shots(r, 0.3), 0.0, 0.0, 0.0
	for i, v := range x {
		mean, squares = mean+v/minutes, squares+v*v/minutes
		if i > 0 {
			jumps = math.Max(jumps, v-x[i-1])
		}
	}
	if math.Abs(mean) > 0.05 || math.Abs(math.Sqrt(squares)-0.3) > 0.06 || jumps < 0.6 {
		t.Errorf("shots with mean %v, deviation %v, largest jump %v", mean, math.Sqrt(squares), jumps)
	}
	// 5 % of the requests beyond the bound: the 95th percentile is the bound.
	sum := 0.0
	for range 2000 {
		sum += quantile95(r, 2000, 0.05, 2) / 2000
	}
	if math.Abs(sum-1) > 0.02 || !math.IsNaN(quantile95(r, 0, 0.05, 2)) {
		t.Errorf("a 95th percentile of %v", sum)
	}
}

// TestDraws: gamma has its mean and variance, and beta-binomial counts are alike as asked for.
func TestDraws(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	moments := func(draw func() float64) (mean, variance float64) {
		var sum, squares float64
		for range 40_000 {
			x := draw()
			sum, squares = sum+x, squares+x*x
		}
		mean = sum / 40_000
		return mean, squares/40_000 - mean*mean
	}
	for _, shape := range []float64{0.5, 3, 40} {
		if m, v := moments(func() float64 { return gamma(r, shape) }); math.Abs(m-1) > 0.03 || math.Abs(v*shape-1) > 0.1 {
			t.Errorf("gamma %v: mean %v, variance %v", shape, m, v)
		}
	}
	const n, p, correlation = 1000, 0.05, 0.002
	want := n * p * (1 - p) * (1 + (n-1)*correlation)
	if m, v := moments(func() float64 { return betaBinomial(r, n, p, correlation) }); math.Abs(m-n*p) > 0.5 || math.Abs(v/want-1) > 0.05 {
		t.Errorf("beta-binomial: mean %v, variance %v, expected %v", m, v, want)
	}
}

// TestKnown: what the judge is told of earlier deployments.
func TestKnown(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	all := earlierOf(r, 10, func(int) bool { return true }, func() int { return r.IntN(10) })
	cuts, verified := known(all, 600)
	if len(all) < 45 || len(all) > 90 || len(cuts) != len(all) || len(verified) < len(all)/2 || len(verified) == len(all) {
		t.Fatalf("%d deployments, %d cuts, %d verified", len(all), len(cuts), len(verified))
	}
	for i, d := range all {
		if d.to < d.from || d.until < d.to || i > 0 && d.from < all[i-1].to || cuts[i].From != 600+int64(d.from)*60 || cuts[i].To != 600+int64(d.until)*60 {
			t.Errorf("%+v is known as %+v", d, cuts[i])
		}
	}
	s := Scenario{Previous: "faulty"}.drawn(3)
	if s.Faulty <= s.Back || s.Back < 10 || s.Back > 55 {
		t.Errorf("%+v", s)
	}
	if now := s.fault(History-s.Back-1, rates{errors: 0.01}); now.errors != 0.06 {
		t.Errorf("the faulty deployment had %v errors", now.errors)
	}
	if now := s.fault(History-s.Back, rates{errors: 0.01}); now.errors != 0.01 {
		t.Errorf("%v errors after it was rolled back", now.errors)
	}
}

// TestFastest: nobody excludes harm under the guard, and nothing is excluded faster with fewer requests.
func TestFastest(t *testing.T) {
	if slow, fast := Fastest(200), Fastest(2000); fast <= Guard || slow <= fast || slow > Watch {
		t.Errorf("%d minutes at 200, %d at 2,000 requests a minute", slow, fast)
	}
	// The mean of two values with a correlation of one half: (1 + 1 + 2/2) / 4.
	if got := ofMean(2, 0.5); math.Abs(got-0.75) > 1e-12 {
		t.Errorf("%v", got)
	}
}

// TestRows: shares, medians and goals are those of the counts.
func TestRows(t *testing.T) {
	row := func(wrong, verified int) Row {
		tally := Tally{Level: 2000, Harmless: 4, FalseRollBacks: []int{wrong}, Beyond: 10, WrongBeyond: verified, Of: make([]int, len(Effects)), RolledBack: make([][]int, len(Effects)), VerifiedAfter: []int{8, 9}, VerifiedHarmless: 2, Limit: 2}
		for e := range Effects {
			tally.RolledBack[e] = []int{0}
		}
		tally.Of[0], tally.RolledBack[0][0] = 2, 1
		return Row{Generator: &Generators[0], Scenario: Scenario{Name: "a"}, Tallies: []Tally{tally}}
	}
	if r := row(1, 0); r.falseAlarms().Percent() != 25 || r.verified().Percent() != 0 || r.Tallies[0].medianVerified() != 9 || ofLimit(r.Tallies...) != 50 {
		t.Errorf("%s", r.line())
	}
	if late := (Tally{Harmless: 5, VerifiedAfter: []int{8, 9}}); late.medianVerified() != 0 || minutesOf(0) != "> 30" {
		t.Error("a median of those that were verified alone")
	}
}

func share(c Counts, from, to int) float64 {
	var bad, total float64
	for m := from; m < to; m++ {
		if !math.IsNaN(c.Total[m]) {
			bad, total = bad+c.Bad[m], total+c.Total[m]
		}
	}
	return bad / total
}

// equal compares minute by minute; gaps are equal.
func equal(a, b []float64) bool {
	for i := range a {
		if a[i] != b[i] && !(math.IsNaN(a[i]) && math.IsNaN(b[i])) {
			return false
		}
	}
	return len(a) == len(b)
}
