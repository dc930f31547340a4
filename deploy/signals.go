package deploy

import (
	"time"

	"plimsoll/deploy/signal"
)

// evaluate returns what the signals show as of now. It is nil if nothing can be said yet:
// the signals are not known, or what was deployed does not answer.
func evaluate(v Verification, h *History, samples []Sample, now time.Time) (*signal.Evaluation, error) {
	if h == nil || len(h.Signals) == 0 {
		return nil, nil
	}
	restart, serves := serves(v, samples)
	if !serves {
		return nil, nil
	}
	evaluation, err := signal.Decide(Input(v, h, samples, restart, now))
	if err != nil {
		return nil, err
	}
	return &evaluation, nil
}

// Input is what the signals of a verification are evaluated by. restart is how many seconds
// after the deployment the new version began to answer.
func Input(v Verification, h *History, samples []Sample, restart int64, now time.Time) signal.Input {
	window := min(max(int64(v.Plan.For/time.Second), leastWindow), mostWindow)
	in := signal.Input{
		Deployed: v.Began.Unix(), Now: now.Unix(), Restart: min(restart, window), Cuts: h.Cuts, Verified: h.Verified, Clock: h.Clock,
		Thresholds: signal.Thresholds{Window: window, Baseline: min(max(int64(v.Plan.Baseline/time.Second), leastWindow), mostWindow)},
	}
	for i, w := range h.Signals {
		m := signal.Metric{
			Name: w.Name, Kind: w.Kind, Role: w.Role, Better: w.Better, Step: h.Step, Points: h.Points(i, samples), Answered: h.Answered(i, samples),
			Effect: w.Effect, Margin: w.Margin, Objective: w.Objective, Investigate: w.Investigate, RollBack: w.RollBack,
		}
		if n := w.Control; n > 0 && n <= len(h.Controls) {
			control := h.Points(len(h.Signals)+n-1, samples)
			m.Control = &control
		}
		in.Metrics = append(in.Metrics, m)
	}
	h.compare(&in, v, samples)
	for _, sample := range samples {
		for _, result := range sample.Probes {
			if result.Counts() {
				in.Probes = append(in.Probes, signal.Probe{Name: result.Name(), At: sample.At.Unix(), Passed: !harms(result)})
			}
		}
	}
	return in
}

// An evaluation's windows, in seconds (deploy/signal's bounds).
const (
	leastWindow = 60
	mostWindow  = 2 * 24 * 60 * 60
)

// serves reports whether the new version answers, and since how many seconds after the
// deployment. Before a version probe has seen the commit, no metric counts.
func serves(v Verification, samples []Sample) (since int64, ok bool) {
	asked := false
	for _, sample := range samples {
		for _, result := range sample.Probes {
			saw, expected := result.SawVersion()
			asked = asked || expected
			if saw {
				return max(int64(sample.At.Sub(v.Began)/time.Second), 0), true
			}
		}
	}
	return 0, !asked
}

// Promises says what the signals of a service can show of its next deployment, from the
// history of a verification.
func Promises(v Verification, h *History) ([]signal.Promise, error) {
	if h == nil || len(h.Signals) == 0 {
		return nil, nil
	}
	evaluator, err := signal.New(Input(v, h, nil, 0, v.Began))
	if err != nil {
		return nil, err
	}
	return evaluator.Promises(), nil
}

// spoken reports whether the metrics say anything of the time since the deployment.
func spoken(j *signal.Evaluation) bool {
	if j == nil {
		return false
	}
	for _, m := range j.Metrics {
		if m.After.Points > 0 {
			return true
		}
	}
	return false
}

// mostSignalReasons is how many reasons a verdict gives.
const mostSignalReasons = 6

// codesOf returns the codes that an answer is based on.
var codesOf = map[Answer][]signal.Code{
	RollBack: {signal.Gross, signal.Alarm, signal.RollBackLimit, signal.Burning, signal.ProbeFailing, signal.Vanished, signal.Suspicious,
		signal.SuspiciousUncalibrated, signal.InvestigateLimit},
	Investigate: {signal.Disagree, signal.ProbeFailing, signal.Vanished, signal.Burning, signal.InvestigateLimit, signal.AlarmWithoutEffect,
		signal.BothWorse, signal.Suspicious, signal.SuspiciousUncalibrated},
	Inconclusive: {signal.NoData, signal.NoAnswer, signal.NoHistory, signal.NoReference, signal.UnusualTraffic, signal.FewPlacebos, signal.NotExcluded, signal.TooEarly},
	Verified:     {signal.Excluded, signal.WithinLimits, signal.NoHistory},
}

// reasonsOf returns the reasons that an answer is based on, those of changed operations
// first. Signals with a dry run come last: what they alone decide must not hide others.
func reasonsOf(h *History, j *signal.Evaluation, answer Answer) []Reason {
	operation, dryRun, limited := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, w := range h.Signals {
		operation[w.Name], dryRun[w.Name] = w.Operation != "", w.DryRun
	}
	var all []Reason
	add := func(code signal.Code, changed, dry bool) {
		for _, r := range j.Reasons {
			if r.Code == code && operation[r.Metric] == changed && dryRun[r.Metric] == dry && len(all) < mostSignalReasons && !(limited[r.Metric] && code == signal.NoHistory) {
				limited[r.Metric] = limited[r.Metric] || code == signal.WithinLimits
				all = append(all, Reason{Kind: ReasonSignal, Subject: r.Metric, Signal: &r, DryRun: dry})
			}
		}
	}
	for _, dry := range []bool{false, true} {
		for _, code := range codesOf[answer] {
			add(code, true, dry)
			add(code, false, dry)
		}
	}
	return all
}
