package signal

import (
	"math"
	"slices"

	"plimsoll/config"
)

// mostCount is the largest number that counts as a measurement: beyond it sums lose
// single events.
const mostCount = 1e15

// track is a metric's points laid on a grid of steps around the deployment: cell k
// ends k steps after it, so cells up to 0 came before. Worse is larger.
type track struct {
	kind    Kind
	first   int       // the offset of cell 0 of the arrays
	bad     []float64 // running sums, one longer than the cells
	total   []float64
	present []int
	value   []float64 // by cell; Series only
	// oldest and newest are the offsets of the outermost points, 1 and 0 of none.
	oldest, newest int
	// dropped counts points that are no measurement: not finite, negative, twice.
	dropped int
}

// lay puts points on the grid of cells from first to last. A counter that was reset
// gives a negative increase, which is dropped; of two points of one cell the later
// one in time counts.
func lay(m Metric, p Points, deployed, until int64, first, last int) *track {
	cells := last - first + 1
	t := &track{kind: m.Kind, first: first, oldest: 1, bad: make([]float64, cells+1), total: make([]float64, cells+1), present: make([]int, cells+1)}
	if m.Kind == Series {
		t.value = make([]float64, cells)
	}
	taken := make([]int64, cells)
	for i, at := range p.At {
		if at > until {
			continue
		}
		k := stepsUp(since(deployed, at), m.Step)
		if k < first || k > last {
			continue
		}
		bad, total, ok := m.measurement(p, i)
		cell := k - first
		second := t.present[cell+1] == 1
		if !ok || second {
			t.dropped++
		}
		if !ok || second && taken[cell] >= at {
			continue
		}
		taken[cell] = at
		t.bad[cell+1], t.total[cell+1], t.present[cell+1] = bad, total, 1
		if m.Kind == Series {
			t.value[cell] = bad
		}
		if t.oldest > t.newest {
			t.oldest, t.newest = k, k
		}
		t.oldest, t.newest = min(t.oldest, k), max(t.newest, k)
	}
	for i := range cells {
		t.bad[i+1] += t.bad[i]
		t.total[i+1] += t.total[i]
		t.present[i+1] += t.present[i]
	}
	return t
}

// without returns the track as if nothing had been measured in some cells.
func (t *track) without(gone func(cell int) bool) *track {
	left := *t
	left.bad, left.total, left.present = make([]float64, len(t.bad)), make([]float64, len(t.total)), make([]int, len(t.present))
	for i := range len(t.present) - 1 {
		left.bad[i+1], left.total[i+1], left.present[i+1] = left.bad[i], left.total[i], left.present[i]
		if !gone(t.first + i) {
			left.bad[i+1] += t.bad[i+1] - t.bad[i]
			left.total[i+1] += t.total[i+1] - t.total[i]
			left.present[i+1] += t.present[i+1] - t.present[i]
		}
	}
	return &left
}

// measurement returns point i so that more is worse, and whether it is one.
func (m Metric) measurement(p Points, i int) (bad, total float64, ok bool) {
	switch m.Kind {
	case Proportion:
		if i >= len(p.Bad) || i >= len(p.Total) {
			return 0, 0, false
		}
		bad, total = p.Bad[i], p.Total[i]
		if !(bad >= 0 && bad <= mostCount && total >= 0 && total <= mostCount) {
			return 0, 0, false
		}
		bad = math.Min(bad, total)
		if m.Better == config.Up {
			bad = total - bad
		}
		return bad, total, true
	case Volume:
		if i >= len(p.Value) || !(p.Value[i] >= 0 && p.Value[i] <= mostCount) {
			return 0, 0, false
		}
		return p.Value[i], 0, true
	}
	if i >= len(p.Value) || !finite(p.Value[i]) || math.Abs(p.Value[i]) > mostCount {
		return 0, 0, false
	}
	if m.Better == config.Up {
		return -p.Value[i], 0, true
	}
	return p.Value[i], 0, true
}

// window is what lies in the cells after from, up to to.
type window struct {
	// bad of total; of a Volume bad is its sum.
	bad, total float64
	// points are there of cells.
	points, cells int
}

func (t *track) window(from, to int) window {
	a, b := t.clamp(from+1), t.clamp(to+1)
	return window{bad: t.bad[b] - t.bad[a], total: t.total[b] - t.total[a], points: t.present[b] - t.present[a], cells: to - from}
}

// covered says whether a window has enough of its points.
func (w window) covered(share float64) bool {
	return w.points > 0 && float64(w.points) >= share*float64(w.cells)
}

// values appends what a Series measured in the cells after from, up to to.
func (t *track) values(into []float64, from, to int) []float64 {
	for i := t.clamp(from + 1); i < t.clamp(to+1); i++ {
		if t.has(i) {
			into = append(into, t.value[i])
		}
	}
	return into
}

func (t *track) has(cell int) bool { return t.present[cell+1] > t.present[cell] }

func (t *track) clamp(offset int) int { return min(max(offset-t.first, 0), len(t.total)-1) }

// farthest is as far from a deployment as anything can be.
const farthest = 1 << 40

// since returns how many seconds after a deployment an instant is.
func since(deployed, at int64) int64 {
	return min(max(at, -farthest), farthest) - min(max(deployed, -farthest), farthest)
}

// stepsUp divides, rounding up.
func stepsUp(seconds, step int64) int {
	n := seconds / step
	if seconds > n*step {
		n++
	}
	return int(n)
}

// horizons are the steps after the deployment at which a window may end: 2, 3, 5, 8,
// 12, 18 … minutes after the guard, each half as long again as the one before (more of
// them would make the largest of them larger, and find less), and the end of the window.
func horizons(guard, window int, step int64) []int {
	var ends []int
	for after := int64(2 * minute); ; after += (after/minute + 1) / 2 * minute {
		end := guard + stepsUp(after, step)
		if end >= window {
			break
		}
		ends = append(ends, end)
	}
	if window > guard {
		ends = append(ends, window)
	}
	return slices.Compact(ends)
}
