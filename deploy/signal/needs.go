package signal

import "math"

// detectionOdds are the odds against chance at which a rise counts as detected when traffic
// is planned: 1,000 to 1, which survives several metrics and samples.
const detectionOdds = 1000

// Divergence is the Kullback-Leibler divergence of a proportion p from q, in nats
// per request: how much each request tells them apart when p is the truth. It is
// +Inf where q rules out what p allows.
func Divergence(p, q float64) float64 {
	term := func(a, b float64) float64 {
		switch {
		case a == 0:
			return 0
		case b == 0:
			return math.Inf(1)
		}
		return a * math.Log(a/b)
	}
	return term(p, q) + term(1-p, 1-q)
}

// Needs returns how many requests after a deployment it takes to see a proportion go
// from base to worse (fractions): ln 1,000 over what each request tells. 0: it can't
// be promised (worse is no rise, or not a proportion).
func Needs(base, worse float64) int64 {
	if !(base >= 0 && worse > base && worse <= 1) {
		return 0
	}
	if base == 0 {
		// A first bad request has never been seen; a baseline of a million good ones
		// is the most that a week of history is taken to say.
		base = math.Min(1e-6, worse/2)
	}
	return requests(math.Log(detectionOdds) / Divergence(worse, base))
}

// needsToExclude returns how many requests after a deployment it takes to exclude that a
// proportion has risen from base by rise or more (fractions): the normal bound at the
// quantile z, and no fewer than it takes to miss the rise with a probability of at most
// miss if not one is bad. 0: it can't be promised.
func needsToExclude(base, rise, z, miss float64) int64 {
	if !(base >= 0 && base <= 1 && rise > 0) || math.IsInf(rise, 0) {
		return 0
	}
	return requests(math.Max(math.Log(1/miss)/rise, z*z*base*(1-base)/(rise*rise)))
}

// requests rounds, and gives 0 for what no service will ever see.
func requests(n float64) int64 {
	if math.IsNaN(n) || n > 1e15 {
		return 0
	}
	return int64(math.Max(1, math.Round(n)))
}

// normalQuantile is the quantile of the standard normal distribution.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
