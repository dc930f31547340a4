package signal

import "math"

// Promise is what a verification of this service can show, before a deployment: of a pull
// request, with the history up to now.
type Promise struct {
	Metric string `json:"metric"`
	Kind   Kind   `json:"kind"`
	// Calibrated: there is history enough to say it; else only Base and PerMinute are
	// known.
	Calibrated bool `json:"calibrated"`
	// PerMinute are the requests a minute, Base the usual value, of the last day.
	PerMinute float64 `json:"per_minute"`
	Base      float64 `json:"base"`
	// Excludes is the smallest harm that a whole window can exclude, where nothing
	// changes; Margin what "verified" asks for. Differences of a Proportion, shares
	// of the others.
	Excludes float64 `json:"excludes"`
	Margin   float64 `json:"margin"`
	// Sees is the smallest rise of a Proportion that a whole window can be relied on
	// to see; 0: none.
	Sees float64 `json:"sees,omitempty"`
	// Requests and Seconds that seeing a rise by the margin takes (Proportion); 0: it
	// can't be promised.
	Requests int64 `json:"requests,omitempty"`
	Seconds  int64 `json:"seconds,omitempty"`
}

// Promises says beforehand what each metric can show, the deployment being now.
func (j *Evaluator) Promises() []Promise {
	promises := []Promise{}
	for _, p := range j.metrics {
		promises = append(promises, p.promise(j.in.Thresholds))
	}
	return promises
}

func (p *prepared) promise(t Thresholds) Promise {
	steps := p.measure.day
	w := p.track.window(-steps, 0)
	out := Promise{Metric: p.Name, Kind: p.Kind, Calibrated: p.calibration != nil && p.calibration.final != nil, Base: p.sample(0, -steps, 0).Value}
	count := w.total
	if p.Kind == Volume {
		count = w.bad
	}
	if w.points > 0 {
		out.PerMinute = settled(count / float64(w.points) / float64(p.Step) * minute)
	}
	if !out.Calibrated || w.points == 0 {
		return out
	}
	last := len(p.measure.horizons) - 1
	spread := p.calibration.spread[last]
	if p.Kind != Proportion {
		out.Margin = settled(p.margin(out.Base))
		out.Excludes = settled(p.calibration.shift[last])
		if p.Kind == Volume {
			out.Excludes = settled(p.lost(spread))
		}
		return out
	}
	if w.total == 0 {
		return out
	}
	base := w.bad / w.total
	perStep := w.total / float64(w.points)
	before, after := perStep*float64(p.measure.reference.cells()), perStep*float64(p.measure.horizons[last]-p.measure.guard)
	dispersion := p.calibration.dispersion(last, harmonic(before, after), t)
	out.Margin = settled(p.margin(base))
	out.Excludes = settled(upperRise(base*before, before, base*after, after, normalQuantile(t.Confidence)*dispersion))
	// What strays further than independent requests is worth as many fewer of them.
	worth := dispersion * dispersion
	out.Sees = settled(smallestSeen(base, after/worth))
	if n := float64(Needs(base, base+out.Margin)) * worth; n > 0 && n < 1e15 {
		out.Requests = int64(math.Ceil(n))
		out.Seconds = int64(math.Min(math.Ceil(n/perStep*float64(p.Step)), 1e9))
	}
	return out
}

// smallestSeen is the smallest rise from base that so many requests see, to a
// hundredth of itself; 0 where not even all of them failing would be seen.
func smallestSeen(base, requests float64) float64 {
	low, high := 0.0, 1-base
	if n := Needs(base, 1); n == 0 || float64(n) > requests {
		return 0
	}
	for high-low > high/100 {
		middle := (low + high) / 2
		if n := Needs(base, base+middle); n > 0 && float64(n) <= requests {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}
