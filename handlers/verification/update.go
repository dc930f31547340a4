package verification

import (
	"context"

	"plimsoll/checks"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/config"
	"plimsoll/deploy"
)

// Update publishes what was done about a deployment that went bad.
func (r *Reporter) Update(ctx context.Context, course deploy.VerificationRun) error {
	if course.Verdict == nil {
		return nil // somebody has asked while it is watched: the verdict says it
	}
	return r.report(ctx, course)
}

// seen is what the verdict of a course rests on.
func (r *Reporter) seen(ctx context.Context, course deploy.VerificationRun) (*sighting, error) {
	samples, err := r.Courses.Samples(ctx, course.Repository, course.ID())
	if err != nil {
		return nil, err
	}
	seen := &sighting{samples: samples}
	seen.history, seen.hash, err = r.Courses.History(ctx, course.Repository, course.ID())
	return seen, err
}

// issue is the issue about a deployment that went bad, if one is asked for. It is closed
// when the place is verified again.
func (r *Reporter) issue(ctx context.Context, course *deploy.VerificationRun, told deploytext.Deployed) (checks.Publication, bool, error) {
	m := course.Rollback
	if m == nil || m.IssueClosed || m.Issue == 0 && (course.Verdict.Answer != deploy.RollBack || !course.Plan.Response.Wants(config.FailIssue)) {
		return checks.Publication{}, false, nil
	}
	pulls, err := r.Carried(ctx, *course)
	if err != nil {
		return checks.Publication{}, false, err
	}
	course.Pulls, told.Course.Pulls = pulls, pulls
	title, body := deploytext.DeploymentIssue(told, pulls)
	content := checks.IssueContent{Title: title, Body: body, Marker: checks.IssueMarker(m.Verification), Since: course.Began}
	if m.Outcome == deploy.Verified {
		content.Closed, content.ClosingMarker = true, checks.IssueMarker(course.ID()+"/closed")
		content.Closing = deploytext.DeploymentIssueClosed(told) + "\n\n" + content.ClosingMarker
	}
	p := checks.IssuePublication(checks.SubjectOfVerification(course.ID()), content)
	p.Remote = int64(m.Issue) // made by an earlier version
	return p, true, nil
}
