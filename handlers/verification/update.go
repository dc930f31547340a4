package verification

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"plimsoll/checks"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// Issues keeps the issue about a deployment that went bad.
type Issues interface {
	CreateIssue(ctx context.Context, repo contracts.RepositoryRef, title, body string) (number int, err error)
	// EditIssue replaces the text, and closes the issue where that is said.
	EditIssue(ctx context.Context, repo contracts.RepositoryRef, number int, body string, closed bool) error
	// FindIssue gives this App's own issue that holds a marker, 0 without one.
	FindIssue(ctx context.Context, repo contracts.RepositoryRef, marker string, since time.Time) (number int, err error)
}

// Update brings what people see of a deployment that went bad up to what was done: the
// check run, the issue, and the comments last.
func (r *Reporter) Update(ctx context.Context, course deploy.Course) error {
	if course.Verdict == nil {
		return nil // somebody has asked while it is watched: the verdict tells
	}
	seen, err := r.seen(ctx, course)
	if err != nil {
		return err
	}
	now, err := r.Now(ctx)
	if err != nil {
		return err
	}
	if err := r.publish(ctx, &course, seen, course.Verdict.Signals, now); err != nil {
		return err
	}
	if err := r.issue(ctx, &course, seen, now); err != nil {
		return fmt.Errorf("keep the issue about %s: %w", course.ID(), err)
	}
	if m := course.Remedy; m.EndedBy != 0 && m.EndedBy != m.Made {
		return nil // another deployment has ended it, and told so on the pull requests that it carried
	}
	return r.tellPulls(ctx, course, seen, now)
}

// seen is what the verdict of a course rests on.
func (r *Reporter) seen(ctx context.Context, course deploy.Course) (*sighting, error) {
	samples, err := r.Courses.Samples(ctx, course.Repository, course.ID())
	if err != nil {
		return nil, err
	}
	seen := &sighting{samples: samples}
	seen.history, seen.hash, err = r.Courses.History(ctx, course.Repository, course.ID())
	return seen, err
}

// issue keeps the issue about a deployment that went bad, where one is asked for. It is
// closed when the place is verified again.
func (r *Reporter) issue(ctx context.Context, course *deploy.Course, seen *sighting, now time.Time) error {
	m := course.Remedy
	if m.IssueClosed || m.Issue == 0 && (course.Verdict.Answer != deploy.RollBack || !course.Plan.Response.Wants(config.FailIssue)) {
		return nil
	}
	repo := course.Repository
	pulls, err := r.Carried(ctx, *course)
	if err != nil {
		return err
	}
	course.Pulls = pulls
	told := r.deployed(*course, seen, course.Verdict.Signals, now)
	title, body := deploytext.DeploymentIssue(told, pulls)
	if m.Issue == 0 {
		if m.Issue, err = r.Issues.FindIssue(ctx, repo, checks.IssueMarker(m.Verification), course.Began); err != nil {
			return err
		}
	}
	if m.Issue == 0 {
		if m.Issue, err = r.Issues.CreateIssue(ctx, repo, title, body); err != nil {
			return err
		}
		if err := r.Remedies.PutRemedy(ctx, repo, *m); err != nil {
			return err
		}
	}
	over := m.Outcome == deploy.Verified
	if over {
		if err := r.closing(ctx, *course, told); err != nil {
			return err
		}
	}
	err = r.Issues.EditIssue(ctx, repo, m.Issue, body, over)
	if errors.Is(err, fs.ErrNotExist) {
		over, err = true, nil // somebody has deleted it
	}
	if err != nil {
		return err
	}
	m.IssueClosed = over
	return r.Remedies.PutRemedy(ctx, repo, *m)
}

// closing says in a comment why the issue is closed, once.
func (r *Reporter) closing(ctx context.Context, course deploy.Course, told deploytext.Deployed) error {
	m, marker := course.Remedy, checks.IssueMarker(course.ID()+"/closed")
	id, err := r.Publisher.FindComment(ctx, course.Repository, m.Issue, marker)
	if err != nil || id != 0 {
		return err
	}
	_, err = r.Publisher.CreateComment(ctx, course.Repository, m.Issue, deploytext.DeploymentIssueClosed(told)+"\n\n"+marker)
	return err
}
