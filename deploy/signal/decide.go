package signal

import (
	"cmp"
	"math"
	"slices"
)

// suspicions are what the statistic of one metric says against the deployment.
func (p *prepared) suspicions(r Result, at int, t Thresholds) (reasons []Reason) {
	switch {
	case at < 0:
	case !r.Calibrated:
		if r.Largest >= t.Uncalibrated && r.Effect.Holds && p.Kind != Volume {
			reasons = append(reasons, Reason{Code: SuspiciousUncalibrated, Metric: p.Name, Value: r.Largest, Limit: t.Uncalibrated})
		}
	case r.P <= r.Alpha && r.Effect.Holds:
		reasons = append(reasons, Reason{Code: Alarm, Metric: p.Name, Value: r.P, Limit: r.Alpha, Count: int64(r.AtLeast), Of: int64(r.Placebos), Seconds: r.Horizon})
	case r.P <= r.Alpha:
		reasons = append(reasons, Reason{Code: AlarmWithoutEffect, Metric: p.Name, Value: r.P, Limit: r.Alpha, Count: int64(r.AtLeast), Of: int64(r.Placebos), Seconds: r.Horizon})
	case r.Corrected <= t.Suspicion:
		reasons = append(reasons, Reason{Code: Suspicious, Metric: p.Name, Value: r.Corrected, Limit: t.Suspicion, Count: int64(r.AtLeast), Of: int64(r.Placebos), Seconds: r.Horizon})
	}
	switch {
	case r.History < t.LeastHistory:
		reasons = append(reasons, Reason{Code: NoHistory, Metric: p.Name, Seconds: r.History, Limit: float64(t.LeastHistory)})
	case p.absent:
	case !r.Calibrated:
		reasons = append(reasons, Reason{Code: FewPlacebos, Metric: p.Name, Count: int64(r.Placebos), Of: int64(t.LeastPlacebo)})
	case 1/float64(r.Placebos+1) > r.Alpha:
		reasons = append(reasons, Reason{Code: FewPlacebos, Metric: p.Name, Count: int64(r.Placebos), Of: int64(math.Ceil(1/r.Alpha)) - 1})
	}
	return reasons
}

// exclude says whether harm beyond the margin is excluded, and fills in the bound. It takes
// everything up to newest: between two horizons the wider spread of both counts.
func (p *prepared) exclude(r *Result, at, newest int, in Input, t Thresholds) Reason {
	guard := p.measure.guard
	if !r.Calibrated {
		return p.withinLimits(r, p.track.window(guard, newest), newest, t)
	}
	if at < 0 || p.track.window(newest-stale, newest).points == 0 {
		return Reason{Code: NotExcluded, Metric: p.Name}
	}
	end, next := p.measure.horizons[at], at
	if newest > end && p.track.window(guard, newest).covered(t.Coverage) {
		end, next = newest, min(at+1, len(p.measure.horizons)-1)
	}
	if p.sideBySide() { // before that, only some of the requests met the new version
		guard = max(guard, min(p.pair.until, end-1))
	}
	before, after := p.measure.before(0), p.track.window(guard, end)
	c := p.calibration
	switch p.Kind {
	case Proportion:
		size := harmonic(before.total, after.total)
		dispersion := math.Max(c.dispersion(at, size, t), c.dispersion(next, size, t))
		if in.broken.overdispersion {
			dispersion = 1
		}
		from := 0.0
		if before.total > 0 {
			from = math.Min(before.bad/before.total, p.rate)
		}
		r.Bound = excludeRise(before, after, p.margin(from), dispersion, t, after.total/float64(int64(end-guard)*p.Step))
	case Volume:
		// The statistic is a logarithm; margins and reported numbers are shares.
		change, spread := p.measure.volume(0, guard, end), math.Max(c.spread[at], c.spread[next])
		if math.IsNaN(change) {
			return Reason{Code: NotExcluded, Metric: p.Name}
		}
		r.Bound = excludeShift(p.lost(change+spread), p.lost(spread), p.margin(r.Before.Value))
	case Series:
		change, _, _ := p.change(guard, end)
		shift := math.Max(c.shift[at], c.shift[next])
		r.Bound = excludeShift(change+shift, shift, p.margin(r.Before.Value))
	}
	return r.excluded()
}

// withinLimits is what stands for exclusion if there is no history: the declared
// limit, with the bound that independent requests would allow.
func (p *prepared) withinLimits(r *Result, after window, newest int, t Thresholds) Reason {
	limit := p.Investigate
	if limit == nil || limit.Relative {
		limit = p.RollBack
	}
	if limit == nil || limit.Relative {
		return Reason{Code: NotExcluded, Metric: p.Name}
	}
	within, worst := true, r.After.Value
	if p.Kind == Proportion {
		worst = p.raw(wilson(after.bad, after.total, normalQuantile(t.Confidence)))
		within = after.covered(t.Coverage) && !limit.bad(worst)
	} else {
		seen := 0
		for k := p.measure.guard + 1; k <= newest; k++ {
			if value, there := p.valueAt(k, p.measure.guard, false, t); there {
				seen++
				if seen == 1 || limit.bad(value) && !limit.bad(worst) {
					worst = value
				}
				within = within && !limit.bad(value)
			}
		}
		within = within && after.covered(t.VanishedBefore)
	}
	code := NotExcluded
	if within {
		code = WithinLimits
	}
	return Reason{Code: code, Metric: p.Name, Value: settled(worst), Limit: limit.Value}
}

// verdict is an evaluation that is being built.
type verdict struct {
	Evaluation
	probes []Reason
	passed int64
	all    []Reason // what the metrics say
	over   bool     // the window is
	shaken bool     // a probe failed of late, also under the guard
	early  int64    // seconds until anything can be verified
}

func (v *verdict) add(r Result, reasons []Reason) {
	v.Metrics = append(v.Metrics, r)
	for _, reason := range reasons {
		if reason.Code != Gross || v.shaken { // without a probe that agrees, statistics decide
			v.all = append(v.all, reason)
		}
	}
}

func (v *verdict) find(codes ...Code) (found []Reason) {
	for _, r := range v.all {
		if slices.Contains(codes, r.Code) {
			found = append(found, r)
		}
	}
	return found
}

// decide puts the answer together from what metrics and probes say.
func (v *verdict) decide() {
	against := v.find(Alarm, RollBackLimit)
	burning := v.find(Burning)
	for _, b := range burning {
		// Inside α: a burn rate decides only where the statistic does, but needs no other effect.
		if r := v.metric(b.Metric); r.Calibrated && r.P <= r.Alpha {
			against = append(against, b)
		}
	}
	against = append(against, v.find(Gross)...)
	agree := v.find(SuspiciousUncalibrated, InvestigateLimit, Vanished, Burning)
	for _, s := range v.find(Suspicious) {
		if v.metric(s.Metric).Effect.Holds {
			agree = append(agree, s)
		}
	}
	weak := v.find(AlarmWithoutEffect, Suspicious, BothWorse, SuspiciousUncalibrated, InvestigateLimit, Vanished, Burning)
	switch {
	case len(against) > 0:
		v.conclude(RollBack, true, against, weak, v.probes)
	case len(v.probes) > 0 && len(agree) > 0:
		v.conclude(RollBack, true, v.probes, agree, weak)
	case len(v.probes) > 0 && v.unmeasured():
		v.conclude(RollBack, true, v.probes)
	case len(v.probes) > 0 && len(v.find(Excluded, WithinLimits)) > 0:
		v.conclude(Investigate, v.over, []Reason{{Code: Disagree}}, v.probes, weak)
	case len(v.probes)+len(weak) > 0:
		v.conclude(Investigate, v.over, v.probes, weak)
	case v.excluded():
		v.conclude(Verified, true)
	default:
		v.conclude(Inconclusive, v.over)
	}
}

// unmeasured says whether nothing but probes can decide: no metric is watched, or none
// has the history and none has data that speak for the deployment.
func (v *verdict) unmeasured() bool {
	for _, m := range v.Metrics {
		if m.Calibrated || m.After.Points > 0 && !m.Effect.Holds {
			return false
		}
	}
	return true
}

// excluded says whether every metric excludes harm: by the statistics as soon as it
// can, by limits alone only when the window is over. A metric that is there, has too
// little history and no limit declared says nothing: limits and probes decide then.
func (v *verdict) excluded() bool {
	excluded, within, mute := len(v.find(Excluded)), len(v.find(WithinLimits)), v.mute()
	switch {
	case v.early > 0 || within+excluded == 0 && v.passed == 0:
		return false
	case excluded+within+mute < len(v.Metrics):
		return false
	}
	return v.over || within+mute == 0 && excluded > 0
}

// mute counts metrics that are there, and have neither history nor an absolute limit.
func (v *verdict) mute() (n int) {
	for _, r := range v.find(NoHistory) {
		m := v.metric(r.Metric)
		limited := slices.ContainsFunc(v.all, func(other Reason) bool {
			return other.Metric == r.Metric && other.Code == NotExcluded && other.Limit != 0
		})
		if m.After.Points > 0 && (m.Kind != Proportion || m.After.Total > 0) && !limited && !slices.ContainsFunc(v.all, func(other Reason) bool {
			return other.Metric == r.Metric && other.Code == WithinLimits
		}) {
			n++
		}
	}
	return n
}

func (v *verdict) metric(name string) Result {
	for _, r := range v.Metrics {
		if r.Name == name {
			return r
		}
	}
	return Result{}
}

// conclude sets the answer: its own reasons first, then all the others.
func (v *verdict) conclude(answer Answer, decided bool, own ...[]Reason) {
	v.Answer, v.Decided = answer, decided
	v.Reasons = []Reason{}
	for _, reason := range slices.Concat(append(own, v.rest())...) {
		if !slices.Contains(v.Reasons, reason) {
			v.Reasons = append(v.Reasons, reason)
		}
	}
}

// rest are the reasons that every answer carries: what is missing, then what holds.
func (v *verdict) rest() []Reason {
	rest := slices.Clone(v.all)
	if len(v.Metrics) == 0 {
		switch {
		case v.passed > 0 && len(v.probes) == 0:
			rest = append(rest, Reason{Code: ProbesPassed, Count: v.passed})
		case len(v.probes) == 0:
			rest = append(rest, Reason{Code: NothingWatched})
		}
	}
	if v.early > 0 {
		rest = append(rest, Reason{Code: TooEarly, Seconds: v.early})
	}
	order := []Code{Gross, Alarm, RollBackLimit, AlarmWithoutEffect, Burning, Suspicious, BothWorse, SuspiciousUncalibrated, InvestigateLimit, Vanished,
		NothingWatched, NoData, NoAnswer, NoHistory, NoReference, UnusualTraffic, FewPlacebos, NotExcluded, TooEarly, Excluded, WithinLimits, ProbesPassed}
	slices.SortStableFunc(rest, func(a, b Reason) int { return cmp.Compare(slices.Index(order, a.Code), slices.Index(order, b.Code)) })
	return rest
}
