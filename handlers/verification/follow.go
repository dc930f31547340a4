package verification

import (
	"context"
	"slices"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/work"
)

// PastRemedies knows what was done about deployments that went bad.
type PastRemedies interface {
	// Remedies gives those of one environment, the newest first.
	Remedies(ctx context.Context, repo contracts.RepositoryRef, environment string) ([]deploy.Rollback, error)
}

// followUp asks for what follows from a verdict: a deployment that went bad is rolled
// back or that is proposed, and one that ends an earlier rollback is reported there.
func (v *Verifier) followUp(ctx context.Context, course deploy.VerificationRun) error {
	answer := course.Verdict.Answer
	if answer == deploy.Superseded || answer == deploy.Inconclusive && !course.Plan.Declared {
		return nil
	}
	if answer != deploy.RollBack {
		remedies, err := v.Remedies.Remedies(ctx, course.Repository, course.Target.Environment)
		if err != nil || !slices.ContainsFunc(remedies, func(m deploy.Rollback) bool { return m.Ends(course) }) {
			return err
		}
	}
	return v.Queue.Enqueue(ctx, work.RollbackWork(work.RollbackArgs{Repository: course.Repository, ID: course.ID()}, course.Target, time.Time{}))
}

// lookAtRollbacks has those rollbacks looked at again whose deployment has failed.
func (v *Verifier) lookAtRollbacks(ctx context.Context, repo contracts.RepositoryRef, d deploy.Deployment) error {
	if !d.SucceededAt.IsZero() || d.State != deploy.Failure && d.State != deploy.Errored {
		return nil
	}
	for _, place := range d.Targets {
		remedies, err := v.Remedies.Remedies(ctx, repo, place.Environment)
		if err != nil {
			return err
		}
		for _, m := range remedies {
			ours := m.Made == d.ID || m.Made == 0 && m.Brought([]deploy.Deployment{d}) != 0
			if ours && m.State == deploy.RollbackPerformed && m.Outcome == "" && deploy.SameTarget(m.Target, place) {
				if err := v.Queue.Enqueue(ctx, work.RollbackAgainWork(repo, m, time.Time{})); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
