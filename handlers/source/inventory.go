package source

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// Recall returns what is known of a repository. ok is false for one that is not enrolled
// and of which nothing runs. One that left is tracked until something else runs.
func Recall(ctx context.Context, registry contracts.Registry, versions contracts.Versions, repo contracts.RepositoryRef) (k Inventory, ok bool, err error) {
	k.Registration, err = registry.Registration(ctx, repo.Installation, repo.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return k, false, nil
	}
	if err == nil {
		k.Live, err = versions.Live(ctx, k.Registration.Repository)
	}
	return k, len(k.Registration.Components) > 0 || len(k.Live) > 0, err
}

// Inventory is what is known of an enrolled repository.
type Inventory struct {
	Registration contracts.Registration
	Live         []contracts.LiveVersion
}

// Targets returns to which targets a deployment brings what. A component that the default
// branch does not declare any more is tracked as well, so that it ends when something else
// replaces it.
func (k Inventory) Targets(d deploy.Deployment) []deploy.Target {
	var former []contracts.Component
	for _, v := range k.Live {
		named := func(c contracts.Component) bool { return c.Name == v.Component }
		if v.Release != "" || slices.ContainsFunc(k.Registration.Components, named) {
			continue
		}
		if !slices.ContainsFunc(former, named) {
			former = append(former, contracts.Component{Name: v.Component})
		}
		i := slices.IndexFunc(former, named)
		former[i].Environments = append(former[i].Environments, contracts.Environment{Name: v.Environment})
	}
	if len(k.Registration.Components) == 0 {
		return deploy.Match(former, d)
	}
	targets := deploy.Match(k.Registration.Components, d)
	for _, v := range k.Live {
		gone := slices.ContainsFunc(former, func(c contracts.Component) bool { return c.Name == v.Component })
		at := slices.IndexFunc(targets, func(p deploy.Target) bool { return p.Environment == v.Environment && p.Instance == v.Instance })
		if !gone || at < 0 {
			continue
		}
		target := targets[at]
		target.Component = v.Component
		if !slices.Contains(targets, target) {
			targets = append(targets, target)
		}
	}
	return targets
}
