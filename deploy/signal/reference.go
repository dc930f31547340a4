package signal

import (
	"math"
	"slices"
)

// stretch is cells of a grid: those after from, up to to.
type stretch struct{ from, to int }

// reference is what a deployment is compared with: quiet cells, counted from the instant, the
// newest span first. Every placebo has the same one, counted from its own instant, so that
// both are measured alike however far back the quiet cells lie.
type reference []stretch

// cells returns how many cells there are.
func (r reference) cells() (n int) {
	for _, s := range r {
		n += s.to - s.from
	}
	return n
}

// begins returns the offset after which the oldest span begins; 0 of none.
func (r reference) begins() int {
	if len(r) == 0 {
		return 0
	}
	return r[len(r)-1].from
}

// quiet returns the newest cells up to end in which nothing happened, at most n, none of them
// before oldest. It is nil if there are fewer than half of n.
func (c cuts) quiet(end, n, oldest int) reference {
	var found reference
	left := n
	for k := end; k > oldest && k > c.first && left > 0; k-- {
		if !c.free(k-1, k) {
			continue
		}
		if last := len(found) - 1; last >= 0 && found[last].from == k {
			found[last].from = k - 1
		} else {
			found = append(found, stretch{k - 1, k})
		}
		left--
	}
	if left > n/2 {
		return nil
	}
	return found
}

// spans are the reference in Unix seconds, the oldest first.
func (r reference) spans(deployed, step int64) (all []Period) {
	for _, s := range slices.Backward(r) {
		all = append(all, Period{deployed + int64(s.from)*step, deployed + int64(s.to)*step})
	}
	return all
}

// before is what lies in the reference of an instant.
func (m *measure) before(instant int) window { return m.beforeOn(instant, 0) }

// beforeOn is what lies at the same local clock time as the reference of an instant, some days
// later.
func (m *measure) beforeOn(instant, days int) window {
	var all window
	for _, s := range m.reference {
		to := m.clock.on(instant+s.to, days, m.day)
		w := m.track.window(to+s.from-s.to, to)
		all.bad, all.total = all.bad+w.bad, all.total+w.total
		all.points, all.cells = all.points+w.points, all.cells+w.cells
	}
	return all
}

// valuesBefore appends what a Series measured in the reference of an instant.
func (m *measure) valuesBefore(into []float64, instant int) []float64 {
	for _, s := range m.reference {
		into = m.track.values(into, instant+s.from, instant+s.to)
	}
	return into
}

// undisturbed says whether nothing happened at the same local clock time some days later: in the
// reference of an instant, and in the cells after it, up to to.
func (m *measure) undisturbed(instant, to, days int) bool {
	free := func(from, to int) bool {
		moved := m.clock.on(to, days, m.day)
		return m.free(moved+from-to, moved)
	}
	for _, s := range m.reference {
		if !free(instant+s.from, instant+s.to) {
			return false
		}
	}
	return free(instant, to)
}

// mostUnusual is the share of usual references that count as unusual.
const mostUnusual = 0.01

// usual reports whether the level in the deployment's reference is normal for the week: compared
// with an incident, any deployment would look fine. Better levels are usual, and so are levels
// that are worse by less than the margin of "verified". A Volume has other days to compare with.
func (p *prepared) usual(instants []int) bool {
	m := p.measure
	if m.kind == Volume {
		return true
	}
	whole := m.track.window(m.track.first-1, 0)
	var levels, sizes []float64 // the deployment's first, then the placebos'
	worse := 0.0                // how far the deployment's level is beyond the margin
	for _, instant := range append([]int{0}, instants...) {
		w := m.before(instant)
		switch {
		case !w.covered(m.coverage) || m.kind == Proportion && w.total == 0:
			if instant == 0 {
				return true // there is nothing that could be unusual
			}
		case m.kind == Proportion:
			levels = append(levels, signedRoot(whole.bad-w.bad, whole.total-w.total, w.bad, w.total))
			sizes = append(sizes, harmonic(whole.total-w.total, w.total))
		default:
			m.scratch = m.valuesBefore(m.scratch[:0], instant)
			levels = append(levels, median(m.scratch))
		}
		if instant == 0 && m.kind == Proportion {
			worse = w.bad/w.total - p.rate - p.margin(p.rate)
		}
	}
	if m.kind == Series {
		middle := median(levels[1:])
		worse = relative(levels[0]-middle, middle, 0) - p.margin(middle)
	}
	if m.kind == Proportion {
		excess := excessOf(levels[1:], sizes[1:])
		for i := range levels {
			levels[i] = studentised(levels[i], sizes[i], excess)
		}
	}
	above := 1
	for _, x := range levels[1:] {
		if x >= levels[0] {
			above++
		}
	}
	return worse <= 0 || float64(above) > mostUnusual*float64(len(levels))
}

// harmonic is the number of requests that the difference of two rates rests on.
func harmonic(n0, n1 float64) float64 {
	if n0 <= 0 || n1 <= 0 {
		return 0
	}
	return n0 * n1 / (n0 + n1)
}

// excessOf fits how much wider statistics spread than those of independent requests. Where the
// rate itself varies, the variance of a statistic is 1 + excess × size, with the number of requests
// as size: with three times the traffic, the excess stays and the statistic grows. The fit is at
// the 90th percentile, so that a few bursts do not decide it.
func excessOf(statistics, sizes []float64) float64 {
	wanted := normalQuantile(0.95) // of the sizes of a normal variable the 90th percentile
	n := 0
	for _, z := range statistics {
		if !math.IsNaN(z) {
			n++
		}
	}
	if n == 0 {
		return 0
	}
	// The 90th percentile lies between two neighbours in order. It takes no sorting to compare it.
	position := 0.9 * float64(n-1)
	low := int(position)
	within := func(excess float64) bool {
		below, largest, next := 0, math.Inf(-1), math.Inf(1)
		for i, z := range statistics {
			if math.IsNaN(z) {
				continue
			}
			if x := math.Abs(studentised(z, sizes[i], excess)); x <= wanted {
				below, largest = below+1, max(largest, x)
			} else {
				next = min(next, x)
			}
		}
		return below > low+1 || below == n || below == low+1 && largest+(position-float64(low))*(next-largest) <= wanted
	}
	if within(0) {
		return 0
	}
	most := 0.0
	for _, size := range sizes {
		if size > most { // which NaN is not
			most = size
		}
	}
	if most == 0 {
		return 0
	}
	least, high := 0.0, 1/most
	for range 200 {
		if within(high) {
			break
		}
		least, high = high, 4*high
	}
	for range 40 {
		if middle := (least + high) / 2; within(middle) {
			high = middle
		} else {
			least = middle
		}
	}
	return settled(high*most) / most
}

// studentised returns a statistic in units of its own spread.
func studentised(z, size, excess float64) float64 {
	if excess == 0 || math.IsNaN(z) {
		return z
	}
	return settled(z / math.Sqrt(1+excess*size))
}
