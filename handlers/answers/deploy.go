package answers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/contracts"
	"plimsoll/contracts/impact"
	"plimsoll/deploy"
	"plimsoll/handlers/source"
)

// deployment is one question of can-i-deploy while it is answered.
type deployment struct {
	a            *Answerer
	q            source.DeployQuestion
	registration contracts.Registration
	components   []contracts.Component
	scan         source.Scan
	reasons      []contracts.AnswerReason
}

func (d *deployment) run(ctx context.Context) error {
	for _, component := range d.components {
		for _, provided := range component.Provides {
			if err := d.orUnreadable(provided.API, contracts.NameVersion(d.version(component)), d.provides(ctx, component, provided)); err != nil {
				return fmt.Errorf("as the provider of %s: %w", provided.API, err)
			}
		}
		for _, consumed := range component.Consumes {
			if err := d.orUnreadable(consumed.API, nil, d.consumes(ctx, component, consumed)); err != nil {
				return fmt.Errorf("as a consumer of %s: %w", consumed.API, err)
			}
		}
		if len(component.Provides)+len(component.Consumes) == 0 {
			d.reasons = append(d.reasons, contracts.AnswerReason{
				Code: contracts.CodeNoContract, Answer: contracts.AnswerYes, Provider: contracts.NameVersion(d.version(component)),
			})
		}
	}
	return nil
}

// orUnreadable accepts contracts that can't be compared for a reason: a retry does not fix
// that. provider is the version that the commit brings, if it is about that.
func (d *deployment) orUnreadable(api string, provider *contracts.AnswerVersion, err error) error {
	problem, ok := errors.AsType[*contracts.Problem](err)
	if ok {
		d.reasons = append(d.reasons, contracts.AnswerReason{Code: contracts.CodeContractUnreadable, Answer: contracts.AnswerUnknown, API: api, Provider: provider, Problem: problem})
		return nil
	}
	return err
}

// provides answers for one API that the commit provides.
func (d *deployment) provides(ctx context.Context, component contracts.Component, provided contracts.Provided) error {
	api := contracts.APIRef{Repository: d.q.Repository, Name: provided.API}
	head, problem, err := d.a.contractAt(ctx, d.q.Repository, d.q.Commit, provided)
	if err != nil {
		return err
	}
	if problem != nil {
		d.reasons = append(d.reasons, contracts.AnswerReason{
			Code: contracts.CodeContractUnreadable, Answer: contracts.AnswerUnknown, API: api.FullName(),
			Provider: contracts.NameVersion(d.version(component)), Problem: problem,
		})
		return nil
	}
	return d.offers(ctx, component, provided, named{}, head)
}

// offers answers for one API whose contract becomes head; without a contract it is removed.
// last is what it is compared with if the registry knows of nothing that runs.
func (d *deployment) offers(ctx context.Context, component contracts.Component, provided contracts.Provided, last, head named) error {
	api := contracts.APIRef{Repository: d.q.Repository, Name: provided.API}
	consumers, err := d.a.deps.Store.Consumers(ctx, api)
	if err != nil {
		return fmt.Errorf("look up the consumers of %s: %w", api.FullName(), err)
	}
	offered, err := d.a.deps.Store.Offered(ctx, api)
	if err != nil {
		return err
	}
	q := impact.ProviderQuestion{
		API: api.FullName(), Provider: d.version(component), Environment: d.q.Environment, Scanning: d.scan.Running, Unread: d.scan.Failed > 0, External: provided.External, Targetless: d.q.Gate,
		Known: d.q.Known || declares(component, d.q.Environment),
	}
	q.Production = d.produces(component, offered, consumers, &q.Known)
	var running []contracts.ProvidedVersion
	for _, version := range offered {
		if version.Environment != "" && strings.EqualFold(version.Environment, d.q.Environment) {
			running = append(running, version)
		}
	}
	bases, allKnown, err := d.bases(ctx, api, running)
	if err != nil {
		return err
	}
	if len(bases) == 0 && last.contract != nil {
		bases = []named{last}
	}
	comparisons, err := d.a.compareAll(ctx, api, bases, head)
	if err != nil {
		return err
	}
	q.Harmless = allKnown && len(running) > 0
	for _, comparison := range comparisons {
		q.Harmless = q.Harmless && comparison.Harmless()
	}
	if q.Agreed, err = d.a.agreed(ctx, d.q.Repository); err != nil {
		return err
	}
	if err := d.rule(ctx, &q, api.Name, comparisons, allKnown && len(running) > 0); err != nil {
		return err
	}
	panel := d.a.panel(api, head, comparisons)
	for _, consumer := range consumers {
		if consumer.Repository.ID == d.q.Repository.ID && d.brings(consumer.Component) && consumer.Environment+consumer.Release == "" {
			continue // it is brought by the same deployment: asked the other way round
		}
		var judged contracts.Judged
		if impact.Counts(consumer, d.q.Environment, q.Production) {
			if judged, err = panel.evaluate(ctx, consumer); err != nil {
				return err
			}
		}
		q.Consumers = append(q.Consumers, impact.JudgedConsumer{Consumer: consumer, Judged: judged})
	}
	d.reasons = append(d.reasons, q.Reasons()...)
	return nil
}

// produces reports whether the environment is of the production class; known is set if
// something is known to run there.
func (d *deployment) produces(component contracts.Component, offered []contracts.ProvidedVersion, consumers []contracts.Consumer, known *bool) bool {
	live := false
	for _, version := range offered {
		if strings.EqualFold(version.Environment, d.q.Environment) {
			*known, live = true, live || version.Production
		}
	}
	for _, consumer := range consumers {
		if strings.EqualFold(consumer.Environment, d.q.Environment) {
			*known, live = true, live || consumer.Production
		}
	}
	if d.q.Production != nil {
		return *d.q.Production
	}
	return production(component, d.q.Environment, live)
}

// brings reports whether the deployment brings a component of its repository.
func (d *deployment) brings(component string) bool {
	for _, each := range d.components {
		if each.Name == component {
			return true
		}
	}
	return false
}

// bases are the contracts that consumers in the environment may rely on: what runs of the
// provider there, otherwise what its default branch has. known is false if some of what
// runs can't be read.
func (d *deployment) bases(ctx context.Context, api contracts.APIRef, running []contracts.ProvidedVersion) (bases []named, known bool, err error) {
	known = true
	seen := map[string]bool{}
	for _, version := range running {
		if version.Contract == nil {
			known = false
			continue
		}
		base, problem, err := d.a.contract(ctx, api.Repository, *version.Contract)
		switch {
		case err != nil:
			return nil, false, err
		case problem != nil:
			known = false
		case !seen[base.key]:
			seen[base.key] = true
			bases = append(bases, base)
		}
	}
	if len(bases) > 0 {
		return bases, known, nil
	}
	base, _, _, err := d.a.defaultContract(ctx, api)
	if err != nil || base.contract == nil {
		return nil, known, err
	}
	return []named{base}, known, nil
}

// consumes answers for one API that the commit uses.
func (d *deployment) consumes(ctx context.Context, component contracts.Component, consumed contracts.Consumed) error {
	repo := d.q.Repository
	q := impact.ConsumerQuestion{API: consumed.API, Environment: d.q.Environment, Scanning: d.scan.Running, Unread: d.scan.Failed > 0, Consumer: contracts.Consumer{
		Component: component.Name, Owner: component.Owner, Repository: repo, Commit: d.q.Commit, Environment: d.q.Environment, Runs: true, Usage: consumed.Usage,
	}}
	providers, err := d.a.deps.Store.Providers(ctx, repo.Installation, consumed.API)
	if err != nil {
		return err
	}
	if q.Providers = len(providers); q.Providers == 1 {
		api := providers[0]
		q.API = api.FullName()
		q.Home = contracts.NameVersion(contracts.LiveVersion{Repository: api.Repository})
		if q.Consumer.Written, err = d.a.deps.Store.Written(ctx, api, repo, component.Name, consumed); err != nil {
			return fmt.Errorf("recall what the use of %s was written against: %w", api.FullName(), err)
		}
		if q.Offered, err = d.offered(ctx, api, q.Consumer); err != nil {
			return err
		}
	}
	d.reasons = append(d.reasons, q.Reasons()...)
	return nil
}

// offered evaluates the use by every version of the provider that runs in the environment,
// and by the one that the same deployment brings.
func (d *deployment) offered(ctx context.Context, api contracts.APIRef, consumer contracts.Consumer) ([]impact.JudgedProvider, error) {
	found, err := d.a.deps.Store.Offered(ctx, api)
	if err != nil {
		return nil, err
	}
	var running []impact.JudgedProvider
	add := func(version contracts.LiveVersion, offered named, problem *contracts.Problem) error {
		p := impact.JudgedProvider{Version: version, Problem: problem}
		if problem == nil {
			p.Judged, p.Assumed, err = d.a.evaluateUse(ctx, api, offered, consumer)
			if err != nil {
				return err
			}
		}
		running = append(running, p)
		return nil
	}
	for _, version := range found {
		if version.Environment == "" || !strings.EqualFold(version.Environment, d.q.Environment) {
			continue
		}
		if version.Contract == nil {
			err = add(version.LiveVersion, named{}, commandtext.ContractNotKnown())
		} else {
			offered, problem, failure := d.a.contract(ctx, api.Repository, *version.Contract)
			if failure != nil {
				return nil, failure
			}
			err = add(version.LiveVersion, offered, problem)
		}
		if err != nil {
			return nil, err
		}
	}
	if api.Repository.ID != d.q.Repository.ID {
		return running, nil
	}
	for _, component := range d.components {
		for _, provided := range component.Provides {
			if provided.API != api.Name {
				continue
			}
			offered, problem, err := d.a.contractAt(ctx, d.q.Repository, d.q.Commit, provided)
			if err == nil {
				err = add(d.version(component), offered, problem)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return running, nil
}

// held returns the reasons for a commit that is held in the environment: one for each of
// the components that it deploys there.
func (d *deployment) held(ctx context.Context) ([]contracts.AnswerReason, error) {
	if d.a.deps.Holds == nil || d.q.Gate {
		return nil, nil
	}
	targets, err := d.a.deps.Holds.Held(ctx, d.q.Repository, d.q.Commit)
	if err != nil {
		return nil, err
	}
	var reasons []contracts.AnswerReason
	for _, component := range d.components {
		if slices.ContainsFunc(targets, func(p deploy.Target) bool {
			return p.Component == component.Name && strings.EqualFold(p.Environment, d.q.Environment)
		}) {
			reasons = append(reasons, contracts.AnswerReason{Code: contracts.CodeHeld, Answer: contracts.AnswerNo, Provider: contracts.NameVersion(d.version(component))})
		}
	}
	return reasons, nil
}
