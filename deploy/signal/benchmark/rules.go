package benchmark

import (
	"math"
	"slices"
)

// Rule is a way to decide that other tools document. Alarm gives the minute after
// the deployment of its alarm, −1: none. All begin after the guard, which most of
// those tools would need to be given.
type Rule struct {
	Name  string
	Alarm func(Service) int
}

// Rules in the order of the table.
var Rules = []Rule{
	{"5 % errors over 5 minutes", fivePercent},
	{"Argo-Rollouts-like: success ≥ 95 % of the last minute, every 5 minutes, 3 failures", argoLike},
	{"Flagger-like: success ≥ 99 % and P99 ≤ 500 ms each minute, 5 failures", flaggerLike},
	{"Keptn-like: at most +10 % on the mean of the last three", keptnLike},
	{"Kayenta-like: Mann-Whitney, 98 %, tolerance 0.25", kayentaLike(1)},
	{"Kayenta-like, mean up by half as well", kayentaLike(1.5)},
	{"CUSUM (k 0.5, h 5) on the hour before", cusum},
	{"EWMA (λ 0.2, 3σ) on the hour before", ewma},
}

const (
	now   = History
	first = History + Guard
	hour  = 60
)

// ratio of sums over the minutes from a to b; NaN of none.
func ratio(part, all []float64, a, b int) float64 {
	var x, n float64
	for m := a; m < b; m++ {
		x, n = x+part[m], n+all[m]
	}
	return x / n
}

func fivePercent(s Service) int {
	for m := first + 5; m <= minutes; m++ {
		if ratio(s.Changed.Bad, s.Changed.Total, m-5, m) > 0.05 {
			return m - now
		}
	}
	return -1
}

// argoLike follows the first example of the documentation: a success rate by irate,
// which looks at the last two points, measured every five minutes; no traffic
// measures nothing.
func argoLike(s Service) int {
	failures := 0
	for m := first + 5; m <= minutes; m += 5 {
		if ratio(s.Changed.Bad, s.Changed.Total, m-1, m) > 0.05 {
			failures++
		}
		if failures >= 3 {
			return m - now
		}
	}
	return -1
}

// flaggerLike follows the built-in checks of the documentation.
func flaggerLike(s Service) int {
	failures := 0
	for m := first + 1; m <= minutes; m++ {
		bad := ratio(s.Changed.Bad, s.Changed.Total, m-1, m) > 0.01
		if bad || s.latency(m-1, m, 0.99) > 500 {
			failures++
		}
		if failures >= 5 {
			return m - now
		}
	}
	return -1
}

// latency is a quantile in milliseconds, as a histogram would give it: a log-normal
// one (σ 0.6) with 200 ms at the bound that Slow counts.
func (s Service) latency(a, b int, q float64) float64 {
	slow := ratio(s.Changed.Slow, s.Changed.Total, a, b)
	if math.IsNaN(slow) {
		return slow
	}
	slow = math.Min(math.Max(slow, 0.001), 0.9)
	z := func(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
	return 200 * math.Exp(0.6*(z(q)-z(1-slow)))
}

// keptnLike evaluates once, at the end, against the evaluations of the last three
// deployments, as quality gates with comparison criteria do.
func keptnLike(s Service) int {
	var errors, latency, n float64
	for _, at := range s.Earlier[max(0, len(s.Earlier)-3):] {
		e, l := ratio(s.Changed.Bad, s.Changed.Total, at+Guard, at+Watch), s.latency(at+Guard, at+Watch, 0.95)
		if !math.IsNaN(e) && !math.IsNaN(l) {
			errors, latency, n = errors+e, latency+l, n+1
		}
	}
	if n == 0 {
		return -1
	}
	if ratio(s.Changed.Bad, s.Changed.Total, first, minutes) > 1.1*errors/n || s.latency(first, minutes, 0.95) > 1.1*latency/n {
		return Watch
	}
	return -1
}

// kayentaLike compares the minutes after with as many before, metric by metric: high
// where the confidence interval of the shift lies above a share of its estimate. One
// high metric of three leaves 67 of 100, below the usual 75. increase is how much
// larger the mean must be, in addition.
func kayentaLike(increase float64) func(Service) int {
	return func(s Service) int {
		c := s.Changed
		errors, slow := perMinute(c.Bad, c.Total), perMinute(c.Slow, c.Total)
		span := minutes - first
		for _, series := range [][]float64{errors, slow, negated(c.Total)} {
			before, after := clean(series[now-span:now]), clean(series[first:])
			if len(before) > 0 && len(after) > 0 && high(before, after, increase) {
				return Watch
			}
		}
		return -1
	}
}

// high says whether after is significantly above before.
func high(before, after []float64, increase float64) bool {
	var shifts []float64
	for _, a := range after {
		for _, b := range before {
			shifts = append(shifts, a-b)
		}
	}
	slices.Sort(shifts)
	n0, n1 := float64(len(before)), float64(len(after))
	at := int(n0*n1/2 - 2.326*math.Sqrt(n0*n1*(n0+n1+1)/12))
	if at < 0 {
		return false
	}
	estimate := shifts[len(shifts)/2]
	if shifts[at] <= 0.25*math.Abs(estimate) {
		return false
	}
	m0, m1 := mean(before), mean(after)
	if m0 < 0 {
		return increase == 1 || m1 > m0/increase
	}
	return m1 >= increase*m0
}

// cusum sums what exceeds half a standard deviation of the hour before.
func cusum(s Service) int {
	return charted(s, func(sum, z float64) float64 { return math.Max(0, sum+z-0.5) }, 5)
}

// ewma averages with weights that fade, against three of its own deviations.
func ewma(s Service) int {
	return charted(s, func(sum, z float64) float64 { return 0.8*sum + 0.2*z }, 3*math.Sqrt(0.2/1.8))
}

func charted(s Service, step func(sum, z float64) float64, limit float64) int {
	c, alarm := s.Changed, -1
	for _, series := range [][]float64{perMinute(c.Bad, c.Total), perMinute(c.Slow, c.Total), negated(c.Total)} {
		before := clean(series[now-hour : now])
		middle := mean(before)
		var squares float64
		for _, x := range before {
			squares += (x - middle) * (x - middle)
		}
		sd := math.Sqrt(squares / math.Max(1, float64(len(before)-1)))
		if sd == 0 {
			continue
		}
		sum := 0.0
		for m := first; m < minutes; m++ {
			if math.IsNaN(series[m]) {
				continue
			}
			sum = step(sum, (series[m]-middle)/sd)
			if at := m + 1 - now; sum > limit && (alarm < 0 || at < alarm) {
				alarm = at
			}
		}
	}
	return alarm
}

func perMinute(part, all []float64) []float64 {
	out := make([]float64, len(part))
	for i := range part {
		out[i] = part[i] / all[i]
	}
	return out
}

func negated(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, x := range values {
		out[i] = -x
	}
	return out
}

func clean(values []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(values), math.IsNaN)
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, x := range values {
		sum += x
	}
	return sum / math.Max(1, float64(len(values)))
}
