package deploy

import (
	"reflect"
	"testing"
	"time"

	"plimsoll/deploy/signal"
)

// TestCutOut: what a deployment is not compared with.
func TestCutOut(t *testing.T) {
	began := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return began.Add(-time.Duration(minutes) * time.Minute) }
	id := int64(0)
	run := func(started, minutes int, answer Answer) VerificationRun {
		id++
		r := VerificationRun{Verification: Verification{Deployment: id, Began: at(minutes), Started: at(started), Plan: Plan{For: 30 * time.Minute}}}
		if answer != "" {
			r.Verdict = &Verdict{Answer: answer}
		}
		return r
	}
	failed := func(created, minutes int) Deployment {
		return Deployment{ID: 7, State: Failure, CreatedAt: at(created), StateAt: at(minutes)}
	}
	cut := func(from, to int, why string) signal.Cut {
		return signal.Cut{From: at(from).Unix(), To: at(to).Unix(), Why: why}
	}
	day := 24 * 60
	for name, c := range map[string]struct {
		earlier  []VerificationRun
		failed   []Deployment
		cuts     []signal.Cut
		verified []int64
	}{
		"none before": {nil, nil, nil, nil},
		"verified, with its roll-out": {
			[]VerificationRun{run(130, 120, Verified)}, nil, []signal.Cut{cut(130, 120, CutDeployment)}, []int64{at(120).Unix()},
		},
		"superseded and never decided, each until the next": {
			[]VerificationRun{run(22, 20, ""), run(42, 40, Superseded), run(90, 90, Verified)},
			nil, []signal.Cut{cut(22, 10, CutUnsettled), cut(42, 22, CutUnsettled), cut(90, 90, CutDeployment)}, []int64{at(90).Unix()},
		},
		"to be investigated and rolled back, a day at most": {
			[]VerificationRun{run(2*day, 2*day, Investigate), run(2*day+60, 2*day+50, RollBack)},
			nil, []signal.Cut{cut(2*day, day, CutUnsettled), cut(2*day+60, 2*day, CutUnsettled)}, nil,
		},
		"inconclusive, as long as it was watched": {
			[]VerificationRun{run(25, 20, Inconclusive), run(95, 90, Inconclusive)},
			nil, []signal.Cut{cut(25, 10, CutUnsettled), cut(95, 60, CutUnsettled)}, nil,
		},
		"older than the history": {[]VerificationRun{run(9*day, 9*day, Verified)}, nil, nil, nil},
		"failed, each until the next that succeeded": {
			[]VerificationRun{run(130, 120, Verified)}, []Deployment{failed(30, 20), failed(5, 2), failed(150, 140), failed(3*day, 2*day)},
			[]signal.Cut{cut(130, 120, CutDeployment), cut(30, 10, CutFailed), cut(5, 0, CutFailed), cut(150, 130, CutFailed), cut(2*day+6*60, day, CutFailed)}, []int64{at(120).Unix()},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var h History
			h.cutOut(Verification{Deployment: 999, Began: began, Started: at(10)}, c.earlier, c.failed)
			if want := append([]signal.Cut{cut(10, 0, CutRollOut)}, c.cuts...); !reflect.DeepEqual(h.Cuts, want) {
				t.Errorf("left out %v, expected %v", h.Cuts, want)
			}
			if !reflect.DeepEqual(h.Verified, c.verified) {
				t.Errorf("verified at %v, expected %v", h.Verified, c.verified)
			}
		})
	}
}
