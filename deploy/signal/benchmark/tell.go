package benchmark

import (
	"fmt"
	"strings"
)

// goal is a figure that the judge is meant to reach.
type goal struct {
	name      string
	is        float64
	low, high float64 // percent, both inclusive
}

func (g goal) met() bool { return g.is >= g.low && g.is <= g.high }

// Results are all runs of the table.
type Results struct {
	Plain, Control []Tally
	// Many are harmless deployments alone, for a sharper figure of false alarms.
	Many []Tally
	NAB  *NAB
	// Rows are those of GeneratorRows.
	Rows []Row
	// Versions has those of VersionScenarios.
	Versions [][]Tally
}

// Markdown tells the results.
func (r Results) Markdown() string {
	var b strings.Builder
	b.WriteString("# The judge of signals, measured\n\nWritten in `deploy/signal/benchmark`, a module of its own, by `PLIMSOLL_JUDGE=full go test -run Results -timeout 1h -update`; without `-update` the same command prints it and compares. " +
		"Fixed seeds: the same figures every time.\n\n" +
		"Two parts. First, the log-normal generator in detail, beside rules like those of other tools; then three generators with what is unusual about deployments (\"Three generators\"), with the goals that hold for each row.\n\n3,600 synthetic deployments: at each of four levels of traffic 500 that harm nothing and 50 each of eight regressions (one in four of the errors and latencies creeps in over 15 minutes). " +
		"Seven days of minutes; a daily rhythm; noise whose logarithm deviates by 0.15 (traffic), 0.3 (errors) and 0.2 (slow requests), correlated 0.95 from one quarter of a minute to the next and so 0.81 from minute to minute; " +
		"0.1 to 1 % errors, 3 to 7 % slow; a restart disturbs the first four minutes. Three metrics share α. An alarm is p ≤ α before the deployment is verified; a roll back at 1 % is the judge's answer, by whatever rule; at 3 % it is p with the effect.\n")
	r.goals(&b)
	beside(&b, r.Plain)
	r.judge(&b)
	r.effects(&b)
	b.WriteString("\n" + GeneratorSections(r.Rows))
	b.WriteString("\n" + VersionRows(r.Versions))
	r.real(&b)
	return b.String()
}

func (r Results) goals(b *strings.Builder) {
	b.WriteString("\n## Goals\n\n| goal | wanted | is | |\n|---|---|---|---|\n")
	for _, g := range r.Goals() {
		met := "met"
		if !g.met() {
			met = "**missed**"
		}
		wanted := fmt.Sprintf("%.1f to %.1f %%", g.low, g.high)
		if g.high == 100 {
			wanted = fmt.Sprintf("≥ %.0f %%", g.low)
		} else if g.low == 0 {
			wanted = fmt.Sprintf("< %.0f %%", g.high)
		}
		fmt.Fprintf(b, "| %s | %s | %.1f %% | %s |\n", g.name, wanted, g.is, met)
	}
	b.WriteString("\nOf 500 deployments 1 % are five: their count alone strays by 2.2, so that the goal on false alarms is read from " +
		"500 others at each level (alone they stray by 0.4 points), and the 500 stand in the tables below.\n")
}

// Goals are the figures wanted beside what came out.
func (r Results) Goals() []goal {
	var goals []goal
	for a, alpha := range Alphas {
		for _, t := range r.Many {
			goals = append(goals, goal{fmt.Sprintf("false alarms at α = %.0f %%, %.0f requests a minute", 100*alpha, t.Level),
				Share{t.FalseAlarms[a], t.Harmless}.Percent(), 50 * alpha, 200 * alpha})
		}
	}
	goals = append(goals,
		goal{"found at 1 %, from 20 requests a minute", Found(r.Plain, 0, 20).Percent(), 63, 100},
		goal{"found at 3 %, from 20 requests a minute", Found(r.Plain, 1, 20).Percent(), 74, 100},
		goal{"found at 1 % with control routes, from 20 requests a minute", Found(r.Control, 0, 20).Percent(), 85, 100},
		goal{"found at 3 % with control routes, from 20 requests a minute", Found(r.Control, 1, 20).Percent(), 85, 100})
	for _, t := range r.Plain {
		switch t.Level {
		case 200:
			goals = append(goals, goal{"harmless ones verified in 30 minutes, 200 requests a minute", Share{t.VerifiedHarmless, t.Harmless}.Percent(), 32, 100})
		case 2000:
			goals = append(goals, goal{"harmless ones verified in 30 minutes, 2,000 requests a minute", Share{t.VerifiedHarmless, t.Harmless}.Percent(), 59, 100})
		}
	}
	goals = append(goals, goal{"regressions verified all the same, all levels", Wrong(r.Plain).Percent(), 0, 2})
	for _, t := range r.Plain {
		goals = append(goals, goal{fmt.Sprintf("regressions beyond the margin verified, %.0f requests a minute", t.Level), WrongBeyond([]Tally{t}).Percent(), 0, 2})
	}
	return goals
}

// beside compares with the rules like other tools'.
func beside(b *strings.Builder, tallies []Tally) {
	b.WriteString("\n## Beside other rules, all levels\n\n| rule | false alarms | found | median minutes to the alarm |\n|---|---|---|---|\n")
	for k, rule := range Rules {
		var wrong, found Share
		var delays []int
		for _, t := range tallies {
			wrong = wrong.plus(t.RuleFalse[k], t.Harmless)
			found.Count += t.RuleFound[k]
			for e := range Effects {
				found.Of += t.Of[e]
			}
			delays = append(delays, t.RuleDelay[k]...)
		}
		fmt.Fprintf(b, "| %s | %.1f %% | %.1f %% | %s |\n", rule.Name, wrong.Percent(), found.Percent(), middle(delays))
	}
	for a, alpha := range Alphas {
		var delays []int
		for _, t := range tallies {
			delays = append(delays, t.Delay[a]...)
		}
		fmt.Fprintf(b, "| **placebo-calibrated at %.0f %%** | %.1f %% | %.1f %% | %s |\n", 100*alpha,
			FalseAlarms(tallies, a).Percent(), Found(tallies, a, 0).Percent(), middle(delays))
	}
	b.WriteString("\nThe other rules are written anew from what their projects document, with the limits of their examples, and begin after the first five minutes; latencies are derived from the share of slow requests. \"Like\" means that the rule is theirs, not the tool.\n")
}

// judge tells of the judge by traffic.
func (r Results) judge(b *strings.Builder) {
	for _, run := range []struct {
		name    string
		tallies []Tally
	}{{"without control", r.Plain}, {"with control routes (100 harmless deployments a level)", r.Control}} {
		fmt.Fprintf(b, "\n## The judge, %s\n\n| requests a minute | false alarms at 1 %% | at 3 %% | roll backs of harmless ones at 1 %% | at 3 %% | found at 1 %% | at 3 %% | minutes to the alarm at 1 %% (quartiles) | harmless verified | regressions verified |\n|---|---|---|---|---|---|---|---|---|---|\n", run.name)
		for _, t := range run.tallies {
			at := []Tally{t}
			fmt.Fprintf(b, "| %.0f | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %s | %.1f %% | %.1f %% |\n", t.Level,
				FalseAlarms(at, 0).Percent(), FalseAlarms(at, 1).Percent(),
				Share{t.FalseRollBacks[0], t.Harmless}.Percent(), Share{t.FalseRollBacks[1], t.Harmless}.Percent(),
				Found(at, 0, 0).Percent(), Found(at, 1, 0).Percent(), quartiles(t.Delay[0]),
				Share{t.VerifiedHarmless, t.Harmless}.Percent(), Wrong(at).Percent())
		}
	}
}

// effects tells which regressions are found, and which are verified.
func (r Results) effects(b *strings.Builder) {
	for a, alpha := range Alphas {
		fmt.Fprintf(b, "\n## Found at %.0f %%, by regression (with control routes in brackets)\n\n| requests a minute |", 100*alpha)
		for _, e := range Effects {
			fmt.Fprintf(b, " %s |", e.Name)
		}
		b.WriteString("\n|---|" + strings.Repeat("---|", len(Effects)) + "\n")
		for l, t := range r.Plain {
			fmt.Fprintf(b, "| %.0f |", t.Level)
			for e := range Effects {
				fmt.Fprintf(b, " %.0f (%.0f) %% |", Share{t.Found[e][a], t.Of[e]}.Percent(), Share{r.Control[l].Found[e][a], t.Of[e]}.Percent())
			}
			b.WriteString("\n")
		}
		b.WriteString("\nThe most that any judge could find by counting (true rates known, independent requests, nothing else ever changing, a third of α for the metric that is harmed):\n\n| requests a minute |")
		for _, e := range Effects {
			fmt.Fprintf(b, " %s |", e.Name)
		}
		b.WriteString(" all |\n|---|" + strings.Repeat("---|", len(Effects)+1) + "\n")
		for _, level := range Levels {
			fmt.Fprintf(b, "| %.0f |", level)
			sum := 0.0
			for _, e := range Effects {
				most := Ceiling(level, e, alpha)
				sum += most
				fmt.Fprintf(b, " %.0f %% |", 100*most)
			}
			fmt.Fprintf(b, " %.0f %% |\n", 100*sum/float64(len(Effects)))
		}
	}
	b.WriteString("\n## Verified all the same, by regression (of 50 each)\n\nThe margins are 0.2 points of errors or half as many again, whichever is more, half as many slow requests again, and three tenths of traffic: errors ×2 of a service with fewer than 0.2 % lies within its margin, and slow ×1.5 and traffic −30 % lie on it.\n\n| requests a minute |")
	for _, e := range Effects {
		fmt.Fprintf(b, " %s |", e.Name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(Effects)) + "\n")
	for _, t := range r.Plain {
		fmt.Fprintf(b, "| %.0f |", t.Level)
		for e := range Effects {
			fmt.Fprintf(b, " %d |", t.Wrong[e])
		}
		b.WriteString("\n")
	}
}

func (r Results) real(b *strings.Builder) {
	b.WriteString("\n## Real series (NAB)\n\n")
	if r.NAB == nil {
		b.WriteString("**Not measured: the data are not here** (shared/data/nab).\n")
		return
	}
	n := r.NAB
	fmt.Fprintf(b, "%d series of points five minutes apart, %d pretended deployments outside every labelled anomaly, watched for two hours; then the same with the level raised by half from the deployment on. One metric has all of α.\n\n"+
		"| | at 1 %% | at 3 %% |\n|---|---|---|\n| false alarms | %.1f %% | %.1f %% |\n| raised by half: found | %.1f %% | %.1f %% |\n", n.Series, n.Deployments,
		Share{n.False[0], n.Deployments}.Percent(), Share{n.False[1], n.Deployments}.Percent(),
		Share{n.Found[0], n.Deployments}.Percent(), Share{n.Found[1], n.Deployments}.Percent())
}

func middle(minutes []int) string {
	if len(minutes) == 0 {
		return "–"
	}
	return fmt.Sprint(sorted(minutes)[len(minutes)/2])
}

func quartiles(minutes []int) string {
	if len(minutes) == 0 {
		return "–"
	}
	s := sorted(minutes)
	return fmt.Sprintf("%d / %d / %d", s[len(s)/4], s[len(s)/2], s[3*len(s)/4])
}
