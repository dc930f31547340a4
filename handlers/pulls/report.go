package pulls

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// report compares every touched API and asks the registry for the consumers that it
// affects.
func (c *change) report(ctx context.Context, before []contracttext.Blocked) (contracttext.Report, error) {
	scan, err := c.comparer.deps.Store.Scan(ctx, c.repo.Installation)
	if err != nil {
		return contracttext.Report{}, err
	}
	c.scanning = scan.Running
	now, err := c.comparer.deps.Store.Now(ctx)
	if err != nil {
		return contracttext.Report{}, err
	}
	report := contracttext.Report{
		WebURL: c.comparer.deps.WebURL, Repository: c.repo, Number: c.pull.Number, Fork: c.pull.Fork,
		BaseSHA: c.comparison.MergeBase, HeadSHA: c.pull.HeadSHA, BaseRef: c.pull.BaseRef, Before: before, Now: now,
		Registry: registryState(c.repo, scan),
	}
	if c.proposed != nil {
		report.FileProblems, report.FileBroken = c.proposed.Problems, c.proposed.Broken
	}
	report.ChangedFiles = c.atHead
	if err := c.follow(ctx); err != nil {
		return contracttext.Report{}, err
	}
	for _, l := range c.links {
		report.Links = append(report.Links, l.Link)
	}
	if report.Uses, err = c.uses(ctx); err != nil {
		return contracttext.Report{}, err
	}
	for _, api := range c.apis {
		entry, err := c.compare(ctx, api)
		if err != nil {
			return contracttext.Report{}, err
		}
		c.rule(&entry, now)
		if last := len(report.APIs) - 1; last < 0 || report.APIs[last].API != entry.API || addsTo(report.APIs[last], entry) {
			report.APIs = append(report.APIs, entry)
		}
	}
	if report.Taken, err = c.taken(ctx); err != nil {
		return contracttext.Report{}, err
	}
	return report, c.acknowledged(ctx, &report)
}

// registryState is how far the account of a repository, with those joined with it, has been
// read.
func registryState(repo contracts.RepositoryRef, scan source.Scan) contracttext.RegistryState {
	state := contracttext.RegistryState{
		Account: cmp.Or(scan.Organisation, repo.Owner), Missing: scan.Missing, Scanning: scan.Running, Done: scan.Done, Total: scan.Total, Failed: scan.Failed,
	}
	for _, one := range scan.Unreadable {
		state.Unreadable = append(state.Unreadable, contracttext.UnreadableRepository{Repository: one.Repository, Reason: one.Reason, Since: one.Since})
	}
	return state
}

// taken finds the APIs that the head provides, and that the pull request touches or
// declares, whose short names belong to other repositories. A fork of a public repository
// is not told what private ones provide.
func (c *change) taken(ctx context.Context) ([]contracttext.TakenName, error) {
	names := map[string]bool{}
	for _, api := range c.apis {
		if api.headSpec != "" {
			names[api.provided.API] = true
		}
	}
	if c.proposed != nil {
		for name := range source.ProvidedBy(*c.proposed) {
			names[name] = true
		}
	}
	var taken []contracttext.TakenName
	for _, name := range slices.Sorted(maps.Keys(names)) {
		found, err := c.comparer.deps.Store.Providers(ctx, c.repo.Installation, name)
		if err != nil {
			return nil, err
		}
		others := len(found) > 0 && found[0].Repository.ID != c.repo.ID
		if _, registered := source.ProvidedBy(c.tip)[name]; registered && !others {
			continue
		}
		c.claimed = append(c.claimed, name)
		if c.offers[name], err = c.offersNow(ctx, name); err != nil {
			return nil, err
		}
		if others && (!c.pull.Fork || c.repo.MayName(found[0].Repository)) {
			taken = append(taken, contracttext.TakenName{API: name, By: found[0]})
		}
	}
	return taken, nil
}

// addsTo reports whether the contract that a fork points to says something that the one it
// points away from does not.
func addsTo(stays, entry contracttext.APIReport) bool {
	listed := map[string]bool{}
	for _, change := range stays.Changes {
		listed[change.Fingerprint] = true
	}
	return entry.HeadProblem != nil || slices.ContainsFunc(entry.Changes, func(change contracts.Change) bool { return !listed[change.Fingerprint] })
}

func (c *change) compare(ctx context.Context, api touchedAPI) (contracttext.APIReport, error) {
	ref := contracts.APIRef{Repository: c.repo, Name: api.provided.API}
	entry := contracttext.APIReport{
		API: ref, Component: api.component.Name, Owner: api.component.Owner,
		OnBreak: api.provided.OnBreak, External: api.provided.External, Spec: api.provided.Spec,
	}
	baseTree, headTree := c.base, c.head
	if api.base != nil {
		baseTree, headTree = api.base, api.head
	}
	base, err := c.load(ctx, baseTree, api.baseSpec, nil, &entry.BaseProblem)
	if err != nil {
		return entry, err
	}
	head, err := c.load(ctx, headTree, api.headSpec, base, &entry.HeadProblem)
	if api.stays && c.pull.Fork && entry.HeadProblem != nil {
		entry.HeadProblem = contracttext.ContractLeftByFork(*entry.HeadProblem)
	}
	if err != nil || entry.BaseProblem != nil || entry.HeadProblem != nil {
		return entry, err
	}
	comparison, err := diff.Compare(ctx, base, head, diff.Options{API: ref.FullName()})
	if err != nil {
		return entry, fmt.Errorf("compare contract %s: %w", ref.FullName(), err)
	}
	entry.Changes, entry.Nearest = comparison.Changes(), comparison.Nearest()
	if c.pull.Fork && (!c.repo.Private || c.repo.Internal) && api.baseSpec == "" {
		return entry, nil // nobody can use it yet; who uses a name that an outsider guesses is not said
	}
	consumers, err := c.comparer.deps.Store.Consumers(ctx, ref)
	if err != nil {
		return entry, fmt.Errorf("look up the consumers of %s: %w", ref.FullName(), err)
	}
	c.consumers[ref], entry.Consumers = consumers, len(consumers)
	written := &source.Baselines{Contracts: c.comparer.deps.Contracts, Provider: c.repo, Spec: api.provided.Spec}
	entry.Findings, entry.Registrations, err = comparison.JudgeFrom(ctx, consumers, written.Of(ctx))
	if err = errors.Join(err, written.Failure); err != nil {
		return entry, fmt.Errorf("evaluate the consumers of %s: %w", ref.FullName(), err)
	}
	if entry.Reliefs, err = c.reliefs(ctx, ref, comparison, base, head, entry.Findings); err != nil {
		return entry, fmt.Errorf("evaluate the consumers of %s with the linked pull requests: %w", ref.FullName(), err)
	}
	return entry, nil
}

// moved reports whether the registry has other consumers or providers than those that were
// evaluated, or a linked pull request has changed.
func (c *change) moved(ctx context.Context) (bool, error) {
	if c.scanning {
		if scan, err := c.comparer.deps.Store.Scan(ctx, c.repo.Installation); err != nil || !scan.Running {
			return err == nil, err
		}
	}
	for api, evaluated := range c.consumers {
		now, err := c.comparer.deps.Store.Consumers(ctx, api)
		if err != nil {
			return false, fmt.Errorf("look up the consumers of %s again: %w", api.FullName(), err)
		}
		if !reflect.DeepEqual(evaluated, now) {
			return true, nil
		}
	}
	for written, evaluated := range c.offers {
		now, err := c.offersNow(ctx, written)
		if err != nil || now != evaluated {
			return err == nil, err
		}
	}
	if moved, err := c.linksMoved(ctx); err != nil || moved {
		return moved, err
	}
	return c.wordsMoved(ctx)
}

// topics are what the answer depends on outside the repository itself.
func (c *change) topics(report contracttext.Report) []string {
	var topics []string
	if c.scanning {
		topics = append(topics, work.TopicOfScan)
	}
	if len(report.APIs) > 0 {
		topics = append(topics, work.TopicOfContracts(c.repo.ID))
	}
	for _, one := range report.Registry.Unreadable {
		topics = append(topics, work.TopicOfReading(one.Repository.ID))
	}
	if report.Registry.Failed > len(report.Registry.Unreadable) {
		topics = append(topics, work.TopicOfUnreadable)
	}
	for _, api := range report.APIs {
		if slices.ContainsFunc(api.Changes, func(change contracts.Change) bool { return change.Level != contracts.Info }) {
			topics = append(topics, work.TopicOfAPI(api.API.Name))
		}
		for _, finding := range api.Findings {
			for _, affected := range finding.Affected {
				topics = append(topics, work.TopicOfConsumer(affected.Consumer.Repository.ID))
			}
		}
	}
	for _, name := range c.claimed {
		topics = append(topics, work.TopicOfOffer(name))
	}
	for _, use := range report.Uses {
		topics = append(topics, work.TopicOfOffer(source.ShortName(use.API)), work.TopicOfConsumer(c.repo.ID))
		for _, api := range append(use.Candidates, use.Provider) {
			if api.Name != "" {
				topics = append(topics, work.TopicOfProvider(api.Repository.ID))
			}
		}
	}
	topics = append(topics, work.TopicOfVisibility(c.repo.ID))
	topics = append(topics, c.linkTopics...)
	topics = append(topics, topicsOfImpacts(report)...)
	slices.Sort(topics)
	return slices.Compact(topics)
}

// mostFiles is how many changed files have topics of their own.
const mostFiles = 50

// topicsOfFiles are those of a pull request that touches no contract: the base branch may
// begin to use a file that it changes as a part of one.
func (c *change) topicsOfFiles() (topics []string) {
	for _, path := range slices.Sorted(maps.Keys(c.paths)) {
		if !contracts.MayBeContract(path) {
			continue
		}
		if len(topics) == mostFiles {
			return []string{work.TopicOfContracts(c.repo.ID)}
		}
		topics = append(topics, work.TopicOfFile(c.repo.ID, path))
	}
	return topics
}

// load returns nil for a contract that is not there by intent, and puts what is
// wrong with the user's file into problem. What it has in common with like is not
// read again.
func (c *change) load(ctx context.Context, tree contracts.Tree, spec string, like *openapi.Contract, problem **contracts.Problem) (*openapi.Contract, error) {
	if spec == "" {
		return nil, nil
	}
	contract, err := openapi.Load(ctx, tree, spec, openapi.LoadOptions{Cache: c.comparer.deps.Cache, Like: like})
	if wrong, ok := errors.AsType[*contracts.Problem](err); ok {
		*problem = wrong
		return nil, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		*problem = contracttext.ContractMissing(spec)
		return nil, nil
	}
	return contract, err
}
