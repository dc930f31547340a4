package benchmark

import (
	"math"
	"math/rand/v2"
	"slices"

	"plimsoll/deploy/signal"
)

// Scenario is what is unusual about a deployment. Minutes are before the deployment; what is 0
// is as usual.
type Scenario struct {
	Name string
	// Errors is the usual share of errors.
	Errors float64
	// Traffic is how many times as much there is from the deployment on.
	Traffic float64
	// Verified is when a harmless deployment came, whose instances restarted as well.
	Verified int
	// Superseded is when a deployment with the same effect came that was never decided.
	Superseded int
	// Faulty is when a deployment came that was rolled back Back minutes before this one.
	Faulty, Back int
	// Previous draws when the deployment before came: harmless, faulty or superseded.
	Previous string
	// PerDay are the earlier deployments a day; 0: 1.
	PerDay int
	// Incident is for how long errors were five times as many, until five minutes before.
	Incident int
	// RollOut is for how long the new version has replaced the old one, bit by bit.
	RollOut int
	// Together: old and new version are counted apart while both serve, and instances start one
	// after the other. Labelled: the judge gets that. Canary is the share of the requests that meet
	// the new version from the deployment on, where it is no roll-out.
	Together, Labelled bool
	Canary             float64
	// Shock is how many times as many errors and half as many slow requests both versions have,
	// from the middle of the roll-out on, or from 12 minutes after a canary's beginning.
	Shock float64
}

// shocked is the minute in which it begins.
func (s Scenario) shocked() int {
	if s.RollOut > 0 {
		return History - s.RollOut/2
	}
	return History + 12
}

// strength of an effect in a minute, 0 to 1.
func (s Scenario) strength(m int) float64 {
	switch before := History - m; {
	case before <= 0, before <= s.Superseded:
		return 1
	case s.RollOut > 0 && before < s.RollOut:
		return 1 - float64(before)/float64(s.RollOut)
	}
	return 0
}

// drawn sets the times that a scenario leaves open.
func (s Scenario) drawn(seed uint64) Scenario {
	r := rand.New(rand.NewPCG(seed, 0x5ce7a210))
	before := 10 + r.IntN(46)
	switch s.Previous {
	case "harmless":
		s.Verified = before
	case "superseded":
		s.Superseded = before
	case "faulty":
		s.Back = before
		s.Faulty = before + 8 + r.IntN(13)
	}
	return s
}

// fault is what the deployment before did until it was rolled back.
func (s Scenario) fault(m int, now rates) rates {
	if before := History - m; before <= s.Faulty && before > s.Back {
		now.errors, now.slow = now.errors*4+0.02, now.slow*2
	}
	return now
}

// at is what happens in a minute of routes that the deployment touches, or of others.
func (s Scenario) at(m int, now rates, effect Effect, touched, creep bool) rates {
	now = s.change(m, now)
	if strength := s.strength(m); touched && strength > 0 {
		if creep && m >= History {
			strength = math.Min(1, float64(m-History+1)/15)
		}
		now = effect.apply(now, strength)
	}
	return s.fault(m, now)
}

// latest is how many minutes before it the last deployment came.
func (s Scenario) latest() int {
	for _, before := range []int{s.Verified, s.Superseded, s.Back} {
		if before > 0 {
			return before
		}
	}
	return History
}

// without leaves out drawn deployments that would meet those of the scenario.
func (s Scenario) without(all []past) []past {
	first := max(s.Verified, s.Superseded, s.Faulty, s.RollOut)
	return slices.DeleteFunc(all, func(d past) bool { return d.until > History-first-settles })
}

// settles is how long after a deployment it is verified.
const settles = 25

// change alters what happens in a minute.
func (s Scenario) change(m int, now rates) rates {
	before := History - m
	if s.Traffic > 0 && before <= 0 {
		now.traffic *= s.Traffic
	}
	if s.Shock > 0 && m >= s.shocked() {
		now.errors, now.slow = now.errors*s.Shock, now.slow*(1+s.Shock)/2
	}
	if before > 5 && before <= s.Incident+5 {
		now.errors *= 5
	}
	return now
}

// beyond says whether an effect harms a service by more than the margins: with three times the
// traffic nobody can see that some is lost.
func (s Scenario) beyond(e Effect, base rates) bool {
	if s.Traffic == 0 && s.Canary == 0 {
		return e.beyond(base)
	}
	return Effect{e.Name, func(now rates, strength float64) rates {
		all := now.traffic
		now = e.apply(now, strength)
		if s.Canary > 0 { // of all requests hardly any are lost
			now.traffic = all - s.Canary*(all-now.traffic)
		}
		if s.Traffic > 0 {
			now.traffic *= s.Traffic
		}
		return now
	}, false}.beyond(base)
}

// previous are the minutes of the deployments shortly before.
func (s Scenario) previous() (minutes []int) {
	for _, before := range []int{s.Verified, s.Superseded, s.Faulty, s.Back} {
		if before > 0 {
			minutes = append(minutes, History-before)
		}
	}
	return minutes
}

// cuts are what is known of the time before.
func (s Scenario) cuts(deployed int64) (cuts []signal.Cut, verified []int64) {
	if s.Faulty > 0 {
		from, back := deployed-int64(s.Faulty)*60, deployed-int64(s.Back)*60
		cuts = append(cuts, signal.Cut{From: from, To: back, Why: "unsettled"})
		if s.Back < settles {
			cuts = append(cuts, signal.Cut{From: back, To: deployed, Why: "unsettled"})
		} else {
			cuts, verified = append(cuts, signal.Cut{From: back, To: back, Why: "deployment"}), append(verified, back)
		}
	}
	if at := deployed - int64(s.Verified)*60; s.Verified > 0 {
		cuts, verified = append(cuts, signal.Cut{From: at, To: at, Why: "deployment"}), append(verified, at)
	}
	for _, before := range []int{s.Superseded, s.RollOut} {
		if before > 0 {
			cuts = append(cuts, signal.Cut{From: deployed - int64(before)*60, To: deployed, Why: "unsettled"})
		}
	}
	return cuts, verified
}

// ScenarioLevels are the requests a minute of the scenarios.
var ScenarioLevels = []float64{20, 200, 2000}

// Plan runs a scenario of versions side by side.
func (s Scenario) Plan() Plan {
	return Plan{Noise: Usual, Levels: ScenarioLevels, Harmless: 60, First: 5000, Each: 5, Scenario: s}
}
