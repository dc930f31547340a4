package benchmark

import (
	"math"
	"math/rand/v2"

	"plimsoll/deploy/signal"
)

// past is an earlier deployment, in minutes: its roll-out, and up to when it was unsettled.
type past struct {
	from, to, until int
	verified        bool
}

// earlierOf draws the deployments of a week: perDay a day, in the minutes that are open for them.
// One in ten is never verified, and one that the next follows too soon is superseded. The last
// three hours, or the last time between two, are left to the scenario.
func earlierOf(r *rand.Rand, perDay int, open func(m int) bool, rollOut func() int) (all []past) {
	minutesOpen := 0
	for m := range History {
		if open(m) {
			minutesOpen++
		}
	}
	every := float64(minutesOpen) / float64(7*perDay)
	last := 0
	for m := 120; m < History-int(math.Min(180, every)); m++ {
		if !open(m) || m < last+10 || r.Float64()*every > 1 {
			continue
		}
		end := m + rollOut()
		if end >= History-30 {
			break
		}
		all = append(all, past{from: m, to: end})
		last = end
	}
	for i := range all {
		next := History
		if i+1 < len(all) {
			next = all[i+1].from
		}
		all[i].verified, all[i].until = r.Float64() > 0.1 && next >= all[i].to+settles, all[i].to
		if !all[i].verified {
			all[i].until = min(next, all[i].to+Watch)
		}
	}
	return all
}

// known is what the judge gets to know of earlier deployments.
func known(all []past, begins int64) (cuts []signal.Cut, verified []int64) {
	for _, d := range all {
		why := "deployment"
		if !d.verified {
			why = "unsettled"
		}
		cuts = append(cuts, signal.Cut{From: begins + int64(d.from)*60, To: begins + int64(d.until)*60, Why: why})
		if d.verified {
			verified = append(verified, begins+int64(d.to)*60)
		}
	}
	return cuts, verified
}

// restarting is the share of the instances that started less than so many minutes before each
// minute, with the deployment itself.
func restarting(all []past, scenario Scenario, lasts int) []float64 {
	share := make([]float64, minutes)
	add := func(from, to int) {
		for m := max(from, 0); m < min(to+lasts, minutes); m++ {
			started, settled := ramp(m+1, from, to), ramp(m+1-lasts, from, to)
			share[m] = math.Max(share[m], started-settled)
		}
	}
	for _, d := range all {
		add(d.from, d.to)
	}
	for _, at := range scenario.previous() {
		add(History-at, History-at)
	}
	add(History-scenario.RollOut, History)
	return share
}

// ramp goes from 0 at a minute to 1 at another.
func ramp(m, from, to int) float64 {
	if m <= from {
		return 0
	}
	return math.Min(1, float64(m-from)/math.Max(1, float64(to-from)))
}

// gamma draws from the distribution with a shape and mean 1 (Marsaglia and Tsang).
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * (shape + 1) / shape * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		if v = v * v * v; math.Log(1-r.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v / shape
		}
	}
}
