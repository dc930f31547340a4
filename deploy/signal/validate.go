package signal

import (
	"errors"
	"fmt"
	"math"

	"plimsoll/config"
)

// Bounds of an input.
const (
	maxMetrics = 64
	maxPoints  = 100_000
	maxCuts    = 10_000
	maxProbes  = 100_000
	maxOffsets = 100
	maxWindow  = 2 * day
	maxHistory = 35 * day
)

// ErrInput: the input is not one that can be evaluated.
var ErrInput = errors.New("judge signals")

func (in Input) validate() error {
	t := in.Thresholds
	for _, span := range []struct {
		name        string
		value, most int64
	}{{"baseline", t.Baseline, maxWindow}, {"window", t.Window, maxWindow}, {"guard", t.Guard, maxWindow}, {"history", t.History, maxHistory},
		{"reach", t.Reach, maxWindow}, {"burn_span", t.BurnSpan, maxWindow}, {"gross_span", t.GrossSpan, maxWindow}, {"vanished_span", t.VanishedSpan, maxWindow}, {"sample_span", t.SampleSpan, maxWindow}} {
		if span.value < minute || span.value > span.most {
			return fmt.Errorf("%w: %s of %d s is not between 60 s and %d s", ErrInput, span.name, span.value, span.most)
		}
	}
	for _, share := range []struct {
		name  string
		value float64
	}{{"alpha", t.Alpha}, {"suspicion", t.Suspicion}, {"confidence", t.Confidence}, {"scale", t.Scale}, {"coverage", t.Coverage}, {"vanished_before", t.VanishedBefore}, {"gross_share", t.GrossShare}} {
		if !(share.value > 0 && share.value < 1) {
			return fmt.Errorf("%w: %s of %g is not between 0 and 1", ErrInput, share.name, share.value)
		}
	}
	if t.MostPlacebo < 1 || t.MostPlacebo > 100_000 || t.LeastPlacebo < 1 {
		return fmt.Errorf("%w: %d to %d placebos: expected 1 to 100,000", ErrInput, t.LeastPlacebo, t.MostPlacebo)
	}
	if len(in.Metrics) > maxMetrics || len(in.Cuts) > maxCuts || len(in.Verified) > maxCuts || len(in.Probes) > maxProbes {
		return fmt.Errorf("%w: more than %d metrics, %d cuts or %d answers of probes", ErrInput, maxMetrics, maxCuts, maxProbes)
	}
	if in.Restart < -1 || in.Restart > maxWindow {
		return fmt.Errorf("%w: a restart %d s after the deployment: expected -1 (none) to %d", ErrInput, in.Restart, maxWindow)
	}
	for i, o := range in.Clock {
		if i >= maxOffsets || o.Seconds < -day || o.Seconds > day || i > 0 && o.From <= in.Clock[i-1].From {
			return fmt.Errorf("%w: clock: offset %d of %d s from %d: expected at most %d of less than a day, the oldest first", ErrInput, i+1, o.Seconds, o.From, maxOffsets)
		}
	}
	names := map[string]bool{}
	for _, m := range in.Metrics {
		if err := m.validate(); err != nil {
			return fmt.Errorf("%w: metric %.80q: %w", ErrInput, m.Name, err)
		}
		if names[m.Name] {
			return fmt.Errorf("%w: two metrics called %.80q", ErrInput, m.Name)
		}
		names[m.Name] = true
	}
	return nil
}

func (m Metric) validate() error {
	switch {
	case m.Name == "":
		return errors.New("no name")
	case m.Kind != Proportion && m.Kind != Series && m.Kind != Volume:
		return fmt.Errorf("unknown kind %.80q: proportion, series or volume", m.Kind)
	case m.Better != "" && m.Better != config.Up && m.Better != config.Down:
		return fmt.Errorf("better %.80q: up or down", m.Better)
	case m.Step < minute || m.Step > hour:
		return fmt.Errorf("a step of %d s is not between 60 s and 3600 s", m.Step)
	case len(m.At) > maxPoints || m.Control != nil && len(m.Control.At) > maxPoints ||
		m.Versions != nil && max(len(m.Versions.Old.At), len(m.Versions.New.At), len(m.Versions.Part.At)) > maxPoints:
		return fmt.Errorf("more than %d points", maxPoints)
	case !(m.Weight >= 0 && m.Weight <= 1e6):
		return fmt.Errorf("a weight of %g is not between 0 and 1,000,000", m.Weight)
	case !(m.Objective >= 0 && m.Objective < 1):
		return fmt.Errorf("an objective of %g is not between 0 and 1", m.Objective)
	}
	for _, h := range []*Harm{m.Effect, m.Margin} {
		if h != nil && !(h.Ratio >= 0 && h.Difference >= 0 && h.Ratio <= mostCount && h.Difference <= mostCount) {
			return fmt.Errorf("a harm of ratio %g and difference %g: expected numbers from 0", h.Ratio, h.Difference)
		}
	}
	for _, l := range []*Limit{m.Investigate, m.RollBack} {
		if l != nil && (!finite(l.Value) || math.Abs(l.Value) > mostCount || l.For < 0 || !l.Relative && !operators[l.Operator]) {
			return fmt.Errorf("a limit %q %g for %d s: expected > >= < or <= and a number", l.Operator, l.Value, l.For)
		}
	}
	return nil
}

var operators = map[string]bool{">": true, ">=": true, "<": true, "<=": true}
