package signal

import (
	"math"
	"slices"
)

// signedRoot is the signed root of the binomial two-sample likelihood ratio:
// positive where x1 of n1 is a larger share than x0 of n0, about standard normal
// where both have one rate and requests are independent. 0 where a sample is empty.
func signedRoot(x0, n0, x1, n1 float64) float64 {
	if n0 <= 0 || n1 <= 0 {
		return 0
	}
	both, all := x0+x1, n0+n1
	g := 2 * (entropyTerm(x0, n0) + entropyTerm(x1, n1) - entropyTerm(both, all))
	root := math.Sqrt(math.Max(0, g))
	if x1*n0 < x0*n1 {
		root = -root
	}
	return settled(root)
}

// entropyTerm is the log likelihood of x in n at its own rate x/n.
func entropyTerm(x, n float64) float64 {
	sum := 0.0
	if x > 0 {
		sum += x * math.Log(x/n)
	}
	if y := n - x; y > 0 {
		sum += y * math.Log(y/n)
	}
	return sum
}

// ranks compares samples by Mann and Whitney's test while the second one grows.
type ranks struct {
	before   []float64 // sorted
	after    []float64 // sorted
	both     []float64 // sorted
	middle   float64   // median of before
	spread   float64   // MAD of before
	wins     float64   // U: pairs in which after is larger, ties as a half
	tieTerms float64   // sum over groups of equal values of t³ − t
}

// begin takes the first sample; what was there is forgotten.
func (r *ranks) begin(before []float64) {
	r.before = append(r.before[:0], before...)
	slices.Sort(r.before)
	r.both = append(r.both[:0], r.before...)
	r.after = r.after[:0]
	r.wins, r.tieTerms = 0, 0
	for i := 0; i < len(r.before); {
		j := i + 1
		for j < len(r.before) && r.before[j] == r.before[i] {
			j++
		}
		r.tieTerms += cubeLess(j - i)
		i = j
	}
	r.middle = quantile(r.before, 0.5)
	r.spread = deviation(r.before, r.middle)
}

// deviation is the median of the distances of sorted values from their middle (MAD),
// found by walking from both ends inwards, the farthest first.
func deviation(sorted []float64, middle float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	low, high, nearer := 0, len(sorted)-1, 0.0
	for left := len(sorted); ; left-- {
		far := sorted[high] - middle
		if down := middle - sorted[low]; down > far {
			far = down
			low++
		} else {
			high--
		}
		switch {
		case left == len(sorted)/2+1 && len(sorted)%2 == 1:
			return far
		case left == len(sorted)/2+1:
			nearer = far
		case left == len(sorted)/2 && len(sorted)%2 == 0:
			return far + (nearer-far)/2
		}
	}
}

// add takes one more of the second sample.
func (r *ranks) add(x float64) {
	below, equal := span(r.before, x)
	r.wins += float64(below) + float64(equal)/2
	at, same := span(r.both, x)
	r.tieTerms += cubeLess(same+1) - cubeLess(same)
	r.both = slices.Insert(r.both, at, x)
	at, _ = span(r.after, x)
	r.after = slices.Insert(r.after, at, x)
}

// z is the test's normal deviate, with the variance corrected for ties, positive
// where the second sample is larger. Equal deviates (the test is saturated once no
// pair contradicts) are separated by the difference of medians over the MAD, which
// moves z by less than a quarter of its own grain. 0 where a sample is empty or all
// values are equal.
func (r *ranks) z() float64 {
	n0, n1 := float64(len(r.before)), float64(len(r.after))
	if n0 == 0 || n1 == 0 {
		return 0
	}
	all := n0 + n1
	variance := n0 * n1 / 12 * (all + 1 - r.tieTerms/(all*max(all-1, 1)))
	if !(variance > 0) {
		return 0
	}
	sd := math.Sqrt(variance)
	return settled((r.wins-n0*n1/2)/sd + squashed(r.shift(), r.spread)/(8*sd))
}

// shift is the difference of the medians.
func (r *ranks) shift() float64 { return quantile(r.after, 0.5) - r.middle }

// squashed maps shift over spread to −1 … 1, keeping the order.
func squashed(shift, spread float64) float64 {
	if shift == 0 {
		return 0
	}
	sum := math.Abs(shift) + spread
	if math.IsInf(sum, 0) {
		return math.Copysign(1, shift)
	}
	return shift / sum
}

// span returns how many of sorted are below x, and how many equal it.
func span(sorted []float64, x float64) (below, equal int) {
	below, _ = slices.BinarySearch(sorted, x)
	for below+equal < len(sorted) && sorted[below+equal] == x {
		equal++
	}
	return below, equal
}

func cubeLess(n int) float64 { f := float64(n); return f*f*f - f }

// logRatio is the log of the mean after over the mean before, of counts in n0 and n1
// steps. Half an event of the window after is added to each mean: nothing at all has
// a logarithm, nothing on both sides is no change, and a short window without events
// in a quiet night is no abyss.
func logRatio(sum0, n0, sum1, n1 float64) float64 {
	if n0 <= 0 || n1 <= 0 {
		return 0
	}
	least := 0.5 / n1
	return settled(math.Log((sum1/n1 + least) / (sum0/n0 + least)))
}
