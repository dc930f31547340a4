package answers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers/source"
)

// named is a contract with the name of its content. Without a contract there is none.
type named struct {
	contract *openapi.Contract
	key      string
}

// contract reads a version of a contract. A mistake in a user's file is returned as a
// problem; an error may pass by itself.
func (a *Answerer) contract(ctx context.Context, provider contracts.RepositoryRef, version contracts.ContractVersion) (named, *contracts.Problem, error) {
	key := keyOfVersion(provider, version)
	return a.keptContract(key, version.Spec, func() (*openapi.Contract, error) { return a.deps.Contracts.Version(ctx, provider, version) })
}

// keyOfVersion names the content of a contract's files. It contains the installation,
// because access to one repository gives no access to another.
func keyOfVersion(provider contracts.RepositoryRef, version contracts.ContractVersion) string {
	h := sha256.New()
	for _, path := range slices.Sorted(maps.Keys(version.Files)) {
		fmt.Fprintf(h, "%q %s\n", path, version.Files[path])
	}
	return fmt.Sprintf("%d/%q %x", provider.Installation, version.Spec, h.Sum(nil))
}

func (a *Answerer) keptContract(key, spec string, read func() (*openapi.Contract, error)) (named, *contracts.Problem, error) {
	if found, ok := a.kept.contracts.Get(key); ok {
		return named{found, key}, nil, nil
	}
	contract, err := read()
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		return named{}, problem, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return named{}, contracttext.ContractMissing(spec), nil
	}
	if err != nil {
		return named{}, nil, err
	}
	a.kept.contracts.Add(key, contract)
	return named{contract, key}, nil, nil
}

// contractAt reads the contract that a commit provides.
func (a *Answerer) contractAt(ctx context.Context, repo contracts.RepositoryRef, commit string, provided contracts.Provided) (named, *contracts.Problem, error) {
	if provided.Problem != nil {
		return named{}, provided.Problem, nil
	}
	return a.contract(ctx, repo, contracts.ContractVersion{Commit: commit, Spec: provided.Spec, Files: provided.Files})
}

// defaultContract reads the contract of an API on its default branch, and returns the
// component that provides it; nothing if the default branch does not provide it.
func (a *Answerer) defaultContract(ctx context.Context, api contracts.APIRef) (found named, component contracts.Component, provided contracts.Provided, err error) {
	registration, err := a.deps.Store.Registration(ctx, api.Repository.Installation, api.Repository.ID)
	if err != nil {
		return found, component, provided, err
	}
	for _, component := range registration.Components {
		for _, provided := range component.Provides {
			if provided.API == api.Name {
				found, _, err := a.contractAt(ctx, api.Repository, registration.Commit, provided)
				return found, component, provided, err
			}
		}
	}
	return found, component, provided, nil
}

// compare compares two contracts; a base without a contract stands for an API that
// is new.
func (a *Answerer) compare(ctx context.Context, api contracts.APIRef, base, head named) (*diff.Comparison, error) {
	key := keyOf(api.FullName(), base.key, head.key)
	if found, ok := a.kept.comparisons.Get(key); ok {
		return found, nil
	}
	comparison, err := diff.Compare(ctx, base.contract, head.contract, diff.Options{API: api.FullName()})
	if err != nil {
		return nil, fmt.Errorf("compare contract %s: %w", api.FullName(), err)
	}
	a.kept.comparisons.Add(key, comparison)
	return comparison, nil
}

func (a *Answerer) compareAll(ctx context.Context, api contracts.APIRef, bases []named, head named) ([]compared, error) {
	if len(bases) == 0 {
		bases = []named{{}}
	}
	all := make([]compared, len(bases))
	for i, base := range bases {
		comparison, err := a.compare(ctx, api, base, head)
		if err != nil {
			return nil, err
		}
		all[i] = compared{comparison, base}
	}
	return all, nil
}

// compared is a comparison with a base.
type compared struct {
	*diff.Comparison
	base named
}

// panel evaluates consumers by what changes from several bases to one head.
type panel struct {
	a           *Answerer
	api         contracts.APIRef
	head        named
	comparisons []compared
}

func (a *Answerer) panel(api contracts.APIRef, head named, comparisons []compared) *panel {
	return &panel{a: a, api: api, head: head, comparisons: comparisons}
}

// evaluate evaluates one version from its own baseline, or from every base: if several
// versions of the provider run, the most severe verdict counts.
func (p *panel) evaluate(ctx context.Context, consumer contracts.Consumer) (contracts.Judged, error) {
	written, problem, err := p.a.baseline(ctx, p.api, consumer)
	if err != nil {
		return contracts.Judged{}, err
	}
	usage := usageKey(consumer)
	var all contracts.Judged
	for _, comparison := range p.comparisons {
		key := keyOf(p.api.FullName(), comparison.base.key, p.head.key, written.key, usage)
		one, err := p.a.kept.judged(key, func() (contracts.Judged, error) { return p.fresh(ctx, comparison, written, consumer) })
		if err != nil {
			return contracts.Judged{}, err
		}
		all.Merge(one)
	}
	all.Baseline = problem
	return all, nil
}

// usageKey names a use by its content.
func usageKey(consumer contracts.Consumer) string {
	if consumer.Content != "" {
		return consumer.Content
	}
	sum := sha256.Sum256([]byte(source.JSON(consumer.Usage)))
	return hex.EncodeToString(sum[:])
}

// keyOf joins the names of contents to one.
func keyOf(parts ...string) string { return strings.Join(parts, "\x00") }

func (p *panel) fresh(ctx context.Context, comparison compared, written named, consumer contracts.Consumer) (contracts.Judged, error) {
	var self *diff.Comparison
	var err error
	if p.head.contract != nil { // else it is removed
		if self, err = p.a.compare(ctx, p.api, p.head, p.head); err != nil {
			return contracts.Judged{}, err
		}
	}
	var since *diff.Comparison
	if written.contract != nil && written.key != comparison.base.key {
		if since, err = p.a.compare(ctx, p.api, written, p.head); err != nil {
			return contracts.Judged{}, err
		}
	}
	base := comparison.Comparison
	if comparison.base.contract == nil {
		base = nil
	}
	return diff.JudgeVersion(ctx, base, since, self, consumer)
}

// baseline reads the contract that a consumer was written against; nothing if that is
// unknown. A baseline that can't be used is returned as a problem.
func (a *Answerer) baseline(ctx context.Context, api contracts.APIRef, consumer contracts.Consumer) (named, *contracts.Problem, error) {
	pinned, provider := consumer.Usage.Baseline, api.Repository
	switch {
	case pinned.Commit != "":
		_, _, provided, err := a.defaultContract(ctx, api)
		if err != nil {
			return named{}, nil, err
		}
		key := fmt.Sprintf("%d/%d@%s %q", provider.Installation, provider.ID, pinned.Commit, provided.Spec)
		return a.keptContract(key, provided.Spec, func() (*openapi.Contract, error) {
			return a.deps.Contracts.Baseline(ctx, provider, provided.Spec, consumer)
		})
	case pinned.Path != "":
		key := fmt.Sprintf("%d/%d@%s %q", consumer.Repository.Installation, consumer.Repository.ID, consumer.Commit, pinned.Path)
		return a.keptContract(key, pinned.Path, func() (*openapi.Contract, error) { return a.deps.Contracts.Baseline(ctx, provider, "", consumer) })
	case consumer.Written != nil:
		return a.contract(ctx, provider, *consumer.Written)
	}
	return named{}, nil, nil
}

// evaluateUse evaluates a use by a contract that runs. assumed: what it was written against is
// unknown, and the provider's default branch is used instead.
func (a *Answerer) evaluateUse(ctx context.Context, api contracts.APIRef, offered named, consumer contracts.Consumer) (judged contracts.Judged, assumed bool, err error) {
	written, problem, err := a.baseline(ctx, api, consumer)
	if err != nil {
		return judged, false, err
	}
	usage := usageKey(consumer)
	if written.contract != nil {
		judged, err = a.kept.judged(keyOf("use", api.FullName(), written.key, offered.key, usage), func() (contracts.Judged, error) {
			return a.evaluateFrom(ctx, api, written, offered, consumer)
		})
		return judged, false, err
	}
	base, _, _, err := a.defaultContract(ctx, api)
	if err != nil {
		return judged, false, err
	}
	judged, err = a.kept.judged(keyOf("guessed use", api.FullName(), base.key, offered.key, usage), func() (contracts.Judged, error) {
		return a.guess(ctx, api, base, offered, consumer)
	})
	judged.Baseline = problem
	return judged, true, err
}

// evaluateFrom evaluates a use by what changed from the contract that it was written against.
func (a *Answerer) evaluateFrom(ctx context.Context, api contracts.APIRef, written, offered named, consumer contracts.Consumer) (contracts.Judged, error) {
	self, err := a.compare(ctx, api, offered, offered)
	if err != nil {
		return contracts.Judged{}, err
	}
	since, err := a.compare(ctx, api, written, offered)
	if err != nil {
		return contracts.Judged{}, err
	}
	return diff.JudgeVersion(ctx, nil, since, self, consumer)
}

// guess evaluates a use by what a contract has, and as if base were the contract that it
// was written against, if there is one.
func (a *Answerer) guess(ctx context.Context, api contracts.APIRef, base, offered named, consumer contracts.Consumer) (contracts.Judged, error) {
	self, err := a.compare(ctx, api, offered, offered)
	if err != nil {
		return contracts.Judged{}, err
	}
	judged, err := diff.JudgeVersion(ctx, nil, nil, self, consumer)
	if err != nil || base.contract == nil || base.key == offered.key {
		return judged, err
	}
	since, err := a.compare(ctx, api, base, offered)
	if err != nil {
		return contracts.Judged{}, err
	}
	guessed, err := diff.JudgeVersion(ctx, nil, since, nil, consumer)
	if err != nil {
		return contracts.Judged{}, err
	}
	judged.Merge(guessed)
	return judged, nil
}

// agreed returns who has acknowledged what on the pull requests of a provider.
func (a *Answerer) agreed(ctx context.Context, provider contracts.RepositoryRef) (func(string, contracts.Consumer) bool, error) {
	given, err := a.deps.Store.Acknowledgements(ctx, provider)
	if err != nil {
		return nil, fmt.Errorf("recall what was acknowledged of %s: %w", provider.FullName(), err)
	}
	type key struct {
		fingerprint string
		repository  int64
		component   string
	}
	known := map[key]bool{}
	for _, ack := range given {
		if !ack.Ended(a.deps.Now()) {
			known[key{ack.Fingerprint, ack.Repository, ack.Component}] = true
		}
	}
	return func(fingerprint string, c contracts.Consumer) bool {
		return known[key{fingerprint, c.Repository.ID, c.Component}]
	}, nil
}
