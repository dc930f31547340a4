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
	"plimsoll/handlers/source"
)

// Deployer reports on deployments, and finds the pull requests that they carried.
type Deployer interface {
	// ReportDeployment adds a status with a description and the page behind it.
	ReportDeployment(ctx context.Context, repo contracts.RepositoryRef, id int64, state deploy.State, description, page string) error
	// PullsBetween gives the numbers of the merged pull requests whose commits head has
	// and base has not; of head alone without a base.
	PullsBetween(ctx context.Context, repo contracts.RepositoryRef, base, head string) ([]int, error)
}

// Reporter publishes what is known of a verification: its check run, a failure status on
// the deployment, comments on the pull requests that it carried, and the issue.
type Reporter struct {
	Courses   Courses
	Publisher source.Publisher
	Deployer  Deployer
	Issues    Issues
	Record    source.Record
	// Remedies keeps the number of the issue.
	Remedies RemedyKeeper
	Now      func(ctx context.Context) (time.Time, error)
	WebURL   string
	// Page gives the address of the page with the evidence, empty without one; may be nil.
	Page func(deploy.Verification) string
}

// RemedyKeeper remembers what was done about a deployment that went bad.
type RemedyKeeper interface {
	PutRemedy(ctx context.Context, repo contracts.RepositoryRef, m deploy.Remedy) error
}

// report tells of a verdict where people look: a failure on the deployment itself, and
// a comment on every pull request that it carried. A superseded one is nobody's.
func (r *Reporter) report(ctx context.Context, course deploy.Course, seen *sighting, now time.Time) error {
	answer := course.Verdict.Answer
	if answer == deploy.Superseded || answer == deploy.Inconclusive && !course.Plan.Declared {
		return nil
	}
	repo, told := course.Repository, r.deployed(course, seen, course.Verdict.Signals, now)
	if answer == deploy.RollBack && course.Plan.Response.Wants(config.FailStatus) {
		already, err := r.reported(ctx, course)
		if err != nil {
			return err
		}
		if !already {
			if err := r.Deployer.ReportDeployment(ctx, repo, course.Deployment, deploy.Failure, deploytext.DeploymentStatusText(told), told.DetailsURL); err != nil {
				return fmt.Errorf("report on deployment %d of %s: %w", course.Deployment, repo.FullName(), err)
			}
		}
	}
	return r.tellPulls(ctx, course, seen, now)
}

// tellPulls comments on every pull request that a deployment carried. What went bad is
// told where the repository wants it.
func (r *Reporter) tellPulls(ctx context.Context, course deploy.Course, seen *sighting, now time.Time) error {
	repo, answer := course.Repository, course.Verdict.Answer
	if (answer == deploy.RollBack || answer == deploy.Investigate) && !course.Plan.Response.Wants(config.FailComment) {
		return nil
	}
	pulls, err := r.Carried(ctx, course)
	if err != nil {
		return err
	}
	text := deploytext.DeploymentComment(r.deployed(course, seen, course.Verdict.Signals, now))
	for _, number := range pulls {
		if err := r.comment(ctx, repo, number, text); err != nil {
			return fmt.Errorf("comment on %s#%d: %w", repo.FullName(), number, err)
		}
	}
	return nil
}

// Carried gives the pull requests that a deployment carried. GitHub is asked once, with a
// request for each commit: what lies between two commits does not change.
func (r *Reporter) Carried(ctx context.Context, course deploy.Course) ([]int, error) {
	if course.Pulls != nil {
		return course.Pulls, nil
	}
	pulls, err := r.Deployer.PullsBetween(ctx, course.Repository, course.Before, course.Commit)
	if err != nil {
		return nil, fmt.Errorf("find the pull requests in deployment %d of %s: %w", course.Deployment, course.Repository.FullName(), err)
	}
	if pulls == nil {
		pulls = []int{} // there are none, and that is known
	}
	return pulls, r.Courses.PutVerificationPulls(ctx, course.Repository, course.ID(), pulls)
}

// reported tells whether a failure was reported on the deployment: by an earlier attempt,
// which the queue need not know of (after a crash another event's work may come first), or
// for another place that it reached. One is enough.
func (r *Reporter) reported(ctx context.Context, course deploy.Course) (bool, error) {
	statuses, err := r.Record.DeploymentStatuses(ctx, course.Repository, course.Deployment)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	for _, s := range statuses {
		if s.Own && s.State == deploy.Failure {
			return true, err
		}
	}
	return false, err
}

// comment keeps the one comment on a pull request that tells of its deployments.
func (r *Reporter) comment(ctx context.Context, repo contracts.RepositoryRef, number int, text string) error {
	id, err := r.Publisher.FindComment(ctx, repo, number, checks.DeploymentMarker)
	if err != nil {
		return err
	}
	if id != 0 {
		return r.Publisher.EditComment(ctx, repo, id, text)
	}
	_, err = r.Publisher.CreateComment(ctx, repo, number, text)
	return err
}
