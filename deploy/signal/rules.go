package signal

import (
	"slices"

	"plimsoll/config"
)

// failing returns the probes of which too many of the last ones failed, since an instant
// on: what fails while instances restart says nothing.
func failing(probes []Probe, from, now int64, t Thresholds) (reasons []Reason, passed int64) {
	byName := map[string][]Probe{}
	var names []string
	for _, p := range probes {
		if p.At < from || p.At > now {
			continue
		}
		if byName[p.Name] == nil {
			names = append(names, p.Name)
		}
		byName[p.Name] = append(byName[p.Name], p)
	}
	slices.Sort(names)
	for _, name := range names {
		of := byName[name]
		slices.SortStableFunc(of, func(a, b Probe) int { return compare(a.At, b.At) })
		of = of[max(0, len(of)-t.ProbeLast):]
		failed := 0
		for _, p := range of {
			if !p.Passed {
				failed++
			}
		}
		if failed >= t.ProbeFailures {
			reasons = append(reasons, Reason{Code: ProbeFailing, Metric: name, Count: int64(failed), Of: int64(len(of))})
		}
		passed += int64(len(of) - failed)
	}
	return reasons, passed
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// burning says whether the error budget burns too fast: errors over the last span,
// none of it under the guard.
func (p *prepared) burning(newest int, t Thresholds) (Reason, bool) {
	span := stepsUp(t.BurnSpan, p.Step)
	if p.Kind != Proportion || p.Role != Errors || newest-span < p.measure.guard {
		return Reason{}, false
	}
	w := p.track.window(newest-span, newest)
	if w.total == 0 || w.bad < t.BurnErrors {
		return Reason{}, false
	}
	rate := settled(w.bad / w.total / (1 - p.Objective))
	return Reason{Code: Burning, Metric: p.Name, Value: rate, Limit: t.BurnRate, Count: int64(w.bad), Seconds: t.BurnSpan}, rate > t.BurnRate
}

// vanished says whether a series that was there before no longer is.
func (p *prepared) vanished(newest int, t Thresholds) (Reason, bool) {
	span := stepsUp(t.VanishedSpan, p.Step)
	if newest < span || !p.track.window(-p.measure.base, 0).covered(t.VanishedBefore) || p.track.window(newest-span, newest).points > 0 {
		return Reason{}, false
	}
	last := newest - span
	for last > 0 && p.track.window(last-1, last).points == 0 {
		last--
	}
	return Reason{Code: Vanished, Metric: p.Name, Seconds: int64(newest-last) * p.Step}, true
}

// beyond says whether the metric is on the bad side of a limit, and has been for as
// long as the limit says. An absolute limit needs no history; a relative one
// compares with the hour before.
func (p *prepared) beyond(l *Limit, newest int, t Thresholds) (value float64, seconds int64, hit bool) {
	if l == nil {
		return 0, 0, false
	}
	if l.Relative {
		relative, difference, known := p.change(p.measure.guard, newest)
		size, worse := l.Value, difference
		if l.Percent {
			worse = relative
		}
		if size < 0 {
			size = -size
		}
		return settled(worse), int64(newest-p.measure.guard) * p.Step, known && worse >= size && worse > 0 &&
			int64(newest-p.measure.guard)*p.Step >= l.For
	}
	last, first := 0, 0
	for k := newest; k > p.measure.guard; k-- {
		at, there := p.valueAt(k, t)
		if !there {
			continue
		}
		if last == 0 && newest-k > stale {
			return 0, 0, false
		}
		if !l.bad(at) {
			break
		}
		if last == 0 {
			last, value = k, at
		}
		first = k
	}
	if last == 0 {
		return 0, 0, false
	}
	seconds = int64(last-first+1) * p.Step
	return settled(value), seconds, seconds >= l.For
}

// stale is how many steps old a value may be to count in a sample.
const stale = 2

func (l *Limit) bad(x float64) bool {
	switch l.Operator {
	case ">":
		return x > l.Value
	case ">=":
		return x >= l.Value
	case "<":
		return x < l.Value
	}
	return x <= l.Value
}

// valueAt is what a metric says at the end of cell k, as it was measured: a
// Proportion over the last minutes, so that one request decides nothing.
func (p *prepared) valueAt(k int, t Thresholds) (float64, bool) {
	if p.track.window(k-1, k).points == 0 {
		return 0, false
	}
	if p.Kind == Proportion {
		w := p.track.window(max(p.measure.guard, k-stepsUp(t.SampleSpan, p.Step)), k)
		if w.total == 0 {
			return 0, false
		}
		return p.raw(w.bad / w.total), true
	}
	if p.Kind == Volume {
		return p.track.window(k-1, k).bad, true
	}
	return p.raw(p.track.value[k-p.track.first]), true
}

// raw turns a value back to how it was measured.
func (p *prepared) raw(worse float64) float64 {
	switch {
	case p.Better != config.Up || p.Kind == Volume:
		return worse
	case p.Kind == Proportion:
		return 1 - worse
	}
	return -worse
}
