package verification

import (
	"context"

	"plimsoll/checks"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/config"
	"plimsoll/deploy"
)

// Update publishes what was done about a deployment that failed its verification.
func (r *Reporter) Update(ctx context.Context, run deploy.VerificationRun) error {
	if run.Verdict == nil {
		return nil // a person asked while it is watched: the verdict will report it
	}
	return r.report(ctx, run)
}

// seen is what the verdict of a run is based on.
func (r *Reporter) seen(ctx context.Context, run deploy.VerificationRun) (*deploy.Observations, error) {
	samples, err := r.deps.Runs.Samples(ctx, run.Repository, run.ID())
	if err != nil {
		return nil, err
	}
	seen := &deploy.Observations{Samples: samples}
	seen.History, seen.Hash, err = r.deps.Runs.History(ctx, run.Repository, run.ID())
	return seen, err
}

// issue is the issue about a deployment that failed, if one is wanted. It is closed when
// the target is verified again.
func (r *Reporter) issue(ctx context.Context, run *deploy.VerificationRun, deployed deploytext.Deployed) (checks.Publication, bool, error) {
	m := run.Rollback
	if m == nil || m.IssueClosed || m.Issue == 0 && (run.Verdict.Answer != deploy.RollBack || !run.Plan.Response.Wants(config.FailIssue)) {
		return checks.Publication{}, false, nil
	}
	pulls, err := r.Carried(ctx, *run)
	if err != nil {
		return checks.Publication{}, false, err
	}
	run.Pulls, deployed.Run.Pulls = pulls, pulls
	title, body := deploytext.DeploymentIssue(deployed, pulls)
	content := checks.IssueContent{Title: title, Body: body, Marker: checks.IssueMarker(m.Verification), Since: run.Began}
	if m.Outcome == deploy.Verified {
		content.Closed, content.ClosingMarker = true, checks.IssueMarker(run.ID()+"/closed")
		content.Closing = deploytext.DeploymentIssueClosed(deployed) + "\n\n" + content.ClosingMarker
	}
	p := checks.IssuePublication(checks.SubjectOfVerification(run.ID()), content)
	p.Remote = int64(m.Issue) // made by an earlier version
	return p, true, nil
}
