package benchmark

import "fmt"

// Reduced is a part of the table that takes seconds.
func Reduced() Plan { return Plan{Noise: Usual, Levels: Levels, Harmless: 100, Each: 6} }

// bound is what a share may be, in percent.
type bound struct {
	name      string
	is        Share
	low, high float64
}

// Broken names the bounds that do not hold of a reduced run: those of the goals, as
// far as so few deployments can tell (three standard deviations), nothing where no
// deployment tells.
func Broken(tallies []Tally) (broken []string) {
	var harmless, fast Share
	for _, t := range tallies {
		if t.Level >= 200 {
			harmless = harmless.plus(t.VerifiedHarmless, t.Harmless)
		}
		if t.Level >= 2000 {
			fast = fast.plus(t.VerifiedHarmless, t.Harmless)
		}
	}
	for _, b := range []bound{
		{"false alarms at 1 %", FalseAlarms(tallies, 0), 0, 2.5},
		{"false alarms at 3 %", FalseAlarms(tallies, 1), 0.5, 6},
		{"found at 1 % from 20 requests a minute", Found(tallies, 0, 20), 50, 100},
		{"found at 3 % from 20 requests a minute", Found(tallies, 1, 20), 60, 100},
		{"regressions verified", Wrong(tallies), 0, 3.5},
		{"regressions beyond the margin verified", WrongBeyond(tallies), 0, 2},
		{"harmless ones verified from 200 requests a minute", harmless, 35, 100},
		{"harmless ones verified at 2,000 requests a minute", fast, 45, 100},
	} {
		if is := b.is.Percent(); b.is.Of > 0 && (is < b.low || is > b.high) {
			broken = append(broken, fmt.Sprintf("%s: %.1f %% (%d of %d), expected %.1f to %.1f %%", b.name, is, b.is.Count, b.is.Of, b.low, b.high))
		}
	}
	return broken
}
