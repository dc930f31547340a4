package answers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"plimsoll/handlers/require"
	"regexp"
	"slices"
	"strings"
	"time"

	commandtext "plimsoll/checks/text/command"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
	"plimsoll/deploy"
	"plimsoll/handlers/source"
)

// Agreements knows which impacts were acknowledged on a provider's pull requests.
type Agreements interface {
	Acknowledgements(ctx context.Context, provider contracts.RepositoryRef) ([]contracttext.Acknowledgement, error)
}

// Baselines knows the contracts that uses were written against.
type Baselines interface {
	// Written returns the contract that a component's use was written against; nil if that
	// is unknown.
	Written(ctx context.Context, api contracts.APIRef, user contracts.RepositoryRef, component string, use contracts.Consumed) (*contracts.ContractVersion, error)
}

// Holders knows in which targets commits are held.
type Holders interface {
	Held(ctx context.Context, repo contracts.RepositoryRef, commit string) ([]deploy.Target, error)
}

// Answerer answers can-i-deploy and can-remove from the registry. What it reads and
// compares is kept by content, so that asking again is a look-up.
type Answerer struct {
	deps Deps
	kept answersKept
}

// Deps is what an Answerer needs.
type Deps struct {
	Store         Store
	Trees         source.Trees
	Organisations *source.Organisations
	Contracts     *source.Contracts
	// Holds knows which commits are held.
	Holds Holders
	// WebURL is GitHub's, for permalinks.
	WebURL string
	// Now gives the time.
	Now func() time.Time
}

// Store is what answering needs to know of repositories and of what runs where.
type Store interface {
	contracts.Registry
	contracts.Versions
	source.Providers
	source.Scans
	Baselines
	Agreements
}

// New returns an Answerer.
func New(deps Deps) (*Answerer, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Answerer{deps, newAnswersKept()}, nil
}

var fullCommit = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// maxNameAsked bounds names in questions: they are looked up and shown.
const maxNameAsked = 255

// CanIDeploy answers whether a commit may go to an environment: as a provider to
// all consumers that run there, as a consumer to all providers that run there.
func (a *Answerer) CanIDeploy(ctx context.Context, q source.DeployQuestion) (source.Asked, error) {
	switch {
	case !fullCommit.MatchString(q.Commit):
		return source.Asked{}, commandtext.CommitNeeded()
	case q.Environment == "" || len(q.Environment) > maxNameAsked:
		return source.Asked{}, commandtext.EnvironmentNeeded()
	case slices.ContainsFunc(q.Components, func(name string) bool { return len(name) > maxNameAsked }):
		return source.Asked{}, commandtext.ComponentTooLong()
	}
	registration, err := a.registration(ctx, q.Repository, q.Commit)
	if err != nil {
		return source.Asked{}, err
	}
	d := &deployment{a: a, q: q, registration: registration}
	unusable, stop := d.unusable()
	if stop && (!q.Gate || registration.Broken) {
		return answered([]contracts.AnswerReason{unusable}), nil
	}
	for _, component := range registration.Components {
		if len(q.Components) == 0 || slices.Contains(q.Components, component.Name) {
			d.components = append(d.components, component)
		}
	}
	missing := slices.DeleteFunc(slices.Clone(q.Components), d.brings)
	if len(missing) > 0 && !q.Gate {
		return source.Asked{}, commandtext.ComponentNotDeclared(missing[0], q.Commit, componentNames(registration))
	}
	scan, err := a.deps.Store.Scan(ctx, q.Repository.Installation)
	if err != nil {
		return source.Asked{}, err
	}
	d.scan = scan
	if d.reasons, err = d.held(ctx); err != nil {
		return source.Asked{}, err
	}
	err = d.run(ctx)
	if err == nil && q.Gate {
		for _, name := range missing {
			version := d.version(contracts.Component{Name: name})
			d.reasons = append(d.reasons, contracts.AnswerReason{Code: contracts.CodeComponentMissing, Answer: contracts.AnswerUnknown, Provider: contracts.NameVersion(version)})
		}
		err = d.removed(ctx)
	}
	if err != nil {
		return source.Asked{}, fmt.Errorf("answer whether %s@%s may go to %s: %w", q.Repository.FullName(), q.Commit, q.Environment, err)
	}
	return answered(naming(d.reasons, scan)), nil
}

func componentNames(r contracts.Registration) []string {
	names := make([]string, len(r.Components))
	for i, component := range r.Components {
		names[i] = component.Name
	}
	return names
}

func answered(reasons []contracts.AnswerReason) source.Asked {
	contracts.SortReasons(reasons)
	return source.Asked{Answer: contracts.GravestAnswer(reasons), Reasons: reasons}
}

// mostNamed is how many repositories that can't be read one reason is made into.
const mostNamed = 5

// naming puts the repositories that can't be read into the reasons that speak of them. Who
// asks sees those that they may read; the others are counted.
func naming(reasons []contracts.AnswerReason, scan source.Scan) (named []contracts.AnswerReason) {
	for _, reason := range reasons {
		if reason.Code != contracts.CodeNotAllRead || len(scan.Unreadable) == 0 {
			named = append(named, reason)
			continue
		}
		listed := scan.Unreadable[:min(len(scan.Unreadable), mostNamed)]
		for _, one := range listed {
			named = append(named, contracts.AnswerReason{
				Code: reason.Code, Answer: reason.Answer, API: reason.API, Environment: reason.Environment,
				Consumer: contracts.NameConsumer(contracts.Consumer{Repository: one.Repository}), Problem: &contracts.Problem{Message: commandtext.UnreadableSince(one.Reason, one.Since)},
			})
		}
		if scan.Failed > len(listed) {
			named = append(named, reason)
		}
	}
	return named
}

// registration returns what a repository declares at a commit: from the registry if that is
// known, otherwise from the commit.
func (a *Answerer) registration(ctx context.Context, repo contracts.RepositoryRef, commit string) (contracts.Registration, error) {
	now, err := a.deps.Store.Registration(ctx, repo.Installation, repo.ID)
	if err != nil {
		return contracts.Registration{}, err
	}
	if now.Commit == commit && !now.Broken {
		return now, nil
	}
	snapshot, err := a.deps.Store.Snapshot(ctx, repo, commit)
	if err == nil && !snapshot.Broken {
		return snapshot, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return contracts.Registration{}, err
	}
	key := fmt.Sprintf("%d/%d@%s", repo.Installation, repo.ID, commit)
	if kept, ok := a.kept.registrations.Get(key); ok {
		return kept, nil
	}
	tree, err := a.deps.Trees.Tree(ctx, repo, commit)
	if errors.Is(err, fs.ErrNotExist) {
		return contracts.Registration{}, commandtext.CommitNotFound(commit)
	}
	if err != nil {
		return contracts.Registration{}, fmt.Errorf("read the tree of %s@%s: %w", repo.FullName(), commit, err)
	}
	organisation, err := a.deps.Organisations.File(ctx, repo)
	if err != nil {
		return contracts.Registration{}, err
	}
	registration, err := evidence.Collect(ctx, tree, evidence.Options{
		Repository: repo, DefaultBranch: now.DefaultBranch, Archived: now.Archived, Commit: commit, Organisation: organisation, Cache: a.deps.Contracts.Cache(),
	})
	if err != nil {
		return contracts.Registration{}, fmt.Errorf("read what %s@%s says about itself: %w", repo.FullName(), commit, err)
	}
	a.kept.registrations.Add(key, registration)
	return registration, nil
}

// version is a component of the deployment as a version that runs.
func (d *deployment) version(component contracts.Component) contracts.LiveVersion {
	return contracts.LiveVersion{Repository: d.q.Repository, Component: component.Name, Commit: d.q.Commit, Environment: d.q.Environment}
}

// unusable says why nothing can be said of a commit, if so.
func (d *deployment) unusable() (contracts.AnswerReason, bool) {
	version := contracts.NameVersion(contracts.LiveVersion{Repository: d.q.Repository, Commit: d.q.Commit})
	r := contracts.AnswerReason{Answer: contracts.AnswerUnknown, Provider: version}
	switch {
	case d.registration.Broken:
		r.Code = contracts.CodeDeclarationBroken
		if len(d.registration.Problems) > 0 {
			r.Problem = &d.registration.Problems[0]
		}
	case !d.registration.Enrolled || len(d.registration.Components) == 0:
		r.Code = contracts.CodeNotRegistered
	default:
		return r, false
	}
	return r, true
}

// production returns the class of an environment by what a component declares, by what runs
// there, and by its name.
func production(component contracts.Component, environment string, live bool) bool {
	for _, declared := range component.Environments {
		if strings.EqualFold(declared.Name, environment) && declared.Production != nil {
			return *declared.Production
		}
	}
	return live || strings.HasPrefix(strings.ToLower(environment), "prod")
}

// declares reports whether a component names an environment.
func declares(component contracts.Component, environment string) bool {
	return slices.ContainsFunc(component.Environments, func(e contracts.Environment) bool { return strings.EqualFold(e.Name, environment) })
}
