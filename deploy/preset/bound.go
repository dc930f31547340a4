package preset

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"time"
)

// ErrNoBound is that a histogram has no finite bound with requests.
var ErrNoBound = errors.New("no bound")

// Slow is the quantile that separates slow requests from the others.
const Slow = 0.95

// Bucket is a histogram's bound, in its own unit, with how many requests were not above it.
type Bucket struct{ Bound, Count float64 }

// Baseline returns the query for the buckets of the time before a deployment, at the time of
// the deployment: one series for each bound. Of a native histogram it gives the quantile Slow:
// give it to PowerOfTwo.
func (s Source) Baseline(length time.Duration) string {
	if !s.Histogram {
		return ""
	}
	over := "increase"
	if s.recorded != nil {
		over = "sum_over_time"
	}
	increase := "(" + over + "(" + s.buckets().String() + "[" + promDuration(length.Round(time.Second)) + "]))"
	if s.NativeHistogram {
		return "histogram_quantile(" + strconv.FormatFloat(Slow, 'g', -1, 64) + ", sum" + increase + ")"
	}
	return "sum by (le) " + increase
}

// PowerOfTwo returns the power of two that is nearest to a value, as a ratio; 0 for a value that
// is no positive number. Powers of two are bounds of native histograms in every resolution that
// is finer than a bucket for each of them, so that what is above one is counted, not estimated.
func PowerOfTwo(value float64) float64 {
	if !(value > 0) || math.IsInf(value, 1) {
		return 0
	}
	return math.Exp2(math.Round(math.Log2(value)))
}

// Read takes a bucket from a series of Baseline's answer: its le and its value. ok is
// false for what is none.
func (b *Bucket) Read(le string, value float64) (ok bool) {
	bound, err := strconv.ParseFloat(le, 64)
	if err != nil || math.IsNaN(bound) || math.IsNaN(value) || math.IsInf(value, 0) {
		return false
	}
	*b = Bucket{bound, value}
	return true
}

// Nearest returns the finite bound that is nearest to a quantile, as a ratio: bounds are
// written in ratios. 1 and 1.0 are one bound. The error is ErrNoBound.
func Nearest(buckets []Bucket, quantile float64) (float64, error) {
	sums := map[float64]float64{}
	for _, b := range buckets {
		sums[b.Bound] += b.Count
	}
	var sorted []Bucket
	for bound, count := range sums {
		sorted = append(sorted, Bucket{bound, count})
	}
	slices.SortFunc(sorted, func(a, b Bucket) int {
		if a.Bound < b.Bound {
			return -1
		}
		return 1
	})
	if len(sorted) < 2 || !math.IsInf(sorted[len(sorted)-1].Bound, 1) || !(sorted[len(sorted)-1].Count > 0) {
		return 0, ErrNoBound
	}
	finite := sorted[:len(sorted)-1]
	rank := quantile * sorted[len(sorted)-1].Count
	at := slices.IndexFunc(finite, func(b Bucket) bool { return b.Count >= rank })
	switch {
	case at < 0: // above the last bound
		return finite[len(finite)-1].Bound, nil
	case at == 0:
		return finite[0].Bound, nil
	}
	low, high := finite[at-1], finite[at]
	value := low.Bound
	if high.Count > low.Count {
		value += (high.Bound - low.Bound) * (rank - low.Count) / (high.Count - low.Count)
	}
	if low.Bound > 0 && value*value < low.Bound*high.Bound {
		return low.Bound, nil
	}
	return high.Bound, nil
}
