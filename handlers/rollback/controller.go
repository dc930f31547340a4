package rollback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"plimsoll/handlers/require"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/deploy/rollback"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// ErrRollbackRefused: GitHub refuses it, and will refuse it again.
var ErrRollbackRefused = errors.New("GitHub does not take it")

// ErrNotSent: GitHub has certainly not done what it was asked for, and may do it later.
var ErrNotSent = errors.New("GitHub was not asked")

// RollbackRequest is a deployment to request.
type RollbackRequest struct {
	Commit, Environment, Description string
	Payload                          json.RawMessage
	Production, Transient            bool
}

// Executor asks GitHub for a rollback. An error that no retry can fix wraps
// ErrRollbackRefused.
type Executor interface {
	// Redeploy requests a deployment with the task deploy.TaskRollback.
	Redeploy(ctx context.Context, repo contracts.RepositoryRef, r RollbackRequest) (deployment int64, err error)
	// Dispatch starts a workflow on a branch. If it was certainly not started, and may be
	// later, the error wraps ErrNotSent.
	Dispatch(ctx context.Context, repo contracts.RepositoryRef, workflow, branch string, inputs map[string]string) error
	// Dispatched reports whether this App has started the workflow since a time.
	Dispatched(ctx context.Context, repo contracts.RepositoryRef, workflow string, since time.Time) (bool, error)
	// MayDeploy reports whether a person may write to a repository.
	MayDeploy(ctx context.Context, repo contracts.RepositoryRef, login string) (bool, error)
}

// Rollbacks remembers what is done about deployments that went bad.
type Rollbacks interface {
	PutRollback(ctx context.Context, repo contracts.RepositoryRef, m deploy.Rollback) error
	// Rollbacks returns those of one environment, newest first.
	Rollbacks(ctx context.Context, repo contracts.RepositoryRef, environment string) ([]deploy.Rollback, error)
	// RepositoryVerifications returns those of a repository, newest first.
	RepositoryVerifications(ctx context.Context, repo contracts.RepositoryRef, most int) ([]deploy.VerificationRun, error)
}

// Runs remembers verifications.
type Runs interface {
	Verification(ctx context.Context, repo contracts.RepositoryRef, id string) (deploy.VerificationRun, error)
	// Verifications returns those of one target, newest first.
	Verifications(ctx context.Context, repo contracts.RepositoryRef, target deploy.Target, most int) ([]deploy.VerificationRun, error)
}

// mostRollbackRuns is how many runs of a target are read.
const mostRollbackRuns = 50

// Updater publishes what is known of a deployment.
type Updater interface {
	// Update publishes what was done about a deployment that went bad.
	Update(ctx context.Context, run deploy.VerificationRun) error
	// Carried returns the pull requests that a deployment carried.
	Carried(ctx context.Context, run deploy.VerificationRun) ([]int, error)
}

// CanIDeploy answers whether a commit may go to an environment.
type CanIDeploy interface {
	CanIDeploy(ctx context.Context, q source.DeployQuestion) (source.Asked, error)
}

// Controller rolls back deployments that failed their verification, or proposes it, and
// reports when it is over.
type Controller struct {
	deps Deps
}

// Deps is what a Controller needs.
type Deps struct {
	GitHub   GitHub
	Store    Store
	Reporter Updater
	Answers  CanIDeploy
	// Organisations reads what repositories declare.
	Organisations *source.Organisations
	Queue         work.Queue
	// WebURL is GitHub's, for links to commits.
	WebURL string
}

// GitHub is what a rollback reads and requests at GitHub.
type GitHub interface {
	Executor
	source.Record
	source.Trees
	source.Branches
}

// Store remembers verifications, rollbacks and what runs where.
type Store interface {
	Runs
	Rollbacks
	contracts.Registry
	contracts.Versions
	ledger.Ledger
	// Now returns the time that is stored.
	Now(ctx context.Context) (time.Time, error)
}

// New returns a Controller.
func New(deps Deps) (*Controller, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Controller{deps}, nil
}

// Do does what follows from a verdict: it reports the rollback that the verification ends,
// and performs or proposes a rollback of a deployment that failed.
func (r *Controller) Do(ctx context.Context, args work.RollbackArgs) error {
	run, err := r.deps.Store.Verification(ctx, args.Repository, args.ID)
	if err != nil {
		return err
	}
	rollbacks, err := r.deps.Store.Rollbacks(ctx, args.Repository, run.Target.Environment)
	if err != nil {
		return err
	}
	if run.Verdict != nil && args.Login == "" {
		if err := r.end(ctx, run, rollbacks); err != nil {
			return fmt.Errorf("end what %s undoes: %w", args.ID, err)
		}
	}
	if args.Login == "" && (run.Verdict == nil || run.Verdict.Answer != deploy.RollBack) {
		return nil
	}
	m, err := r.advance(ctx, run, rollbacks, args)
	if err != nil {
		return fmt.Errorf("roll %s back: %w", args.ID, err)
	}
	run.Rollback = &m
	return r.deps.Reporter.Update(ctx, run)
}

// advance does the next steps of the rollback of a run.
func (r *Controller) advance(ctx context.Context, run deploy.VerificationRun, rollbacks []deploy.Rollback, args work.RollbackArgs) (deploy.Rollback, error) {
	m := deploy.NewRollback(run)
	if run.Rollback != nil {
		m = *run.Rollback
	}
	asked := args.Login != "" && m.Source != args.Source // and not by an earlier attempt of this job
	if m.State == deploy.RollbackPerformed && m.Outcome == "" && !asked {
		return r.arrived(ctx, run, m)
	}
	if m.State != "" && m.State != deploy.RollbackPerforming && !asked {
		return m, nil
	}
	if m.State == deploy.RollbackPerforming && asked {
		asked = false // what has begun is finished first
	}
	found, err := r.find(ctx, run, m)
	if err != nil {
		return m, err
	}
	if m.State == deploy.RollbackPerforming {
		if found.made != 0 {
			return r.performed(ctx, run, m, found.made)
		}
		return r.perform(ctx, run, m, found, true)
	}
	if asked && m.UnderWay() && !found.spent {
		return m, nil // it is under way
	}
	decision, reasons, target, err := r.decide(ctx, run, rollbacks, found, args.Login != "")
	if err != nil {
		return m, err
	}
	now, err := r.deps.Store.Now(ctx)
	if err != nil {
		return m, err
	}
	next := m
	next.ToCommit, next.Unverified = target.Commit, target.Unverified
	next.Reasons, next.AskedBy, next.Source = reasons, args.Login, args.Source
	switch decision {
	case rollback.Perform:
		next = next.Restarted(now)
	case rollback.Propose:
		next.State = deploy.RollbackProposed
	default:
		next.State = deploy.RollbackRefused
	}
	if next.State == deploy.RollbackRefused && !m.Intended.IsZero() {
		return m, r.enter(ctx, run, next) // what was done before stays published
	}
	if next.State != deploy.RollbackPerforming {
		return r.ended(ctx, run, next, next.State)
	}
	if err := r.deps.Store.PutRollback(ctx, run.Repository, next); err != nil {
		return m, err
	}
	return r.perform(ctx, run, next, found, false)
}

// enter writes the state of a rollback into the ledger, once.
func (r *Controller) enter(ctx context.Context, run deploy.VerificationRun, m deploy.Rollback) error {
	repo, state := run.Repository, string(m.State)
	switch {
	case m.Outcome != "":
		state = "over"
	case m.Lost != nil:
		state = string(m.Lost.Kind)
	}
	return r.deps.Store.Append(ctx, ledger.Entry{
		Installation: repo.Installation, Kind: ledger.EntryRollback, Repository: repo.ID, Component: m.Target.Component, Environment: m.Target.Environment,
		Commit: m.Commit, Actor: m.AskedBy, Once: fmt.Sprintf("rollback/%s/%s/%s", m.Verification, m.Source, state),
		Body: json.RawMessage(source.JSON(ledger.RollbackEntry{Verification: m.Verification, Rollback: m})),
	})
}
