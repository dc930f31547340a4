package benchmark

import (
	"math"
	"math/rand/v2"
)

const heavyAbout = "Pareto latencies with a tail index of 1.5 to 3, read from a histogram or, in one service of three, as a 95th percentile; 4 to 20 instances that differ by 30 % and are replaced by each deployment; " +
	"noise of positive jumps that decay (shot noise), hours in which twice as many requests fail, and bursts of errors with Pareto sizes, one to four a day; " +
	"jobs that multiply the traffic each hour, each night and at random; one service of ten fails most requests for 2 minutes after each restart"

// pareto draws a size of 1 at least with a tail index.
func pareto(r *rand.Rand, index float64) float64 { return math.Pow(1-r.Float64(), -1/index) }

// heavy makes a service whose noise has jumps and tails.
func heavy(seed uint64, level float64, effect Effect, control bool, scenario Scenario) Service {
	r := rand.New(rand.NewPCG(seed, 0x7a115))
	between := func(low, high float64) float64 { return low + (high-low)*r.Float64() }
	scenario = scenario.drawn(seed)
	rough := r.IntN(10) == 0 // such a service restarts all instances at once
	rollOut := func() int {
		if minutes := r.IntN(16); !rough {
			return minutes
		}
		return 0
	}
	if scenario.RollOut == 0 && scenario.Superseded == 0 {
		scenario.RollOut = min(rollOut(), max(0, scenario.latest()-5))
	}
	s := Service{Level: level, Effect: effect, Scenario: scenario, Begins: epoch + int64(r.IntN(1440))*60}
	s.base = rates{errors: errorRate(r.Float64()), slow: between(0.03, 0.07)}
	if scenario.Errors > 0 {
		s.base.errors = scenario.Errors
	}
	index, quantiles := between(1.5, 3), r.IntN(3) == 0
	s.Beyond = scenario.beyond(effect, s.base)
	if quantiles { // a quantile tells slow requests by how much slower they are
		s.Beyond = scenario.beyond(Effect{effect.Name, func(now rates, strength float64) rates {
			usual := now.slow
			now = effect.apply(now, strength)
			now.slow = usual * math.Pow(now.slow/usual, 1/index)
			return now
		}, false}, s.base)
	}
	all := scenario.without(earlierOf(r, max(1, scenario.PerDay), func(int) bool { return true }, rollOut))
	s.Cuts, s.Settled = known(all, s.Begins)
	starts := restarting(all, scenario, 4)
	roughly := restarting(all, scenario, 2)
	busy, extra := rhythm(r, s.Begins)
	for m := History + Guard; m < minutes; m++ {
		s.base.traffic += level * busy[m] / (Watch - Guard)
	}
	instances := replaced(r, all, scenario)
	bad, burst := regimes(r), bursts(r)
	shotErrors, shotSlow, shotTraffic := shots(r, between(0.1, 0.4)), shots(r, between(0.05, 0.2)), shots(r, between(0.02, 0.1))
	creep := effect.creeps && r.Float64() < 0.25
	part := func(touched bool) (c Counts, latency []float64) {
		c = Counts{Total: make([]float64, minutes), Bad: make([]float64, minutes), Slow: make([]float64, minutes)}
		latency = make([]float64, minutes)
		own := shots(r, 0.05)
		for m := range minutes {
			now := rates{level * busy[m] * (1 + extra[m]) * (1 + shotTraffic[m]), s.base.errors * (1 + shotErrors[m] + own[m]) * instances[0][m],
				s.base.slow * (1 + shotSlow[m] + own[m]) * instances[1][m]}
			batch := extra[m] / (1 + extra[m])
			now.errors *= (1 + bad[m]) * (1 + batch) * (1 + burst[m])
			now.slow *= (1 + bad[m]/2) * (1 + batch)
			now = scenario.at(m, now, effect, touched, creep)
			now.errors, now.slow = now.errors+0.03*starts[m], now.slow*(1+2*starts[m])
			if rough {
				now.errors = math.Max(now.errors, 0.7*roughly[m])
			}
			now.errors, now.slow = math.Min(now.errors, 0.95), math.Min(now.slow, 0.95)
			c.Total[m] = poisson(r, now.traffic)
			c.Bad[m], c.Slow[m] = binomial(r, c.Total[m], now.errors), binomial(r, c.Total[m], now.slow)
			latency[m] = quantile95(r, c.Total[m], now.slow, index)
		}
		return c, latency
	}
	var latency []float64
	if s.Changed, latency = part(true); quantiles {
		s.Latency = latency
	}
	if control {
		if s.Unchanged, latency = part(false); quantiles {
			s.LatencyBeside = latency
		}
	}
	return s
}

// quantile95 is the 95th percentile of so many latencies, in units of the histogram's bound, beyond
// which lies a share of them.
func quantile95(r *rand.Rand, n, slow, index float64) float64 {
	if n == 0 {
		return math.NaN()
	}
	above := math.Max(1, math.Round(n*0.05))
	tail := math.Min(0.9, gamma(r, above)*above/n)
	return math.Pow(slow/tail, 1/index)
}

// rhythm is the traffic of a service without noise, and what jobs add to it.
func rhythm(r *rand.Rand, begins int64) (busy, extra []float64) {
	busy, extra = make([]float64, minutes), make([]float64, minutes)
	evening, phase := 0.3+0.5*r.Float64(), r.Float64()*24
	hourly, size, night := r.IntN(60), r.Float64(), 1+2*r.Float64()
	for m := range busy {
		at := begins/60 + int64(m)
		hour := math.Mod(float64(at%1440)/60+phase, 24)
		bump := func(middle, width float64) float64 {
			return math.Exp(-(hour - middle) * (hour - middle) / (2 * width * width))
		}
		busy[m] = 0.4 + bump(10, 2.5) + evening*bump(20, 2)
		if int(at%60) == hourly || int((at+1)%60) == hourly {
			extra[m] += size
		}
		if hour >= 2 && hour < 2.5 {
			extra[m] += night
		}
	}
	for m := 0; m < minutes; m += 1 + int(r.ExpFloat64()*720) {
		more, end := 0.5*pareto(r, 1.5), m+2+r.IntN(9)
		for k := m; k < min(minutes, end); k++ {
			extra[k] += math.Min(more, 9)
		}
	}
	return busy, extra
}

// replaced is how much the errors and slow requests of a service's instances differ from usual: they
// are others after each deployment.
func replaced(r *rand.Rand, all []past, scenario Scenario) (factors [2][]float64) {
	n := 4 + r.IntN(17)
	for i := range factors {
		draw := func() (sum float64) {
			for range n {
				sum += math.Exp(0.3*r.NormFloat64()-0.045) / float64(n)
			}
			return sum
		}
		factors[i] = make([]float64, minutes)
		was, is, from, to := 1.0, draw(), 0, 0
		begin := map[int]int{History - scenario.RollOut: History}
		for _, d := range all {
			begin[d.from] = d.to
		}
		for _, at := range scenario.previous() {
			begin[History-at] = History - at
		}
		for m := range minutes {
			if end, there := begin[m]; there {
				was, is, from, to = is, draw(), m, end
			}
			x := ramp(m+1, from, to)
			factors[i][m] = was + x*(is-was)
		}
	}
	return factors
}

// regimes is 1 in hours in which twice as many requests fail, else 0.
func regimes(r *rand.Rand) []float64 {
	state, out := 0.0, make([]float64, minutes)
	for m := range out {
		switch {
		case state == 0 && r.Float64() < 1.0/360:
			state = 1
		case state == 1 && r.Float64() < 1.0/40:
			state = 0
		}
		out[m] = state
	}
	return out
}

// bursts are by how much more requests fail, one to four times a day for about 4 minutes.
func bursts(r *rand.Rand) []float64 {
	rate, size, out := (1+3*r.Float64())/1440, 0.0, make([]float64, minutes)
	for m := range out {
		switch {
		case size == 0 && r.Float64() < rate:
			size = math.Min(3*pareto(r, 1.5), 50)
		case size > 0 && r.Float64() < 0.25:
			size = 0
		}
		out[m] = size
	}
	return out
}

// shots are jumps upwards that decay, with a mean of 0: one every 20 minutes on average.
func shots(r *rand.Rand, sd float64) []float64 {
	const every, keep = 20.0, 0.9
	// The variance of jumps with an exponential size a is 2 a² / (every (1 − keep²)).
	size := sd * math.Sqrt(every*(1-keep*keep)/2)
	mean := size / every / (1 - keep)
	out, x := make([]float64, minutes), mean
	for m := range out {
		if x *= keep; r.Float64() < 1/every {
			x += size * r.ExpFloat64()
		}
		out[m] = math.Max(-0.9, x-mean)
	}
	return out
}
