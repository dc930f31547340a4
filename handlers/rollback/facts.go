package rollback

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/rollback"
	"plimsoll/handlers/source"
)

// found is what GitHub's record says now of a deployment that failed its verification.
type found struct {
	bad deploy.Deployment
	// current: it is what runs in its target. newer is the deployment that replaced it; 0
	// if none did.
	current bool
	newer   int64
	// made is the deployment that an earlier attempt has asked for; 0: there is none.
	made int64
	// spent: the deployment that rolled back has failed.
	spent bool
}

// find reads GitHub's record again: what is done next depends on what is so now, and
// not on what was so when the verdict was found.
func (r *Controller) find(ctx context.Context, run deploy.VerificationRun, m deploy.Rollback) (found, error) {
	repo := run.Repository
	k, ok, err := source.Recall(ctx, r.deps.Store, r.deps.Store, repo)
	if err != nil || !ok {
		return found{}, err
	}
	f := found{}
	if f.bad, err = r.reported(ctx, repo, run.Deployment); errors.Is(err, fs.ErrNotExist) {
		return f, nil
	} else if err != nil {
		return f, err
	}
	f.current = f.bad.Runs()
	listed, more, err := r.deps.GitHub.Deployments(ctx, repo, "")
	if err != nil {
		return f, err
	}
	if more && !slices.ContainsFunc(listed, func(d deploy.Deployment) bool { return d.ID <= run.Deployment }) {
		if listed, _, err = r.deps.GitHub.Deployments(ctx, repo, f.bad.Environment); err != nil {
			return f, err
		}
	}
	for _, d := range listed {
		if d.ID <= run.Deployment || !slices.ContainsFunc(k.Targets(d), func(p deploy.Target) bool { return deploy.SameTarget(p, run.Target) }) {
			continue
		}
		d, err := r.reported(ctx, repo, d.ID)
		if err != nil {
			return f, err
		}
		failed := d.SucceededAt.IsZero() && (d.State == deploy.Failure || d.State == deploy.Errored)
		if d.ID == m.Made {
			f.spent = failed
		}
		switch {
		case m.State == deploy.RollbackPerforming && (m.Undoes(d) || !m.Sent.IsZero() && m.Brought([]deploy.Deployment{d}) != 0):
			f.made = d.ID
		case !failed && (d.State == deploy.InProgress || !d.SucceededAt.IsZero()):
			f.current, f.newer = false, max(f.newer, d.ID)
		}
	}
	if err := r.remembered(ctx, run, &f); err != nil {
		return f, err
	}
	return f, nil
}

// remembered adds what succeeded in the target after the bad deployment although it was
// requested before.
func (r *Controller) remembered(ctx context.Context, run deploy.VerificationRun, f *found) error {
	newest, err := r.deps.Store.Verifications(ctx, run.Repository, run.Target, 1)
	if err == nil && len(newest) > 0 && newest[0].Deployment != run.Deployment {
		f.current, f.newer = false, max(f.newer, newest[0].Deployment)
	}
	return err
}

// reported is a deployment with its reports.
func (r *Controller) reported(ctx context.Context, repo contracts.RepositoryRef, id int64) (deploy.Deployment, error) {
	d, err := r.deps.GitHub.Deployment(ctx, repo, id)
	if err != nil {
		return d, err
	}
	statuses, err := r.deps.GitHub.DeploymentStatuses(ctx, repo, id)
	return d.Reported(statuses), err
}

// decide asks what there is to know, and decides.
func (r *Controller) decide(ctx context.Context, run deploy.VerificationRun, rollbacks []deploy.Rollback, f found, asked bool) (rollback.Decision, []deploy.RollbackReason, rollback.Target, error) {
	runs, err := r.deps.Store.Verifications(ctx, run.Repository, run.Target, mostRollbackRuns)
	if err != nil {
		return "", nil, rollback.Target{}, err
	}
	now, err := r.deps.Store.Now(ctx)
	if err != nil {
		return "", nil, rollback.Target{}, err
	}
	q := rollback.Question{Run: run, Runs: runs, Rollbacks: rollbacks, Current: f.current, Newer: f.newer, Asked: asked, Now: now}
	target := rollback.TargetOf(run.Verification, runs)
	if target.Commit != "" {
		if q.May, q.CanDeploy, err = r.breaks(ctx, run, target.Commit); err != nil {
			return "", nil, target, err
		}
		if q.Migrations, q.FilesKnown, err = r.migrations(ctx, run, target.Commit); err != nil {
			return "", nil, target, err
		}
		if q.Beside, err = r.beside(ctx, run); err != nil {
			return "", nil, target, err
		}
	}
	decision, reasons := rollback.Decide(q)
	return decision, reasons, target, nil
}

// breaks asks whether the old contracts break a consumer that was deployed since.
func (r *Controller) breaks(ctx context.Context, run deploy.VerificationRun, target string) (contracts.Answer, []contracts.AnswerReason, error) {
	repo, at := run.Repository, run.Target
	asked, err := r.deps.Answers.CanIDeploy(ctx, source.DeployQuestion{
		Repository: repo, Components: []string{at.Component}, Commit: target, Environment: at.Environment, Production: &at.Production, Known: true,
	})
	if bad, ok := errors.AsType[*commandtext.BadQuestion](err); ok {
		zerolog.Ctx(ctx).Info().Err(bad).Msg("can-i-deploy can't be asked of the commit to go back to")
		return contracts.AnswerUnknown, nil, nil
	}
	if err != nil {
		return "", nil, fmt.Errorf("ask whether %s may go to %s: %w", target, at.Environment, err)
	}
	return asked.Answer, asked.Reasons, nil
}

// declared returns the repository file that counts.
func (r *Controller) declared(ctx context.Context, repo contracts.RepositoryRef) (*config.Repository, error) {
	registration, err := r.deps.Store.Registration(ctx, repo.Installation, repo.ID)
	if err != nil {
		return nil, err
	}
	return r.deps.Organisations.Declared(ctx, registration)
}

// mostMigrations are named.
const mostMigrations = 20

// migrations returns the files between the two commits that look like database migrations;
// all is false if that is unknown. The two trees are compared, not their histories, which
// may have diverged. Files of other components do not count.
func (r *Controller) migrations(ctx context.Context, run deploy.VerificationRun, target string) (files []string, all bool, err error) {
	file, err := r.declared(ctx, run.Repository)
	if err != nil {
		return nil, false, err
	}
	before, err := r.deps.GitHub.Tree(ctx, run.Repository, target)
	if err == nil {
		var changed []source.ChangedFile
		if _, changed, err = r.deps.GitHub.HeadTree(ctx, run.Repository, before, source.Comparison{Head: run.Commit}); err == nil {
			return migrationsOf(file, run.Target.Component, changed), true, nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil // one of them is gone
	}
	return nil, false, fmt.Errorf("list what lies between %s and %s: %w", target, run.Commit, err)
}

func migrationsOf(file *config.Repository, component string, changed []source.ChangedFile) (files []string) {
	for _, c := range changed {
		if rollback.LooksLikeMigration(c.Path) && ofComponent(file, component, c.Path) && len(files) < mostMigrations {
			files = append(files, c.Path)
		}
	}
	return files
}

// ofComponent reports whether a file belongs to a component, or to none.
func ofComponent(file *config.Repository, component, name string) bool {
	others := false
	for _, c := range file.Components {
		folder := string(c.Path)
		inside := folder != "" && folder != "." && strings.HasPrefix(name, folder+"/")
		if inside && string(c.Name) == component {
			return true
		}
		others = others || inside
	}
	return !others
}
