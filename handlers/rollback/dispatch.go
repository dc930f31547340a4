package rollback

import (
	"context"
	"errors"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/work"
)

// Bounds on starting a workflow whose answer is lost. GitHub lists a run within seconds,
// and later when it is in trouble, which is when answers are lost.
const (
	// listedWithin is how long a run may take to be listed before the workflow is started
	// once more, listedEvery how often it is looked for.
	listedWithin = 5 * time.Minute
	listedEvery  = 30 * time.Second
	// mostSends is how often it is started.
	mostSends = 2
)

// dispatch starts the declared workflow. The intention is stored first.
func (r *Controller) dispatch(ctx context.Context, run deploy.VerificationRun, m deploy.Rollback, f found) (deploy.Rollback, error) {
	repo := run.Repository
	at, err := r.deps.GitHub.Repository(ctx, repo)
	if err != nil {
		return m, err
	}
	head, err := r.deps.GitHub.Head(ctx, repo, at.DefaultBranch)
	if err != nil {
		return m, err
	}
	inputs, err := r.inputs(ctx, repo, head, m, f)
	if err != nil {
		return m, err
	}
	before := m
	if m.Sent, err = r.deps.Store.Now(ctx); err != nil {
		return before, err
	}
	m.Sends++
	if err := r.deps.Store.PutRollback(ctx, repo, m); err != nil {
		return before, err
	}
	err = r.deps.GitHub.Dispatch(ctx, repo, m.Workflow, at.DefaultBranch, inputs)
	if errors.Is(err, ErrNotSent) {
		return before, errors.Join(err, r.deps.Store.PutRollback(ctx, repo, before))
	}
	return m, err
}

// sent finds out what came of a start whose answer was lost. If GitHub lists no run, it is
// checked again later, then the workflow is started once more (settled is false). In the
// end it is left to people, who can see more.
func (r *Controller) sent(ctx context.Context, run deploy.VerificationRun, m deploy.Rollback) (next deploy.Rollback, settled bool, err error) {
	started, err := r.deps.GitHub.Dispatched(ctx, run.Repository, m.Workflow, m.Intended.Add(-deploy.ClockSkew))
	if err != nil {
		return m, false, err
	}
	if started {
		m, err = r.performed(ctx, run, m, 0)
		return m, true, err
	}
	now, err := r.deps.Store.Now(ctx)
	switch {
	case err != nil:
		return m, false, err
	case now.Sub(m.Sent) < listedWithin:
		return m, true, r.checkLater(ctx, run.Repository, m, now.Add(listedEvery))
	case m.Sends < mostSends:
		return m, false, nil
	}
	// As performed: what it brings after all is known by it.
	m.Lost, m.Performed = &deploy.RollbackReason{Kind: deploy.RollbackNotKnown, Words: m.Workflow}, now
	m, err = r.ended(ctx, run, m, deploy.RollbackPerformed)
	return m, true, err
}

// checkLater queues another check of the rollback. It is a job of its own: the current job
// may fail after this, and its retry must not be delayed as well.
func (r *Controller) checkLater(ctx context.Context, repo contracts.RepositoryRef, m deploy.Rollback, at time.Time) error {
	return r.deps.Queue.Enqueue(ctx, work.RollbackCheckWork(repo, m, at))
}
