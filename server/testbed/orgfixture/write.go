package orgfixture

import (
	"context"
	"errors"
	"sync"

	"plimsoll/contracts"
	"plimsoll/server/store"
)

// writers at a time.
const writers = 8

// Write puts an organisation into a registry: first what was read first, so that
// what was declared later is known to be written against what its provider had then.
func (o *Organisation) Write(ctx context.Context, s *store.Store) error {
	for _, step := range []func(Repository) error{
		func(r Repository) error {
			if r.Before == nil {
				return register(ctx, s, r.Now)
			}
			return register(ctx, s, *r.Before)
		},
		func(r Repository) error {
			if r.Before == nil {
				return nil
			}
			return register(ctx, s, r.Now)
		},
		func(r Repository) error { return writeLive(ctx, s, r) },
	} {
		if err := o.each(step); err != nil {
			return err
		}
	}
	return nil
}

// register writes a registration that nobody waits for.
func register(ctx context.Context, s *store.Store, r contracts.Registration) error {
	open, err := s.Register(ctx, r)
	if err != nil {
		return err
	}
	return s.Settle(ctx, open)
}

func writeLive(ctx context.Context, s *store.Store, r Repository) error {
	repo := r.Now.Repository
	for _, at := range r.Live {
		if err := s.PutSnapshot(ctx, at); err != nil {
			return err
		}
	}
	_, deployed, err := s.PutDeployments(ctx, repo, r.Deployments)
	if err != nil {
		return err
	}
	released, err := s.PutReleases(ctx, repo, r.Releases)
	if err != nil {
		return err
	}
	return s.Settle(ctx, append(deployed, released)...)
}

// each does something for every repository, several at a time.
func (o *Organisation) each(do func(Repository) error) error {
	next := make(chan Repository)
	failed := make([]error, writers)
	var working sync.WaitGroup
	for i := range failed {
		working.Go(func() {
			for r := range next {
				if err := do(r); err != nil && failed[i] == nil {
					failed[i] = err
				}
			}
		})
	}
	for _, r := range o.Repositories {
		next <- r
	}
	close(next)
	working.Wait()
	return errors.Join(failed...)
}

// Provider is the registration of the popular API's provider at a commit, for
// measurements without a GitHub.
func Provider(api contracts.APIRef, commit, blob string) contracts.Registration {
	return contracts.Registration{
		Repository: api.Repository, DefaultBranch: "main", Commit: commit, Enrolled: true,
		Components: []contracts.Component{{Name: api.Repository.Name, Provides: []contracts.Provided{
			{API: api.Name, Spec: "openapi.yaml", Files: map[string]string{"openapi.yaml": blob}},
		}}},
	}
}
