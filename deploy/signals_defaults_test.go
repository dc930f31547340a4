package deploy

import (
	"testing"
	"time"

	"plimsoll/deploy/signal"
)

// TestMeasuredDefaults: the benchmark of signals leaves window and baseline to the evaluator, so they
// must be those of a plan.
func TestMeasuredDefaults(t *testing.T) {
	measured := signal.Thresholds{}.WithDefaults()
	if time.Duration(measured.Baseline)*time.Second != DefaultBaseline || time.Duration(measured.Window)*time.Second != DefaultSignals {
		t.Errorf("a plan has a baseline of %v and a window of %v; measured are %d s and %d s", DefaultBaseline, DefaultSignals, measured.Baseline, measured.Window)
	}
}
