package benchmark

import (
	"runtime"
	"slices"
	"sync"

	"plimsoll/deploy/signal"
)

// Plan says what to run.
type Plan struct {
	Noise Noise
	// Levels of traffic; at each, Harmless deployments and Each of every regression.
	Levels         []float64
	Harmless, Each int
	// First is the number of the first harmless one, and so of its seed.
	First int
	// Control gives the judge the unchanged routes as well.
	Control bool
	// Rules also runs the rules like other tools'.
	Rules    bool
	Scenario Scenario
	// Generator makes the services, without Noise; its seeds begin at Fresh. Nil: Generate does.
	Generator *Generator
	Fresh     int
	// Gross are the deployments after which most requests fail.
	Gross int
	// Change alters an input before it is evaluated; nil: as it is.
	Change func(*signal.Input)
}

// Table are the 3,600 deployments.
func Table() Plan { return Plan{Noise: Usual, Levels: Levels, Harmless: 500, Each: 50, Rules: true} }

// Tally is what came out at one level of traffic.
type Tally struct {
	Level    float64
	Harmless int
	// FalseAlarms, FalseRollBacks by Alphas, VerifiedHarmless within the watch, among
	// Harmless.
	FalseAlarms, FalseRollBacks []int
	VerifiedHarmless            int
	// Beyond the margins are so many regressions, of which WrongBeyond were verified.
	Beyond, WrongBeyond int
	// Of regressions, by Effects: Found and RolledBack by Alphas, Wrong verified.
	Of                []int
	Found, RolledBack [][]int
	Wrong             []int
	// Delay are the minutes to each alarm on a regression, by Alphas, upwards.
	Delay [][]int
	// RuleAlarms on harmless ones and on regressions, by Rules.
	RuleFalse, RuleFound []int
	RuleDelay            [][]int
	// VerifiedAfter are the minutes until harmless ones were verified, Gross those until gross harm
	// was rolled back, of OfGross, both upwards.
	VerifiedAfter, Gross []int
	OfGross              int
	// Limit is how many regressions counting alone would find, on average.
	Limit float64
}

// result is what one deployment gave.
type result struct {
	level, effect int // effect −1: harmless, len(Effects): Gross
	beyond        bool
	limit         float64
	outcome       Outcome
	rules         []int
	err           error
}

// Run generates and evaluates every deployment of a plan, as many at once as there are
// processors, and counts. The counts do not depend on that.
func Run(p Plan) ([]Tally, error) {
	var all []result
	var seeds []uint64
	for l := range p.Levels {
		for e := -1; e <= len(Effects); e++ {
			from, n := p.Fresh, p.Each
			switch {
			case e < 0:
				from, n = p.Fresh+p.First, p.Harmless
			case e == len(Effects):
				n = p.Gross
			}
			for i := from; i < from+n; i++ {
				all = append(all, result{level: l, effect: e})
				seeds = append(seeds, uint64(l+1)<<48|uint64(e+2)<<32|uint64(i))
			}
		}
	}
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				p.one(&all[i], seeds[i])
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	workers.Wait()
	return p.count(all)
}

func (p Plan) one(r *result, seed uint64) {
	effect := Harmless
	switch {
	case r.effect == len(Effects):
		effect = gross
	case r.effect >= 0:
		effect = Effects[r.effect]
	}
	var s Service
	if p.Generator != nil {
		s = p.Generator.make(seed, p.Levels[r.level], effect, p.Control, p.Scenario)
		s.probe(seed)
		if r.effect >= 0 {
			r.limit = s.limit(Alphas[0])
		}
	} else {
		s = generate(seed, p.Levels[r.level], effect, p.Noise, p.Control, p.Scenario)
	}
	r.beyond = s.Beyond
	r.outcome, r.err = Watched(s.Input(p.Control), p.Change)
	if p.Rules {
		for _, rule := range Rules {
			r.rules = append(r.rules, rule.Alarm(s))
		}
	}
}

func (p Plan) count(all []result) ([]Tally, error) {
	tallies := make([]Tally, len(p.Levels))
	for l := range tallies {
		t := &tallies[l]
		*t = Tally{Level: p.Levels[l], FalseAlarms: make([]int, len(Alphas)), FalseRollBacks: make([]int, len(Alphas)),
			Of: make([]int, len(Effects)), Wrong: make([]int, len(Effects)), Delay: make([][]int, len(Alphas)),
			RuleFalse: make([]int, len(Rules)), RuleFound: make([]int, len(Rules)), RuleDelay: make([][]int, len(Rules))}
		for range Effects {
			t.Found = append(t.Found, make([]int, len(Alphas)))
			t.RolledBack = append(t.RolledBack, make([]int, len(Alphas)))
		}
	}
	for _, r := range all {
		if r.err != nil {
			return nil, r.err
		}
		tallies[r.level].add(r)
	}
	for l := range tallies {
		for _, delays := range [][][]int{tallies[l].Delay, tallies[l].RuleDelay, {tallies[l].VerifiedAfter, tallies[l].Gross}} {
			for _, d := range delays {
				slices.Sort(d)
			}
		}
	}
	return tallies, nil
}

func (t *Tally) add(r result) {
	if r.effect == len(Effects) {
		if t.OfGross++; r.outcome.RollBack[0] >= 0 {
			t.Gross = append(t.Gross, r.outcome.RollBack[0])
		}
		return
	}
	t.Limit += r.limit
	alarms, back := t.FalseAlarms, t.FalseRollBacks
	if r.effect < 0 {
		t.Harmless++
	} else {
		t.Of[r.effect]++
		alarms, back = t.Found[r.effect], t.RolledBack[r.effect]
	}
	for a := range Alphas {
		if m := r.outcome.Alarm[a]; m >= 0 {
			alarms[a]++
			if r.effect >= 0 {
				t.Delay[a] = append(t.Delay[a], m)
			}
		}
		if r.outcome.RollBack[a] >= 0 {
			back[a]++
		}
	}
	if r.beyond {
		t.Beyond++
		if r.outcome.Verified >= 0 {
			t.WrongBeyond++
		}
	}
	if r.outcome.Verified >= 0 {
		if r.effect < 0 {
			t.VerifiedHarmless++
			t.VerifiedAfter = append(t.VerifiedAfter, r.outcome.Verified)
		} else {
			t.Wrong[r.effect]++
		}
	}
	for k, m := range r.rules {
		switch {
		case m < 0:
		case r.effect < 0:
			t.RuleFalse[k]++
		default:
			t.RuleFound[k]++
			t.RuleDelay[k] = append(t.RuleDelay[k], m)
		}
	}
}

// Share is a share of a count.
type Share struct{ Count, Of int }

// Percent of the whole; 0 of nothing.
func (s Share) Percent() float64 {
	if s.Of == 0 {
		return 0
	}
	return 100 * float64(s.Count) / float64(s.Of)
}

func (s Share) plus(count, of int) Share { return Share{s.Count + count, s.Of + of} }

// Found gives the share of regressions with an alarm at Alphas[alpha] at the levels
// from least requests a minute, FalseAlarms that of harmless ones, Wrong that of
// regressions that were verified.
func Found(tallies []Tally, alpha int, least float64) (s Share) {
	for _, t := range tallies {
		for e := range Effects {
			if t.Level >= least {
				s = s.plus(t.Found[e][alpha], t.Of[e])
			}
		}
	}
	return s
}

// FalseAlarms over all levels.
func FalseAlarms(tallies []Tally, alpha int) (s Share) {
	for _, t := range tallies {
		s = s.plus(t.FalseAlarms[alpha], t.Harmless)
	}
	return s
}

// WrongBeyond is the share of regressions beyond the margins that were verified.
func WrongBeyond(tallies []Tally) (s Share) {
	for _, t := range tallies {
		s = s.plus(t.WrongBeyond, t.Beyond)
	}
	return s
}

// Wrong over all levels and regressions.
func Wrong(tallies []Tally) (s Share) {
	for _, t := range tallies {
		for e := range Effects {
			s = s.plus(t.Wrong[e], t.Of[e])
		}
	}
	return s
}
