package benchmark

import (
	"math"
	"math/rand/v2"
	"time"

	"plimsoll/deploy/signal"
)

const officeAbout = "office hours of a local clock with quiet nights, weekends and ramps, which a clock change moves in one service of three; negative binomial counts; " +
	"beta-binomial errors and slow requests around an AR(1) process on the logit scale, correlated 0.5 to 0.97 from minute to minute; gaps of 5 to 90 minutes in one service of two; " +
	"roll-outs of 0 to 30 minutes, in which one instance after the other restarts; deployments in office hours"

// changed is when the clock is put back from UTC+2 to UTC+1, on a Sunday.
var changed = time.Date(2026, time.October, 25, 1, 0, 0, 0, time.UTC).Unix()

// hours are how busy a service with office hours is.
type hours struct {
	floor, weekend, opens, closes, lunch float64
	clock                                []signal.Offset
}

// at returns how busy it is, 1 at the most.
func (h hours) at(unix int64) float64 {
	local := unix + h.ahead(unix)
	hour := float64(local%86400) / 3600
	weekday := (local/86400 + 4) % 7 // 0: Sunday
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	busy := sigmoid((hour-h.opens)*4) * sigmoid((h.closes-hour)*3) * (1 - h.lunch*math.Exp(-(hour-12.5)*(hour-12.5)/0.3))
	if weekday == 0 || weekday == 6 {
		busy *= h.weekend
	}
	return h.floor + (1-h.floor)*busy
}

func (h hours) ahead(unix int64) (seconds int64) {
	for _, o := range h.clock {
		if unix >= o.From || seconds == 0 {
			seconds = o.Seconds
		}
	}
	return seconds
}

// open says whether people deploy.
func (h hours) open(unix int64) bool {
	local := unix + h.ahead(unix)
	weekday := (local/86400 + 4) % 7
	return weekday != 0 && weekday != 6 && local%86400 >= 8*3600 && local%86400 < 18*3600
}

// office makes a service with office hours. Its level are the requests a minute when it is busy.
func office(seed uint64, level float64, effect Effect, control bool, scenario Scenario) Service {
	r := rand.New(rand.NewPCG(seed, 0x0ff1ce))
	between := func(low, high float64) float64 { return low + (high-low)*r.Float64() }
	scenario = scenario.drawn(seed)
	if scenario.RollOut == 0 && scenario.Superseded == 0 {
		scenario.RollOut = []int{0, 0, 2, 5, 10, 20, 30}[r.IntN(7)]
		scenario.RollOut = min(scenario.RollOut, max(0, scenario.latest()-5))
	}
	h := hours{floor: between(0.05, 0.2), weekend: between(0.05, 0.4), opens: between(7, 9), closes: between(17, 19), lunch: between(0, 0.3)}
	h.clock = []signal.Offset{{From: changed - 60*86400, Seconds: 7200}, {From: changed, Seconds: 3600}}
	moved := r.IntN(3) == 0
	var deployed int64
	for {
		deployed = changed + int64(16+r.IntN(7*1440))*60 // within a week of the change
		if !moved {
			deployed += 14 * 86400
		}
		if h.open(deployed) || r.Float64() < 0.03 {
			break
		}
	}
	s := Service{Level: level, Effect: effect, Scenario: scenario, Begins: deployed - History*60}
	if moved {
		s.Clock = h.clock
	}
	busy := make([]float64, minutes)
	for m := range busy {
		busy[m] = h.at(s.Begins + int64(m)*60)
	}
	s.base = rates{errors: errorRate(r.Float64()), slow: between(0.03, 0.07)}
	if scenario.Errors > 0 {
		s.base.errors = scenario.Errors
	}
	s.Beyond = scenario.beyond(effect, s.base)
	for m := History + Guard; m < minutes; m++ {
		s.base.traffic += level * busy[m] / (Watch - Guard)
	}
	all := earlierOf(r, max(1, scenario.PerDay), func(m int) bool { return h.open(s.Begins + int64(m)*60) }, func() int { return []int{0, 2, 5, 10, 20, 30}[r.IntN(6)] })
	all = scenario.without(all)
	s.Cuts, s.Settled = known(all, s.Begins)
	starts := restarting(all, scenario, 4)
	creep := effect.creeps && r.Float64() < 0.25
	traffic, errors, slow := autoregressive(r, between(0.03, 0.15)), autoregressive(r, between(0.1, 0.4)), autoregressive(r, between(0.05, 0.25))
	shape, clumpErrors, clumpSlow := between(15, 80), between(5e-5, 5e-4), between(1e-4, 2e-3)
	gone := gaps(r)
	part := func(touched bool) Counts {
		c := Counts{Total: make([]float64, minutes), Bad: make([]float64, minutes), Slow: make([]float64, minutes)}
		own := autoregressive(r, 0.1)
		for m := range minutes {
			now := rates{level * busy[m] * math.Max(0.2, 1+traffic[m]), logistic(logit(s.base.errors) + errors[m] + own[m]),
				logistic(logit(s.base.slow*(0.8+0.4*busy[m])) + slow[m] + own[m]/2)}
			now = scenario.at(m, now, effect, touched, creep)
			now.errors, now.slow = now.errors+0.03*starts[m], now.slow*(1+2*starts[m])
			c.Total[m] = poisson(r, now.traffic*gamma(r, shape))
			c.Bad[m] = betaBinomial(r, c.Total[m], now.errors, clumpErrors)
			c.Slow[m] = betaBinomial(r, c.Total[m], now.slow, clumpSlow)
			if gone[m] {
				c.Total[m], c.Bad[m], c.Slow[m] = math.NaN(), math.NaN(), math.NaN()
			}
		}
		return c
	}
	s.Changed = part(true)
	if control {
		s.Unchanged = part(false)
	}
	return s
}

// gaps are the minutes of which nothing was measured.
func gaps(r *rand.Rand) []bool {
	gone := make([]bool, minutes)
	for m := range gone {
		gone[m] = r.Float64() < 0.002
	}
	if r.IntN(2) == 0 {
		return gone
	}
	for range 1 + r.IntN(4) {
		from := r.IntN(History)
		for m := from; m < min(History, from+5+r.IntN(86)); m++ {
			gone[m] = true
		}
	}
	return gone
}

// autoregressive is an AR(1) process with a correlation of 0.5 to 0.97.
func autoregressive(r *rand.Rand, sd float64) []float64 {
	return autoregression(r, sd, 0.5+0.47*r.Float64())
}

func logit(p float64) float64    { return math.Log(p / (1 - p)) }
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// betaBinomial draws how many of n, of which any two are alike with a correlation.
func betaBinomial(r *rand.Rand, n, p, correlation float64) float64 {
	if n == 0 || p <= 0 {
		return 0
	}
	p = math.Min(p, 0.999)
	strength := 1/correlation - 1
	a, b := p*strength, (1-p)*strength
	x, y := a*gamma(r, a), b*gamma(r, b)
	return binomial(r, n, x/(x+y))
}
