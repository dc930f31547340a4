package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"plimsoll/contracts"
	"plimsoll/handlers/work"
	"plimsoll/server/store/sqlc"
)

var _ contracts.Versions = (*Store)(nil)

// Live returns every live version of a repository's components, sorted by component,
// environment, instance and release.
func (s *Store) Live(ctx context.Context, repo contracts.RepositoryRef) ([]contracts.LiveVersion, error) {
	rows, err := s.Read().ListLive(ctx, repo.Installation, repo.ID)
	if err != nil {
		return nil, fmt.Errorf("list what runs of %s: %w", repo.FullName(), err)
	}
	list := make([]contracts.LiveVersion, len(rows))
	for i, row := range rows {
		list[i] = contracts.LiveVersion{
			Repository: repo, Component: row.Component, Environment: row.Environment, Instance: row.Instance, Release: row.Tag,
			Commit: row.CommitSha, Production: row.Production, Rolling: row.Rolling, Since: fromMilliseconds(row.Since),
		}
	}
	return list, nil
}

// PutReleases replaces the live releases of a repository's components. The follow-up is
// open if they have changed.
func (s *Store) PutReleases(ctx context.Context, repo contracts.RepositoryRef, releases []contracts.LiveVersion) (open work.FollowUp, err error) {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			changed, err := putReleases(ctx, q, repo, releases)
			if err != nil {
				return err
			}
			open, err = s.followUp(ctx, q, repo, releasesFollowUp, changed, milliseconds(now))
			return err
		})
	}
	if err != nil {
		return work.FollowUp{}, fmt.Errorf("put the releases of %s: %w", repo.FullName(), err)
	}
	return open, nil
}

func putReleases(ctx context.Context, q *sqlc.Queries, repo contracts.RepositoryRef, releases []contracts.LiveVersion) (changed bool, err error) {
	rows, err := q.ListLive(ctx, repo.Installation, repo.ID)
	if err != nil {
		return false, err
	}
	before := map[sqlc.LiveVersion]bool{}
	for _, row := range rows {
		if row.Tag != "" {
			before[row] = true
		}
	}
	var now []sqlc.LiveVersion
	for _, r := range releases {
		row := sqlc.LiveVersion{
			Installation: repo.Installation, Repository: repo.ID, Component: Clean(r.Component), Tag: Clean(r.Release),
			CommitSha: Clean(r.Commit), Production: r.Production, Since: milliseconds(r.Since),
		}
		changed = changed || !before[row]
		now = append(now, row)
	}
	if !changed && len(now) == len(before) {
		return false, nil
	}
	if err := q.DeleteReleases(ctx, repo.Installation, repo.ID); err != nil {
		return false, err
	}
	for _, row := range now {
		if err := q.PutLive(ctx, sqlc.PutLiveParams(row)); err != nil {
			return false, err
		}
	}
	return true, nil
}

// PutSnapshot stores what a repository declares at a commit that runs. For a broken
// registration it stores that it was read and declares nothing.
func (s *Store) PutSnapshot(ctx context.Context, r contracts.Registration) error {
	now, err := s.now(ctx)
	if err != nil {
		return fmt.Errorf("keep what %s said at %s: %w", r.Repository.FullName(), r.Commit, err)
	}
	content := encoded{}
	if !r.Broken && r.Enrolled {
		if content, err = encode(r); err != nil {
			return fmt.Errorf("keep what %s said at %s: %w", r.Repository.FullName(), r.Commit, err)
		}
	}
	err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		return content.snapshot(ctx, q, r, milliseconds(now))
	})
	if err != nil {
		return fmt.Errorf("keep what %s said at %s: %w", r.Repository.FullName(), r.Commit, err)
	}
	return nil
}

func (e encoded) snapshot(ctx context.Context, q *sqlc.Queries, r contracts.Registration, at int64) error {
	installation, repository, commit := r.Repository.Installation, r.Repository.ID, Clean(r.Commit)
	old, err := q.GetSnapshot(ctx, installation, repository, commit)
	if err == nil && old.Content == e.sha {
		return nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err := e.contents(ctx, q, installation, at); err != nil {
		return err
	}
	err = q.PutSnapshot(ctx, sqlc.PutSnapshotParams{Installation: installation, Repository: repository, CommitSha: commit, Content: e.sha, CreatedAt: at})
	if err != nil {
		return err
	}
	if err := q.DeleteSnapshotComponents(ctx, installation, repository, commit); err != nil {
		return err
	}
	if err := q.DeleteSnapshotUses(ctx, installation, repository, commit); err != nil {
		return err
	}
	if e.sha == "" {
		return nil
	}
	for _, component := range r.Components {
		err := q.PutSnapshotComponent(ctx, sqlc.PutSnapshotComponentParams{
			Installation: installation, Repository: repository, CommitSha: commit, Component: Clean(component.Name),
		})
		if err != nil {
			return err
		}
	}
	for _, use := range e.consumptions {
		err := q.PutSnapshotUse(ctx, sqlc.PutSnapshotUseParams{
			Installation: installation, Repository: repository, CommitSha: commit, Position: use.Position, Component: use.Component,
			Owner: use.Owner, Api: use.Api, ApiOwnerRepo: use.ApiOwnerRepo, Content: use.Content,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Snapshot returns what a repository declares at a commit that runs, or an error that wraps
// io/fs.ErrNotExist. If the commit's file could not be used, or it had none, Components is
// empty.
func (s *Store) Snapshot(ctx context.Context, repo contracts.RepositoryRef, commit string) (contracts.Registration, error) {
	r, err := s.snapshot(ctx, repo, commit)
	if err != nil {
		return contracts.Registration{}, fmt.Errorf("recall what %s said at %s: %w", repo.FullName(), commit, err)
	}
	return r, nil
}

func (s *Store) snapshot(ctx context.Context, repo contracts.RepositoryRef, commit string) (contracts.Registration, error) {
	row, err := s.Read().GetSnapshot(ctx, repo.Installation, repo.ID, Clean(commit))
	if err != nil {
		return contracts.Registration{}, NotExist(err)
	}
	r := contracts.Registration{Repository: repo, Commit: row.CommitSha, Enrolled: row.Content != "", Broken: row.Content == ""}
	if row.Content == "" {
		return r, nil
	}
	body, err := s.Read().GetContent(ctx, repo.Installation, row.Content)
	if err != nil {
		return r, NotExist(err)
	}
	r.Components, err = s.components(ctx, repo.Installation, body)
	return r, err
}

// Offered returns every live version of an API's provider, with its contract as far
// as it is known.
func (s *Store) Offered(ctx context.Context, api contracts.APIRef) ([]contracts.ProvidedVersion, error) {
	offered, err := s.offered(ctx, api)
	if err != nil {
		return nil, fmt.Errorf("find what runs of %s: %w", api.FullName(), err)
	}
	return offered, nil
}

func (s *Store) offered(ctx context.Context, api contracts.APIRef) ([]contracts.ProvidedVersion, error) {
	live, err := s.Live(ctx, api.Repository)
	if err != nil || len(live) == 0 {
		return nil, err
	}
	component, err := s.providingComponent(ctx, api)
	if err != nil {
		return nil, err
	}
	var offered []contracts.ProvidedVersion
	known := map[string]*contracts.ContractVersion{}
	for _, version := range live {
		if version.Component != component {
			continue
		}
		contract, ok := known[version.Commit]
		if !ok {
			if contract, err = s.contractAt(ctx, api, version.Commit); err != nil {
				return nil, err
			}
			known[version.Commit] = contract
		}
		offered = append(offered, contracts.ProvidedVersion{LiveVersion: version, Contract: contract})
	}
	return offered, nil
}

// providingComponent is the component that provides an API by the default branch;
// "" if none does.
func (s *Store) providingComponent(ctx context.Context, api contracts.APIRef) (string, error) {
	rows, err := s.Read().ListProviders(ctx, api.Repository.Installation, Clean(api.Name))
	for _, row := range rows {
		if row.ID == api.Repository.ID {
			return row.Component, nil
		}
	}
	return "", err
}

// contractAt returns the contract of an API at a commit that runs; nil if it is
// not known.
func (s *Store) contractAt(ctx context.Context, api contracts.APIRef, commit string) (*contracts.ContractVersion, error) {
	row, err := s.Read().GetSnapshot(ctx, api.Repository.Installation, api.Repository.ID, commit)
	if err != nil || row.Content == "" {
		return nil, ignoreMissing(NotExist(err))
	}
	body, err := s.Read().GetContent(ctx, api.Repository.Installation, row.Content)
	if err != nil {
		return nil, ignoreMissing(NotExist(err))
	}
	return versionOf(body, Clean(api.Name), commit)
}
