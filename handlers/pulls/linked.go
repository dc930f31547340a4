package pulls

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/evidence"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// link is a pull request with which this one is evaluated together. Only the files of its
// head are read, never its own links: two that name each other are each evaluated with the
// other's head.
//
// Anyone can open a pull request from a fork and write a link into its text. So a link
// never unblocks a provider (what runs counts), and unblocks a consumer only if neither of
// the two comes from a fork: package checks decides that.
type link struct {
	contracttext.Link
	// said is what its head declares of its repository, tree its files; nil if it is not
	// used.
	registration *contracts.Registration
	tree         contracts.Tree
}

// follow reads the pull requests that this one's text says it depends on.
func (c *change) follow(ctx context.Context) error {
	for _, name := range linksIn(c.pull.Body, c.comparer.deps.WebURL) {
		l, err := c.linkTo(ctx, name)
		if err != nil {
			return fmt.Errorf("read the linked pull request %s/%s#%d: %w", name.owner, name.name, name.number, err)
		}
		if l.Repository.ID == c.repo.ID && l.Number == c.pull.Number {
			continue // itself
		}
		c.links = append(c.links, l)
	}
	return nil
}

// linkTo finds a pull request in the same account, or one that is joined with it, and reads its head, if it is open
// and may be shown here.
func (c *change) linkTo(ctx context.Context, name pullName) (*link, error) {
	l := &link{Link: contracttext.Link{Owner: name.owner, Name: name.name, Number: name.number, State: contracttext.LinkUnknown}}
	repo, err := c.comparer.deps.Store.JoinedRepositoryNamed(ctx, c.repo.Installation, name.owner, name.name)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	c.linkTopics = append(c.linkTopics, work.TopicOfVisibility(repo.ID))
	if !c.repo.MayName(repo) {
		return l, nil
	}
	pull, err := c.comparer.deps.GitHub.PullRequest(ctx, repo, name.number)
	if errors.Is(err, fs.ErrNotExist) {
		// It may be opened later: then this pull request is evaluated again.
		c.linkTopics = append(c.linkTopics, work.TopicOfPull(repo.ID, name.number))
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	if !c.repo.MayName(pull.Repository) {
		return l, nil
	}
	c.linkTopics = append(c.linkTopics, work.TopicOfPull(repo.ID, name.number))
	l.Repository, l.Fork, l.HeadSHA, l.State = pull.Repository, pull.Fork, pull.HeadSHA, contracttext.LinkClosed
	switch {
	case pull.Merged:
		l.State = contracttext.LinkMerged
	case pull.Open:
		l.State = contracttext.LinkOpen
		return l, c.readLinked(ctx, l)
	}
	return l, nil
}

// readLinked reads what the head of a linked pull request declares about its repository.
func (c *change) readLinked(ctx context.Context, l *link) error {
	tree, err := c.comparer.deps.GitHub.Tree(ctx, l.Repository, l.HeadSHA)
	if err != nil {
		return err
	}
	organisation, err := c.comparer.deps.Organisations.File(ctx, l.Repository)
	if err != nil {
		return err
	}
	registration, err := evidence.Collect(ctx, tree, evidence.Options{
		Repository: l.Repository, Commit: l.HeadSHA, Organisation: organisation, Cache: c.comparer.deps.Cache,
	})
	if err != nil {
		return err
	}
	l.tree, l.registration = tree, &registration
	return nil
}

// linksMoved reports whether a linked pull request has changed since it was read.
func (c *change) linksMoved(ctx context.Context) (bool, error) {
	for _, l := range c.links {
		if l.State != contracttext.LinkOpen {
			continue
		}
		now, err := c.comparer.deps.GitHub.PullRequest(ctx, l.Repository, l.Number)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		if err != nil || !now.Open || now.HeadSHA != l.HeadSHA {
			return true, nil
		}
	}
	return false, nil
}

// provides finds an API by name among those that the head of a linked pull request
// provides.
func (l *link) provides(written string, provider contracts.APIRef) (contracts.APIRef, contracts.Provided, bool) {
	if l.registration == nil || l.registration.Broken || provider.Name != "" && provider.Repository.ID != l.Repository.ID {
		return contracts.APIRef{}, contracts.Provided{}, false
	}
	name := source.ShortName(written)
	found, ok := source.ProvidedBy(*l.registration)[name]
	if !ok || provider.Name == "" && written != name && !source.SameName(written, l.Repository, name) {
		return contracts.APIRef{}, contracts.Provided{}, false
	}
	return contracts.APIRef{Repository: l.Repository, Name: name}, found.Provided, true
}

// fromLinked takes the contract of a linked pull request that adds the API, if nothing
// provides it yet.
func (u *usedAPI) fromLinked(ctx context.Context) (*openapi.Contract, error) {
	for i, l := range u.links {
		api, provided, ok := l.provides(u.consumed.API, contracts.APIRef{})
		if !ok {
			continue
		}
		var problem *contracts.Problem
		contract, err := u.load(ctx, l.tree, provided.Spec, nil, &problem)
		if err != nil {
			return nil, err
		}
		if contract != nil {
			u.report.Provider, u.report.NewBy, u.report.Commit, u.provided = api, i+1, l.HeadSHA, provided
			return contract, nil
		}
	}
	return nil, u.nearestAPIs(ctx)
}

// nearestAPIs names what the consumer may have meant.
func (u *usedAPI) nearestAPIs(ctx context.Context) error {
	all, err := u.comparer.deps.Store.APIs(ctx, u.repo.Installation)
	if err != nil {
		return err
	}
	inFull := strings.Contains(u.consumed.API, "/")
	byName := map[string]contracts.APIRef{}
	var names []string
	for _, api := range all {
		name := api.Name
		if inFull {
			name = api.FullName()
		}
		if !u.repo.MayName(api.Repository) || byName[name].Name != "" {
			continue
		}
		byName[name] = api
		names = append(names, name)
	}
	for _, name := range usage.NearestNames(u.consumed.API, names) {
		u.report.Candidates = append(u.report.Candidates, byName[name])
	}
	return nil
}

// linked returns what the linked pull requests of the provider add to, and take from, what
// is used.
func (u *usedAPI) linked(ctx context.Context, branch *openapi.Contract, consumer contracts.Consumer) error {
	for i, l := range u.links {
		_, provided, ok := l.provides(u.consumed.API, u.report.Provider)
		if !ok || u.report.Provider.Repository.ID == u.repo.ID {
			continue
		}
		var problem *contracts.Problem
		contract, err := u.load(ctx, l.tree, provided.Spec, nil, &problem)
		if err != nil {
			return err
		}
		if contract == nil {
			continue
		}
		if err := u.changedBy(ctx, i+1, branch, contract, consumer); err != nil {
			return err
		}
	}
	return nil
}

// changedBy notes what the contract of a linked pull request adds and takes.
func (u *usedAPI) changedBy(ctx context.Context, index int, branch, contract *openapi.Contract, consumer contracts.Consumer) error {
	problems, err := notIn(ctx, contract, consumer)
	if err != nil {
		return err
	}
	gone, adds := positionsOf(problems), false
	for k := range u.report.Missing {
		m := &u.report.Missing[k]
		if !gone[m.Position] {
			m.AddedBy, adds = append(m.AddedBy, index), true
		}
		delete(gone, m.Position)
	}
	if len(gone) > 0 {
		u.report.TakenBy = append(u.report.TakenBy, index)
	}
	if !adds {
		return nil
	}
	circle, err := u.takesOld(ctx, branch, contract)
	if circle {
		u.report.Circle = append(u.report.Circle, index)
	}
	return err
}

// takesOld reports whether a contract lacks what the component has used up to now and the
// provider's branch still has: then neither pull request can be deployed first.
func (u *usedAPI) takesOld(ctx context.Context, branch, contract *openapi.Contract) (bool, error) {
	for _, component := range u.usedBefore {
		for _, consumed := range component.Consumes {
			if component.Name != u.component.Name || consumed.API != u.consumed.API {
				continue
			}
			old := contracts.Consumer{Component: component.Name, Repository: u.repo, Usage: consumed.Usage}
			before, err := notIn(ctx, branch, old)
			if err != nil {
				return false, err
			}
			after, err := notIn(ctx, contract, old)
			if err != nil {
				return false, err
			}
			had := positionsOf(before)
			for at := range positionsOf(after) {
				if !had[at] {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

// reliefs asks whether a consumer that a change affects is no longer affected by what a
// linked pull request of its repository declares.
func (c *change) reliefs(ctx context.Context, api contracts.APIRef, comparison *diff.Comparison, base, head *openapi.Contract, findings []contracts.Finding) ([]contracttext.Relief, error) {
	var reliefs []contracttext.Relief
	for i, l := range c.links {
		if l.registration == nil || l.registration.Broken {
			continue
		}
		affected, needs, err := l.affected(ctx, api, comparison, base, head)
		if err != nil {
			return nil, err
		}
		for _, f := range findings {
			counted := map[string]bool{}
			for _, h := range f.Affected {
				component := h.Consumer.Component
				if h.Consumer.Repository.ID != l.Repository.ID || counted[component] || f.SinceBaseline {
					continue
				}
				counted[component] = true
				reliefs = append(reliefs, contracttext.Relief{Fingerprint: f.Change.Fingerprint, Component: component, Link: i + 1,
					Still: affected[affectedKey{f.Change.Fingerprint, component}], Circle: needs[component]})
			}
		}
	}
	return reliefs, nil
}

type affectedKey struct{ fingerprint, component string }

// affected evaluates what the head of a linked pull request uses of an API. A use of what only
// the new contract has is not affected by the change. needs are the components with such
// uses, which can't be deployed before the change.
func (l *link) affected(ctx context.Context, api contracts.APIRef, comparison *diff.Comparison, base, head *openapi.Contract) (affected map[affectedKey]bool, needs map[string]bool, err error) {
	uses := l.usesOf(api)
	affected, needs = map[affectedKey]bool{}, map[string]bool{}
	for i := range uses {
		added, err := l.added(ctx, base, head, uses[i])
		if err != nil {
			return nil, nil, err
		}
		needs[uses[i].Component] = needs[uses[i].Component] || len(added) > 0
		uses[i].Content = ""
		uses[i].Usage = without(uses[i].Usage, func(p contracts.Pattern) bool { return added[p.Position] })
	}
	findings, _, err := comparison.Judge(ctx, uses)
	for _, f := range findings {
		for _, h := range f.Affected {
			affected[affectedKey{f.Change.Fingerprint, h.Consumer.Component}] = true
		}
	}
	return affected, needs, err
}

// added are the positions in what a consumer uses that the base does not have and the head
// does.
func (l *link) added(ctx context.Context, base, head *openapi.Contract, use contracts.Consumer) (map[contracts.Position]bool, error) {
	if base == nil || head == nil {
		return nil, nil
	}
	lost, err := notIn(ctx, base, use)
	if err != nil || len(lost) == 0 {
		return nil, err
	}
	still, err := notIn(ctx, head, use)
	if err != nil {
		return nil, err
	}
	added := positionsOf(lost)
	for at := range positionsOf(still) {
		delete(added, at)
	}
	return added, nil
}

// without returns a usage without some of its patterns.
func without(usage contracts.Usage, drop func(contracts.Pattern) bool) contracts.Usage {
	usage.Operations = slices.Clone(usage.Operations)
	for i := range usage.Operations {
		for _, list := range []**[]contracts.Pattern{&usage.Operations[i].Reads, &usage.Operations[i].Sends} {
			if *list != nil {
				left := slices.DeleteFunc(slices.Clone(**list), drop)
				*list = &left
			}
		}
	}
	return usage
}

// usesOf returns what the components of a linked pull request's head use of an API.
func (l *link) usesOf(api contracts.APIRef) []contracts.Consumer {
	var uses []contracts.Consumer
	for _, component := range l.registration.Components {
		for _, consumed := range component.Consumes {
			if consumed.API == api.Name || source.SameName(consumed.API, api.Repository, api.Name) {
				uses = append(uses, contracts.Consumer{Component: component.Name, Owner: component.Owner, Repository: l.Repository, Commit: l.HeadSHA, Usage: consumed.Usage})
			}
		}
	}
	return uses
}
