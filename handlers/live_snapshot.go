package handlers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
)

// remember keeps what a repository said about itself at a commit, unless that is
// known. Of a commit that can't be read, or whose file is missing or broken, it is
// kept that it says nothing: what the default branch declares then stands for it.
func (w *Watcher) remember(ctx context.Context, registration contracts.Registration, commit string) error {
	_, err := w.Versions.Snapshot(ctx, registration.Repository, commit)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	said := registration
	said.Broken, said.Problems = false, nil // of a broken file the registry gives the last good version, and its commit
	if commit != registration.Commit {
		if said, err = w.read(ctx, registration, commit); err != nil {
			return err
		}
	}
	return w.Versions.PutSnapshot(ctx, said)
}

// read reads what a repository says about itself at a commit.
func (w *Watcher) read(ctx context.Context, registration contracts.Registration, commit string) (contracts.Registration, error) {
	repo := registration.Repository
	nothing := contracts.Registration{Repository: repo, DefaultBranch: registration.DefaultBranch, Commit: commit, Broken: true}
	tree, err := w.Trees.Tree(ctx, repo, commit)
	if usersFault(err) && (!errors.Is(err, fs.ErrNotExist) || w.Queue.Attempt(ctx) >= goneAfter) {
		return nothing, nil
	}
	if err != nil {
		return nothing, fmt.Errorf("read the tree of %s@%s: %w", repo.FullName(), commit, err)
	}
	organisation, err := w.Organisations.File(ctx, repo)
	if err != nil {
		return nothing, err
	}
	said, err := evidence.Collect(ctx, tree, evidence.Options{
		Repository: repo, DefaultBranch: registration.DefaultBranch, Commit: commit, Organisation: organisation, Cache: w.Cache,
	})
	if err != nil {
		return nothing, fmt.Errorf("read what %s@%s says about itself: %w", repo.FullName(), commit, err)
	}
	return said, nil
}

// follow has the pull requests judged again that what runs of a repository concerns:
// those that hit it as a consumer, those that use what it provides, and those that
// change an API which what runs uses in another way than the default branch.
func (w *Watcher) follow(ctx context.Context, registration contracts.Registration) error {
	repo := registration.Repository
	live, err := w.Versions.Live(ctx, repo)
	if err != nil {
		return err
	}
	topics := []string{topicOfConsumer(repo.ID), topicOfProvider(repo.ID)}
	asked := map[string]bool{}
	for _, version := range live {
		if asked[version.Commit] {
			continue
		}
		asked[version.Commit] = true
		said, err := w.Versions.Snapshot(ctx, repo, version.Commit)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		topics = append(topics, otherwiseUsed(said, registration)...)
	}
	return w.Follower.Changed(ctx, repo.Installation, topics...)
}

// otherwiseUsed are the topics of the APIs that a commit uses in another way than the
// default branch declares.
func otherwiseUsed(said, declared contracts.Registration) (topics []string) {
	uses := map[string]bool{}
	for _, component := range declared.Components {
		for _, consumed := range component.Consumes {
			uses[component.Name+" "+plain(consumed)] = true
		}
	}
	for _, component := range said.Components {
		for _, consumed := range component.Consumes {
			if !uses[component.Name+" "+plain(consumed)] {
				topics = append(topics, topicOfAPI(shortName(consumed.API)))
			}
		}
	}
	return topics
}
