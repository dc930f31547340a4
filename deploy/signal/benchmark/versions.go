package benchmark

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"plimsoll/deploy/signal"
)

// Versions are what a service counts by version and, before the deployment, by part of its
// instances.
type Versions struct{ Old, New, Part Counts }

// differ is how much the instances of a group of so many differ from the whole by themselves: the
// standard deviation of the logarithm of one instance's rates.
const differ = 0.1

// instances that a service has.
const instances = 10

// share of the requests that meet the new version in a minute.
func (s Scenario) share(m int) float64 {
	switch before := History - m; {
	case s.RollOut > 0:
		return math.Min(1, math.Max(0, 1-float64(before)/float64(s.RollOut)))
	case before <= 0:
		return s.Canary
	}
	return 0
}

// begins is the minute in which the first instance of the new version starts.
func (s Scenario) begins() int { return History - s.RollOut }

// groups counts a service by version. The new one is slow and fails while an instance starts, 4
// minutes for each; what is counted as New leaves out the first 5 minutes of each instance.
func (s Scenario) groups(r *rand.Rand, at func(m int) rates, effect Effect, creep bool, earlier []int) (whole Counts, v Versions) {
	for _, c := range []*Counts{&whole, &v.Old, &v.New, &v.Part} {
		*c = Counts{make([]float64, minutes), make([]float64, minutes), make([]float64, minutes)}
	}
	draw := func(m int, now rates, share float64, noise [2]float64, into ...*Counts) {
		total := poisson(r, now.traffic*share)
		bad := binomial(r, total, math.Min(now.errors*math.Exp(noise[0]), 1))
		slow := binomial(r, total, math.Min(now.slow*math.Exp(noise[1]), 1))
		for _, c := range into {
			c.Total[m], c.Bad[m], c.Slow[m] = c.Total[m]+total, c.Bad[m]+bad, c.Slow[m]+slow
		}
	}
	group := func(n float64) [2]float64 {
		sd := differ / math.Sqrt(math.Max(n, 1))
		return [2]float64{sd * r.NormFloat64(), sd * r.NormFloat64()}
	}
	part, rest, old := group(instances/2), group(instances/2), group(instances)
	fresh := group(instances * math.Max(s.Canary, 0.5))
	for m := range minutes {
		if restarted(m, earlier) {
			part, rest = group(instances/2), group(instances/2)
		}
		now := at(m)
		if m < s.begins() {
			draw(m, now, 0.5, part, &whole, &v.Part)
			draw(m, now, 0.5, rest, &whole)
			continue
		}
		strength := 1.0
		if creep {
			strength = math.Min(1, float64(m-s.begins()+1)/15)
		}
		harmed := effect.apply(now, strength)
		starting := harmed
		starting.errors, starting.slow = starting.errors+0.03, starting.slow*3
		share, mature, started := s.share(m), 0.0, 0.0
		if m-5 >= s.begins() {
			mature = s.share(m - 5)
		}
		if m-4 >= s.begins() {
			started = s.share(m - 4)
		}
		draw(m, now, 1-share, old, &whole, &v.Old)
		draw(m, harmed, mature, fresh, &whole, &v.New)
		draw(m, harmed, started-mature, fresh, &whole)
		draw(m, starting, share-started, fresh, &whole)
	}
	return whole, v
}

// points returns what is counted of one metric in the minutes after from, up to to.
func (c Counts) points(from, to int, bad []float64) (p signal.Points) {
	for m := from; m < to; m++ {
		p.At, p.Bad, p.Total = append(p.At, epoch+int64(m+1)*60), append(p.Bad, bad[m]), append(p.Total, c.Total[m])
	}
	return p
}

// beside returns the versions of a metric; nil of none.
func (s Service) beside(bad func(Counts) []float64) *signal.Versions {
	v, begins, ends := s.Versions, s.Scenario.begins(), minutes
	if v == nil || !s.Scenario.Labelled {
		return nil
	}
	if s.Scenario.RollOut > 0 {
		ends = History
	}
	return &signal.Versions{Old: v.Old.points(begins, ends, bad(v.Old)), New: v.New.points(begins+5, minutes, bad(v.New)), Part: v.Part.points(0, begins, bad(v.Part))}
}

// VersionScenarios are those in which old and new version serve at the same time, each judged by the
// time before alone and with the versions, as they are and with something that happens to both.
func VersionScenarios() (all []Scenario) {
	for _, s := range []Scenario{{Name: "canary at 10 %", Canary: 0.1}, {Name: "roll-out of 10 minutes", RollOut: 10}, {Name: "roll-out of 30 minutes", RollOut: 30}} {
		for _, shock := range []float64{0, 3} {
			for _, labelled := range []bool{false, true} {
				one := s
				one.Together, one.Shock, one.Labelled = true, shock, labelled
				if shock > 0 {
					one.Name += ", both get worse"
				}
				all = append(all, one)
			}
		}
	}
	return all
}

// VersionsHeading begins the section of VersionRows.
const VersionsHeading = "## Versions side by side"

// lost are the effects on traffic, which are not counted by version.
const lost = 2

// VersionRows tells the scenarios of VersionScenarios, each with its tallies by level.
func VersionRows(rows [][]Tally) string {
	var b strings.Builder
	b.WriteString(VersionsHeading + "\n\nOld and new version serve at the same time: all the 30 minutes of a canary, or until the roll-out ends. A service has 10 instances, " +
		"whose rates differ by themselves by 10 %; each fails more in the first 4 minutes after its start. \"Before\": the judge gets the whole service, and compares it with the time before. " +
		"\"Versions\": it gets the counts by version as well. Where both get worse, errors are three times and slow requests twice as many in both versions, from the middle of the roll-out or minute 12 of the canary on. " +
		"At each of 20 / 200 / 2,000 requests a minute 60 harmless deployments and 5 of each regression, at α = 1 %. \"Found\" are regressions of errors and latency that are rolled back.\n\n" +
		"| scenario | compared with | harmless ones rolled back | regressions beyond the margin verified | found | harmless ones verified |\n|---|---|---|---|---|---|\n")
	for i, s := range VersionScenarios() {
		with := "before"
		if s.Labelled {
			with = "versions"
		}
		fmt.Fprintf(&b, "| %s | %s |", s.Name, with)
		for _, of := range []func(t Tally) Share{
			func(t Tally) Share { return Share{t.FalseRollBacks[0], t.Harmless} },
			func(t Tally) Share { return Share{t.WrongBeyond, t.Beyond} },
			func(t Tally) (found Share) {
				for e := range len(Effects) - lost {
					found = found.plus(t.RolledBack[e][0], t.Of[e])
				}
				return found
			},
			func(t Tally) Share { return Share{t.VerifiedHarmless, t.Harmless} },
		} {
			var said []string
			for _, t := range rows[i] {
				said = append(said, fmt.Sprintf("%.1f", of(t).Percent()))
			}
			b.WriteString(" " + strings.Join(said, " / ") + " % |")
		}
		b.WriteString("\n")
	}
	b.WriteString("\nA canary keeps the promise. After a roll-out the time before decides again. If something happened to both versions while it went on, few requests have met the old one to show it: " +
		"harmless deployments are then rolled back far more often than α (**missed**).\n")
	return b.String()
}
