package benchmark

import "testing"

// TestTheJudgeKeepsItsBounds runs a part of the table: the seeds are fixed, so that
// it gives the same counts every time.
func TestTheJudgeKeepsItsBounds(t *testing.T) {
	tallies, err := Run(Reduced())
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range Broken(tallies) {
		t.Error(said)
	}
	for a, alpha := range Alphas {
		t.Logf("at %.0f %%: false alarms %.1f %%, found %.1f %% (from 20 requests a minute), regressions verified %.1f %%",
			100*alpha, FalseAlarms(tallies, a).Percent(), Found(tallies, a, 20).Percent(), Wrong(tallies).Percent())
	}
}
