package benchmark

import (
	"fmt"
	"strings"

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

// Scenarios are those of RESULTS.md.
var Scenarios = []Scenario{
	{Name: "as in the table"},
	{Name: "0.05 % errors", Errors: 0.0005},
	{Name: "1.5 % errors", Errors: 0.015},
	{Name: "3 % errors", Errors: 0.03},
	{Name: "5 % errors", Errors: 0.05},
	{Name: "1.7 times the traffic", Traffic: 1.7},
	{Name: "3 times the traffic", Traffic: 3},
	{Name: "a harmless deployment 10 minutes before", Verified: 10},
	{Name: "a harmless deployment 25 minutes before", Verified: 25},
	{Name: "a harmless deployment 55 minutes before", Verified: 55},
	{Name: "superseded 10 minutes after the same fault", Superseded: 10},
	{Name: "superseded 25 minutes after the same fault", Superseded: 25},
	{Name: "an incident of 40 minutes before", Incident: 40},
	{Name: "a roll-out of 10 minutes", RollOut: 10},
	{Name: "a roll-out of 30 minutes", RollOut: 30},
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
	for _, before := range []int{s.Verified, s.Superseded} {
		if before > 0 {
			minutes = append(minutes, History-before)
		}
	}
	return minutes
}

// cuts are what is known of the time before.
func (s Scenario) cuts() (cuts []signal.Cut, verified []int64) {
	const deployed = epoch + History*60
	if at := int64(deployed - s.Verified*60); s.Verified > 0 {
		cuts, verified = append(cuts, signal.Cut{From: at, To: at, Why: "deployment"}), append(verified, at)
	}
	for _, before := range []int{s.Superseded, s.RollOut} {
		if before > 0 {
			cuts = append(cuts, signal.Cut{From: int64(deployed - before*60), To: deployed, Why: "unsettled"})
		}
	}
	return cuts, verified
}

// ScenarioLevels are the requests a minute of the scenarios.
var ScenarioLevels = []float64{20, 200, 2000}

// Plan runs a scenario: enough harmless deployments for a share of 2 % to stray by half a point.
func (s Scenario) Plan() Plan {
	return Plan{Noise: Usual, Levels: ScenarioLevels, Harmless: 300, First: 5000, Each: 20, Scenario: s}
}

// Rows tells the scenarios, each with its tallies by level.
func Rows(b *strings.Builder, rows [][]Tally) {
	b.WriteString("\n## Scenarios\n\nAt each of 20 / 200 / 2,000 requests a minute 300 harmless deployments and 20 of each regression, at α = 1 %. " +
		"\"Rolled back\" and \"verified\" are the judge's answers. Of 300 deployments 1 % are three, and their count alone strays by 1.1 points.\n\n" +
		"| scenario | harmless ones rolled back | regressions beyond the margin verified | found | harmless ones verified |\n|---|---|---|---|---|\n")
	for i, tallies := range rows {
		three := func(of func(t Tally) Share) string {
			var said []string
			for _, t := range tallies {
				said = append(said, fmt.Sprintf("%.1f", of(t).Percent()))
			}
			return strings.Join(said, " / ") + " %"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", Scenarios[i].Name,
			three(func(t Tally) Share { return Share{t.FalseRollBacks[0], t.Harmless} }),
			three(func(t Tally) Share { return Share{t.WrongBeyond, t.Beyond} }),
			three(func(t Tally) Share { return Found([]Tally{t}, 0, 0) }),
			three(func(t Tally) Share { return Share{t.VerifiedHarmless, t.Harmless} }))
	}
}
