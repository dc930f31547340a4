package verification

import (
	"context"
	"fmt"
	"plimsoll/handlers/require"
	"reflect"
	"time"

	"plimsoll/checks"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

// Deployer finds the pull requests that deployments carried.
type Deployer interface {
	// PullsBetween returns the numbers of the merged pull requests whose commits head has
	// and base has not; of head alone without a base.
	PullsBetween(ctx context.Context, repo contracts.RepositoryRef, base, head string) ([]int, error)
}

// Publications stores what should stand on GitHub and has it published.
type Publications interface {
	Put(ctx context.Context, repo contracts.RepositoryRef, all ...checks.Publication) error
	Published(ctx context.Context, repo contracts.RepositoryRef, subject string, kind checks.PublicationKind, name string) (p checks.Publication, ok bool, err error)
}

// Reporter says what should be published about a verification: its check run, a failure
// status on the deployment, comments on the pull requests that it carried, and the issue.
type Reporter struct {
	deps ReporterDeps
}

// ReporterDeps is what a Reporter needs.
type ReporterDeps struct {
	Runs         Runs
	Publications Publications
	Deployer     Deployer
	Now          func(ctx context.Context) (time.Time, error)
	// WebURL is GitHub's, for links to commits.
	WebURL string
	// Page gives the address of the page with the evidence; empty if there is none.
	Page func(ctx context.Context, v deploy.Verification) (string, error)
	// Announcer tells the operator's destinations.
	Announcer Announcer
}

// NewReporter returns a Reporter.
func NewReporter(deps ReporterDeps) (*Reporter, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Reporter{deps}, nil
}

// progress publishes how far a verification has come.
func (r *Reporter) progress(ctx context.Context, run deploy.VerificationRun, seen *deploy.Observations, signals *signal.Evaluation, now time.Time) error {
	deployed, err := r.deployed(ctx, run, seen, signals, now)
	if err != nil {
		return err
	}
	page := deploytext.DeploymentRun(deployed)
	return r.deps.Publications.Put(ctx, run.Repository, checks.RunPublication(checks.SubjectOfVerification(run.ID()), page))
}

// begun reports whether the check run of a verification was published, or is about to be.
func (r *Reporter) begun(ctx context.Context, run deploy.VerificationRun) (bool, error) {
	_, ok, err := r.deps.Publications.Published(ctx, run.Repository, checks.SubjectOfVerification(run.ID()), checks.PublishedRun, checks.DeployRun)
	return ok, err
}

// report publishes a verdict. What is done about it may change in the meantime, and is
// published as it is now.
func (r *Reporter) report(ctx context.Context, run deploy.VerificationRun) error {
	for {
		if err := r.put(ctx, run); err != nil {
			return err
		}
		now, err := r.deps.Runs.Verification(ctx, run.Repository, run.ID())
		if err != nil || reflect.DeepEqual(now.Rollback, run.Rollback) {
			return err
		}
		run = now
	}
}

// put stores what should be published about a verdict: the check run, a failure on the
// deployment itself, the issue, and a comment on every pull request that it carried. Of a
// superseded deployment only the check run is published.
func (r *Reporter) put(ctx context.Context, run deploy.VerificationRun) error {
	seen, err := r.seen(ctx, run)
	if err != nil {
		return err
	}
	now, err := r.deps.Now(ctx)
	if err != nil {
		return err
	}
	repo, answer := run.Repository, run.Verdict.Answer
	deployed, err := r.deployed(ctx, run, seen, run.Verdict.Signals, now)
	if err != nil {
		return err
	}
	all := []checks.Publication{checks.RunPublication(checks.SubjectOfVerification(run.ID()), deploytext.DeploymentRun(deployed))}
	if answer == deploy.Superseded || answer == deploy.Inconclusive && !run.Plan.Declared {
		return r.deps.Publications.Put(ctx, repo, all...)
	}
	if answer == deploy.RollBack && run.Plan.Response.Wants(config.FailStatus) {
		all = append(all, checks.StatusPublication(checks.StatusContent{
			Deployment: run.Deployment, State: deploy.Failure, Description: deploytext.DeploymentStatusText(deployed), Page: deployed.DetailsURL,
		}))
	}
	issue, ok, err := r.issue(ctx, &run, deployed)
	if err != nil {
		return err
	}
	if ok {
		all = append(all, issue)
	}
	comments, err := r.comments(ctx, run, deployed)
	if err != nil {
		return err
	}
	if err := r.deps.Publications.Put(ctx, repo, append(all, comments...)...); err != nil {
		return err
	}
	return r.announce(ctx, run, deployed, now)
}

// comments are those on the pull requests that a deployment carried. A failure is reported
// there only if the repository wants it.
func (r *Reporter) comments(ctx context.Context, run deploy.VerificationRun, deployed deploytext.Deployed) ([]checks.Publication, error) {
	answer := run.Verdict.Answer
	if (answer == deploy.RollBack || answer == deploy.Investigate) && !run.Plan.Response.Wants(config.FailComment) {
		return nil, nil
	}
	if m := run.Rollback; m != nil && m.EndedBy != 0 && m.EndedBy != m.Made {
		return nil, nil // another deployment has ended it, and reports that on its own pull requests
	}
	pulls, err := r.Carried(ctx, run)
	if err != nil {
		return nil, err
	}
	text := deploytext.DeploymentComment(deployed)
	var all []checks.Publication
	for _, number := range pulls {
		all = append(all, checks.CommentPublication("deployments", checks.CommentContent{
			Number: number, Comment: checks.Comment{Text: text}, Marker: checks.DeploymentMarker, Whole: true,
		}))
	}
	return all, nil
}

// Carried returns the pull requests that a deployment carried. GitHub is asked once, with a
// request for each commit: the commits between two commits do not change.
func (r *Reporter) Carried(ctx context.Context, run deploy.VerificationRun) ([]int, error) {
	if run.Pulls != nil {
		return run.Pulls, nil
	}
	pulls, err := r.deps.Deployer.PullsBetween(ctx, run.Repository, run.Before, run.Commit)
	if err != nil {
		return nil, fmt.Errorf("find the pull requests in deployment %d of %s: %w", run.Deployment, run.Repository.FullName(), err)
	}
	if pulls == nil {
		pulls = []int{} // there are none, and that is known
	}
	return pulls, r.deps.Runs.PutVerificationPulls(ctx, run.Repository, run.ID(), pulls)
}
