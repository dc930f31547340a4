package answers

import (
	"cmp"
	"context"
	"errors"
	"slices"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// ChangedOperations returns the operations of a component's contracts that differ between
// two commits and are in both, sorted. What can't be read or compared has none.
func (a *Answerer) ChangedOperations(ctx context.Context, repo contracts.RepositoryRef, component, before, after string) ([]contracts.OperationRef, error) {
	old, err := a.providedAt(ctx, repo, component, before)
	if err != nil {
		return nil, err
	}
	now, err := a.providedAt(ctx, repo, component, after)
	if err != nil {
		return nil, err
	}
	var all []contracts.OperationRef
	for api, head := range now {
		base, there := old[api]
		if !there || base.key == head.key {
			continue
		}
		comparison, err := a.compare(ctx, contracts.APIRef{Repository: repo, Name: api}, base, head)
		if err != nil {
			return nil, err
		}
		both := operationsOf(base.contract)
		for _, change := range comparison.Changes() {
			for _, o := range change.Operations {
				one := contracts.OperationRef{Method: o.Method, Path: o.Path}
				if both[one] && !slices.Contains(all, one) {
					all = append(all, one)
				}
			}
		}
	}
	slices.SortFunc(all, func(x, y contracts.OperationRef) int {
		return cmp.Or(cmp.Compare(x.Path, y.Path), cmp.Compare(x.Method, y.Method))
	})
	return all, nil
}

func operationsOf(c *openapi.Contract) map[contracts.OperationRef]bool {
	all := map[contracts.OperationRef]bool{}
	for _, o := range c.Operations() {
		all[contracts.OperationRef{Method: o.Method, Path: o.Path}] = true
	}
	return all
}

// providedAt reads the contracts of a component at a commit, by the names of their APIs.
// What can't be used is left out.
func (a *Answerer) providedAt(ctx context.Context, repo contracts.RepositoryRef, component, commit string) (map[string]named, error) {
	registration, err := a.registration(ctx, repo, commit)
	if _, gone := errors.AsType[*commandtext.BadQuestion](err); gone || err == nil && registration.Broken {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := map[string]named{}
	for _, c := range registration.Components {
		if c.Name != component {
			continue
		}
		for _, provided := range c.Provides {
			contract, problem, err := a.contractAt(ctx, repo, commit, provided)
			if err != nil {
				return nil, err
			}
			if problem == nil && contract.contract != nil {
				found[provided.API] = contract
			}
		}
	}
	return found, nil
}
