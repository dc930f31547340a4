package signal

import (
	"math"

	"plimsoll/config"
)

// normal returns the metric with every default of its own.
func (m Metric) normal(t Thresholds) Metric {
	if m.Better == "" {
		m.Better = config.Down
		if m.Kind == Volume {
			m.Better = config.Up
		}
	}
	if m.Role == "" {
		m.Role = Other
	}
	effect, margin := t.SlowEffect, t.SlowMargin
	switch {
	case m.Role == Errors:
		effect, margin = t.ErrorEffect, t.ErrorMargin
	case m.Role == Traffic || m.Kind == Volume:
		effect, margin = t.TrafficEffect, t.TrafficMargin
	}
	if l := m.RollBack; m.Effect == nil && l != nil && l.Relative {
		effect = Harm{Difference: math.Abs(l.Value)}
		if l.Percent {
			effect = Harm{Ratio: 1 + l.Value}
		}
	}
	if m.Effect == nil {
		m.Effect = &effect
	}
	if m.Margin == nil {
		m.Margin = &margin
	}
	fill(&m.Weight, 1)
	return m
}

// share is the relative change for the worse that a ratio stands for: 0.5 for 1.5,
// and 0.15 for 0.85.
func (h Harm) share() float64 {
	if h.Ratio == 0 {
		return 0
	}
	return math.Abs(h.Ratio - 1)
}

// margin returns what must be excluded where the value before is from, as a difference
// of a Proportion or as a share of the others.
func (m Metric) margin(from float64) float64 {
	if m.Kind == Proportion {
		return math.Max(m.Margin.Difference, m.Margin.share()*from)
	}
	if from = math.Abs(from); from > 0 && m.Margin.Difference > 0 {
		return math.Max(m.Margin.share(), m.Margin.Difference/from)
	}
	return m.Margin.share()
}

// recent is over how long an effect must still be there, at the most.
const recent = 10 * minute

// enoughExpected are the bad ones that should have come, for their absence to say
// that an effect is gone.
const enoughExpected = 5

// reached reports whether a change is a share of what a rollback needs.
func (e Effect) reached(relative, difference, share float64) bool {
	return relative >= share*e.Needed.share()-1e-12 && difference >= share*e.Needed.Difference-1e-12 && (relative > 0 || difference > 0)
}

// effectAt measures the harm from the guard to newest, and whether it has gone.
func (p *prepared) effectAt(newest int) Effect {
	e := Effect{Needed: *p.Effect}
	guard := p.measure.guard
	relative, difference, known := p.change(guard, newest)
	if !known {
		return e
	}
	e.Relative, e.Difference = settled(relative), settled(difference)
	e.Holds = e.reached(e.Relative, e.Difference, 1)
	last := min(stepsUp(recent, p.Step), (newest-guard)/2)
	if !e.Holds || last < 1 {
		return e
	}
	if p.Kind == Proportion {
		before, late := p.measure.before(0), p.track.window(newest-last, newest)
		usual := math.Max(before.bad, 0.5) / math.Max(before.total, 1)
		if late.total*math.Max(usual*(1+e.Needed.share()), usual+e.Needed.Difference) < enoughExpected {
			return e
		}
	} else if last < enoughExpected {
		return e
	}
	relative, difference, known = p.change(newest-last, newest)
	if known && !e.reached(relative, difference, 0.5) {
		e.Holds, e.Gone = false, true
	}
	return e
}

// change compares the cells after from, up to to, with the baseline: positive is
// worse.
func (p *prepared) change(from, to int) (relativeChange, difference float64, known bool) {
	m := p.measure
	before, after := m.before(0), p.track.window(from, to)
	if before.points == 0 || after.points == 0 {
		return 0, 0, false
	}
	switch p.Kind {
	case Proportion:
		if before.total == 0 || after.total == 0 {
			return 0, 0, false
		}
		p0, p1 := before.bad/before.total, after.bad/after.total
		return p1/math.Max(p0, 0.5/before.total) - 1, p1 - p0, true
	case Volume:
		worse := m.volume(0, from, to)
		if math.IsNaN(worse) {
			return 0, 0, false
		}
		share := p.lost(worse)
		return share, share * before.bad / float64(before.points), true
	}
	m.ranks.begin(m.valuesBefore(nil, 0))
	for _, x := range p.track.values(nil, from, to) {
		m.ranks.add(x)
	}
	return relative(m.ranks.shift(), m.ranks.middle, m.ranks.spread), m.ranks.shift(), true
}

// lost returns the share of a Volume that a statistic stands for: what is lost, or where
// less is better what has come on top.
func (p *prepared) lost(worse float64) float64 {
	if p.Better == config.Down {
		return math.Exp(math.Min(worse, 30)) - 1
	}
	return 1 - math.Exp(-math.Max(worse, -30))
}
