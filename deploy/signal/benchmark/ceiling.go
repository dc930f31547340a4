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
