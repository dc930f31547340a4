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
				return s.Register(ctx, r.Now)
			}
			return s.Register(ctx, *r.Before)
		},
		func(r Repository) error {
			if r.Before == nil {
				return nil
			}
			return s.Register(ctx, r.Now)
		},
		func(r Repository) error { return writeLive(ctx, s, r) },
	} {
		if err := o.each(step); err != nil {
			return err
		}
	}
	return nil
}

func writeLive(ctx context.Context, s *store.Store, r Repository) error {
	repo := r.Now.Repository
	for _, at := range r.Live {
		if err := s.PutSnapshot(ctx, at); err != nil {
			return err
		}
	}
	if _, err := s.PutDeployments(ctx, repo, r.Deployments); err != nil {
		return err
	}
	_, err := s.PutReleases(ctx, repo, r.Releases)
	return err
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
