package answers

import (
	"context"
	"errors"
	"slices"
	"strings"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/contracts"
	"plimsoll/handlers/source"
)

// A gate does not take the commit's word for what there is to ask about: a commit that no
// longer declares an API, a component or anything at all takes away what runs.

// removed answers for the APIs that run in the environment and that the commit provides by
// no component.
func (d *deployment) removed(ctx context.Context) error {
	before, err := d.providedBefore(ctx)
	if err != nil {
		return err
	}
	answered, seen := source.ProvidedBy(d.registration), map[string]bool{}
	for _, component := range before {
		version := contracts.NameVersion(d.version(component.Component))
		for _, provided := range component.Provides {
			if _, still := answered[provided.API]; still || seen[provided.API] {
				continue
			}
			seen[provided.API] = true
			last, problem, err := d.a.contractAt(ctx, d.q.Repository, component.commit, provided)
			if problem != nil {
				d.reasons = append(d.reasons, contracts.AnswerReason{
					Code: contracts.CodeContractUnreadable, Answer: contracts.AnswerUnknown, API: provided.API, Provider: version, Problem: problem,
				})
				continue
			}
			if err == nil {
				err = d.orUnreadable(provided.API, version, d.offers(ctx, component.Component, provided, last, named{}))
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// declaredAt is a component as a commit declares it.
type declaredAt struct {
	contracts.Component
	commit string
}

// providedBefore returns the components that the question is about as the commits declared
// them that run in the environment. A component of which none is known stands there as the
// default branch declares it.
func (d *deployment) providedBefore(ctx context.Context) ([]declaredAt, error) {
	repo := d.q.Repository
	registration, err := d.a.deps.Store.Registration(ctx, repo.Installation, repo.ID)
	if err != nil {
		return nil, err
	}
	live, err := d.a.deps.Store.Live(ctx, repo)
	if err != nil {
		return nil, err
	}
	asked := func(component string) bool {
		return len(d.q.Components) == 0 || slices.Contains(d.q.Components, component) || slices.Contains(d.q.Former, component)
	}
	known := map[string]bool{}
	var before []declaredAt
	for _, version := range live {
		if version.Environment == "" || !strings.EqualFold(version.Environment, d.q.Environment) || !asked(version.Component) {
			continue
		}
		declared, err := d.a.registration(ctx, repo, version.Commit)
		if _, gone := errors.AsType[*commandtext.BadQuestion](err); gone || err == nil && declared.Broken {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, component := range declared.Components {
			if component.Name == version.Component {
				known[component.Name], before = true, append(before, declaredAt{component, version.Commit})
			}
		}
	}
	for _, component := range registration.Components {
		if asked(component.Name) && !known[component.Name] {
			before = append(before, declaredAt{component, registration.Commit})
		}
	}
	return before, nil
}
