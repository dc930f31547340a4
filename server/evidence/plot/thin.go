package plot

import "math"

// MostPoints is how many points of a line are drawn.
const MostPoints = 600

// Line is measurements in the order of time: Value[i] was at At[i] (Unix seconds). What
// is no number, or beyond 1e200, is a gap.
type Line struct {
	At    []int64
	Value []float64
}

// thin leaves at most most points (rounded up to pairs, with the gaps between them) of a
// line, with the smallest and the largest of each piece: nothing that stands out is lost.
func (l Line) thin(most int) Line {
	n := min(len(l.At), len(l.Value))
	if n <= most {
		return Line{l.At[:n], l.Value[:n]}
	}
	pieces := max(most/3, 1)
	var out Line
	for p := range pieces {
		from, to := n*p/pieces, n*(p+1)/pieces
		low, high, gap := -1, -1, -1
		for i := from; i < to; i++ {
			switch {
			case !drawn(l.Value[i]):
				gap = i
			case low < 0:
				low, high = i, i
			case l.Value[i] < l.Value[low]:
				low = i
			case l.Value[i] > l.Value[high]:
				high = i
			}
		}
		out.keep(l, low, high, gap)
	}
	return out
}

// keep adds points of another line, in the order of time, each once.
func (l *Line) keep(from Line, points ...int) {
	last := -1
	for range points {
		next := -1
		for _, p := range points {
			if p > last && (next < 0 || p < next) {
				next = p
			}
		}
		if next < 0 {
			return
		}
		l.At, l.Value = append(l.At, from.At[next]), append(l.Value, from.Value[next])
		last = next
	}
}

// farthest is how far from 0 anything is drawn: beyond it, differences overflow.
const farthest = 1e200

func drawn(x float64) bool { return !math.IsNaN(x) && math.Abs(x) <= farthest }

// within returns the part of a line from one instant to another, both included.
func (l Line) within(from, to int64) Line {
	var out Line
	for i := range min(len(l.At), len(l.Value)) {
		if l.At[i] >= from && l.At[i] <= to {
			out.At, out.Value = append(out.At, l.At[i]), append(out.Value, l.Value[i])
		}
	}
	return out
}
