package source

import (
	"context"
	"errors"
	"fmt"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// Contracts reads versions of contracts wherever they are. What was read is kept
// by its content, so that reading it again costs nothing.
type Contracts struct {
	trees Trees
	cache *openapi.Cache
}

// NewContracts returns a reader of contracts.
func NewContracts(trees Trees, cache *openapi.Cache) (*Contracts, error) {
	if trees == nil || cache == nil {
		return nil, errors.New("make the reader of contracts: it needs trees and a cache")
	}
	return &Contracts{trees, cache}, nil
}

// Cache returns the cache of what was read.
func (r *Contracts) Cache() *openapi.Cache { return r.cache }

// Version reads a version of a provider's contract that the registry knows.
func (r *Contracts) Version(ctx context.Context, provider contracts.RepositoryRef, version contracts.ContractVersion) (*openapi.Contract, error) {
	known := make([]contracts.File, 0, len(version.Files))
	for path, sha := range version.Files {
		known = append(known, contracts.File{Path: path, SHA: sha})
	}
	return r.load(ctx, r.trees.KnownTree(provider, version.Commit, known), version.Spec)
}

// Baseline reads the contract that a consumer was written against: the commit or the stored
// copy that it pins, otherwise what its provider had when the use was declared; nil if
// nothing of that is known. provider and spec are where the API is now.
func (r *Contracts) Baseline(ctx context.Context, provider contracts.RepositoryRef, spec string, consumer contracts.Consumer) (*openapi.Contract, error) {
	pinned := consumer.Usage.Baseline
	var repo contracts.RepositoryRef
	var at, file string
	switch {
	case pinned.Commit != "":
		repo, at, file = provider, pinned.Commit, spec
	case pinned.Path != "":
		repo, at, file = consumer.Repository, consumer.Commit, pinned.Path
	case consumer.Written != nil:
		return r.Version(ctx, provider, *consumer.Written)
	default:
		return nil, nil
	}
	tree, err := r.trees.Tree(ctx, repo, at)
	if err != nil {
		return nil, fmt.Errorf("read %s at %s: %w", file, at, err)
	}
	return r.load(ctx, tree, file)
}

func (r *Contracts) load(ctx context.Context, tree contracts.Tree, spec string) (*openapi.Contract, error) {
	return openapi.Load(ctx, tree, spec, openapi.LoadOptions{Cache: r.cache})
}

// Baselines gives JudgeFrom the baseline of each consumer. A mistake in a user's file is
// returned as a problem. If GitHub can't be asked now, failure says so, and the whole
// answer has to wait.
type Baselines struct {
	Contracts *Contracts
	Provider  contracts.RepositoryRef
	Spec      string
	Failure   error
	// read are those that were read already: many consumers share one.
	read map[baseline]readBaseline
}

// baseline names what a consumer was written against: a commit or a stored copy
// that it pins, or what its provider had.
type baseline struct {
	repository   int64
	commit, path string
	written      *contracts.ContractVersion
}

type readBaseline struct {
	contract *openapi.Contract
	err      error
}

func (b *Baselines) Of(ctx context.Context) func(contracts.Consumer) (*openapi.Contract, error) {
	b.read = map[baseline]readBaseline{}
	return func(consumer contracts.Consumer) (*openapi.Contract, error) {
		name := baseline{commit: consumer.Usage.Baseline.Commit}
		switch {
		case name.commit != "":
		case consumer.Usage.Baseline.Path != "":
			name = baseline{repository: consumer.Repository.ID, commit: consumer.Commit, path: consumer.Usage.Baseline.Path}
		default:
			name.written = consumer.Written
		}
		found, ok := b.read[name]
		if !ok {
			found.contract, found.err = b.Contracts.Baseline(ctx, b.Provider, b.Spec, consumer)
			if found.err != nil && !UsersFault(found.err) {
				b.Failure = errors.Join(b.Failure, found.err)
				found.err = nil
			}
			b.read[name] = found
		}
		return found.contract, found.err
	}
}
