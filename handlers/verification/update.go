package verification

import (
	"context"
	"errors"
	"io/fs"

	"plimsoll/checks"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

// Update publishes what was done about a deployment that failed its verification.
func (r *Reporter) Update(ctx context.Context, run deploy.VerificationRun) error {
	if run.Verdict == nil {
		return nil // a person asked while it is watched: the verdict will report it
	}
	return r.report(ctx, run)
}

// Again publishes what is known of a verification once more, for somebody who has pressed
// "Re-run": GitHub waits for that. A verdict stays as it is, since what was measured then
// can't be measured again; the check run says so.
func (r *Reporter) Again(ctx context.Context, repo contracts.RepositoryRef, id string) error {
	run, err := r.deps.Runs.Verification(ctx, repo, id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it is not ours
	}
	if err != nil {
		return err
	}
	seen, err := r.seen(ctx, run)
	if err != nil {
		return err
	}
	now, err := r.deps.Now(ctx)
	if err != nil {
		return err
	}
	var signals *signal.Evaluation
	if run.Verdict != nil {
		signals = run.Verdict.Signals
	}
	deployed, err := r.deployed(ctx, run, seen, signals, now)
	if err != nil {
		return err
	}
	page := deploytext.DeploymentRunAgain(deployed, now)
	return r.deps.Publications.Put(ctx, run.Repository, checks.RunPublication(checks.SubjectOfVerification(run.ID()), page))
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
