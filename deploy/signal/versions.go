package signal

import (
	"math"
)

// Versions are the two versions of a service while both serve, of a Proportion. They get their
// requests at the same time from the same callers, so that only the version differs.
type Versions struct {
	Old Points `json:"old"`
	New Points `json:"new"`
	// Part is what some of the instances counted in the history, when all ran one version: beside
	// the others it shows how much instances differ by themselves.
	Part Points `json:"part"`
}

// Compared is what the versions show side by side.
type Compared struct {
	Old Sample `json:"old"`
	New Sample `json:"new"`
	// Serving: both still do.
	Serving bool `json:"serving"`
	// Calibrated: the history says how much instances differ by themselves.
	Calibrated bool `json:"calibrated"`
}

// pair compares two parts of a service cell by cell, so that what happens to both does not count.
type pair struct {
	fresh, old  *track // the versions
	part, whole *track // of the history
	// from is the cell before the first in which both versions serve, until the last one, up to
	// what is known.
	from, until int
	ends        []int // at which a comparison may end
	coverage    float64
	row, size   []float64
}

// side is what one part counts in a cell.
type side struct{ bad, total float64 }

// pairOf returns nil if the versions do not serve at the same time.
func (p *prepared) pairOf(deployed int64, first, last int, t Thresholds) *pair {
	if p.Versions == nil || p.Kind != Proportion {
		return nil
	}
	put := func(points Points) *track { return lay(p.Metric, points, deployed, p.answered, first, last) }
	c := &pair{fresh: put(p.Versions.New), old: put(p.Versions.Old), part: put(p.Versions.Part), whole: p.track, from: last, until: first, coverage: t.Coverage}
	for k := max(first, -p.window-stepsUp(t.Reach, p.Step)); k <= p.window; k++ {
		if c.fresh.window(k-1, k).total > 0 && c.old.window(k-1, k).total > 0 {
			c.from, c.until = min(c.from, k-1), k
		}
	}
	if c.until <= c.from {
		return nil
	}
	window := p.window
	if p.gone(c.until, stepsUp(since(deployed, p.answered), p.Step)) {
		window = c.until
	}
	c.ends = horizons(c.from, window, p.Step)
	c.row, c.size = make([]float64, len(c.ends)), make([]float64, len(c.ends))
	return c
}

// gone reports whether a version that served last in a cell no longer does.
func (p *prepared) gone(until, newest int) bool { return newest > until+stale }

// serving reports whether both versions serve as of a cell.
func (p *prepared) serving(newest int) bool {
	return p.pair != nil && newest > p.pair.from && !p.gone(p.pair.until, newest)
}

// versions returns what both count in a cell.
func (c *pair) versions(k int) (fresh, old side, there bool) {
	a, b := c.fresh.window(k-1, k), c.old.window(k-1, k)
	return side{a.bad, a.total}, side{b.bad, b.total}, a.points > 0 && b.points > 0
}

// parts returns what both parts of the history count in a cell.
func (c *pair) parts(k int) (part, rest side, there bool) {
	a, all := c.part.window(k-1, k), c.whole.window(k-1, k)
	part = side{a.bad, a.total}
	rest.total = math.Max(0, all.total-a.total)
	rest.bad = math.Min(rest.total, math.Max(0, all.bad-a.bad))
	return part, rest, a.points > 0 && all.points > 0
}

// contrast is one side beside the other over some cells.
type contrast struct {
	// bad of the first side, expected if both had one rate in each cell, all of both.
	bad, expected, all float64
	first, second      side
	points, cells      int
	// Each cell weighs as much as its smaller side allows: sums of the weights, of their squares over
	// the requests of each side, and of the weighted rates.
	weight, square, squareBeside, rates, ratesBeside float64
}

func contrastOf(cells func(k int) (a, b side, there bool), from, to int) (c contrast) {
	for k := from + 1; k <= to; k++ {
		c.add(cells(k))
	}
	return c
}

func (c *contrast) add(a, b side, there bool) {
	c.cells++
	if !there {
		return
	}
	c.points++
	c.first, c.second = side{c.first.bad + a.bad, c.first.total + a.total}, side{c.second.bad + b.bad, c.second.total + b.total}
	if a.total == 0 || b.total == 0 {
		return
	}
	both := a.total + b.total
	c.bad, c.expected, c.all = c.bad+a.bad, c.expected+(a.bad+b.bad)*(a.total/both), c.all+a.bad+b.bad
	w := a.total * b.total / both
	c.weight, c.square, c.squareBeside = c.weight+w, c.square+w*w/a.total, c.squareBeside+w*w/b.total
	c.rates, c.ratesBeside = c.rates+w*a.bad/a.total, c.ratesBeside+w*b.bad/b.total
}

// rate of the first side and usual, that of the second, are as if both had their requests at the same
// times; requests and beside are the numbers of requests that they rest on. 0 of none.
func (c contrast) rate() float64 { return c.rates / math.Max(c.weight, math.SmallestNonzeroFloat64) }
func (c contrast) usual() float64 {
	return c.ratesBeside / math.Max(c.weight, math.SmallestNonzeroFloat64)
}
func (c contrast) requests() float64 {
	return c.weight * c.weight / math.Max(c.square, math.SmallestNonzeroFloat64)
}
func (c contrast) beside() float64 {
	return c.weight * c.weight / math.Max(c.squareBeside, math.SmallestNonzeroFloat64)
}

// covered reports whether enough of the cells have points.
func (c contrast) covered(share float64) bool { return float64(c.points) >= share*float64(c.cells) }

// size is what the spread of the statistic grows with where instances differ by themselves: how many
// bad ones there are. When both versions fail more, instances differ more as well.
func (c contrast) size() float64 { return c.all }

// total is the number of requests of both sides.
func (c contrast) total() float64 { return c.first.total + c.second.total }

// leastPart is the share of the requests that each part of the history must have.
const leastPart = 0.05

// balanced reports whether both sides have enough of the requests to show how they differ.
func (c contrast) balanced() bool {
	return math.Min(c.first.total, c.second.total) >= leastPart*c.total() && c.weight > 0
}

// statistic is how much worse the first side is, in standard deviations of independent requests.
func (c contrast) statistic() float64 {
	if c.all == 0 || c.expected <= 0 || c.expected >= c.all {
		return 0
	}
	share := c.expected / c.all
	// The bad ones are drawn from finite cells: at high rates they vary less.
	spread := math.Sqrt(math.Max(1-c.all/c.total(), 1e-3))
	return settled(tailDeviate(c.bad, c.all, share) / spread)
}

// fewVary is the variance below which a count's tail is computed exactly.
const fewVary = 100

// mostDeviates bounds a statistic that no count of requests could show.
const mostDeviates = 8

// tailDeviate is the normal deviate of at least x of n where each has the given share: exact for
// small counts, of which two may be chance where a normal one would be out of the question.
func tailDeviate(x, n, share float64) float64 {
	g := 2 * (xLog(x, n*share) + xLog(n-x, n*(1-share)))
	root := math.Copysign(math.Sqrt(math.Max(0, g)), x-n*share)
	if n*share*(1-share) > fewVary || root > mostDeviates {
		return root
	}
	tail, term := 0.0, 0.0
	for k := math.Ceil(x); k <= n; k++ {
		if term == 0 {
			term = math.Exp(choose(n, k) + k*math.Log(share) + (n-k)*math.Log1p(-share))
		} else {
			term *= (n - k + 1) / k * share / (1 - share)
		}
		if tail += term; term < tail*1e-12 && k > n*share {
			break
		}
	}
	if tail = math.Min(tail, 1); tail > 0.5 {
		return math.Max(-normalQuantile(math.Min(tail, 1-1e-15)), -mostDeviates)
	}
	return math.Min(-normalQuantile(math.Max(tail, 1e-15)), mostDeviates)
}

func xLog(x, mean float64) float64 {
	if x <= 0 {
		return 0
	}
	return x * math.Log(x/mean)
}

// choose is the logarithm of n over k.
func choose(n, k float64) float64 {
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(k + 1)
	c, _ := math.Lgamma(n - k + 1)
	return a - b - c
}

// placebo fills the row with the statistics of the two parts of the history around an instant.
func (c *pair) placebo(instant int) bool {
	var both contrast
	from := c.from
	for i, end := range c.ends {
		for k := from + 1; k <= end; k++ {
			both.add(c.parts(instant + k))
		}
		if from = end; !both.covered(c.coverage) || !both.balanced() {
			return false
		}
		c.row[i], c.size[i] = both.statistic(), both.size()
	}
	return true
}

// reach fills the row with the statistics of the versions up to newest, NaN where there is none,
// and returns the last that was reached, -1 of none.
func (c *pair) reach(newest int) (at int) {
	at = -1
	for i, end := range c.ends {
		c.row[i] = math.NaN()
		if end > min(newest, c.until) {
			continue
		}
		both := contrastOf(c.versions, c.from, end)
		if !both.covered(c.coverage) || both.weight == 0 {
			continue
		}
		c.row[i], c.size[i] = both.statistic(), both.size()
		at = i
	}
	return at
}

// compared returns what the versions show up to newest; nil if they have not served side by side.
func (p *prepared) compared(deployed int64, newest int) *Compared {
	if p.pair == nil || newest <= p.pair.from {
		return nil
	}
	to := min(newest, p.pair.until)
	both := contrastOf(p.pair.versions, p.pair.from, to)
	sample := func(s side, rate float64) Sample {
		return Sample{From: deployed + int64(p.pair.from)*p.Step, To: deployed + int64(to)*p.Step, Points: both.points, Bad: s.bad, Total: s.total, Value: settled(p.raw(rate))}
	}
	return &Compared{Old: sample(both.second, both.usual()), New: sample(both.first, both.rate()), Serving: p.serving(newest), Calibrated: p.sideBySide()}
}

// sideBySide reports whether the history says how much instances differ by themselves.
func (p *prepared) sideBySide() bool { return p.calibration != nil && p.calibration.pair != nil }

// effectOfVersions measures the harm of the new version beside the old one, up to newest.
func (p *prepared) effectOfVersions(newest int) Effect {
	e := Effect{Needed: *p.Effect}
	to := min(newest, p.pair.until)
	both := contrastOf(p.pair.versions, p.pair.from, to)
	if both.weight == 0 {
		return e
	}
	harm := func(c contrast) (relative, difference float64) {
		return settled(c.rate()/math.Max(c.usual(), 0.5/c.beside()) - 1), settled(c.rate() - c.usual())
	}
	e.Relative, e.Difference = harm(both)
	e.Holds = e.reached(e.Relative, e.Difference, 1)
	last := min(stepsUp(recent, p.Step), (to-p.pair.from)/2)
	if !e.Holds || last < 1 {
		return e
	}
	late := contrastOf(p.pair.versions, to-last, to)
	if late.requests()*math.Max(both.usual()*(1+e.Needed.share()), both.usual()+e.Needed.Difference) < enoughExpected {
		return e
	}
	if !e.reached(late.rate()/math.Max(late.usual(), 0.5/late.beside())-1, late.rate()-late.usual(), 0.5) {
		e.Holds, e.Gone = false, true
	}
	return e
}

// excludeByVersions bounds the harm of the new version by the old one.
func (p *prepared) excludeByVersions(r *Result, at, newest int, t Thresholds) {
	c := p.pair
	to := min(newest, c.until)
	both := contrastOf(c.versions, c.from, to)
	before, after := window{bad: both.usual() * both.beside(), total: both.beside()}, window{bad: both.rate() * both.requests(), total: both.requests()}
	perSecond := both.requests() / float64(int64(to-c.from)*p.Step)
	r.Bound = excludeRise(before, after, p.margin(math.Min(both.usual(), p.rate)), p.calibration.pair.dispersion(at, both.size(), t), t, perSecond)
	if missing := t.LeastWatch - int64(to-c.from)*p.Step; missing > 0 {
		r.Bound.Excluded, r.Bound.Seconds = false, max(r.Bound.Seconds, missing)
	}
}

// interval are seconds after the deployment, after from up to to.
type interval struct{ from, to int64 }

func (i interval) has(second int64) bool { return second > i.from && second <= i.to }

// together is when both versions have served up to an instant, by the signals that show it; empty if
// none does.
func (j *Evaluator) together(now int64) (both interval) {
	for _, p := range j.metrics {
		newest := stepsUp(since(j.in.Deployed, min(now, p.answered)), p.Step)
		if !p.sideBySide() || newest <= p.pair.from {
			continue
		}
		one := interval{int64(p.pair.from) * p.Step, int64(min(newest, p.pair.until)+stale) * p.Step}
		if both == (interval{}) {
			both = one
		}
		both = interval{min(both.from, one.from), max(both.to, one.to)}
	}
	return both
}

// shared reports whether the old version got worse as well while both served, enough for a rollback
// and at least a third of the change since the deployment, and the new one was no worse than it: then
// the change is not the new version's doing. at is the last horizon that the versions have reached.
func (p *prepared) shared(at, newest int, t Thresholds) bool {
	_, rise, known := p.change(p.measure.guard, newest)
	c, before := p.pair, p.measure.before(0)
	if p.serving(newest) || newest <= p.measure.guard || !known || rise <= 0 {
		return false
	}
	late := contrastOf(c.versions, c.until-max((c.until-c.from)/2, min(leastLate, c.until-c.from)), c.until)
	usual := before.bad / before.total
	risen := late.usual() - usual
	e := Effect{Needed: *p.Effect}
	if late.weight == 0 || risen < rise/3 || !e.reached(late.usual()/math.Max(usual, 0.5/before.total)-1, risen, 1) {
		return false
	}
	z := normalQuantile(t.Confidence)
	return signedRoot(before.bad, before.total, late.second.bad, late.second.total) > z && late.statistic() < z*p.calibration.pair.dispersion(at, late.size(), t)
}

// leastLate are the steps over which the versions are compared in the end, at the least.
const leastLate = 3

// oldFails reports whether a good part of the requests to the old version fail as well.
func (p *prepared) oldFails(newest int, t Thresholds) bool {
	if p.pair == nil {
		return false
	}
	w := p.pair.old.window(newest-stepsUp(t.GrossSpan, p.Step), newest)
	return w.total > 0 && w.bad >= t.GrossShare/2*w.total
}

// within returns a reference with the roll-out of a pair, in which a placebo may touch nothing
// either.
func (c *pair) within(r reference) reference {
	if c == nil || c.from >= 0 {
		return r
	}
	return append(reference{{c.from, 0}}, r...)
}

// excluded says whether harm beyond the margin is excluded.
func (r Result) excluded() Reason {
	if r.Bound.Excluded {
		return Reason{Code: Excluded, Metric: r.Name, Value: r.Bound.Upper, Limit: r.Bound.Margin}
	}
	return Reason{Code: NotExcluded, Metric: r.Name, Value: r.Bound.Upper, Limit: r.Bound.Margin, Count: r.Bound.Requests, Seconds: r.Bound.Seconds}
}
