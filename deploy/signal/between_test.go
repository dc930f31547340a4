package signal

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// often adds deployments every 48 minutes, whose restarts disturb for 4 minutes.
func often(m int, h *happening) {
	if m <= 0 && (-m)%48 >= 44 {
		h.errors, h.slow = h.errors+0.03, h.slow*3
	}
}

// TestManyDeployments: where no window lies between two deployments, those that were verified only
// take away the minutes of their restarts.
func TestManyDeployments(t *testing.T) {
	for _, c := range []struct {
		name     string
		harm     float64
		rollOut  int64
		verified bool
		answer   Answer
	}{
		{name: "verified ones, and this one is harmless", verified: true, answer: Verified},
		{name: "verified ones with a roll-out", rollOut: 5, verified: true, answer: Verified},
		{name: "verified ones, and this one fails", verified: true, harm: 0.03, answer: RollBack},
		{name: "none was verified", answer: Inconclusive},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := observe(4, -7*1440, func(m int, h *happening) {
				if often(m, h); m > 0 {
					h.errors += c.harm
				}
			}).input()
			in.Metrics = in.Metrics[:2]
			for m := int64(48); m < 7*1440; m += 48 {
				at := in.Deployed - m*60
				over := at
				if !c.verified {
					over += 30 * 60
				} else {
					in.Verified = append(in.Verified, at)
				}
				in.Cuts = append(in.Cuts, Cut{From: at - c.rollOut*60, To: over, Why: "deployment"})
			}
			v, minute := watch(t, in)
			if v.Answer != c.answer || v.Metrics[0].Calibrated != c.verified {
				t.Errorf("%s at minute %d, calibrated %v; %+v", v.Answer, minute, v.Metrics[0].Calibrated, v.Reasons)
			}
		})
	}
}

// TestSettledCuts: the roll-out of a verified deployment is its own, and what ended when it began is not.
func TestSettledCuts(t *testing.T) {
	in := Input{Verified: []int64{900, 500, 300}, Cuts: []Cut{{From: 100, To: 300}, {From: 300, To: 300}, {From: 400, To: 500}, {From: 600, To: 700}}}
	want := []Cut{{From: 300, To: 300}, {From: 400, To: 500}, {From: 900, To: 900}}
	if got := in.settledCuts(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, expected %v", got, want)
	}
}

// TestWithout: what is taken away counts as not measured.
func TestWithout(t *testing.T) {
	m := Metric{Kind: Proportion, Step: 60}
	whole := lay(m, Points{At: []int64{60, 120, 180}, Bad: Numbers{1, 2, 4}, Total: Numbers{10, 20, 40}}, 0, 180, 1, 3)
	left := whole.without(func(cell int) bool { return cell == 2 })
	if got, want := left.window(0, 3), (window{5, 50, 2, 3}); got != want {
		t.Errorf("%+v, expected %+v", got, want)
	}
	if got := whole.window(0, 3).bad; got != 7 {
		t.Errorf("the whole changed: %v", got)
	}
}

// TestBoundTakesAll: the bound of "verified" rests on every minute up to the sample, also between two
// horizons.
func TestBoundTakesAll(t *testing.T) {
	in := observe(3, -7*1440, nil).input()
	in.Metrics = in.Metrics[:1]
	j, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	last := math.Inf(1)
	for m := int64(7); m <= 30; m++ {
		// What could be excluded if nothing had changed gets smaller with every minute of one horizon.
		switch reach := j.At(deployed + m*60).Metrics[0].Bound.Reach; {
		case m >= 14 && m <= 17 && reach >= last:
			t.Errorf("minute %d: a reach of %v after %v", m, reach, last)
		default:
			last = reach
		}
	}
}

// TestExcessOf: the fit is the smallest excess at which the 90th percentile is that of a normal
// variable.
func TestExcessOf(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 9))
	for n := 1; n < 60; n++ {
		z, sizes := make([]float64, n), make([]float64, n)
		for i := range z {
			z[i], sizes[i] = 3*r.NormFloat64(), 100+900*r.Float64()
		}
		if n > 5 {
			z[3] = math.NaN()
		}
		at := func(excess float64) float64 {
			var scaled []float64
			for i := range z {
				if !math.IsNaN(z[i]) {
					scaled = append(scaled, math.Abs(studentised(z[i], sizes[i], excess)))
				}
			}
			slices.Sort(scaled)
			return quantile(scaled, 0.9)
		}
		wanted, excess := normalQuantile(0.95), excessOf(z, sizes)
		if excess == 0 && at(0) > wanted || excess > 0 && (at(0) <= wanted || at(excess*1.001) > wanted || at(excess*0.999) <= wanted) {
			t.Errorf("%d statistics: %v at an excess of %v, %v without", n, at(excess), excess, at(0))
		}
	}
}
