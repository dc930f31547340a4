package signal

import (
	"math"
)

// Evaluator evaluates one deployment at any number of samples. What is usual is measured once,
// when it is made. It is not safe for concurrent use.
type Evaluator struct {
	in      Input
	metrics []*prepared
	guard   int64
}

// prepared is a metric that is ready to be evaluated.
type prepared struct {
	Metric
	track       *track
	measure     *measure
	control     *measure
	pair        *pair
	calibration *calibration
	history     int64   // seconds
	rate        float64 // of bad ones in the whole history, of a Proportion
	rough       bool    // the service fails by itself while it restarts
	absent      bool    // there is no reference, or no usual one
	alpha       float64 // the metric's share
	share       float64 // of all α, 0 to 1
	answered    int64
	window      int // steps
	row, beside []float64
	size        []float64 // requests that the row rests on
}

// New prepares the evaluation of a deployment. The error wraps ErrInput and says what
// is wrong with the input; points that are no measurement are no error.
func New(in Input) (*Evaluator, error) {
	in.Thresholds = in.Thresholds.WithDefaults()
	if err := in.validate(); err != nil {
		return nil, err
	}
	j := &Evaluator{in: in, guard: in.Thresholds.Guard + max(in.Restart, 0)}
	if in.Restart < 0 || in.broken.guard {
		j.guard = 0
	}
	all := 0.0
	for _, m := range in.Metrics {
		all += m.normal(in.Thresholds).Weight
	}
	for _, m := range in.Metrics {
		m = m.normal(in.Thresholds)
		j.metrics = append(j.metrics, j.prepare(m, m.Weight/all))
	}
	return j, nil
}

func (j *Evaluator) prepare(m Metric, share float64) *prepared {
	t := j.in.Thresholds
	base, guard, window := max(1, stepsUp(t.Baseline, m.Step)), stepsUp(j.guard, m.Step), int(t.Window/m.Step)
	first, last := -stepsUp(t.History, m.Step)-base, max(window, 1)
	p := &prepared{Metric: m, window: window, answered: j.in.Now, share: share, alpha: t.Alpha * share}
	if m.Answered > 0 {
		p.answered = min(m.Answered, p.answered)
	}
	p.track = lay(m, m.Points, j.in.Deployed, p.answered, first, last)
	cut := layCuts(j.in, m.Step, t.Guard, first, last)
	p.measure = &measure{kind: m.Kind, better: m.Better, track: p.track, guard: guard, horizons: horizons(guard, window, m.Step),
		clock: layClock(j.in.Clock, j.in.Deployed, m.Step), day: stepsUp(day, m.Step), days: int(t.History / day), coverage: t.Coverage, free: cut.free}
	reach := -stepsUp(t.Reach, m.Step)
	p.measure.reference = cut.quiet(0, base, reach)
	p.absent = p.measure.reference == nil
	if m.Control != nil {
		control := *p.measure
		control.track = lay(m, *m.Control, j.in.Deployed, p.answered, first, last)
		p.control = &control
	}
	p.row, p.beside, p.size = make([]float64, len(p.measure.horizons)), make([]float64, len(p.measure.horizons)), make([]float64, len(p.measure.horizons))
	if oldest := p.track.oldest; oldest <= 0 {
		p.history = int64(1-oldest) * m.Step
	}
	if whole := p.track.window(p.track.first-1, 0); p.Kind == Proportion && whole.total > 0 {
		p.rate = whole.bad / whole.total
	}
	p.pair = p.pairOf(j.in.Deployed, first, last, t)
	p.rough = p.roughRestarts(j.in, t)
	if p.history < t.LeastHistory || len(p.measure.horizons) == 0 || p.absent {
		return p
	}
	placebos := func() ([]int, int) {
		return cut.instants(j.in, m.Step, p.track.oldest, p.pair.within(p.measure.reference), window, t.MostPlacebo)
	}
	instants, verified := placebos()
	for end := 0; !p.absent && !p.usual(instants); instants, verified = placebos() {
		end -= max(1, base/4)
		p.measure.reference = cut.quiet(end, base, reach)
		p.absent = p.measure.reference == nil
	}
	if p.absent {
		return p
	}
	if p.control != nil {
		p.control.reference = p.measure.reference
	}
	p.calibration = calibrate(p.measure, p.control, p.pair, instants, verified, t)
	if p.pair != nil && p.calibration.final == nil { // without versions it may
		p.calibration = calibrate(p.measure, p.control, nil, instants, verified, t)
	}
	if p.pair == nil && len(j.in.Verified) > 0 && p.calibration.placebos < p.wanted(t) {
		p.calibrateBetween(cut.withoutSettled(j.in, m.Step, t.Guard, last), cut, j.in, t)
	}
	return p
}

// wanted is how many placebos it takes for p to reach the metric's share of α.
func (p *prepared) wanted(t Thresholds) int {
	return max(t.LeastPlacebo, min(t.MostPlacebo, int(math.Ceil(1/p.alpha))-1))
}

// calibrateBetween measures placebos where so much is deployed that hardly any window lies between
// two deployments: those that were verified only take away the minutes of their restarts, as if
// nothing had been measured then. left are the cuts without them, all those with them.
func (p *prepared) calibrateBetween(left, all cuts, in Input, t Thresholds) {
	gone := func(cell int) bool { return cell <= 0 && !all.none(all.settled, cell-1, cell) }
	between := *p.measure
	between.track, between.free = p.measure.track.without(gone), left.free
	var beside *measure
	if p.control != nil {
		control := *p.control
		control.track, control.free = control.track.without(gone), left.free
		beside = &control
	}
	reference, most := between.reference, t.MostPlacebo
	in.Verified = nil // they are among all the others
	instants, _ := left.instants(in, p.Step, p.track.oldest, reference, p.window, most)
	for len(instants) > 0 && len(instants) < p.wanted(t) && most < -p.track.oldest {
		most *= 2
		instants, _ = left.instants(in, p.Step, p.track.oldest, reference, p.window, most)
	}
	if c := calibrate(&between, beside, nil, instants, 0, t); c.placebos > p.calibration.placebos {
		p.measure, p.control, p.calibration = &between, beside, c
	}
}

// At evaluates by what had been measured at an instant.
func (j *Evaluator) At(now int64) Evaluation {
	t := j.in.Thresholds
	now = min(now, j.in.Now)
	end := j.in.Deployed + t.Window
	v := verdict{Evaluation: Evaluation{Version: Version, At: now, Guard: j.guard, Thresholds: t,
		Elapsed: min(max(since(j.in.Deployed, now), 0), t.Window), Metrics: []Result{}}}
	v.Remaining = t.Window - v.Elapsed
	v.over = now >= end
	v.shaken = shaken(j.in.Probes, j.in.Deployed, now)
	v.probes, v.passed = failing(j.in.Probes, j.in.Deployed+j.guard, now, t)
	for _, p := range j.metrics {
		v.add(j.evaluate(p, now))
	}
	v.early = max(0, j.guard+min(t.LeastWatch, max(0, t.Window-j.guard))-v.Elapsed)
	v.decide()
	return v.Evaluation
}

// Decide evaluates at the input's own instant: the same input gives the same evaluation.
func Decide(in Input) (Evaluation, error) {
	j, err := New(in)
	if err != nil {
		return Evaluation{}, err
	}
	return j.At(in.Now), nil
}

// evaluate returns what one metric shows.
func (j *Evaluator) evaluate(p *prepared, now int64) (Result, []Reason) {
	t := j.in.Thresholds
	newest := min(int(min(max(since(j.in.Deployed, min(now, p.answered)), -1), t.Window)/p.Step), p.window)
	r := Result{Name: p.Name, Kind: p.Kind, Role: p.Role, P: 1, Corrected: 1, Alpha: p.alpha, History: p.history, Dropped: p.track.dropped,
		Effect: Effect{Needed: *p.Effect}}
	guard := p.measure.guard
	r.Before = p.reference(j.in.Deployed)
	r.Reference = p.measure.reference.spans(j.in.Deployed, p.Step)
	r.After = p.sample(j.in.Deployed, guard, max(newest, guard))
	if c := p.calibration; c != nil {
		r.Placebos, r.VerifiedPlacebos, r.Calibrated = c.placebos, c.verified, c.final != nil
	}
	var reasons []Reason
	unusual := false
	if vanished, ok := p.vanished(newest, t); ok {
		reasons = append(reasons, vanished)
	}
	if gross, ok := p.gross(newest, j.served(p.Step), t); ok {
		reasons = append(reasons, gross)
	}
	if value, seconds, hit := p.beyond(p.RollBack, newest, j.served(p.Step), t); hit && p.RollBack.AtOnce && !p.RollBack.Relative {
		reasons = append(reasons, Reason{Code: RollBackLimit, Metric: p.Name, Value: value, Limit: p.RollBack.Value, Seconds: seconds})
	}
	early := newest <= guard || r.After.Points == 0 || p.Kind == Proportion && r.After.Total == 0
	r.Versions = p.compared(j.in.Deployed, newest)
	side := -1
	if p.sideBySide() {
		side = p.pair.reach(newest)
	}
	if early && side < 0 {
		return r, append(reasons, p.nothing(j, newest, guard, t))
	}
	if !early {
		r.Effect = p.effectAt(newest)
	}
	both := j.together(now)
	if p.control != nil && !p.sideBySide() { // what happens to everyone is subtracted already
		both = interval{}
	}
	if side >= 0 && p.shared(side, newest, t) {
		both.to = farthest
	}
	if side >= 0 && (early || p.serving(newest) || both.to == farthest) {
		r.Effect = p.effectOfVersions(newest)
	}
	at, shared := p.statistic(&r, newest, side, both, j.in.broken.calibration)
	if ratio, beyond := p.beyondTraffic(at, t); beyond {
		r.P, r.Corrected, r.AtLeast = 1, 1, r.Placebos
		reasons, unusual = append(reasons, Reason{Code: UnusualTraffic, Metric: p.Name, Value: ratio, Limit: t.MostTraffic}), true
	} else if shared <= t.Suspicion && r.Corrected > t.Suspicion {
		reasons = append(reasons, Reason{Code: BothWorse, Metric: p.Name, Value: shared, Limit: t.Suspicion})
	}
	if p.absent {
		reasons = append(reasons, Reason{Code: NoReference, Metric: p.Name, Seconds: t.Reach})
	}
	reasons = append(reasons, p.suspicions(r, max(at, side), t)...)
	if burning, ok := p.burning(newest, t); ok {
		reasons = append(reasons, burning)
	}
	if value, seconds, hit := p.beyond(p.RollBack, newest, guard, t); hit && !p.RollBack.Relative && !p.RollBack.AtOnce {
		reasons = append(reasons, Reason{Code: RollBackLimit, Metric: p.Name, Value: value, Limit: p.RollBack.Value, Seconds: seconds})
	}
	if value, seconds, hit := p.beyond(p.Investigate, newest, guard, t); hit && (!p.Investigate.Relative || !r.Calibrated || r.Corrected <= t.Suspicion) {
		reasons = append(reasons, Reason{Code: InvestigateLimit, Metric: p.Name, Value: value, Limit: p.Investigate.Value, Seconds: seconds})
	}
	if unusual {
		return r, append(reasons, Reason{Code: NotExcluded, Metric: p.Name})
	}
	if early {
		return r, append(reasons, p.nothing(j, newest, guard, t))
	}
	if side >= 0 && p.serving(newest) {
		p.excludeByVersions(&r, side, newest, t)
		return r, append(reasons, r.excluded())
	}
	return r, append(reasons, p.exclude(&r, at, newest, j.in, t))
}

// nothing says why a metric shows nothing since the deployment.
func (p *prepared) nothing(j *Evaluator, newest, guard int, t Thresholds) Reason {
	switch asked := int64(guard) * p.Step; {
	case p.answered < j.in.Now && newest <= guard:
		return Reason{Code: NoAnswer, Metric: p.Name, Seconds: min(since(p.answered, j.in.Now), t.Window)}
	case newest <= guard:
		return Reason{Code: TooEarly, Metric: p.Name, Seconds: asked + p.Step - int64(max(newest, 0))*p.Step}
	}
	return Reason{Code: NoData, Metric: p.Name, Seconds: int64(newest-guard) * p.Step}
}

// statistic fills in the statistic and its p, and gives the last horizon that was reached, -1 of
// none. side is the last that the versions have reached beside each other. While both serve, it is
// they that count: shared is the corrected p against the time before of what both have in common, 1
// of none.
func (p *prepared) statistic(r *Result, newest, side int, both interval, bare bool) (at int, shared float64) {
	size := make([]float64, len(p.row))
	p.measure.statistics(0, newest, p.row, p.size)
	if p.control != nil {
		p.control.statistics(0, newest, p.beside, size)
	}
	at, c := -1, p.calibration
	scaled, common := math.Inf(-1), math.Inf(-1)
	for k, s := range p.row {
		if math.IsNaN(s) {
			continue
		}
		if r.Calibrated && !bare {
			s = studentised(s, p.size[k], c.excess[k])
		}
		if r.Calibrated && p.control != nil {
			if math.IsNaN(p.beside[k]) {
				continue
			}
			s = settled(s - c.control[k]*studentised(p.beside[k], size[k], c.excessBeside[k]))
			r.Control = c.control[k]
		}
		unit := 1.0
		if r.Calibrated && !bare {
			unit = c.scale[k]
		}
		v := settled(s / unit)
		at, r.Statistic = k, s
		if both.has(int64(p.measure.horizons[k]) * p.Step) {
			common = math.Max(common, v)
		} else if v > scaled {
			scaled, r.Horizon = v, int64(p.measure.horizons[k])*p.Step
		}
	}
	if side >= 0 && r.Calibrated {
		for k, s := range p.pair.row[:side+1] {
			s = studentised(s, p.pair.size[k], c.pair.excess[k])
			if v := settled(s / c.pair.scale[k]); v > scaled {
				scaled, r.Horizon, r.ByVersion = v, int64(p.pair.ends[k]-p.pair.from)*p.Step, true
			}
		}
	}
	if math.IsInf(scaled, -1) && math.IsInf(common, -1) {
		return at, 1
	}
	if shared = 1; r.Calibrated && !math.IsInf(common, -1) {
		ofBoth, _ := c.p(common)
		shared = settled(math.Min(1, ofBoth/p.share))
	}
	if !r.Calibrated {
		r.Largest = math.Max(scaled, common)
		return at, 1
	}
	for _, q := range []float64{0.05, 0.5, 0.95, 0.99} {
		r.Band = append(r.Band, settled(quantile(c.final, q)))
	}
	if math.IsInf(scaled, -1) {
		return at, shared
	}
	r.Largest = scaled
	r.P, r.AtLeast = c.p(scaled)
	if bare {
		r.P = math.Erfc(scaled/math.Sqrt2) / 2
	}
	r.Corrected = settled(math.Min(1, r.P/p.share))
	return at, shared
}

// reference says what lies in the reference.
func (p *prepared) reference(deployed int64) Sample {
	ref := p.measure.reference
	if len(ref) == 0 {
		return Sample{From: deployed, To: deployed}
	}
	s := p.sampleOf(p.measure.before(0), func() []float64 { return p.measure.valuesBefore(nil, 0) })
	s.From, s.To = deployed+int64(ref.begins())*p.Step, deployed+int64(ref[0].to)*p.Step
	return s
}

// sample says what lies in the cells after from, up to to.
func (p *prepared) sample(deployed int64, from, to int) Sample {
	s := p.sampleOf(p.track.window(from, to), func() []float64 { return p.track.values(nil, from, to) })
	s.From, s.To = deployed+int64(from)*p.Step, deployed+int64(to)*p.Step
	return s
}

func (p *prepared) sampleOf(w window, values func() []float64) Sample {
	s := Sample{Points: w.points}
	switch {
	case w.points == 0:
	case p.Kind == Proportion:
		s.Bad, s.Total = w.bad, w.total
		if w.total > 0 {
			s.Value = settled(p.raw(w.bad / w.total))
		}
	case p.Kind == Volume:
		s.Total = w.bad
		s.Value = settled(w.bad / float64(w.points))
	default:
		s.Value = settled(p.raw(median(values())))
	}
	return s
}
