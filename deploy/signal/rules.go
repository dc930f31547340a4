package signal

import (
	"math"
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

// shaken says whether one of the last two answers of a probe is a failure, also while
// instances restart.
func shaken(probes []Probe, from, now int64) bool {
	last := map[string][]Probe{}
	for _, p := range probes {
		if p.At >= from && p.At <= now {
			last[p.Name] = append(last[p.Name], p)
		}
	}
	for _, of := range last {
		slices.SortStableFunc(of, func(a, b Probe) int { return compare(a.At, b.At) })
		if slices.ContainsFunc(of[max(0, len(of)-2):], func(p Probe) bool { return !p.Passed }) {
			return true
		}
	}
	return false
}

// served is the first cell in which the new version has answered.
func (j *Evaluator) served(step int64) int { return stepsUp(max(j.in.Restart, 0), step) }

// grossly returns how many of how many requests failed in the span up to a cell.
func (p *prepared) grossly(to int, t Thresholds) (bad, total float64, grossly bool) {
	w := p.track.window(to-stepsUp(t.GrossSpan, p.Step), to)
	return w.bad, w.total, w.total >= t.GrossRequests && w.bad >= t.GrossShare*w.total
}

// gross reports whether most of the requests to the new version fail: harm that needs no
// statistics, also under the guard. It reports nothing of a service that failed before, or that
// failed like this after an earlier deployment and recovered by itself.
func (p *prepared) gross(newest, served int, t Thresholds) (Reason, bool) {
	before := p.measure.before(0)
	if p.Kind != Proportion || p.Role != Errors || newest-stepsUp(t.GrossSpan, p.Step) < served || p.rough ||
		before.total == 0 || before.bad > t.GrossShare/2*before.total {
		return Reason{}, false
	}
	bad, total, hit := p.grossly(newest, t)
	if !hit || p.oldFails(newest, t) {
		return Reason{}, false
	}
	return Reason{Code: Gross, Metric: p.Name, Value: settled(bad / total), Limit: t.GrossShare, Count: int64(total), Seconds: t.GrossSpan}, true
}

// roughRestarts reports whether most requests failed for a while after a deployment that was
// verified in the end.
func (p *prepared) roughRestarts(in Input, t Thresholds) bool {
	if p.Kind != Proportion || p.Role != Errors {
		return false
	}
	span := stepsUp(t.GrossSpan, p.Step)
	for _, at := range in.Verified {
		began := stepsUp(since(in.Deployed, at), p.Step)
		for k := began + span; k <= began+p.measure.guard && k < 0; k++ {
			if _, _, hit := p.grossly(k, t); hit {
				return true
			}
		}
	}
	return false
}

// beyondTraffic reports whether there is far more traffic than in the history, and how many times
// its maximum.
func (p *prepared) beyondTraffic(at int, t Thresholds) (ratio float64, beyond bool) {
	c := p.calibration
	if at < 0 || p.Kind != Proportion || c == nil || c.final == nil || c.most[at] == 0 {
		return 0, false
	}
	ratio = settled(p.measure.perStep(0, at) / c.most[at])
	return ratio, ratio > t.MostTraffic
}

// burnAt returns the burn rate over the span up to a cell (how many times the allowed rate), and
// the errors. Without an objective, the rate of the history is allowed.
func (p *prepared) burnAt(to int, t Thresholds) (rate, errors float64) {
	w := p.track.window(to-stepsUp(t.BurnSpan, p.Step), to)
	if w.total == 0 {
		return 0, 0
	}
	allowed := 1 - p.Objective
	if p.Objective == 0 {
		allowed = math.Max(leastAllowed, p.rate)
	}
	return settled(w.bad / w.total / allowed), w.bad
}

// leastAllowed is the share of errors that a service without an objective may have.
const leastAllowed = 0.001

// burning says whether the error budget burns too fast: errors over the last span, none of it
// under the guard, and faster than at any time of the reference.
func (p *prepared) burning(newest int, t Thresholds) (Reason, bool) {
	span := stepsUp(t.BurnSpan, p.Step)
	if p.Kind != Proportion || p.Role != Errors || newest-span < p.measure.guard {
		return Reason{}, false
	}
	rate, errors := p.burnAt(newest, t)
	if errors < t.BurnErrors || rate <= t.BurnRate {
		return Reason{}, false
	}
	for _, s := range p.measure.reference {
		for k := s.from + span; k <= s.to; k++ {
			if usual, _ := p.burnAt(k, t); usual >= rate {
				return Reason{}, false
			}
		}
	}
	return Reason{Code: Burning, Metric: p.Name, Value: rate, Limit: t.BurnRate, Count: int64(errors), Seconds: t.BurnSpan}, true
}

// vanished says whether a series that was there before no longer is.
func (p *prepared) vanished(newest int, t Thresholds) (Reason, bool) {
	span := stepsUp(t.VanishedSpan, p.Step)
	if newest < span || !p.measure.before(0).covered(t.VanishedBefore) || p.track.window(newest-span, newest).points > 0 {
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
// compares with the reference. A limit that holds at once counts from the cell served on, and
// needs enough requests: a single failure must not decide.
func (p *prepared) beyond(l *Limit, newest, served int, t Thresholds) (value float64, seconds int64, hit bool) {
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
	last, first, from := 0, 0, p.measure.guard
	if l.AtOnce {
		from = served
	}
	for k := newest; k > from; k-- {
		at, there := p.valueAt(k, from, l.AtOnce, t)
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
func (p *prepared) valueAt(k, from int, enough bool, t Thresholds) (float64, bool) {
	if p.track.window(k-1, k).points == 0 {
		return 0, false
	}
	if p.Kind == Proportion {
		w := p.track.window(max(from, k-stepsUp(t.SampleSpan, p.Step)), k)
		if w.total == 0 || enough && w.total < t.GrossRequests {
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
