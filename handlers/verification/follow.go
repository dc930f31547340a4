package verification

import (
	"context"
	"slices"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/work"
)

// PastRollbacks knows what was done about deployments that failed their verification.
type PastRollbacks interface {
	// Rollbacks returns those of one environment, newest first.
	Rollbacks(ctx context.Context, repo contracts.RepositoryRef, environment string) ([]deploy.Rollback, error)
}

// followUp queues what follows from a verdict: a deployment that failed is rolled back or
// that is proposed, and one that ends an earlier rollback is reported there.
func (v *Verifier) followUp(ctx context.Context, run deploy.VerificationRun) error {
	answer := run.Verdict.Answer
	if answer == deploy.Superseded || answer == deploy.Inconclusive && !run.Plan.Declared {
		return nil
	}
	if answer != deploy.RollBack {
		rollbacks, err := v.deps.Store.Rollbacks(ctx, run.Repository, run.Target.Environment)
		if err != nil || !slices.ContainsFunc(rollbacks, func(r deploy.Rollback) bool { return r.Ends(run) }) {
			return err
		}
	}
	return v.deps.Queue.Enqueue(ctx, work.RollbackWork(work.RollbackArgs{Repository: run.Repository, ID: run.ID()}, run.Target, time.Time{}))
}

// checkRollbacks queues a check of the rollbacks whose deployment has failed.
func (v *Verifier) checkRollbacks(ctx context.Context, repo contracts.RepositoryRef, d deploy.Deployment) error {
	if !d.SucceededAt.IsZero() || d.State != deploy.Failure && d.State != deploy.Errored {
		return nil
	}
	for _, target := range d.Targets {
		rollbacks, err := v.deps.Store.Rollbacks(ctx, repo, target.Environment)
		if err != nil {
			return err
		}
		for _, r := range rollbacks {
			ours := r.Made == d.ID || r.Made == 0 && r.Brought([]deploy.Deployment{d}) != 0
			if ours && r.State == deploy.RollbackPerformed && r.Outcome == "" && deploy.SameTarget(r.Target, target) {
				if err := v.deps.Queue.Enqueue(ctx, work.RollbackCheckWork(repo, r, time.Time{})); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
