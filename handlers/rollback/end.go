package rollback

import (
	"context"

	"plimsoll/deploy"
)

// end tells what a verdict ends to be over.
func (r *Controller) end(ctx context.Context, course deploy.VerificationRun, remedies []deploy.Rollback) error {
	for i, m := range remedies {
		// What an earlier attempt has ended is told again: it may have come no further.
		again := m.EndedBy == course.Deployment
		if !again && !m.Ends(course) {
			continue
		}
		if !again {
			if m.MadeBy(course.Verification) {
				m.Made = course.Deployment
			}
			m.Outcome, m.OutcomeAt, m.Ended, m.EndedBy = course.Verdict.Answer, course.Verdict.At, course.Commit, course.Deployment
			if err := r.Remedies.PutRemedy(ctx, course.Repository, m); err != nil {
				return err
			}
		}
		remedies[i] = m
		if err := r.enter(ctx, course, m); err != nil {
			return err
		}
		bad, err := r.Courses.Verification(ctx, course.Repository, m.Verification)
		if err != nil {
			return err
		}
		if err := r.Reporter.Update(ctx, bad); err != nil {
			return err
		}
	}
	return nil
}
