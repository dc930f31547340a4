package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/work"
	"plimsoll/server/store/sqlc"
)

// historyOfTarget is how many deployments to one target are read to say what runs there: no
// more than that roll out at once.
const historyOfTarget = 50

// PutDeployment stores a deployment as GitHub describes it now, and derives again what runs
// in its targets. A state older than the stored one changes nothing: statuses come late,
// twice and out of order. changed reports whether something else runs in one of the targets
// than before.
func (s *Store) PutDeployment(ctx context.Context, repo contracts.RepositoryRef, d deploy.Deployment) (changed bool, err error) {
	err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		changed, err = putDeployment(ctx, q, repo, d)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("put deployment %d of %s: %w", d.ID, repo.FullName(), err)
	}
	return changed, nil
}

// PutDeployments is PutDeployment for several at once: a reader sees what ran before
// all of them, or after. changed are the ids of those that changed what runs, now or in
// an attempt that broke off; each of them has an open follow-up.
func (s *Store) PutDeployments(ctx context.Context, repo contracts.RepositoryRef, all []deploy.Deployment) (changed []int64, open []work.FollowUp, err error) {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			changed, open = nil, nil
			for _, d := range all {
				moved, err := putDeployment(ctx, q, repo, d)
				if err != nil {
					return fmt.Errorf("deployment %d: %w", d.ID, err)
				}
				found, err := s.followUp(ctx, q, repo, deploymentFollowUp(d.ID), moved, milliseconds(now))
				if err != nil {
					return fmt.Errorf("deployment %d: %w", d.ID, err)
				}
				if found.Open {
					changed, open = append(changed, d.ID), append(open, found)
				}
			}
			return nil
		})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("put the deployments of %s: %w", repo.FullName(), err)
	}
	return changed, open, nil
}

func putDeployment(ctx context.Context, q *sqlc.Queries, repo contracts.RepositoryRef, d deploy.Deployment) (bool, error) {
	old, err := q.GetDeployment(ctx, repo.Installation, repo.ID, d.ID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	known := err == nil
	if known && d.Status < old.Status {
		return false, nil
	}
	err = q.PutDeployment(ctx, sqlc.PutDeploymentParams{
		Installation: repo.Installation, Repository: repo.ID, ID: d.ID, CommitSha: Clean(d.Commit), Ref: Clean(d.Ref), Task: Clean(d.Task),
		Environment: Clean(d.Environment), Creator: Clean(d.Creator), Url: Clean(d.URL), LogUrl: Clean(d.LogURL), Production: d.Production, Transient: d.Transient,
		State: string(d.State), Status: d.Status, CreatedAt: milliseconds(d.CreatedAt), StateAt: milliseconds(d.StateAt),
		SucceededAt: max(old.SucceededAt, milliseconds(d.SucceededAt)),
	})
	if err != nil {
		return false, err
	}
	before, err := q.ListPlacements(ctx, repo.Installation, repo.ID, d.ID)
	if err != nil {
		return false, err
	}
	if err := q.DeletePlacements(ctx, repo.Installation, repo.ID, d.ID); err != nil {
		return false, err
	}
	touched := map[deploy.Target]bool{}
	for _, row := range before {
		touched[deploy.Target{Component: row.Component, Environment: row.Environment, Instance: row.Instance}] = true
	}
	for _, target := range d.Targets {
		err := q.PutPlacement(ctx, sqlc.PutPlacementParams{
			Installation: repo.Installation, Repository: repo.ID, Deployment: d.ID, Component: Clean(target.Component),
			Environment: Clean(target.Environment), Instance: Clean(target.Instance), Production: target.Production,
		})
		if err != nil {
			return false, err
		}
		touched[deploy.Target{Component: Clean(target.Component), Environment: Clean(target.Environment), Instance: Clean(target.Instance)}] = true
	}
	changed := false
	for target := range touched {
		moved, err := settleTarget(ctx, q, repo, target)
		if err != nil {
			return false, err
		}
		changed = changed || moved
	}
	return changed, nil
}

// settleTarget writes what runs in a target and reports whether that is something else than
// before. Its class is that of the deployment that runs.
func settleTarget(ctx context.Context, q *sqlc.Queries, repo contracts.RepositoryRef, target deploy.Target) (changed bool, err error) {
	rows, err := q.ListDeploymentsTo(ctx, sqlc.ListDeploymentsToParams{
		Installation: repo.Installation, Repository: repo.ID, Component: target.Component, Environment: target.Environment,
		Instance: target.Instance, Most: historyOfTarget,
	})
	if err != nil {
		return false, err
	}
	history := make([]deploy.Deployment, len(rows))
	production := make(map[int64]bool, len(rows))
	for i, row := range rows {
		history[i] = deployment(row.Deployment)
		production[row.Deployment.ID] = row.PlacedProduction
	}
	all, err := q.ListLive(ctx, repo.Installation, repo.ID)
	if err != nil {
		return false, err
	}
	before := map[string]sqlc.LiveVersion{}
	for _, row := range all {
		if row.Tag == "" && row.Component == target.Component && row.Environment == target.Environment && row.Instance == target.Instance {
			before[row.CommitSha] = row
		}
	}
	running := deploy.Live(history)
	changed = len(running) != len(before)
	var now []sqlc.PutLiveParams
	for _, r := range running {
		row := sqlc.LiveVersion{
			Installation: repo.Installation, Repository: repo.ID, Component: target.Component, Environment: target.Environment,
			Instance: target.Instance, CommitSha: r.Commit, Production: production[r.Deployment], Rolling: r.Rolling, Since: milliseconds(r.Since),
		}
		changed = changed || before[r.Commit] != row
		now = append(now, sqlc.PutLiveParams(row))
	}
	if !changed {
		return false, nil
	}
	err = q.DeleteLiveAt(ctx, sqlc.DeleteLiveAtParams{
		Installation: repo.Installation, Repository: repo.ID, Component: target.Component, Environment: target.Environment, Instance: target.Instance,
	})
	for i := 0; i < len(now) && err == nil; i++ {
		err = q.PutLive(ctx, now[i])
	}
	return true, err
}

// Deployments returns the newest deployments of a repository, at most most of them, newest
// first, without their targets.
func (s *Store) Deployments(ctx context.Context, repo contracts.RepositoryRef, most int) ([]deploy.Deployment, error) {
	rows, err := s.Read().ListDeployments(ctx, repo.Installation, repo.ID, int32(most))
	if err != nil {
		return nil, fmt.Errorf("list the deployments of %s: %w", repo.FullName(), err)
	}
	list := make([]deploy.Deployment, len(rows))
	for i, row := range rows {
		list[i] = deployment(row)
	}
	return list, nil
}

// FailedTo returns the newest deployments to a target that failed since a time and never ran
// there, at most most of them, newest first, without their targets.
func (s *Store) FailedTo(ctx context.Context, repo contracts.RepositoryRef, target deploy.Target, since time.Time, most int) ([]deploy.Deployment, error) {
	rows, err := s.Read().ListFailedTo(ctx, sqlc.ListFailedToParams{
		Installation: repo.Installation, Repository: repo.ID, Component: target.Component, Environment: target.Environment,
		Instance: target.Instance, Since: milliseconds(since), Most: int32(most),
	})
	if err != nil {
		return nil, fmt.Errorf("list the failed deployments of %s: %w", repo.FullName(), err)
	}
	list := make([]deploy.Deployment, len(rows))
	for i, row := range rows {
		list[i] = deployment(row)
	}
	return list, nil
}

// Deployment returns one deployment with its targets, or an error that wraps
// io/fs.ErrNotExist.
func (s *Store) Deployment(ctx context.Context, repo contracts.RepositoryRef, id int64) (deploy.Deployment, error) {
	row, err := s.Read().GetDeployment(ctx, repo.Installation, repo.ID, id)
	if err != nil {
		return deploy.Deployment{}, fmt.Errorf("get deployment %d of %s: %w", id, repo.FullName(), NotExist(err))
	}
	placements, err := s.Read().ListPlacements(ctx, repo.Installation, repo.ID, id)
	if err != nil {
		return deploy.Deployment{}, fmt.Errorf("list the targets of deployment %d of %s: %w", id, repo.FullName(), err)
	}
	found := deployment(row)
	for _, placement := range placements {
		found.Targets = append(found.Targets, deploy.Target{
			Component: placement.Component, Environment: placement.Environment, Instance: placement.Instance, Production: placement.Production,
		})
	}
	return found, nil
}

func deployment(row sqlc.Deployment) deploy.Deployment {
	return deploy.Deployment{
		ID: row.ID, Commit: row.CommitSha, Ref: row.Ref, Task: row.Task, Environment: row.Environment, Creator: row.Creator, URL: row.Url, LogURL: row.LogUrl,
		Production: row.Production, Transient: row.Transient, State: deploy.State(row.State), Status: row.Status,
		CreatedAt: fromMilliseconds(row.CreatedAt), StateAt: fromMilliseconds(row.StateAt), SucceededAt: fromMilliseconds(row.SucceededAt),
	}
}
