package deploy

import (
	"fmt"
	"testing"

	"plimsoll/deploy/signal"
)

// However many signals with a dry run speak against a deployment, one without is among the
// reasons: otherwise a dry run could hide that it would have been rolled back anyway.
func TestReasonsBesideADryRun(t *testing.T) {
	h, j := &History{}, &signal.Evaluation{}
	for i := range mostSignalReasons + 2 {
		name := fmt.Sprint("signal ", i)
		h.Signals = append(h.Signals, Watched{Name: name, DryRun: i <= mostSignalReasons})
		j.Reasons = append(j.Reasons, signal.Reason{Code: signal.Alarm, Metric: name})
	}
	reasons := reasonsOf(h, j, RollBack)
	if len(reasons) != mostSignalReasons || reasons[0].DryRun || !reasons[1].DryRun {
		t.Errorf("%d reasons: %+v", len(reasons), reasons)
	}
}
