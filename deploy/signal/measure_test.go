package signal

import (
	"math"
	"testing"

	"plimsoll/config"
)

// TestVolumeAtTheSameClockTime: traffic that doubles every day at the hour of the
// deployment has not changed; half of that is half, whatever one strange day did.
func TestVolumeAtTheSameClockTime(t *testing.T) {
	measured := func(better config.Better, today float64, strange int64) float64 {
		var p Points
		for m := int64(-5 * 1440); m <= 30; m++ {
			value := 100.0
			if clock := ((m-1)%1440 + 1440) % 1440; clock < 60 {
				value = 200
			}
			switch {
			case m > 0:
				value *= today
			case strange != 0 && m > strange*1440 && m <= strange*1440+60:
				value *= 10
			}
			p.At, p.Value = append(p.At, deployed+m*60), append(p.Value, value)
		}
		in := Input{Deployed: deployed, Now: deployed + 1800, Thresholds: Thresholds{}.WithDefaults()}
		j := &Evaluator{in: in, guard: 300}
		out := j.prepare(Metric{Name: "traffic", Kind: Volume, Better: better, Step: 60, Points: p}.normal(in.Thresholds), 1)
		return out.measure.volume(0, 5, 30)
	}
	// Half an event over 25 minutes is 0.02 a minute.
	half := -math.Log(200.02 / 100.02)
	near(t, "as every day", measured("", 1, 0), 0, 1e-9)
	near(t, "half of it", measured("", 0.5, 0), -half, 1e-8)
	near(t, "half of it, where less is better", measured(config.Down, 0.5, 0), half, 1e-8)
	near(t, "half of it, and one strange day", measured("", 0.5, -2), -half, 1e-8)
	near(t, "twice", measured("", 2, 0), -(math.Log(400.02/100.02) - math.Log(200.02/100.02)), 1e-8)
}

// TestVolumeNeedsOtherDays: one other day is not "usual".
func TestVolumeNeedsOtherDays(t *testing.T) {
	in := observe(3, -1440-120, nil).input()
	in.Metrics = in.Metrics[3:]
	v := evaluated(t, in)
	if r := v.Metrics[0]; r.Calibrated || r.Statistic != 0 || v.Answer != Inconclusive {
		t.Errorf("%s: %+v", v.Answer, r)
	}
}

// TestLay: points on the grid, by hand: a cell holds what ended in it.
func TestLay(t *testing.T) {
	m := Metric{Kind: Proportion, Step: 60}
	p := Points{
		At:    []int64{1060, 1000, 940, 941, 1120, 1119, 999_999, 1180},
		Bad:   Numbers{2, 1, 9, 5, 7, 3, 1, -1},
		Total: Numbers{20, 10, 90, 50, 70, 30, 1, 10},
	}
	l := lay(m, p, 1000, 1200, -2, 3)
	for _, c := range []struct {
		from, to int
		want     window
	}{
		{-2, -1, window{9, 90, 1, 1}},  // 940 alone; 941 begins the next cell
		{-1, 0, window{1, 10, 1, 1}},   // 1000 came after 941 in the same cell
		{0, 1, window{2, 20, 1, 1}},    // 1060
		{1, 2, window{7, 70, 1, 1}},    // 1120 is later than 1119
		{2, 3, window{0, 0, 0, 1}},     // a counter that was reset
		{-2, 3, window{19, 190, 4, 5}}, // all
		{-9, 9, window{19, 190, 4, 18}},
	} {
		if got := l.window(c.from, c.to); got != c.want {
			t.Errorf("cells %d to %d: %+v, expected %+v", c.from, c.to, got, c.want)
		}
	}
	if l.dropped != 3 || l.oldest != -1 || l.newest != 2 {
		t.Errorf("%d dropped, from %d to %d", l.dropped, l.oldest, l.newest)
	}
}

// TestPlacebosByHand: with nine placebos that stand still, the first count above all
// of them has p = 1/10.
func TestPlacebosByHand(t *testing.T) {
	var p Points
	for m := int64(-12 * 60); m <= 30; m++ {
		bad := 10.0
		if m > 0 {
			bad = 60
		}
		p.At, p.Bad, p.Total = append(p.At, deployed+m*60), append(p.Bad, bad), append(p.Total, 1000)
	}
	in := Input{Deployed: deployed, Now: deployed + 1800, Thresholds: Thresholds{LeastHistory: hour, LeastPlacebo: 5, MostPlacebo: 9},
		Metrics: []Metric{{Name: "errors", Kind: Proportion, Role: Errors, Step: 60, Points: p, Objective: 0.9}}}
	v := evaluated(t, in)
	r := v.Metrics[0]
	if r.Placebos < 8 || r.Placebos > 9 || r.AtLeast != 0 || r.P != 1/float64(r.Placebos+1) {
		t.Errorf("%+v", r)
	}
	// 600 of 60,000 before, 1,500 of 25,000 after.
	near(t, "statistic", r.Statistic, rootOfCells(600, 60_000, 1500, 25_000), 1e-6)
	// p can't reach α with nine placebos: no alarm, whatever happens, and it is said.
	if has(v, Alarm, "") || !has(v, FewPlacebos, "errors") {
		t.Errorf("%s: %+v", v.Answer, v.Reasons)
	}
}
