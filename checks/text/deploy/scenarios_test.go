package deploytext

import (
	"net/http"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

const (
	commit = "c0ffee1111111111111111111111111111111111"
	target = "d00d1e2222222222222222222222222222222222"
)

var (
	repository = contracts.RepositoryRef{ID: 1, Owner: "acme", Name: "orders", Private: true}
	production = deploy.Target{Component: "orders", Environment: "production", Production: true}
	noon       = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
)

// watched is a deployment that has been looked at some times; the last looks failed.
func watched(samples, failed int) Deployed {
	d := Deployed{
		WebURL: "https://github.com", DetailsURL: "https://plimsoll.acme.dev/deployments/1", Repository: repository, Now: noon.Add(time.Duration(samples) * time.Minute),
		Run: deploy.VerificationRun{Verification: deploy.Verification{
			Repository: repository, Deployment: 11, Target: production, Commit: commit, Began: noon, Creator: "bob", Before: target, Verified: target, Task: "deploy",
			Plan: deploy.Plan{Declared: true, For: 10 * time.Minute, Every: time.Minute, Probes: []config.Probe{{Get: "/healthz"}}},
		}},
	}
	for n := range samples {
		d.Samples = append(d.Samples, deploy.Sample{N: n, At: noon.Add(time.Duration(n) * time.Minute), Probes: []deploy.ProbeResult{probed(n < samples-failed)}})
	}
	return d
}

func probed(passes bool) deploy.ProbeResult {
	r := deploy.ProbeResult{At: noon, Method: "GET", Path: "/healthz", Outcome: deploy.ProbePassed, Status: http.StatusOK, Took: 12 * time.Millisecond}
	if !passes {
		r.Outcome, r.Status, r.WantStatus = deploy.ProbeStatus, http.StatusServiceUnavailable, "2XX"
	}
	return r
}

func concluded(d Deployed, answer deploy.Answer, reasons ...deploy.Reason) Deployed {
	d.Run.Verdict = &deploy.Verdict{Answer: answer, At: d.Now, Samples: len(d.Samples), Reasons: reasons}
	return d
}

// bad is a deployment that should be rolled back.
func bad() Deployed {
	last := probed(false)
	return concluded(watched(5, 3), deploy.RollBack, deploy.Reason{Kind: deploy.ReasonProbeFails, Subject: "GET /healthz", Failed: 3, Of: 3, Last: &last})
}

func withRollback(d Deployed, m deploy.Rollback) Deployed {
	m.Verification, m.Deployment, m.Target, m.Commit, m.ToCommit = d.Run.ID(), 11, production, commit, target
	d.Run.Rollback = &m
	return d
}

func because(kinds ...deploy.RollbackReasonKind) (reasons []deploy.RollbackReason) {
	for _, kind := range kinds {
		reasons = append(reasons, deploy.RollbackReason{Kind: kind})
	}
	return reasons
}

// errors is a signal that has risen.
func errorsRose() signal.Result {
	return signal.Result{
		Name: "errors", Kind: signal.Proportion, Calibrated: true, Placebos: 1251, AtLeast: 0, Corrected: 0.0005,
		Before: signal.Sample{From: 0, To: 1800, Points: 30, Bad: 125, Total: 67264, Value: 0.00186},
		After:  signal.Sample{From: 1800, To: 3600, Points: 30, Bad: 417, Total: 4391, Value: 0.095},
		Effect: signal.Effect{Holds: true}, Bound: signal.Bound{Known: true, Upper: 0.1, Margin: 0.05},
	}
}

func slowStayed() signal.Result {
	return signal.Result{
		Name: "slow requests", Kind: signal.Proportion, Calibrated: true, Placebos: 1251, AtLeast: 700, Corrected: 1,
		Before: signal.Sample{From: 0, To: 1800, Points: 30, Total: 67264, Value: 0.05}, After: signal.Sample{From: 1800, To: 3600, Points: 30, Total: 4391, Value: 0.049},
		Bound: signal.Bound{Known: true, Upper: 0.00118, Margin: 0.05, Excluded: true},
	}
}

// measured is a deployment with signals.
func measured(answer deploy.Answer, results []signal.Result, reasons ...signal.Reason) Deployed {
	d := watched(5, 0)
	d.Run.Plan.Signals = []config.Signal{{Preset: "http"}}
	d.History = &deploy.History{Signals: []deploy.Watched{{Name: "errors"}, {Name: "slow requests", Above: 0.5}}}
	d.Signals = &signal.Evaluation{Metrics: results, Reasons: reasons, Thresholds: signal.Thresholds{Suspicion: 0.05}}
	var words []deploy.Reason
	for _, r := range reasons {
		words = append(words, deploy.Reason{Kind: deploy.ReasonSignal, Subject: r.Metric, Signal: &r})
	}
	return concluded(d, answer, words...)
}

// scenarios are deployments as they happen.
func scenarios() map[string]Deployed {
	undeclared := concluded(watched(0, 0), deploy.Inconclusive, deploy.Reason{Kind: deploy.ReasonNotDeclared})
	undeclared.Run.Plan = deploy.Plan{}
	rollback := bad()
	rollback.Run.Task = deploy.TaskRollback
	lost := deploy.RollbackReason{Kind: deploy.RollbackNotKnown, Words: "deploy.yml"}
	silent := deploy.RollbackReason{Kind: deploy.RollbackSilent, Deployment: 12}
	givenUp := deploy.RollbackReason{Kind: deploy.RollbackGivenUp}
	performed := deploy.Rollback{State: deploy.RollbackPerformed, By: config.ByDeployment, Made: 12}
	ended := func(outcome deploy.Answer, by int64) deploy.Rollback {
		m := performed
		m.Outcome, m.Ended, m.EndedBy = outcome, target, by
		return m
	}
	lostBy := func(reason deploy.RollbackReason) deploy.Rollback {
		m := performed
		m.Lost = &reason
		return m
	}
	asked := performed
	asked.AskedBy, asked.Reasons, asked.By, asked.Workflow = "carol", because(deploy.RollbackIrreversible), config.ByWorkflow, "deploy.yml"
	return map[string]Deployed{
		"watched":                        watched(3, 0),
		"verified":                       concluded(watched(10, 0), deploy.Verified, deploy.Reason{Kind: deploy.ReasonProbesPass, Of: 10}),
		"rolled back, not looked at yet": bad(),
		"rolled back with numbers":       measured(deploy.RollBack, []signal.Result{errorsRose(), slowStayed()}, signal.Reason{Code: signal.Alarm, Metric: "errors"}),
		"investigate":                    measured(deploy.Investigate, []signal.Result{errorsRose()}, signal.Reason{Code: signal.Suspicious, Metric: "errors"}),
		"verified by signals":            measured(deploy.Verified, []signal.Result{slowStayed()}, signal.Reason{Code: signal.Excluded, Metric: "slow requests", Value: 0.00118}),
		"superseded":                     concluded(watched(2, 0), deploy.Superseded, deploy.Reason{Kind: deploy.ReasonNewer}),
		"not declared":                   undeclared,
		"no address":                     concluded(watched(0, 0), deploy.Inconclusive, deploy.Reason{Kind: deploy.ReasonNoAddress}),
		"a roll back itself":             rollback,
		"roll back performed":            withRollback(bad(), performed),
		"roll back requested":            withRollback(bad(), asked),
		"rolled back and verified":       withRollback(bad(), ended(deploy.Verified, 12)),
		"rolled back and bad":            withRollback(bad(), ended(deploy.RollBack, 12)),
		"rolled back, not concluded":     withRollback(bad(), ended(deploy.Inconclusive, 12)),
		"over by another deployment":     withRollback(bad(), ended(deploy.Verified, 13)),
		"roll back proposed":             withRollback(bad(), deploy.Rollback{State: deploy.RollbackProposed, By: config.ByDeployment, Reasons: because(deploy.RollbackNotDeclared)}),
		"would have been rolled back":    withRollback(bad(), deploy.Rollback{State: deploy.RollbackProposed, By: config.ByDeployment, Reasons: because(deploy.RollbackDryRun)}),
		"roll back proposed, by hand":    withRollback(bad(), deploy.Rollback{State: deploy.RollbackProposed, By: config.ByNone, Reasons: because(deploy.RollbackSecond)}),
		"roll back failed":               withRollback(bad(), deploy.Rollback{State: deploy.RollbackFailed, Reasons: because(deploy.RollbackNotTaken)}),
		"roll back not known":            withRollback(bad(), lostBy(lost)),
		"roll back silent":               withRollback(bad(), lostBy(silent)),
		"roll back given up":             withRollback(bad(), lostBy(givenUp)),
		"refused: no target":             withRollback(bad(), deploy.Rollback{State: deploy.RollbackRefused, Reasons: because(deploy.RollbackNoTarget)}),
		"refused: forbidden":             withRollback(bad(), deploy.Rollback{State: deploy.RollbackRefused, Reasons: because(deploy.RollbackForbidden)}),
		"refused: a roll back":           withRollback(bad(), deploy.Rollback{State: deploy.RollbackRefused, Reasons: because(deploy.RollbackOfRollback)}),
	}
}
