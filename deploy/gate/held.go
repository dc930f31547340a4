package gate

import "plimsoll/deploy"

// HeldBy returns the verification that holds a commit in a target: its newest one there with
// the verdict to roll back, unless the commit was verified there since; nil if none does.
// It takes the verifications of the commit in the target, newest first.
func HeldBy(runs []deploy.VerificationRun) *deploy.VerificationRun {
	for i := range runs {
		switch verdict := runs[i].Verdict; {
		case verdict == nil:
		case verdict.Answer == deploy.Verified:
			return nil
		case verdict.Answer == deploy.RollBack:
			return &runs[i]
		}
	}
	return nil
}

// HeldTargets returns the verifications that hold a commit, one for each target. It takes
// the verifications of the commit in all targets, newest first.
func HeldTargets(runs []deploy.VerificationRun) []deploy.VerificationRun {
	var targets []deploy.Target
	at := map[deploy.Target][]deploy.VerificationRun{}
	for _, run := range runs {
		target := run.Target
		target.Production = false // its class may have changed since
		if at[target] == nil {
			targets = append(targets, target)
		}
		at[target] = append(at[target], run)
	}
	var held []deploy.VerificationRun
	for _, target := range targets {
		if run := HeldBy(at[target]); run != nil {
			held = append(held, *run)
		}
	}
	return held
}

// lastVerdict is the newest verdict about the commit; nil without one.
func lastVerdict(runs []deploy.VerificationRun) *deploy.Verdict {
	for _, c := range runs {
		if c.Verdict != nil && c.Verdict.Answer != deploy.Superseded {
			return c.Verdict
		}
	}
	return nil
}
