package plot

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// scale maps values to coordinates on a page.
type scale struct {
	low, high float64
	// from and to are where they lie, in the drawing's unit.
	from, to float64
}

func (s scale) at(x float64) float64 {
	if !(s.high > s.low) {
		return s.from
	}
	x = math.Min(math.Max(x, s.low), s.high)
	if at := s.from + (x-s.low)/(s.high-s.low)*(s.to-s.from); drawn(at) {
		return at
	}
	return s.from // too far apart for numbers to differ
}

// ticks returns about n round values from the lowest to the highest, and the number of
// decimals that distinguish them.
func (s scale) ticks(n int) (all []float64, decimals int) {
	step := round((s.high - s.low) / float64(max(n, 1)))
	if !(step > 0) || math.IsInf(step, 0) {
		return []float64{s.low}, 0
	}
	decimals = max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	for k := math.Ceil(s.low/step - 1e-9); k*step <= s.high+step*1e-9 && len(all) < 3*n+3; k++ {
		all = append(all, k*step+0)
	}
	return all, decimals
}

// round returns the next of 1, 2 and 5 times a power of ten from x on.
func round(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 0) {
		return 0
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// number writes a tick.
func number(x float64, decimals int) string {
	if math.Abs(x) >= 1e6 {
		return strconv.FormatFloat(x, 'g', 4, 64)
	}
	text := strconv.FormatFloat(x, 'f', min(decimals, 9), 64)
	if strings.Trim(text, "-0.") == "" {
		return "0"
	}
	return text
}

// steps of a time axis, in seconds.
var steps = []int64{60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400}

// instants returns at most about n round instants, and how they are written.
func instants(from, to int64, n int) (all []int64, layout string) {
	step := steps[len(steps)-1]
	for _, s := range steps {
		if (to-from)/s <= int64(n) {
			step = s
			break
		}
	}
	layout = "15:04"
	if step >= 86400 {
		layout = "2 Jan"
	}
	first := (from + step - 1) / step * step
	for at := first; at <= to && len(all) < 4*n; at += step {
		all = append(all, at)
	}
	return all, layout
}

func clock(at int64, layout string) string { return time.Unix(at, 0).UTC().Format(layout) }
