package rollback

import (
	"context"

	"plimsoll/deploy"
)

// end reports the rollbacks that a verdict ends.
func (r *Controller) end(ctx context.Context, run deploy.VerificationRun, rollbacks []deploy.Rollback) error {
	for i, m := range rollbacks {
		// What an earlier attempt has ended is reported again: it may have failed after
		// that.
		again := m.EndedBy == run.Deployment
		if !again && !m.Ends(run) {
			continue
		}
		if !again {
			if m.MadeBy(run.Verification) {
				m.Made = run.Deployment
			}
			m.Outcome, m.OutcomeAt, m.Ended, m.EndedBy = run.Verdict.Answer, run.Verdict.At, run.Commit, run.Deployment
			if err := r.deps.Store.PutRollback(ctx, run.Repository, m); err != nil {
				return err
			}
		}
		rollbacks[i] = m
		if err := r.enter(ctx, run, m); err != nil {
			return err
		}
		bad, err := r.deps.Store.Verification(ctx, run.Repository, m.Verification)
		if err != nil {
			return err
		}
		if err := r.deps.Reporter.Update(ctx, bad); err != nil {
			return err
		}
	}
	return nil
}
