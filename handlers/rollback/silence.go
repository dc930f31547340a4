package rollback

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Bounds on waiting for a roll back.
const (
	// silentAfter is how long it may take until something picks up the deployment that
	// rolls back.
	silentAfter = 15 * time.Minute
	// mostSilence is how long a deployment that was picked up is checked, in case the event
	// of its failure is lost.
	mostSilence = 2 * time.Hour
)

// arrived checks the deployment that rolls back before there is a verdict on it: it may
// fail, or nothing may pick it up.
func (r *Controller) arrived(ctx context.Context, run deploy.VerificationRun, m deploy.Rollback) (deploy.Rollback, error) {
	d, err := r.madeBy(ctx, run, m)
	if err != nil {
		return m, err
	}
	now, err := r.deps.Store.Now(ctx)
	if err != nil {
		return m, err
	}
	var lost *deploy.RollbackReason
	waited := now.Sub(m.Performed)
	switch {
	case !d.SucceededAt.IsZero(): // it is watched
	case d.State == deploy.Failure || d.State == deploy.Errored:
		lost = &deploy.RollbackReason{Kind: deploy.RollbackDeploymentFailed, Deployment: d.ID}
	case d.State == deploy.InProgress:
		if waited < mostSilence {
			err = r.checkLater(ctx, run.Repository, m, now.Add(silentAfter))
		}
	case waited < silentAfter:
		err = r.checkLater(ctx, run.Repository, m, m.Performed.Add(silentAfter))
	case m.Lost != nil && m.Lost.Kind == deploy.RollbackNotKnown:
		lost = m.Lost // which says more
	default:
		lost = &deploy.RollbackReason{Kind: deploy.RollbackSilent, Deployment: d.ID, Words: m.Workflow}
	}
	if err != nil || lost == nil && m.Lost == nil || lost != nil && m.Lost != nil && lost.Kind == m.Lost.Kind {
		return m, err
	}
	m.Lost = lost
	return r.ended(ctx, run, m, deploy.RollbackPerformed)
}

// madeBy reads the deployment that rolls back; the zero deployment if there is none. If a job
// with `environment:` carries it out, the second deployment that GitHub makes of the job may be
// the only one that is reported on.
func (r *Controller) madeBy(ctx context.Context, run deploy.VerificationRun, m deploy.Rollback) (deploy.Deployment, error) {
	var first deploy.Deployment
	if m.Made != 0 {
		var err error
		if first, err = r.ifThere(ctx, run.Repository, m.Made); err != nil || !first.SucceededAt.IsZero() {
			return first, err
		}
	}
	listed, err := r.toTarget(ctx, run.Repository, m.Target)
	if err != nil {
		return deploy.Deployment{}, err
	}
	id := m.Second(listed)
	if m.Made == 0 {
		id = m.Brought(listed)
	}
	if id == 0 {
		return first, nil
	}
	return r.ifThere(ctx, run.Repository, id)
}

// toTarget lists the newest deployments to a target.
func (r *Controller) toTarget(ctx context.Context, repo contracts.RepositoryRef, target deploy.Target) ([]deploy.Deployment, error) {
	listed, _, err := r.deps.GitHub.Deployments(ctx, repo, "")
	if err != nil {
		return nil, err
	}
	k, ok, err := source.Recall(ctx, r.deps.Store, r.deps.Store, repo)
	if err != nil || !ok {
		return nil, err
	}
	return slices.DeleteFunc(listed, func(d deploy.Deployment) bool {
		return !slices.ContainsFunc(k.Targets(d), func(p deploy.Target) bool { return deploy.SameTarget(p, target) })
	}), nil
}

// ifThere reads a deployment with its reports; the zero deployment if it was deleted.
func (r *Controller) ifThere(ctx context.Context, repo contracts.RepositoryRef, id int64) (deploy.Deployment, error) {
	d, err := r.reported(ctx, repo, id)
	if errors.Is(err, fs.ErrNotExist) {
		return deploy.Deployment{}, nil
	}
	return d, err
}

// GiveUp reports that a rollback could not be done, when its job is given up.
func (r *Controller) GiveUp(ctx context.Context, args work.RollbackArgs) error {
	if err := r.giveUp(ctx, args); err != nil { // to try again is what has failed
		zerolog.Ctx(ctx).Warn().Err(err).Str("verification", args.ID).Msg("can't report that a rollback was given up")
	}
	return nil
}

func (r *Controller) giveUp(ctx context.Context, args work.RollbackArgs) error {
	run, err := r.deps.Store.Verification(ctx, args.Repository, args.ID)
	if err != nil {
		return err
	}
	m := deploy.NewRollback(run)
	if run.Rollback != nil {
		m = *run.Rollback
	}
	reason := deploy.RollbackReason{Kind: deploy.RollbackGivenUp}
	asked := args.Login != "" && m.Source != args.Source
	bad := run.Verdict != nil && run.Verdict.Answer == deploy.RollBack
	switch {
	case m.State == deploy.RollbackPerforming:
		m.Lost = &reason // and continued when a person asks again
	case m.Intended.IsZero() && (asked || bad && m.State == ""):
		m.State, m.Reasons, m.AskedBy, m.Source = deploy.RollbackFailed, []deploy.RollbackReason{reason}, args.Login, args.Source
	default:
		return nil
	}
	if m, err = r.ended(ctx, run, m, m.State); err != nil {
		return err
	}
	run.Rollback = &m
	return r.deps.Reporter.Update(ctx, run)
}
