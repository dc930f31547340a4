package benchmark

import "math"

// Ceiling is the share of an effect's regressions at a level that any judge could
// find by the metric it harms, with that metric's share of α: one that knows the
// service's true rates before and after, where requests are independent and nothing
// but the deployment ever changes. Counting alone sets it.
func Ceiling(level float64, effect Effect, alpha float64) float64 {
	const nodes = 20
	requests, share, sum := level*(Watch-Guard), alpha/3, 0.0
	for i := range nodes {
		before := rates{traffic: requests, errors: errorRate((float64(i) + 0.5) / nodes), slow: 0.05}
		after := effect.apply(before, 1)
		best := mostPowerful(requests*before.errors, requests*after.errors, share)
		best = math.Max(best, mostPowerful(requests*before.slow, requests*after.slow, share))
		best = math.Max(best, mostPowerful(before.traffic, after.traffic, share))
		sum += best / nodes
	}
	return sum
}

// limit is the share of deployments like this one that counting alone would find, from the true
// rates of the service: see Ceiling.
func (s Service) limit(alpha float64) float64 {
	const watched = Watch - Guard
	after, share := s.Effect.apply(s.base, 1), alpha/3
	requests := watched * s.base.traffic
	return math.Max(mostPowerful(requests, watched*after.traffic, share), math.Max(
		mostPowerful(requests*s.base.errors, requests*after.errors, share), mostPowerful(requests*s.base.slow, requests*after.slow, share)))
}

// errorRate is where a service's usual share of errors lies: 0.1 to 1 %, evenly in
// its logarithm.
func errorRate(u float64) float64 { return math.Exp(math.Log(0.001) + u*math.Log(10)) }

// mostPowerful is the power of Neyman and Pearson's test of a Poisson count, made
// exact by a draw at its limit; 0 where nothing changes.
func mostPowerful(before, after, alpha float64) float64 {
	if before == after {
		return 0
	}
	// Count from the end that the harm moves towards.
	from, step := math.Ceil(math.Max(before, after)+12*math.Sqrt(math.Max(before, after))+20), -1.0
	if after < before {
		from, step = math.Max(0, math.Floor(after-12*math.Sqrt(after)-20)), 1
	}
	size, power := 0.0, 0.0
	for k := from; k >= 0; k += step {
		p0, p1 := poissonMass(before, k), poissonMass(after, k)
		if size+p0 >= alpha {
			return math.Min(1, power+p1*(alpha-size)/p0)
		}
		size, power = size+p0, power+p1
		if step > 0 && k > before {
			break
		}
	}
	return math.Min(1, power)
}

func poissonMass(mean, k float64) float64 {
	if mean == 0 {
		if k == 0 {
			return 1
		}
		return 0
	}
	factorial, _ := math.Lgamma(k + 1)
	return math.Exp(k*math.Log(mean) - mean - factorial)
}

// Fastest is the median of the minutes in which a judge that knows the true rates of the first
// generator and the law of its noise excludes harm beyond the margins by errors and slow requests.
func Fastest(level float64) int {
	const n, z = 200, 1.645
	var all []int
	for seed := range uint64(n) {
		s := Generate(1<<60+seed, level, Harmless, Usual, false)
		all = append(all, Watch+1)
		for m := Guard + 1; m <= Watch; m++ {
			requests := total(s.Changed.Total[History+Guard : History+m])
			excluded := func(bad []float64, rate, sd, least float64) bool {
				rate *= math.Exp(sd * sd / 2)
				spread := math.Sqrt(rate/requests + rate*rate*sd*sd*ofMean(m-Guard, Usual.Least))
				return requests > 0 && total(bad[History+Guard:History+m])/requests-rate+z*spread < math.Max(least, rate/2)
			}
			if excluded(s.Changed.Bad, s.base.errors, Usual.Errors, 0.002) && excluded(s.Changed.Slow, s.base.slow, Usual.Slow, 0) {
				all[seed] = m
				break
			}
		}
	}
	return sorted(all)[n/2]
}

func total(values []float64) (all float64) {
	for _, x := range values {
		all += x
	}
	return all
}

// ofMean is the variance of the mean of n values of an AR(1) process, as a share of that of one.
func ofMean(n int, correlation float64) float64 {
	all, power := 1.0, 1.0
	for k := 1; k < n; k++ {
		power *= correlation
		all += 2 * (1 - float64(k)/float64(n)) * power
	}
	return all / float64(n)
}
