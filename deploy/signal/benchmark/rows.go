package benchmark

import (
	"fmt"
	"strings"
)

// Row is one scenario of one generator.
type Row struct {
	Generator *Generator
	Scenario  Scenario
	Tallies   []Tally // by ScenarioLevels
	Beside    []Tally // with control routes, of the first scenario
}

// Conditions are the scenarios that every generator has.
var Conditions = []Scenario{
	{Name: "1 deployment a day"},
	{Name: "10 deployments a day", PerDay: 10},
	{Name: "30 deployments a day", PerDay: 30},
	{Name: "0.05 % errors", Errors: 0.0005},
	{Name: "3 % errors", Errors: 0.03},
	{Name: "5 % errors", Errors: 0.05},
	{Name: "3 times the traffic", Traffic: 3},
	{Name: "a harmless deployment before", Previous: "harmless"},
	{Name: "a faulty deployment before, rolled back", Previous: "faulty"},
	{Name: "a deployment with the same fault before, superseded", Previous: "superseded"},
	{Name: "an incident of 40 minutes before", Incident: 40},
	{Name: "a roll-out of 10 minutes", RollOut: 10},
	{Name: "a roll-out of 30 minutes", RollOut: 30},
}

// Published is the first seed of the rows in RESULTS.md. A change of the judge is developed on other
// seeds, and takes a new one here before the results are written.
const Published = 40_301_130

// Plans of a row: the deployments of a condition, of gross harm, and those with control routes.
func (r Row) plan() Plan { return RowPlan(r.Generator, r.Scenario, Published, 100, 4) }
func (r Row) gross() Plan {
	p := RowPlan(r.Generator, r.Scenario, Published, 0, 0)
	p.Gross = 40
	return p
}
func (r Row) beside() Plan {
	p := RowPlan(r.Generator, r.Scenario, Published+1_000_000, 0, 10)
	p.Control = true
	return p
}

// RowPlan runs a scenario of a generator from a seed on.
func RowPlan(g *Generator, s Scenario, fresh, harmless, each int) Plan {
	return Plan{Levels: ScenarioLevels, Harmless: harmless, Each: each, Scenario: s, Generator: g, Fresh: fresh, First: 100_000}
}

func (r Row) falseAlarms() (s Share) {
	for _, t := range r.Tallies {
		s = s.plus(t.FalseRollBacks[0], t.Harmless)
	}
	return s
}

func (r Row) verified() (s Share) {
	for _, t := range r.Tallies {
		s = s.plus(t.WrongBeyond, t.Beyond)
	}
	return s
}

// rolledBack are the regressions that were.
func (t Tally) rolledBack() (s Share) {
	for e := range Effects {
		s = s.plus(t.RolledBack[e][0], t.Of[e])
	}
	return s
}

// ofLimit is the share of what counting alone would find, in percent.
func ofLimit(tallies ...Tally) float64 {
	found, limit := 0, 0.0
	for _, t := range tallies {
		found, limit = found+t.rolledBack().Count, limit+t.Limit
	}
	return 100 * float64(found) / max(limit, 1e-9)
}

// medianVerified is the median over all harmless deployments, those that were never verified
// included; 0: later than the window.
func (t Tally) medianVerified() int {
	if middle := (t.Harmless - 1) / 2; middle < len(t.VerifiedAfter) {
		return t.VerifiedAfter[middle]
	}
	return 0
}

func minutesOf(m int) string {
	if m == 0 {
		return "> 30"
	}
	return fmt.Sprint(m)
}

func (r Row) three(of func(t Tally) string) string {
	var said []string
	for _, t := range r.Tallies {
		said = append(said, of(t))
	}
	return strings.Join(said, " / ")
}

func (r Row) line() string {
	percent := func(s Share) string { return fmt.Sprintf("%.1f", s.Percent()) }
	return fmt.Sprintf("| %s | %.1f %% | %s | %.1f %% | %s | %s | %s %% | %s | %s |\n", r.Scenario.Name,
		r.falseAlarms().Percent(), r.three(func(t Tally) string { return percent(Share{t.FalseRollBacks[0], t.Harmless}) }),
		r.verified().Percent(), r.three(func(t Tally) string { return percent(Share{t.WrongBeyond, t.Beyond}) }),
		r.three(func(t Tally) string { return fmt.Sprintf("%.0f", t.rolledBack().Percent()) }),
		r.three(func(t Tally) string { return fmt.Sprintf("%.0f", ofLimit(t)) }),
		r.three(func(t Tally) string { return fmt.Sprintf("%.0f", Share{t.VerifiedHarmless, t.Harmless}.Percent()) }),
		r.three(func(t Tally) string { return minutesOf(t.medianVerified()) }))
}

// GeneratorRows are the rows of every generator, in order.
func GeneratorRows() (rows []Row) {
	for i := range Generators {
		for _, s := range Conditions {
			rows = append(rows, Row{Generator: &Generators[i], Scenario: s})
		}
	}
	return rows
}

// Fill runs a row.
func (r *Row) Fill() (err error) {
	if r.Tallies, err = Run(r.plan()); err != nil || r.Scenario.Name != Conditions[0].Name {
		return err
	}
	gross, err := Run(r.gross())
	if err != nil {
		return err
	}
	beside, err := Run(r.beside())
	for l := range r.Tallies {
		r.Tallies[l].Gross, r.Tallies[l].OfGross = gross[l].Gross, gross[l].OfGross
	}
	r.Beside = beside
	return err
}

// RowGoals are the goals that hold for each row, with how many rows reach them.
func RowGoals(rows []Row) string {
	var b strings.Builder
	b.WriteString("| goal | reached | worst | |\n|---|---|---|---|\n")
	tell := func(name string, reached, of int, worst string) {
		met := "met"
		if reached < of {
			met = "**missed**"
		}
		fmt.Fprintf(&b, "| %s | %d of %d | %s | %s |\n", name, reached, of, worst, met)
	}
	share := func(name string, of func(Row) Share) {
		reached, worst, where := 0, -1.0, ""
		for _, r := range rows {
			if is := of(r).Percent(); is <= 2 {
				reached++
				if is > worst {
					worst, where = is, r.name()
				}
			} else if is > worst {
				worst, where = is, r.name()
			}
		}
		tell(name, reached, len(rows), fmt.Sprintf("%.1f %%: %s", worst, where))
	}
	share("false alarms ≤ 2 % in every row", Row.falseAlarms)
	share("faults beyond the margin verified ≤ 2 % in every row", Row.verified)
	for _, g := range []struct {
		level float64
		most  int
	}{{200, 20}, {2000, 10}} {
		reached, worst, where := 0, 0, ""
		for _, r := range rows {
			for _, t := range r.Tallies {
				if t.Level != g.level {
					continue
				}
				is := t.medianVerified()
				if is > 0 && is <= g.most {
					reached++
				}
				if is == 0 {
					is = Watch + 1
				}
				if is > worst {
					worst, where = is, r.name()
				}
			}
		}
		tell(fmt.Sprintf("median time to `verified` ≤ %d min at %.0f requests a minute", g.most, g.level), reached, len(rows), minutesOf(worst%(Watch+1))+" min: "+where)
	}
	grossly(rows, tell)
	limits(rows, tell)
	return b.String()
}

func grossly(rows []Row, tell func(name string, reached, of int, worst string)) {
	reached, of, worst, never := 0, 0, 0, 0
	for _, r := range rows {
		for _, t := range r.Tallies {
			of, never = of+t.OfGross, never+t.OfGross-len(t.Gross)
			for _, m := range t.Gross {
				if m <= 3 {
					reached++
				}
				worst = max(worst, m)
			}
		}
	}
	said := fmt.Sprintf("%d min", worst)
	if never > 0 {
		said = fmt.Sprintf("%d never", never)
	}
	tell("gross harm (seven of ten requests fail, probes with them) rolled back in ≤ 3 min", reached, of, said)
}

// limits compares what is found with what counting alone would find.
func limits(rows []Row, tell func(name string, reached, of int, worst string)) {
	for _, c := range []struct {
		name    string
		least   float64
		tallies func(Row) []Tally
	}{{"found ≥ 85 % of the counting limit, alone", 85, func(r Row) []Tally { return r.Tallies }},
		{"found ≥ 95 % of the counting limit, with control routes", 95, func(r Row) []Tally { return r.Beside }}} {
		reached, of, worst, where := 0, 0, 1e9, ""
		for _, r := range rows {
			if len(c.tallies(r)) == 0 {
				continue
			}
			of++
			is := ofLimit(c.tallies(r)...)
			if is >= c.least {
				reached++
			}
			if is < worst {
				worst, where = is, r.name()
			}
		}
		tell(c.name, reached, of, fmt.Sprintf("%.0f %%: %s", worst, where))
	}
}

func (r Row) name() string { return r.Generator.Name + ", " + r.Scenario.Name }

// GeneratorSections tell the rows, generator by generator.
func GeneratorSections(rows []Row) string {
	var b strings.Builder
	b.WriteString("## Three generators\n\nIndependent of each other: neither the form of the noise nor the rhythm is the same. Each row has 100 harmless deployments and 4 of each of the eight regressions " +
		"at each of 20 / 200 / 2,000 requests a minute, at α = 1 %, with what ships: a window of 30 minutes, an hour before, three signals and a probe. Shares are of the judge's answers, by whatever rule. " +
		"Seeds are fresh: nothing was tuned on them. In a row of 300 harmless deployments at exactly 1 %, more than 2 % come out by chance in 3 of 100 rows.\n\n" + RowGoals(rows))
	fmt.Fprintf(&b, "\n\"Faults verified\" are regressions beyond the margins. \"Of the limit\" is what is found as a share of what counting could find (true rates known, independent requests, nothing else ever changing). "+
		"\"Minutes to verified\" is the median of all harmless deployments after the success; \"> 30\" where fewer than half are verified in the window. "+
		"A faulty deployment before had 4 times the errors and 2 points more, and was rolled back 8 to 20 minutes later, 10 to 55 minutes before this one; the other ones before came 10 to 55 minutes before.\n")
	fmt.Fprintf(&b, "\nWhat time it takes to exclude harm is limited as well. With the noise of the first generator, a judge that knew the true rates and the law of the noise, and watched errors and slow requests alone, would exclude harm beyond the margins "+
		"in a median of %d minutes at 200 and %d at 2,000 requests a minute, after a guard of 5 minutes: noise that lasts for minutes is only averaged away by waiting.\n", Fastest(200), Fastest(2000))
	for i := range Generators {
		g := &Generators[i]
		fmt.Fprintf(&b, "\n### Generator: %s\n\n%s.\n\n| scenario | false alarms | by traffic | faults verified | by traffic | found, %% | of the limit | harmless verified, %% | minutes to verified |\n|---|---|---|---|---|---|---|---|---|\n", g.Name, strings.ToUpper(g.About[:1])+g.About[1:])
		for _, r := range rows {
			if r.Generator == g {
				b.WriteString(r.line())
			}
		}
		for _, r := range rows {
			if r.Generator == g && len(r.Beside) > 0 {
				fmt.Fprintf(&b, "\nWith control routes (%s): found %s %%, of the limit %s %%. Gross harm: rolled back after %s minutes (quartiles), %s of 40.\n", r.Scenario.Name,
					Row{Tallies: r.Beside}.three(func(t Tally) string { return fmt.Sprintf("%.0f", t.rolledBack().Percent()) }),
					Row{Tallies: r.Beside}.three(func(t Tally) string { return fmt.Sprintf("%.0f", ofLimit(t)) }),
					strings.ReplaceAll(r.three(func(t Tally) string { return strings.ReplaceAll(quartiles(t.Gross), " ", "") }), " / ", ", "),
					r.three(func(t Tally) string { return fmt.Sprint(len(t.Gross)) }))
			}
		}
	}
	return b.String()
}
