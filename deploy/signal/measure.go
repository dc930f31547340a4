package signal

import (
	"math"
	"slices"

	"plimsoll/config"
)

// measure computes a metric's statistic around any instant of its grid.
type measure struct {
	kind      Kind
	better    config.Better
	track     *track
	reference reference
	guard     int   // steps after the instant that do not count
	horizons  []int // steps after it at which a window may end, upwards
	day       int   // steps of a day
	days      int   // days of history
	coverage  float64
	clock     clock
	free      func(from, to int) bool // no cut lies in these cells
	ranks     ranks
	scratch   []float64
}

// statistics fills out with the statistic at every horizon up to newest, NaN where
// the data do not allow one; beside with what belongs to it: the relative change of a
// Series' median, of a Proportion the number of requests that it rests on (harmonic).
func (m *measure) statistics(instant, newest int, out, beside []float64) {
	for i := range out {
		out[i], beside[i] = math.NaN(), math.NaN()
	}
	before := m.before(instant)
	if !before.covered(m.coverage) {
		return
	}
	if m.kind == Series {
		m.rankStatistics(instant, newest, out, beside)
		return
	}
	for i, h := range m.horizons {
		if instant+h > newest {
			return
		}
		if m.kind == Volume {
			out[i] = m.volume(instant, instant+m.guard, instant+h)
			continue
		}
		after := m.track.window(instant+m.guard, instant+h)
		if after.covered(m.coverage) {
			out[i], beside[i] = signedRoot(before.bad, before.total, after.bad, after.total), harmonic(before.total, after.total)
		}
	}
}

func (m *measure) rankStatistics(instant, newest int, out, shifts []float64) {
	m.scratch = m.valuesBefore(m.scratch[:0], instant)
	m.ranks.begin(m.scratch)
	added := instant + m.guard
	for i, h := range m.horizons {
		end := instant + h
		if end > newest {
			return
		}
		m.scratch = m.track.values(m.scratch[:0], added, end)
		for _, x := range m.scratch {
			m.ranks.add(x)
		}
		added = end
		if m.track.window(instant+m.guard, end).covered(m.coverage) {
			out[i] = m.ranks.z()
			shifts[i] = relative(m.ranks.shift(), m.ranks.middle, m.ranks.spread)
		}
	}
}

// leastDays are the other days that a volume is compared with at the least.
const leastDays = 2

// volume returns how much less (more, where less is better) there is in the cells
// after from than before the instant, as a logarithm, beside what is usual at that
// time of day; NaN where too few other days tell.
func (m *measure) volume(instant, from, to int) float64 {
	here, ok := m.change(instant, from, to, 0)
	if !ok {
		return math.NaN()
	}
	var usual [64]float64
	n := 0
	for d := -m.days; d <= m.days && n < len(usual); d++ {
		if d == 0 || m.clock.on(from, d, m.day)+to-from > 0 || !m.undisturbed(instant, to, d) {
			continue
		}
		if there, ok := m.change(instant, from, to, d); ok {
			usual[n] = there
			n++
		}
	}
	if n < leastDays {
		return math.NaN()
	}
	slices.Sort(usual[:n])
	change := settled(here - quantile(usual[:n], 0.5))
	if m.better != config.Down {
		return -change
	}
	return change
}

// change compares the cells after from, up to to, with those before an instant, some days later.
func (m *measure) change(instant, from, to, days int) (float64, bool) {
	before, moved := m.beforeOn(instant, days), m.clock.on(from, days, m.day)
	after := m.track.window(moved, moved+to-from)
	if !before.covered(m.coverage) || !after.covered(m.coverage) {
		return 0, false
	}
	return logRatio(before.bad, float64(before.points), after.bad, float64(after.points)), true
}

// relative returns a shift as a share of where it started, or of how much that
// varies, where it started at 0.
func relative(shift, middle, spread float64) float64 {
	from := math.Abs(middle)
	if from == 0 {
		from = spread
	}
	if from == 0 {
		from = math.Abs(shift)
	}
	if from == 0 {
		return 0
	}
	return settled(math.Max(-mostCount, math.Min(shift/from, mostCount)))
}
