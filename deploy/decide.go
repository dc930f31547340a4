package deploy

import (
	"slices"
	"time"

	"plimsoll/deploy/signal"
)

// Decide returns the verdict as of now, from what the signals were before the deployment
// (nil: not known yet) and the samples taken so far, sorted by number. ok is false while it
// is too early; then the verdict's Signals say how it stands. Decide depends on nothing but
// its arguments: what is stored gives the same verdict again.
func Decide(v Verification, h *History, samples []Sample, now time.Time) (verdict Verdict, ok bool) {
	verdict = Verdict{At: now, Samples: len(samples), Thresholds: DefaultThresholds}
	probes := tallies(v, samples)
	signals := len(v.Plan.Signals) > 0
	switch {
	case !v.Plan.Declared:
		return verdict.with(Inconclusive, Reason{Kind: ReasonNotDeclared}), true
	case len(v.Plan.Probes) > 0 && v.URL == "" && !signals:
		return verdict.with(Inconclusive, Reason{Kind: ReasonNoAddress}), true
	}
	if signals {
		evaluation, err := evaluate(v, h, samples, now)
		if err != nil {
			return verdict.with(Inconclusive, Reason{Kind: ReasonNotMeasured, Gap: &Gap{Kind: GapQuery, Detail: err.Error()}}), true
		}
		verdict.Signals = evaluation
	}
	if failing := reasons(probes, tally.failing); len(failing) > 0 && !spoken(verdict.Signals) {
		return verdict.with(RollBack, failing...), true
	}
	if j := verdict.Signals; j != nil && j.Decided && j.Answer == signal.RollBack {
		return verdict.with(RollBack, reasonsOf(h, j, RollBack)...), true
	}
	if _, _, more := v.Next(samples, now); !more || verdict.early(v, h, probes) {
		return verdict.atTheEnd(v, h, samples, probes), true
	}
	return verdict, false
}

func (verdict Verdict) with(answer Answer, reasons ...Reason) Verdict {
	verdict.Answer, verdict.Reasons = answer, reasons
	return verdict
}

// early reports whether the watch can end before its time: harm is excluded, and no probe
// contradicts it.
func (verdict Verdict) early(v Verification, h *History, probes []tally) bool {
	j := verdict.Signals
	return j != nil && j.Decided && j.Answer == signal.Verified && len(h.Gaps) == 0 &&
		len(reasons(probes, tally.old))+len(reasons(probes, tally.unsteady))+len(reasons(probes, tally.notMade)) == 0 &&
		(len(v.Plan.Probes) == 0 || v.URL != "")
}

// atTheEnd is the verdict when no sample is left to take.
func (verdict Verdict) atTheEnd(v Verification, h *History, samples []Sample, probes []tally) Verdict {
	old, unsteady, not := reasons(probes, tally.old), reasons(probes, tally.unsteady), reasons(probes, tally.notMade)
	if len(v.Plan.Probes) > 0 && v.URL == "" {
		not = []Reason{{Kind: ReasonNoAddress}}
	}
	answer, reasons := verdict.signals(v, h, samples)
	wanted := v.Last() + 1
	switch {
	case len(old)+len(unsteady) > 0, answer == Investigate:
		var suspicious []Reason
		if answer == Investigate {
			suspicious = reasons
		}
		return verdict.with(Investigate, slices.Concat(suspicious, old, unsteady)...)
	case len(not) > 0:
		return verdict.with(Inconclusive, append(not, reasons...)...)
	case answer == Inconclusive:
		return verdict.with(Inconclusive, append(reasons, verdict.passed(probes, samples)...)...)
	case answer == Verified:
		return verdict.with(Verified, append(reasons, verdict.passed(probes, samples)...)...)
	case len(samples)*100 < wanted*verdict.Thresholds.Taken || len(v.Plan.Probes) == 0:
		return verdict.with(Inconclusive, Reason{Kind: ReasonTooFew, Failed: len(samples), Of: wanted})
	}
	return verdict.with(Verified, verdict.passed(probes, samples)...)
}

// signals is the result of the signals at the end; the answer is empty if none is declared.
// What was not measured is never a pass.
func (verdict Verdict) signals(v Verification, h *History, samples []Sample) (Answer, []Reason) {
	if len(v.Plan.Signals) == 0 {
		return "", nil
	}
	if h == nil {
		reason := Reason{Kind: ReasonNotMeasured, Gap: &Gap{Kind: GapUnreachable}}
		for _, sample := range samples {
			if sample.Gap != nil {
				reason.Gap = sample.Gap
			}
		}
		return Inconclusive, []Reason{reason}
	}
	var gaps []Reason
	for _, gap := range h.Gaps[:min(len(h.Gaps), mostSignalReasons)] {
		gaps = append(gaps, Reason{Kind: ReasonNotMeasured, Subject: gap.Signal, Gap: &gap})
	}
	j := verdict.Signals
	if j == nil {
		if len(gaps) == 0 {
			gaps = []Reason{{Kind: ReasonNotServed}}
		}
		return Inconclusive, gaps
	}
	answer := map[signal.Answer]Answer{signal.Verified: Verified, signal.Investigate: Investigate, signal.RollBack: RollBack}[j.Answer]
	switch {
	case answer == "":
		if n := len(samples); n > 0 && samples[n-1].Gap != nil {
			gaps = append(gaps, Reason{Kind: ReasonNotMeasured, Gap: samples[n-1].Gap})
		}
		return Inconclusive, append(gaps, reasonsOf(h, j, Inconclusive)...)
	case answer == Verified && len(gaps) > 0:
		return Inconclusive, append(gaps, reasonsOf(h, j, Verified)...)
	}
	return answer, reasonsOf(h, j, answer)
}

// passed says that the probes passed, if there are any.
func (verdict Verdict) passed(probes []tally, samples []Sample) []Reason {
	if len(probes) == 0 {
		return nil
	}
	return []Reason{{Kind: ReasonProbesPass, Of: len(samples)}}
}
