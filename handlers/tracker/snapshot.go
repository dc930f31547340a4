package tracker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers/require"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Snapshots keeps what repositories declared at the commits that run.
type Snapshots struct {
	deps SnapshotsDeps
}

// SnapshotsDeps is what Snapshots needs.
type SnapshotsDeps struct {
	Trees source.Trees
	Store contracts.Versions
	Queue work.Queue
	// Organisations gives what holds for all repositories of an account.
	Organisations *source.Organisations
	Cache         *openapi.Cache
}

// NewSnapshots returns Snapshots.
func NewSnapshots(deps SnapshotsDeps) (*Snapshots, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Snapshots{deps}, nil
}

// remember stores what a repository declares at a commit, unless that is known. If the
// commit can't be read, or its file is missing or broken, it stores that it declares
// nothing: then what the default branch declares is used.
func (s *Snapshots) remember(ctx context.Context, registration contracts.Registration, commit string) error {
	_, err := s.deps.Store.Snapshot(ctx, registration.Repository, commit)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	before := registration
	before.Broken, before.Problems = false, nil // the registry returns the last good version of a broken file, and its commit
	if commit != registration.Commit {
		if before, err = s.read(ctx, registration, commit); err != nil {
			return err
		}
	}
	return s.deps.Store.PutSnapshot(ctx, before)
}

// read reads what a repository declares at a commit.
func (s *Snapshots) read(ctx context.Context, registration contracts.Registration, commit string) (contracts.Registration, error) {
	repo := registration.Repository
	nothing := contracts.Registration{Repository: repo, DefaultBranch: registration.DefaultBranch, Commit: commit, Broken: true}
	tree, err := s.deps.Trees.Tree(ctx, repo, commit)
	if source.UsersFault(err) && (!errors.Is(err, fs.ErrNotExist) || s.deps.Queue.Attempt(ctx) >= work.GoneAfter) {
		return nothing, nil
	}
	if err != nil {
		return nothing, fmt.Errorf("read the tree of %s@%s: %w", repo.FullName(), commit, err)
	}
	organisation, err := s.deps.Organisations.File(ctx, repo)
	if err != nil {
		return nothing, err
	}
	before, err := evidence.Collect(ctx, tree, evidence.Options{
		Repository: repo, DefaultBranch: registration.DefaultBranch, Commit: commit, Organisation: organisation, Cache: s.deps.Cache,
	})
	if err != nil {
		return nothing, fmt.Errorf("read what %s@%s says about itself: %w", repo.FullName(), commit, err)
	}
	return before, nil
}

// follow evaluates the pull requests again that depend on what runs of a repository: those
// that affect it as a consumer, those that use what it provides, and those that change an
// API which the running version uses differently from the default branch.
func (t *Tracker) follow(ctx context.Context, registration contracts.Registration) error {
	repo := registration.Repository
	live, err := t.deps.Store.Live(ctx, repo)
	if err != nil {
		return err
	}
	topics := []string{work.TopicOfConsumer(repo.ID), work.TopicOfProvider(repo.ID)}
	asked := map[string]bool{}
	for _, version := range live {
		if asked[version.Commit] {
			continue
		}
		asked[version.Commit] = true
		before, err := t.deps.Store.Snapshot(ctx, repo, version.Commit)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		topics = append(topics, otherwiseUsed(before, registration)...)
	}
	return t.deps.Invalidator.Changed(ctx, repo.Installation, topics...)
}

// otherwiseUsed are the topics of the APIs that a commit uses differently from the default
// branch.
func otherwiseUsed(before, declared contracts.Registration) (topics []string) {
	uses := map[string]bool{}
	for _, component := range declared.Components {
		for _, consumed := range component.Consumes {
			uses[component.Name+" "+source.JSON(consumed)] = true
		}
	}
	for _, component := range before.Components {
		for _, consumed := range component.Consumes {
			if !uses[component.Name+" "+source.JSON(consumed)] {
				topics = append(topics, work.TopicOfAPI(source.ShortName(consumed.API)))
			}
		}
	}
	return topics
}
