//go:build ablation

package benchmark_test

import (
	"slices"
	"strings"
	"testing"

	"plimsoll/deploy/signal"
	"plimsoll/deploy/signal/benchmark"
)

// TestABrokenJudgeIsNoticed leaves a part of the judge out, and expects the bound of
// the benchmark that the part is there for to fail; with nothing left out the same
// deployments keep it.
func TestABrokenJudgeIsNoticed(t *testing.T) {
	harmless := benchmark.Plan{Noise: benchmark.Usual, Levels: []float64{20, 2000}, Harmless: 40}
	harmful := benchmark.Plan{Noise: benchmark.Usual, Levels: []float64{2000}, Each: 20}
	for _, c := range []struct {
		name  string
		plan  benchmark.Plan
		part  func(*signal.Input)
		bound string
	}{
		{"the guard", harmless, signal.Without(signal.WithoutGuard), "false alarms at 3 %"},
		{"the calibration", harmless, signal.Without(signal.WithoutCalibration), "false alarms at 3 %"},
		{"the over-dispersion", harmful, signal.Without(signal.WithoutOverdispersion), "regressions beyond the margin verified"},
	} {
		t.Run(c.name, func(t *testing.T) {
			failing := func(change func(*signal.Input)) bool {
				plan := c.plan
				plan.Change = change
				tallies, err := benchmark.Run(plan)
				if err != nil {
					t.Fatal(err)
				}
				said := benchmark.Broken(tallies)
				t.Log(said)
				return slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, c.bound) })
			}
			if failing(nil) {
				t.Errorf("%s does not hold with %s either", c.bound, c.name)
			}
			if !failing(c.part) {
				t.Errorf("without %s %s still holds: nothing would notice", c.name, c.bound)
			}
		})
	}
}
