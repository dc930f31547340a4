package verification

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/preset"
	"plimsoll/deploy/signal"
)

// Signals asks metric servers for what a repository declares.
type Signals interface {
	// History finds what the declared signals are and what they were in the seven days
	// before the deployment. What can't be looked at is a gap of the history; a gap
	// beside it passes by itself: there is no history yet. The error is of ctx.
	History(ctx context.Context, v deploy.Verification, changed preset.Changed) (*deploy.History, *deploy.Gap, error)
	// Since measures each signal of a history from where it was answered for (answered, in
	// Unix seconds) up to now.
	Since(ctx context.Context, h *deploy.History, answered []int64, now time.Time) ([]deploy.Measured, *deploy.Gap, error)
}

// ChangedOperations finds what deployed commits changed in contracts.
type ChangedOperations interface {
	// ChangedOperations gives the operations of a component's contracts that differ
	// between two commits and are in both, sorted.
	ChangedOperations(ctx context.Context, repo contracts.RepositoryRef, component, before, after string) ([]contracts.OperationRef, error)
}

// historyReach is how far before a deployment other ones are cut out of its history: the
// seven days of placebos with the hour before them.
const historyReach = 7*24*time.Hour + 2*time.Hour

// measure adds to a sample what the signals are now, and keeps what they were before
// where that is not known yet.
func (v *Verifier) measure(ctx context.Context, verification deploy.Verification, sample *deploy.Sample, seen *sighting) error {
	if len(verification.Plan.Signals) == 0 {
		return nil
	}
	if seen.history == nil {
		gap, err := v.remember(ctx, verification, seen)
		if err != nil || gap != nil {
			sample.Gap = gap
			return err
		}
	}
	if v.Signals == nil || len(seen.history.Signals) == 0 {
		return nil
	}
	now, err := v.Now(ctx)
	if err != nil {
		return err
	}
	answered := make([]int64, len(seen.history.All()))
	for i := range answered {
		answered[i] = seen.history.Answered(i, seen.samples)
	}
	sample.Signals, sample.Gap, err = v.Signals.Since(ctx, seen.history, answered, now)
	if sample.Gap != nil {
		zerolog.Ctx(ctx).Info().Str("gap", string(sample.Gap.Kind)).Str("detail", sample.Gap.Detail).Msg("the metric server gives no answer")
	}
	return err
}

// remember finds out what the signals were before and keeps it.
func (v *Verifier) remember(ctx context.Context, verification deploy.Verification, seen *sighting) (*deploy.Gap, error) {
	repo := verification.Repository
	found := &deploy.History{Asked: verification.Began, Datasource: verification.Plan.Datasource, Gaps: []deploy.Gap{{Kind: deploy.GapDatasource, Detail: verification.Plan.Datasource}}}
	if v.Signals != nil {
		changed, err := v.changedOperations(ctx, verification)
		if err != nil {
			return nil, err
		}
		var gap *deploy.Gap
		if found, gap, err = v.Signals.History(ctx, verification, changed); err != nil || gap != nil {
			return gap, err
		}
		if err := v.cutOut(ctx, verification, found); err != nil {
			return nil, err
		}
	}
	if err := v.Courses.PutHistory(ctx, repo, verification.ID(), found); err != nil {
		return nil, err
	}
	var err error
	seen.history, seen.hash, err = v.Courses.History(ctx, repo, verification.ID()) // the first one counts
	if err == nil && seen.history == nil {
		err = fmt.Errorf("the history of the verification %s is gone again", verification.ID())
	}
	return nil, err
}

// cutOut names earlier deployments of the place, what they broke, and those that were
// verified.
func (v *Verifier) cutOut(ctx context.Context, verification deploy.Verification, h *deploy.History) error {
	courses, err := v.Courses.Verifications(ctx, verification.Repository, verification.Place, mostCourses)
	if err != nil {
		return err
	}
	next, bad := verification.Began, true // when what came after it was deployed; all since went bad
	for _, course := range courses {
		if course.Deployment == verification.Deployment || !course.Began.Before(verification.Began) {
			continue
		}
		if verification.Began.Sub(course.Began) > historyReach {
			break
		}
		at := course.Began.Unix()
		h.Cuts = append(h.Cuts, signal.Cut{From: at, To: at, Why: "deployment"})
		switch {
		case course.Verdict == nil:
		case course.Verdict.Answer == deploy.Verified:
			h.Verified = append(h.Verified, at)
		case course.Verdict.Answer == deploy.RollBack:
			h.Cuts = append(h.Cuts, signal.Cut{From: at, To: next.Unix(), Why: "incident"})
		}
		if bad = bad && course.Verdict != nil && course.Verdict.Answer == deploy.RollBack; bad {
			h.Disturbed = at
		}
		next = course.Began
	}
	return nil
}

// changedOperations are those that the deployed commits changed in the contracts of the
// component; none where that can't be told.
func (v *Verifier) changedOperations(ctx context.Context, verification deploy.Verification) (preset.Changed, error) {
	var changed preset.Changed
	if verification.Before == "" || v.Answers == nil {
		return changed, nil
	}
	operations, err := v.Answers.ChangedOperations(ctx, verification.Repository, verification.Place.Component, verification.Before, verification.Commit)
	if err != nil {
		return changed, err
	}
	for _, o := range operations {
		changed.Operations = append(changed.Operations, preset.Operation{Method: o.Method, Path: o.Path})
	}
	return changed, nil
}
