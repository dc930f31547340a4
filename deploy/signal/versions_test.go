package signal

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
)

// twoVersions is a service of which a share of the requests meets a new version in the minutes from
// begins on, until the old one has gone. errors are the shares of bad ones of both.
func twoVersions(seed uint64, share float64, begins, gone int, errors func(minute int) (old, fresh float64)) Input {
	r := rand.New(rand.NewPCG(seed, 3))
	m := Metric{Name: "errors", Kind: Proportion, Role: Errors, Step: 60, Versions: &Versions{}}
	put := func(p *Points, at int64, bad, total float64) {
		p.At, p.Bad, p.Total = append(p.At, at), append(p.Bad, bad), append(p.Total, total)
	}
	draw := func(mean, p float64) (bad, total float64) {
		total = math.Max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))
		for range int(total) {
			if r.Float64() < p {
				bad++
			}
		}
		return bad, total
	}
	for k := -8 * 1440; k <= 30; k++ {
		at, traffic := deployed+int64(k)*60, 1200*(1+0.3*math.Sin(2*math.Pi*float64(k)/1440))
		old, fresh := 0.004, 0.004
		if k > -60 && errors != nil {
			old, fresh = errors(k)
		}
		first, second := 0.5, 0.5 // of one version
		switch {
		case k > gone:
			first, second = 0, 1
		case k >= begins:
			first, second = 1-share, share
		}
		bad, total := draw(traffic*first, old)
		more, requests := draw(traffic*second, fresh)
		put(&m.Points, at, bad+more, total+requests)
		switch {
		case k >= begins && k <= gone:
			put(&m.Versions.Old, at, bad, total)
			put(&m.Versions.New, at, more, requests)
		case k >= begins:
			put(&m.Versions.New, at, more, requests)
		default:
			put(&m.Versions.Part, at, bad, total)
		}
	}
	return Input{Deployed: deployed, Now: deployed + 30*minute, Metrics: []Metric{m}}
}

func TestVersionsSideBySide(t *testing.T) {
	since := func(minute int, old, fresh float64) func(int) (float64, float64) {
		return func(m int) (float64, float64) {
			if m < minute {
				return 0.004, 0.004
			}
			return old, fresh
		}
	}
	for _, c := range []struct {
		name         string
		share        float64
		begins, gone int
		errors       func(int) (old, fresh float64)
		change       func(*Input)
		want         Answer
		code         Code
		beside       bool // the versions decide
	}{
		{name: "harmless canary", share: 0.5, begins: 5, gone: 30, want: Verified, code: Excluded},
		{name: "canary at fault", share: 0.1, begins: 5, gone: 30, errors: since(5, 0.004, 0.05), want: RollBack, code: Alarm, beside: true},
		{name: "both get worse", share: 0.3, begins: 5, gone: 30, errors: since(8, 0.05, 0.05), want: Investigate, code: BothWorse},
		{name: "both get worse, without versions", share: 0.3, begins: 5, gone: 30, errors: since(8, 0.05, 0.05), change: func(in *Input) { in.Metrics[0].Versions = nil }, want: RollBack, code: Alarm},
		{name: "both get worse, the new one more", share: 0.3, begins: 5, gone: 30, errors: since(8, 0.02, 0.08), want: RollBack, code: Alarm, beside: true},
		{name: "the old one gets worse", share: 0.3, begins: 5, gone: 30, errors: since(8, 0.05, 0.004), want: Investigate, code: BothWorse},
		{name: "few meet the new version", share: 0.002, begins: 5, gone: 30, errors: since(5, 0.004, 0.02), want: Inconclusive, code: NotExcluded},
		{name: "harmless roll-out", share: 0.5, begins: -25, gone: 0, want: Verified, code: Excluded},
		{name: "roll-out at fault", share: 0.5, begins: -25, gone: 0, errors: since(-25, 0.004, 0.03), change: func(in *Input) { in.Now = deployed + 2*minute }, want: RollBack, code: Alarm, beside: true},
		{name: "shock in a roll-out", share: 0.5, begins: -25, gone: 0, errors: since(-12, 0.03, 0.03), want: Investigate, code: BothWorse},
		{name: "fault once the old one has gone", share: 0.5, begins: -25, gone: 0, errors: since(1, 0.004, 0.03), want: RollBack, code: Alarm},
		{name: "nobody knows how instances differ", share: 0.1, begins: 5, gone: 30, errors: since(5, 0.004, 0.05), change: func(in *Input) { in.Metrics[0].Versions.Part = Points{} }, want: RollBack, code: Alarm},
		{name: "one instance", share: 0.5, begins: 5, gone: 30, change: func(in *Input) { in.Metrics[0].Versions.Part = in.Metrics[0].Points }, want: Verified, code: Excluded},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := twoVersions(5, c.share, c.begins, c.gone, c.errors)
			if c.begins < 0 {
				in.Cuts = []Cut{{From: deployed - 30*minute, To: deployed, Why: "roll-out"}}
			}
			if c.change != nil {
				c.change(&in)
			}
			v := evaluated(t, in)
			if v.Answer != c.want || !has(v, c.code, "errors") || v.Metrics[0].ByVersion != c.beside && c.code == Alarm {
				t.Errorf("%s by %v, expected %s\n%+v\n%+v\n%+v", v.Answer, v.Metrics[0].ByVersion, c.want, v.Reasons, v.Metrics[0], v.Metrics[0].Versions)
			}
			// Stored, read and decided again.
			data, err := json.Marshal(in)
			if err != nil {
				t.Fatal(err)
			}
			var read Input
			if err := json.Unmarshal(data, &read); err != nil {
				t.Fatal(err)
			}
			first, _ := json.Marshal(v)
			second, _ := json.Marshal(evaluated(t, read))
			if string(first) != string(second) {
				t.Errorf("the replay differs:\n%s\n%s", first, second)
			}
		})
	}
}

// A roll-out moves requests to the new version while errors rise for everyone: minute by minute
// both versions are alike, though over all minutes the new one has more errors.
func TestContrastComparesMinuteByMinute(t *testing.T) {
	both := contrastOf(func(k int) (fresh, old side, there bool) {
		share, rate := float64(k)/11, 0.01*float64(k)
		return side{1000 * share * rate, 1000 * share}, side{1000 * (1 - share) * rate, 1000 * (1 - share)}, true
	}, 0, 10)
	if fresh, old := both.first.bad/both.first.total, both.second.bad/both.second.total; fresh < 1.5*old {
		t.Fatalf("the new version has %v, the old one %v: the test shows nothing", fresh, old)
	}
	if z := both.statistic(); math.Abs(z) > 0.1 || math.Abs(both.rate()-both.usual()) > 1e-9 {
		t.Errorf("statistic %v, rates %v and %v", z, both.rate(), both.usual())
	}
}

func TestTailDeviate(t *testing.T) {
	for _, c := range []struct{ x, n, share, tail float64 }{
		{2, 2, 0.1, 0.01},
		{1, 1, 0.1, 0.1},
		{3, 3, 0.1, 0.001},
		{2, 10, 0.1, 1 - math.Pow(0.9, 10) - 10*0.1*math.Pow(0.9, 9)},
		{10, 10, 0.5, math.Pow(0.5, 10)},
		{1, 3, 0.5, 0.875},
	} {
		if got, want := tailDeviate(c.x, c.n, c.share), -normalQuantile(c.tail); math.Abs(got-want) > 1e-6 {
			t.Errorf("%v of %v at %v: %v, expected %v", c.x, c.n, c.share, got, want)
		}
	}
	for _, c := range [][3]float64{{0, 5, 0.1}, {0, 1e6, 0.5}, {1e6, 1e6, 0.5}, {1e15, 1e15, 1e-9}, {300, 300, 1e-3}} {
		if z := tailDeviate(c[0], c[1], c[2]); math.IsNaN(z) || math.IsInf(z, 0) {
			t.Errorf("%v: %v", c, z)
		}
	}
}
