package benchmark

import (
	"math"
	"math/rand/v2"

	"plimsoll/deploy/signal"
)

// The generator's clock: minutes, the deployment at minute History.
const (
	// History before the deployment and Watch after it.
	History = 7 * 1440
	Watch   = 30
	minutes = History + Watch
	// Guard is how long a restart disturbs, at the most.
	Guard = 5
	// epoch is when histories begin, in Unix seconds.
	epoch = 1_790_000_040
)

// Levels are the requests a minute, on average over the day.
var Levels = []float64{2, 20, 200, 2000}

// Counts are what a service counts each minute.
type Counts struct{ Total, Bad, Slow []float64 }

// Service is one synthetic service with its deployment.
type Service struct {
	Level  float64
	Effect Effect
	// Beyond: the effect is more than what "verified" may leave in.
	Beyond bool
	// Changed are the routes that the deployment touches, Unchanged as many others
	// that feel the same weather.
	Changed, Unchanged Counts
	// Versions of the changed ones; nil where one replaces the other at once.
	Versions *Versions
	// Earlier deployments, in minutes; all were harmless.
	Earlier  []int
	Scenario Scenario
	// Begins is when the first minute begins, in Unix seconds; 0: epoch.
	Begins int64
	// Clock is the local clock that callers follow; nil: UTC.
	Clock []signal.Offset
	// Cuts and Settled are what is known of more earlier deployments: when they were rolled out,
	// and which of them were verified, in Unix seconds.
	Cuts    []signal.Cut
	Settled []int64
	// Latency is the 95th percentile of the changed routes and of the unchanged ones, of services
	// that have no histogram; nil of others.
	Latency, LatencyBeside []float64
	Probes                 []signal.Probe
	// true rates without noise, while the deployment is watched.
	base rates
}

// Generator makes a service from a seed, with unchanged routes where control is set.
type Generator struct {
	Name  string
	About string
	make  func(seed uint64, level float64, effect Effect, control bool, scenario Scenario) Service
}

// Generators are independent of each other: they share neither the form of the noise nor the rhythm.
var Generators = []Generator{
	{"log-normal", "the generator of the tables above: log-normal noise around a sine", func(seed uint64, level float64, effect Effect, control bool, s Scenario) Service {
		return generate(seed, level, effect, Usual, control, s)
	}},
	{"office hours", officeAbout, office},
	{"heavy tails", heavyAbout, heavy},
}

// Noise is how unsteady a service is: standard deviations of the logarithm, with a
// correlation from one minute to the next between two bounds, each service its own.
type Noise struct {
	Traffic, Errors, Slow float64
	Least, Most           float64
	// Shared is the part of the variance that all routes of a service have in common.
	Shared float64
	// Bursts of errors a day, five times as many for about five minutes.
	Bursts float64
}

// Usual is the noise of the table: points a minute apart are correlated 0.8 to 0.95.
var Usual = Noise{Traffic: 0.15, Errors: 0.3, Slow: 0.2, Least: 0.8145, Most: 0.8145, Shared: 0.8}

// weather is the disturbance of one quantity over time.
type weather struct{ traffic, errors, slow []float64 }

// Generate makes a service from a seed, with unchanged routes where control is set: the
// changed ones are the same with and without.
func Generate(seed uint64, level float64, effect Effect, noise Noise, control bool) Service {
	return generate(seed, level, effect, noise, control, Scenario{})
}

func generate(seed uint64, level float64, effect Effect, noise Noise, control bool, scenario Scenario) Service {
	r := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	scenario = scenario.drawn(seed)
	s := Service{Level: level, Effect: effect, Scenario: scenario}
	base := rates{errors: errorRate(r.Float64()), slow: 0.03 + 0.04*r.Float64()}
	if scenario.Errors > 0 {
		base.errors = scenario.Errors
	}
	s.Beyond = scenario.beyond(effect, base)
	phase, swing := r.Float64()*2*math.Pi, 0.3+0.4*r.Float64()
	every := 1440
	if scenario.PerDay > 0 {
		every = 1440 / scenario.PerDay
	}
	for at := 300 + r.IntN(every); at < History-min(180, every); at += 5*every/12 + r.IntN(5*every/3) {
		s.Earlier = append(s.Earlier, at)
	}
	start := r.IntN(1440)
	s.base = base
	creep := effect.creeps && r.Float64() < 0.25
	correlation := noise.Least + (noise.Most-noise.Least)*r.Float64()
	shared := forecast(r, noise, correlation)
	daily := func(m int) float64 { return math.Sin(2*math.Pi*float64(m+start)/1440 + phase) }
	for m := History + Guard; m < minutes; m++ {
		s.base.traffic += level * (1 + swing*daily(m)) / (Watch - Guard)
	}
	s.base.slow *= 1 + 0.3*swing*daily(History+Watch/2)
	usual := func(own weather, m int) rates {
		a, b := math.Sqrt(noise.Shared), math.Sqrt(1-noise.Shared)
		return scenario.change(m, rates{
			traffic: level * (1 + swing*daily(m)) * math.Exp(a*shared.traffic[m]+b*own.traffic[m]),
			errors:  base.errors * math.Exp(a*shared.errors[m]+b*own.errors[m]),
			slow:    base.slow * (1 + 0.3*swing*daily(m)) * math.Exp(a*shared.slow[m]+b*own.slow[m]),
		})
	}
	if scenario.Together {
		own := forecast(r, noise, correlation)
		s.Versions = &Versions{}
		s.Changed, *s.Versions = scenario.groups(r, func(m int) rates {
			now := usual(own, m)
			if m < scenario.begins() && restarted(m, s.Earlier) {
				now.errors, now.slow = now.errors+0.03, now.slow*3
			}
			return now
		}, effect, creep, s.Earlier)
		return s
	}
	part := func(own weather, touched bool) Counts {
		c := Counts{Total: make([]float64, minutes), Bad: make([]float64, minutes), Slow: make([]float64, minutes)}
		for m := range minutes {
			now := usual(own, m)
			if strength := scenario.strength(m); touched && strength > 0 {
				if creep && m >= History {
					strength = math.Min(1, float64(m-History+1)/15)
				}
				now = effect.apply(now, strength)
			}
			now = scenario.fault(m, now)
			if restarted(m, s.Earlier) || restarted(m, scenario.previous()) {
				now.errors, now.slow = now.errors+0.03, now.slow*3
			}
			c.Total[m] = poisson(r, now.traffic)
			c.Bad[m] = binomial(r, c.Total[m], math.Min(now.errors, 1))
			c.Slow[m] = binomial(r, c.Total[m], math.Min(now.slow, 1))
		}
		return c
	}
	s.Changed = part(forecast(r, noise, correlation), true)
	if control {
		s.Unchanged = part(forecast(r, noise, correlation), false)
	}
	return s
}

// restarted says whether a minute is one of the first four after a deployment.
func restarted(m int, earlier []int) bool {
	if m >= History && m < History+4 {
		return true
	}
	for _, at := range earlier {
		if m >= at && m < at+4 {
			return true
		}
	}
	return false
}

type rates struct{ traffic, errors, slow float64 }

// forecast gives autocorrelated noise, and bursts of errors.
func forecast(r *rand.Rand, n Noise, correlation float64) weather {
	w := weather{autoregression(r, n.Traffic, correlation), autoregression(r, n.Errors, correlation), autoregression(r, n.Slow, correlation)}
	burst := false
	for m := range w.errors {
		if burst {
			burst = r.Float64() > 0.2
		} else {
			burst = r.Float64() < n.Bursts/1440
		}
		if burst {
			w.errors[m] += math.Log(5)
		}
	}
	return w
}

func autoregression(r *rand.Rand, sd, correlation float64) []float64 {
	out := make([]float64, minutes)
	x, fresh := sd*r.NormFloat64(), sd*math.Sqrt(1-correlation*correlation)
	for i := range out {
		out[i] = x
		x = correlation*x + fresh*r.NormFloat64()
	}
	return out
}

// poisson draws a count: by inversion where it is small, else rounded from the
// normal with a correction for skewness.
func poisson(r *rand.Rand, mean float64) float64 {
	if mean <= 0 {
		return 0
	}
	if mean > 40 {
		z := r.NormFloat64()
		return math.Max(0, math.Round(mean+math.Sqrt(mean)*z+(z*z-1)/6))
	}
	p, n, u := math.Exp(-mean), 0.0, r.Float64()
	for u > p && n < 400 {
		u -= p
		n++
		p *= mean / n
	}
	return n
}

// binomial draws how many of n: by inversion where few are expected.
func binomial(r *rand.Rand, n, p float64) float64 {
	switch mean := n * p; {
	case n == 0 || p <= 0:
		return 0
	case p > 0.5:
		return n - binomial(r, n, 1-p)
	case mean > 40:
		z := r.NormFloat64()
		return math.Min(n, math.Max(0, math.Round(mean+math.Sqrt(mean*(1-p))*z+(1-2*p)*(z*z-1)/6)))
	}
	q, odds, k, u := math.Pow(1-p, n), p/(1-p), 0.0, r.Float64()
	for u > q && k < n {
		u -= q
		q *= odds * (n - k) / (k + 1)
		k++
	}
	return k
}
