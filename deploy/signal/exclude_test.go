package signal

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestMargins: what must be excluded, as it is declared.
func TestMargins(t *testing.T) {
	for _, c := range []struct {
		name string
		m    Metric
		from float64
		want float64
	}{
		{"errors, rare: the points", Metric{Kind: Proportion, Role: Errors}, 0.001, 0.002},
		{"errors, many: half as much again", Metric{Kind: Proportion, Role: Errors}, 0.02, 0.01},
		{"slow: half as much again", Metric{Kind: Proportion, Role: Slow}, 0.05, 0.025},
		{"traffic: three tenths", Metric{Kind: Volume}, 600, 0.3},
		{"declared for a series", Metric{Kind: Series, Margin: &Harm{Difference: 30}}, 120, 0.25},
		{"declared for a volume", Metric{Kind: Volume, Margin: &Harm{Difference: 60}}, 600, 0.1},
		{"a series at nothing", Metric{Kind: Series, Margin: &Harm{Ratio: 1.2, Difference: 5}}, 0, 0.2},
	} {
		near(t, c.name, c.m.normal(Thresholds{}.WithDefaults()).margin(c.from), c.want, 1e-12)
	}
}

// TestExclude: the bound falls as requests come, dispersion widens it, and what is
// said to be missing is enough.
func TestExclude(t *testing.T) {
	d := Thresholds{}.WithDefaults()
	before := window{bad: 120, total: 60_000}
	at := func(n, dispersion float64) Bound {
		return excludeRise(before, window{bad: 0.002 * n, total: n}, 0.002, dispersion, d, 10)
	}
	if b := at(1000, 1); b.Excluded || b.Requests < 500 || b.Seconds != int64(math.Ceil(float64(b.Requests)/10)) {
		t.Errorf("1,000 requests: %+v", b)
	}
	if b := at(4000, 1); !b.Excluded || b.Requests != 0 || b.Upper != b.Reach {
		t.Errorf("4,000 requests: %+v", b)
	}
	if b := at(4000, 2); b.Excluded || b.Upper <= at(4000, 1).Upper {
		t.Errorf("4,000 requests of a service that strays twice as far: %+v", b)
	}
	last := math.Inf(1)
	for n := 500.0; n < 1e6; n *= 2 {
		b := at(n, 1.5)
		if b.Upper >= last {
			t.Errorf("%v requests: the bound rose to %v", n, b.Upper)
		}
		last = b.Upper
	}
	// A baseline of 60 requests can't exclude 0.2 points, whatever follows.
	if b := excludeRise(window{bad: 6, total: 60}, window{bad: 100, total: 1000}, 0.002, 1, d, 10); b.Excluded || b.Requests != 0 {
		t.Errorf("a baseline of 60 requests: %+v", b)
	}
	for _, none := range []Bound{excludeRise(before, window{}, 0.002, 1, d, 0), excludeRise(window{}, before, 0.002, 1, d, 0)} {
		if none.Known || none.Excluded {
			t.Errorf("no request excludes something: %+v", none)
		}
	}
}

// TestControl: what happens to unchanged routes as well is not the deployment's, whatever their
// traffic. What happens here is larger than anything in the history, where counts stray further
// than placebos know.
func TestControl(t *testing.T) {
	alarms, despite := 0, 0
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(11, seed))
		var changed, unchanged Points
		weather := 0.0
		for m := int64(-7 * 1440); m <= 30; m++ {
			weather = 0.9*weather + 0.2*r.NormFloat64()
			rate := 0.01 * math.Exp(weather)
			if m > 0 {
				rate *= 2.5
			}
			for _, p := range []struct {
				to    *Points
				total float64
			}{{&changed, 500}, {&unchanged, 2000}} {
				mean := p.total * rate
				p.to.At = append(p.to.At, deployed+m*60)
				p.to.Total = append(p.to.Total, p.total)
				p.to.Bad = append(p.to.Bad, math.Min(p.total, math.Max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))))
			}
		}
		in := Input{Deployed: deployed, Now: deployed + 1800, Metrics: []Metric{{Name: "errors", Kind: Proportion, Role: Errors, Step: 60, Points: changed, Objective: 0.9}}}
		alone := evaluated(t, in)
		if alone.Answer == RollBack {
			alarms++
		}
		if alone.Metrics[0].Control != 0 {
			t.Errorf("without control: %+v", alone.Metrics[0])
		}
		in.Metrics[0].Control = &unchanged
		beside := evaluated(t, in)
		if c := beside.Metrics[0].Control; c < 0.8 || c > 1.1 {
			t.Errorf("both in units of their own spread are subtracted at a share of %v, expected about one", c)
		}
		if beside.Answer == RollBack {
			despite++
		}
	}
	if alarms < 6 || despite > 2 {
		t.Errorf("%d of 10 are rolled back without control, expected most; %d with it", alarms, despite)
	}
}
