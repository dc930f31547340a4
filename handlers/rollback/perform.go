package rollback

import (
	"context"
	"errors"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/config"
	"plimsoll/deploy"
)

// perform rolls back. The intention is stored by now. again: an earlier attempt may have
// asked GitHub already; its deployment was searched for.
func (r *Controller) perform(ctx context.Context, run deploy.VerificationRun, m deploy.Rollback, f found, again bool) (deploy.Rollback, error) {
	if again && !m.Sent.IsZero() {
		if next, settled, err := r.sent(ctx, run, m); err != nil || settled {
			return next, err
		}
	}
	if !f.current {
		// Something else came in between the intent and now.
		m.Reasons = []deploy.RollbackReason{{Kind: deploy.RollbackNotCurrent, Deployment: f.newer}}
		return r.ended(ctx, run, m, deploy.RollbackRefused)
	}
	var made int64
	var err error
	if m.By == config.ByWorkflow {
		m, err = r.dispatch(ctx, run, m, f)
	} else {
		made, err = r.deps.GitHub.Redeploy(ctx, run.Repository, RollbackRequest{
			Commit: m.ToCommit, Environment: f.bad.Environment, Production: f.bad.Production, Transient: f.bad.Transient,
			Payload: deploy.RollbackPayload(m), Description: deploytext.RollbackDescription(m),
		})
	}
	if errors.Is(err, ErrRollbackRefused) {
		m.Reasons = append(m.Reasons, deploy.RollbackReason{Kind: deploy.RollbackNotTaken, Words: deploytext.RollbackRefusal(err)})
		return r.ended(ctx, run, m, deploy.RollbackFailed)
	}
	if err != nil {
		return m, err
	}
	return r.performed(ctx, run, m, made)
}

// performed keeps that GitHub took it.
func (r *Controller) performed(ctx context.Context, run deploy.VerificationRun, m deploy.Rollback, made int64) (deploy.Rollback, error) {
	now, err := r.deps.Store.Now(ctx)
	if err != nil {
		return m, err
	}
	m.Made, m.Performed, m.Lost = made, now, nil
	if m, err = r.ended(ctx, run, m, deploy.RollbackPerformed); err != nil {
		return m, err
	}
	return m, r.checkLater(ctx, run.Repository, m, now.Add(silentAfter))
}

// ended stores the state of a rollback, and enters it into the ledger.
func (r *Controller) ended(ctx context.Context, run deploy.VerificationRun, m deploy.Rollback, state deploy.RollbackState) (deploy.Rollback, error) {
	m.State = state
	// The entry first: it is written once, however often this is done again.
	if err := r.enter(ctx, run, m); err != nil {
		return m, err
	}
	return m, r.deps.Store.PutRollback(ctx, run.Repository, m)
}
