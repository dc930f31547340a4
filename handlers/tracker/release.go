package tracker

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Released reads the releases of a repository again after an event on one of them: each
// full release of a released component is live, the newest [deploy.MostReleases] of a
// component. The tag of that release may have been moved to another commit.
func (t *Tracker) Released(ctx context.Context, repo contracts.RepositoryRef, tag string) error {
	k, ok, err := source.Recall(ctx, t.deps.Store, t.deps.Store, repo)
	if err != nil || !ok {
		return err
	}
	return t.readReleases(ctx, k, tag)
}

// readReleases keeps the versions that live on. A tag that is known is not asked for
// again, but for the one that is named.
func (t *Tracker) readReleases(ctx context.Context, k source.Inventory, moved string) error {
	repo, components := k.Registration.Repository, k.Registration.Components
	commits := map[string]string{}
	for _, version := range k.Live {
		if version.Release != "" && version.Release != moved {
			commits[version.Release] = version.Commit
		}
	}
	var listed []deploy.Release
	if slices.ContainsFunc(components, func(c contracts.Component) bool { return c.Release == deploy.Released }) {
		var err error
		if listed, err = t.deps.GitHub.Releases(ctx, repo); err != nil {
			return err
		}
	}
	var supported []contracts.LiveVersion
	for _, version := range deploy.Supported(components, listed) {
		commit, ok := commits[version.Release]
		if !ok {
			found, err := t.deps.GitHub.TagCommit(ctx, repo, version.Release)
			if errors.Is(err, fs.ErrNotExist) && t.deps.Queue.Attempt(ctx) >= work.GoneAfter {
				continue // its tag was deleted: its commit is unknown
			}
			if err != nil {
				return err
			}
			commit, commits[version.Release] = found, found
		}
		if err := t.deps.Snapshots.remember(ctx, k.Registration, commit); err != nil {
			return err
		}
		version.Commit = commit
		supported = append(supported, version)
	}
	open, err := t.deps.Store.PutReleases(ctx, repo, supported)
	if err != nil || !open.Open {
		return err
	}
	if err := t.follow(ctx, k.Registration); err != nil {
		return err
	}
	return t.deps.Store.Settle(ctx, open)
}
