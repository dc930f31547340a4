package pulls

import (
	"context"
	"fmt"
	"slices"
	"strings"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/impact"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers/source"
)

// uses evaluates every use that the pull request changes.
func (c *change) uses(ctx context.Context) ([]contracttext.UseReport, error) {
	if c.proposed == nil || c.proposed.Broken {
		return nil, nil
	}
	before, err := c.usesBefore(ctx)
	if err != nil {
		return nil, err
	}
	var reports []contracttext.UseReport
	for _, component := range c.proposed.Components {
		for _, consumed := range component.Consumes {
			if before[useText(component, consumed)] && !c.paths[consumed.Usage.Baseline.Path] {
				continue
			}
			use := &usedAPI{change: c, component: component, consumed: consumed}
			if err := use.compare(ctx); err != nil {
				return nil, fmt.Errorf("evaluate what %s uses of %s: %w", component.Name, consumed.API, err)
			}
			reports = append(reports, use.report)
		}
	}
	return reports, nil
}

// usesBefore is what the merge base says of its uses.
func (c *change) usesBefore(ctx context.Context) (map[string]bool, error) {
	base := c.registration
	if c.comparison.MergeBase != base.Commit && !base.Broken {
		var err error
		if base, err = c.collect(ctx, c.base, c.comparison.MergeBase); err != nil {
			return nil, err
		}
	}
	c.usedBefore = base.Components
	declared := map[string]bool{}
	for _, component := range base.Components {
		for _, consumed := range component.Consumes {
			declared[useText(component, consumed)] = true
		}
	}
	return declared, nil
}

// useText is a use as text, without its position: a line that moves changes nothing.
func useText(component contracts.Component, consumed contracts.Consumed) string {
	usage := consumed.Usage
	usage.Evidence.Position = contracts.Position{}
	usage.Operations = slices.Clone(usage.Operations)
	for i := range usage.Operations {
		o := &usage.Operations[i]
		o.Evidence.Position = contracts.Position{}
		o.Reads, o.Sends = withoutPositions(o.Reads), withoutPositions(o.Sends)
	}
	var environments []string
	for _, environment := range component.Environments {
		environments = append(environments, environment.Name)
	}
	return source.JSON([]any{component.Name, consumed.API, usage, environments})
}

func withoutPositions(list *[]contracts.Pattern) *[]contracts.Pattern {
	if list == nil {
		return nil
	}
	bare := slices.Clone(*list)
	for i := range bare {
		bare[i].Position = contracts.Position{}
	}
	return &bare
}

// usedAPI evaluates what one component uses of one API by the head.
type usedAPI struct {
	*change
	component contracts.Component
	consumed  contracts.Consumed
	report    contracttext.UseReport
	provided  contracts.Provided
	// missing are the positions of what the provider's default branch does not have.
	missing map[contracts.Position]bool
}

func (u *usedAPI) compare(ctx context.Context) error {
	u.report = contracttext.UseReport{Component: u.component.Name, API: u.consumed.API, Position: u.consumed.Usage.Evidence.Position}
	state, err := u.offersNow(ctx, u.consumed.API)
	if err != nil {
		return err
	}
	u.offers[u.consumed.API] = state
	contract, err := u.contract(ctx)
	if err != nil || contract == nil {
		return err
	}
	consumer := u.consumer()
	if u.report.Missing, err = u.missingIn(ctx, contract, consumer); err != nil {
		return err
	}
	u.missing = map[contracts.Position]bool{}
	for _, m := range u.report.Missing {
		u.missing[m.Position] = true
	}
	if err := u.since(ctx, contract, consumer); err != nil {
		return err
	}
	if u.report.Deprecated, err = impact.DeprecatedIn(contract).UsedBy(ctx, u.consumed.Usage); err != nil {
		return err
	}
	if u.report.NewBy > 0 {
		return nil // it can't run anywhere yet
	}
	if err := u.linked(ctx, contract, consumer); err != nil {
		return err
	}
	return u.environments(ctx, consumer)
}

// consumer is the version of the component that the head declares.
func (u *usedAPI) consumer() contracts.Consumer {
	return contracts.Consumer{
		Component: u.component.Name, Owner: u.component.Owner, Repository: u.repo, Commit: u.pull.HeadSHA, Usage: u.consumed.Usage,
	}
}

// contract finds the provider and reads the contract on its default branch; nil
// where the report says why there is none to compare with.
func (u *usedAPI) contract(ctx context.Context) (*openapi.Contract, error) {
	found, err := u.comparer.deps.Store.Providers(ctx, u.repo.Installation, u.consumed.API)
	if err != nil {
		return nil, err
	}
	if u.pull.Fork {
		// To an outsider, what may not be named here is like what does not exist: whatever
		// differed would tell that somebody provides an API of that name.
		found = slices.DeleteFunc(found, func(api contracts.APIRef) bool { return !u.repo.MayName(api.Repository) })
	}
	// What this repository itself provides counts as the head has it, unless the name belongs
	// to another repository.
	own, mine := u.own()
	mine = mine && (len(found) == 0 || found[0].Repository.ID == u.repo.ID)
	if mine {
		found = []contracts.APIRef{{Repository: u.repo, Name: own.API}}
	}
	if len(found) == 0 || !mine && found[0].Repository.ID == u.repo.ID {
		return u.fromLinked(ctx)
	}
	u.report.Provider = found[0]
	if mine {
		u.provided, u.report.Commit = own, u.pull.HeadSHA
		return u.load(ctx, u.head, own.Spec, nil, &u.report.Unreadable)
	}
	return u.onBranch(ctx, found[0])
}

// own is what this repository provides by the head under the name that is used.
func (u *usedAPI) own() (contracts.Provided, bool) {
	name := source.ShortName(u.consumed.API)
	api, ok := source.ProvidedBy(*u.proposed)[name]
	inFull := strings.Contains(u.consumed.API, "/")
	if !ok || inFull && !source.SameName(u.consumed.API, u.repo, name) {
		return contracts.Provided{}, false
	}
	return api.Provided, true
}

// onBranch reads the contract on the provider's default branch.
func (u *usedAPI) onBranch(ctx context.Context, api contracts.APIRef) (*openapi.Contract, error) {
	registration, err := u.comparer.deps.Store.Registration(ctx, api.Repository.Installation, api.Repository.ID)
	if err != nil {
		return nil, err
	}
	u.report.Commit = registration.Commit
	u.provided = source.ProvidedBy(registration)[api.Name].Provided
	switch {
	case u.provided.Problem != nil:
		u.report.Unreadable = u.provided.Problem
		return nil, nil
	case len(u.provided.Files) == 0:
		u.report.Unreadable = contracttext.ContractMissing(u.provided.Spec)
		return nil, nil
	}
	return u.version(ctx, api.Repository, contracts.ContractVersion{Commit: registration.Commit, Spec: u.provided.Spec, Files: u.provided.Files}, &u.report.Unreadable)
}

// version reads a version of the provider's contract. A mistake in the file goes into
// problem.
func (u *usedAPI) version(ctx context.Context, provider contracts.RepositoryRef, version contracts.ContractVersion, problem **contracts.Problem) (*openapi.Contract, error) {
	contract, err := u.comparer.deps.Contracts.Version(ctx, provider, version)
	if source.UsersFault(err) {
		*problem = faultOf(err, version.Spec)
		return nil, nil
	}
	return contract, err
}

// missingIn returns the parts of the use that match nothing in a contract.
func (u *usedAPI) missingIn(ctx context.Context, contract *openapi.Contract, consumer contracts.Consumer) ([]contracttext.MissingUse, error) {
	problems, err := notIn(ctx, contract, consumer)
	if err != nil {
		return nil, err
	}
	var missing []contracttext.MissingUse
	for _, p := range problems {
		missing = append(missing, contracttext.MissingUse{Problem: p.Problem, Nearest: p.Nearest, Kind: kindAt(consumer.Usage, p.Problem.Position)})
	}
	return missing, nil
}

// notIn returns the parts of a use that match nothing in a contract.
func notIn(ctx context.Context, contract *openapi.Contract, consumer contracts.Consumer) ([]contracts.RegistrationProblem, error) {
	same, err := diff.Compare(ctx, contract, contract, diff.Options{})
	if err != nil {
		return nil, err
	}
	_, problems, err := same.Judge(ctx, []contracts.Consumer{consumer})
	return problems, err
}

// kindAt is the kind of the evidence at a position.
func kindAt(usage contracts.Usage, at contracts.Position) contracts.EvidenceKind {
	for _, o := range usage.Operations {
		if o.Evidence.Position == at {
			return o.Evidence.Kind
		}
		for _, list := range []*[]contracts.Pattern{o.Reads, o.Sends} {
			if list != nil && slices.ContainsFunc(*list, func(p contracts.Pattern) bool { return p.Position == at }) {
				return o.Evidence.Kind
			}
		}
	}
	return usage.Evidence.Kind
}

// since finds what has changed since the contract that the use names as its baseline. What
// does not exist any more is reported as missing already.
func (u *usedAPI) since(ctx context.Context, contract *openapi.Contract, consumer contracts.Consumer) error {
	baseline, err := u.baseline(ctx, consumer)
	if source.UsersFault(err) {
		u.report.Baseline = []contracts.Problem{*faultOf(err, consumer.Usage.Baseline.Path)}
		u.report.Baseline[0].Position = consumer.Usage.Evidence.Position
		return nil
	}
	if err != nil || baseline == nil {
		return err
	}
	since, err := diff.Compare(ctx, baseline, contract, diff.Options{API: u.report.Provider.FullName()})
	if err != nil {
		return err
	}
	findings, problems, err := since.Judge(ctx, []contracts.Consumer{consumer})
	if err != nil {
		return err
	}
	for _, p := range problems {
		if !u.missing[p.Problem.Position] {
			u.report.Baseline = append(u.report.Baseline, p.Problem)
		}
	}
	for _, f := range findings {
		f.Affected = slices.DeleteFunc(f.Affected, func(h contracts.AffectedConsumer) bool {
			return h.Verdict.Rank() < contracts.MayBreak.Rank() || u.missing[h.Evidence[0].Position]
		})
		if len(f.Affected) > 0 {
			u.report.Since = append(u.report.Since, f)
		}
	}
	return nil
}

// baseline is the contract that the use pins; a stored copy counts as the head has it.
func (u *usedAPI) baseline(ctx context.Context, consumer contracts.Consumer) (*openapi.Contract, error) {
	pinned := consumer.Usage.Baseline
	if pinned.Commit == "" && pinned.Path != "" {
		return openapi.Load(ctx, u.head, pinned.Path, openapi.LoadOptions{Cache: u.comparer.deps.Cache})
	}
	return u.comparer.deps.Contracts.Baseline(ctx, u.report.Provider.Repository, u.provided.Spec, consumer)
}
