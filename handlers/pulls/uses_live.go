package pulls

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers/source"
)

// environments asks what runs of the provider in each environment where the component runs,
// or is declared to run.
func (u *usedAPI) environments(ctx context.Context, consumer contracts.Consumer) error {
	names, err := u.runsIn(ctx)
	if err != nil || slices.ContainsFunc(u.component.Provides, func(p contracts.Provided) bool {
		return u.report.Provider.Repository.ID == u.repo.ID && p.API == u.report.Provider.Name
	}) {
		return err // what a component uses of itself is deployed with it
	}
	offered, err := u.comparer.deps.Store.Offered(ctx, u.report.Provider)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := u.environment(ctx, name, offered, consumer); err != nil {
			return err
		}
	}
	return u.stillLive(ctx, offered, consumer)
}

// runsIn names the environments of the component, as it calls them.
func (u *usedAPI) runsIn(ctx context.Context) ([]string, error) {
	var names []string
	add := func(name string) {
		if name != "" && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			names = append(names, name)
		}
	}
	for _, environment := range u.component.Environments {
		add(environment.Name)
	}
	live, err := u.comparer.deps.Store.Live(ctx, u.repo)
	for _, version := range live {
		if version.Component == u.component.Name {
			add(version.Environment)
		}
	}
	slices.Sort(names)
	return names, err
}

// environment compares with every version of the provider that runs in one
// environment: during a rollout, or with several instances, all of them count.
func (u *usedAPI) environment(ctx context.Context, name string, offered []contracts.ProvidedVersion, consumer contracts.Consumer) error {
	seen := map[string]bool{}
	for _, version := range offered {
		if !strings.EqualFold(version.Environment, name) || seen[version.Commit] {
			continue
		}
		seen[version.Commit] = true
		entry := contracttext.EnvironmentUse{Environment: name, Version: &version.LiveVersion}
		contract, err := u.running(ctx, version)
		if err != nil {
			return err
		}
		if contract == nil {
			entry.Unknown = true
			u.report.Environments = append(u.report.Environments, entry)
			continue
		}
		problems, err := notIn(ctx, contract, consumer)
		if err != nil {
			return err
		}
		for _, p := range problems {
			if !u.missing[p.Problem.Position] {
				entry.Missing = append(entry.Missing, p.Problem)
			}
		}
		u.report.Environments = append(u.report.Environments, entry)
	}
	if len(seen) == 0 {
		u.report.Environments = append(u.report.Environments, contracttext.EnvironmentUse{Environment: name})
	}
	return nil
}

// running reads the contract of a version that runs; nil if that fails.
func (u *usedAPI) running(ctx context.Context, version contracts.ProvidedVersion) (*openapi.Contract, error) {
	if version.Contract == nil {
		return nil, nil
	}
	var ignored *contracts.Problem
	return u.version(ctx, version.Repository, *version.Contract, &ignored)
}

// stillLive searches the running versions of the provider for what its default branch no
// longer has.
func (u *usedAPI) stillLive(ctx context.Context, offered []contracts.ProvidedVersion, consumer contracts.Consumer) error {
	if len(u.report.Missing) == 0 {
		return nil
	}
	for _, version := range offered {
		contract, err := u.running(ctx, version)
		if err != nil {
			return err
		}
		if contract == nil || version.Environment == "" {
			continue
		}
		problems, err := notIn(ctx, contract, consumer)
		if err != nil {
			return err
		}
		for i := range u.report.Missing {
			m := &u.report.Missing[i]
			if !positionsOf(problems)[m.Position] {
				m.StillLive = append(m.StillLive, version.LiveVersion)
			}
		}
	}
	return nil
}

func positionsOf(problems []contracts.RegistrationProblem) map[contracts.Position]bool {
	positions := make(map[contracts.Position]bool, len(problems))
	for _, p := range problems {
		positions[p.Problem.Position] = true
	}
	return positions
}

// offersNow is what the registry knows of the providers of an API and of where this
// repository runs, as text to compare.
func (c *change) offersNow(ctx context.Context, written string) (string, error) {
	found, err := c.comparer.deps.Store.Providers(ctx, c.repo.Installation, written)
	if err != nil {
		return "", err
	}
	all := []any{found}
	for _, api := range found {
		registration, err := c.comparer.deps.Store.Registration(ctx, api.Repository.Installation, api.Repository.ID)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		offered, err := c.comparer.deps.Store.Offered(ctx, api)
		if err != nil {
			return "", err
		}
		all = append(all, source.Offers(registration), offered)
	}
	live, err := c.comparer.deps.Store.Live(ctx, c.repo)
	return source.JSON(append(all, live)), err
}

// faultOf is a mistake in a user's file.
func faultOf(err error, file string) *contracts.Problem {
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		return problem
	}
	return contracttext.ContractMissing(cmp.Or(file, "the contract"))
}
