package signal

import (
	"math"
	"slices"
)

// calibration is what one metric looks like when nothing happened.
type calibration struct {
	// placebos is how many there are, verified of them earlier deployments.
	placebos, verified int
	// final are the placebos' largest scaled statistics, upwards.
	final []float64
	// By horizon: scale, the share of the control that is subtracted, the 90th percentile
	// of the statistic's size, and of a Series' relative shift; of a Proportion the excess
	// by which its statistic is studentised, and the control's.
	scale, control, spread, shift, excess, excessBeside []float64
	// most is the most traffic of a Proportion after an instant, a step, by horizon.
	most []float64
	// pair is the same of two parts of the service beside each other; nil without.
	pair *pairCalibration
}

// pairCalibration is how much two parts of a service that run one version differ, by horizon.
type pairCalibration struct{ scale, spread, excess []float64 }

// dispersion is how much wider the statistic of so many requests spreads at horizon k than one of
// independent requests.
func (c *pairCalibration) dispersion(k int, size float64, t Thresholds) float64 {
	return math.Max(1, c.spread[k]/normalQuantile(t.Confidence)) * math.Sqrt(1+c.excess[k]*size)
}

// calibratePair studentises the statistics of the pair at each placebo, a row for each, and returns
// their units.
func calibratePair(m *measure, table, sizes []float64, width, placebos int, t Thresholds) *pairCalibration {
	c := &pairCalibration{scale: make([]float64, width), spread: make([]float64, width), excess: make([]float64, width)}
	column, second := make([]float64, placebos), make([]float64, placebos)
	for k := range width {
		c.excess[k] = studentise(table, sizes, k, width, column, second)
		c.spread[k] = tail(pick(column, table, k, width), 0.9)
		c.scale[k] = m.scaleOf(pick(column, table, k, width), t.Scale)
	}
	return c
}

// leastScale keeps a statistic that is nearly always 0 (errors so rare that most
// windows have none) from being blown up; a normal one has 1.28.
const leastScale = 1

// calibrate measures the statistic at every instant. control and versions may be nil.
func calibrate(m, control *measure, versions *pair, instants []int, verified int, t Thresholds) *calibration {
	h := len(m.horizons)
	own, others, sizes, sizesBeside := make([]float64, 0, h*len(instants)), []float64(nil), make([]float64, 0, h*len(instants)), []float64(nil)
	row, size, beside, sizeBeside := make([]float64, h), make([]float64, h), make([]float64, h), make([]float64, h)
	var pairs, pairSizes []float64
	c := &calibration{most: make([]float64, h)}
	for i, instant := range instants {
		m.statistics(instant, 0, row, size)
		if math.IsNaN(row[h-1]) || versions != nil && !versions.placebo(instant) {
			continue
		}
		if control != nil {
			control.statistics(instant, 0, beside, sizeBeside)
			if math.IsNaN(beside[h-1]) {
				continue
			}
			others, sizesBeside = append(others, beside...), append(sizesBeside, sizeBeside...)
		}
		own, sizes = append(own, row...), append(sizes, size...)
		if versions != nil {
			pairs, pairSizes = append(pairs, versions.row...), append(pairSizes, versions.size...)
		}
		for k := range h {
			c.most[k] = math.Max(c.most[k], m.perStep(instant, k))
		}
		c.placebos++
		if i >= len(instants)-verified {
			c.verified++
		}
	}
	if c.placebos < t.LeastPlacebo {
		return c
	}
	c.control, c.spread = make([]float64, h), make([]float64, h)
	c.scale, c.shift = make([]float64, h), make([]float64, h)
	c.excess, c.excessBeside = make([]float64, h), make([]float64, h)
	column, second := make([]float64, c.placebos), make([]float64, c.placebos)
	for k := range h {
		switch m.kind {
		case Series:
			c.shift[k] = tail(pick(second, sizes, k, h), 0.9)
		case Proportion:
			c.excess[k] = studentise(own, sizes, k, h, column, second)
			if control != nil {
				c.excessBeside[k] = studentise(others, sizesBeside, k, h, column, second)
			}
		}
		c.spread[k] = tail(pick(column, own, k, h), 0.9)
		if control != nil {
			c.control[k] = slope(pick(column, own, k, h), pick(second, others, k, h))
			for i := range c.placebos {
				own[i*h+k] = settled(own[i*h+k] - c.control[k]*others[i*h+k])
			}
		}
		c.scale[k] = m.scaleOf(pick(column, own, k, h), t.Scale)
	}
	if versions != nil {
		c.pair = calibratePair(m, pairs, pairSizes, len(versions.ends), c.placebos, t)
	}
	c.final = make([]float64, 0, c.placebos)
	for i := range c.placebos {
		most := largest(own[i*h:(i+1)*h], c.scale)
		if c.pair != nil {
			w := len(c.pair.scale)
			most = math.Max(most, largest(pairs[i*w:(i+1)*w], c.pair.scale))
		}
		c.final = append(c.final, most)
	}
	slices.Sort(c.final)
	return c
}

// dispersion is how much wider a statistic of so many requests (size) spreads at horizon k than one
// of independent requests.
func (c *calibration) dispersion(k int, size float64, t Thresholds) float64 {
	return math.Max(1, c.spread[k]/normalQuantile(t.Confidence)) * math.Sqrt(1+c.excess[k]*size)
}

// studentise divides column k of a table by its own spread for so many requests, and returns
// the excess.
func studentise(table, sizes []float64, k, width int, column, second []float64) float64 {
	column, second = pick(column, table, k, width), pick(second, sizes, k, width)
	excess := excessOf(column, second)
	for i := range column {
		table[i*width+k] = studentised(column[i], second[i], excess)
	}
	return excess
}

// perStep returns how much traffic a Proportion has after an instant, up to horizon k, a step.
func (m *measure) perStep(instant, k int) float64 {
	w := m.track.window(instant+m.guard, instant+m.horizons[k])
	if m.kind != Proportion || w.points == 0 {
		return 0
	}
	return w.total / float64(w.points)
}

// scaleOf returns the unit of one horizon.
func (m *measure) scaleOf(column []float64, q float64) float64 {
	scale := selected(slices.DeleteFunc(column, math.IsNaN), q)
	if m.kind != Volume {
		return math.Max(scale, leastScale)
	}
	if scale <= 0 {
		return 1
	}
	return scale
}

// largest returns the largest scaled statistic, −Inf of none.
func largest(statistics, scale []float64) float64 {
	most := math.Inf(-1)
	for k, s := range statistics {
		if v := s / scale[k]; v > most {
			most = v
		}
	}
	return settled(most)
}

// p is the share of placebos, and of the deployment itself, that are at least as
// large.
func (c *calibration) p(largest float64) (p float64, atLeast int) {
	below, _ := slices.BinarySearch(c.final, largest)
	atLeast = len(c.final) - below
	return float64(1+atLeast) / float64(len(c.final)+1), atLeast
}

// pick copies column k of a table with width columns.
func pick(into, table []float64, k, width int) []float64 {
	into = into[:cap(into)]
	for i := range into {
		into[i] = table[i*width+k]
	}
	return into
}

// tail is the quantile q of the values' sizes.
func tail(values []float64, q float64) float64 {
	sizes := make([]float64, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(v) {
			sizes = append(sizes, math.Abs(v))
		}
	}
	return settled(selected(sizes, q))
}

// slope is the share of the control's statistic whose subtraction leaves the least
// noise: 1 where both carry the same, less where the control has more traffic, and
// so a larger statistic of the same disturbance, or noise of its own.
func slope(own, control []float64) float64 {
	var n, so, sc float64
	for i := range own {
		if !math.IsNaN(own[i]) && !math.IsNaN(control[i]) {
			n, so, sc = n+1, so+own[i], sc+control[i]
		}
	}
	var covariance, variance float64
	for i := range own {
		if !math.IsNaN(own[i]) && !math.IsNaN(control[i]) {
			covariance += (own[i] - so/n) * (control[i] - sc/n)
			variance += (control[i] - sc/n) * (control[i] - sc/n)
		}
	}
	if !(variance > 0) || covariance <= 0 {
		return 0
	}
	return settled(covariance / variance)
}
