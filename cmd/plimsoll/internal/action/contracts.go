package action

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/cmd/plimsoll/internal/compare"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
)

// ErrNothingToCheck says that the repository names no contract, and neither does the step.
var ErrNothingToCheck = errors.New("nothing to check")

// provided is one API as a commit declares it.
type provided struct {
	component contracts.Component
	contracts.Provided
}

// compared is one API with its result; the result is nil where a version can't be read.
type compared struct {
	entry  contracttext.APIReport
	result *compare.Result
}

// contractsCheck compares every contract that the pull request touches.
type contractsCheck struct {
	run     run
	commits commits
	options Options
	given   *evidence.Declarations
	at      time.Time // by which rule settings end
	roots   []string

	base, head contracts.Registration
	compared   []compared
}

// newContractsCheck reads what both commits declare, and the consumers.
func newContractsCheck(ctx context.Context, r run, c commits, options Options, at time.Time) (*contractsCheck, error) {
	out := &contractsCheck{run: r, commits: c, options: options, at: at}
	var err error
	if out.base, err = out.declared(ctx, c.baseTree, c.base); err != nil {
		return nil, err
	}
	if out.head, err = out.declared(ctx, c.headTree, c.head); err != nil {
		return nil, err
	}
	if out.given, out.roots, err = readConsumers(ctx, c, options.Consumers); err != nil {
		return nil, err
	}
	return out, nil
}

// declared reads what a commit says about the repository.
func (c *contractsCheck) declared(ctx context.Context, tree contracts.Tree, commit string) (contracts.Registration, error) {
	return evidence.Collect(ctx, tree, evidence.Options{Repository: c.run.repository, Commit: commit, DeclaredOnly: true, ConsumersOnly: true})
}

// apis gives what a registration provides by the names of the APIs, with the contracts that the
// step names as far as the commit has them.
func (c *contractsCheck) apis(ctx context.Context, registration contracts.Registration, tree contracts.Tree) (map[string]provided, error) {
	all := map[string]provided{}
	specs := map[string]bool{}
	for _, component := range registration.Components {
		for _, p := range component.Provides {
			all[p.API] = provided{component, p}
			specs[p.Spec] = true
		}
	}
	files, err := tree.Files(ctx)
	if err != nil {
		return nil, err
	}
	for _, written := range c.options.Contracts {
		name, spec, ok := strings.Cut(written, "=")
		if !ok {
			name, spec = c.run.repository.Name, written
		}
		spec = path.Clean(spec)
		if specs[spec] || !slices.ContainsFunc(files, func(f contracts.File) bool { return f.Path == spec }) {
			continue
		}
		if other, taken := all[name]; taken {
			return nil, fmt.Errorf("--contract %s: the API %s has the contract %s already: write NAME=PATH", written, name, other.Spec)
		}
		all[name] = provided{contracts.Component{Name: name}, contracts.Provided{API: name, Spec: spec}}
	}
	return all, nil
}

// evaluate compares what the pull request touches.
func (c *contractsCheck) evaluate(ctx context.Context) error {
	after, err := c.apis(ctx, c.head, c.commits.headTree)
	if err != nil {
		return err
	}
	before, err := c.apis(ctx, c.base, c.commits.baseTree)
	if err != nil {
		return err
	}
	if c.head.Broken { // the last valid version stays in effect
		for name, p := range before {
			if _, ok := after[name]; !ok {
				after[name] = p
			}
		}
	}
	if len(before)+len(after) == 0 && !c.head.Broken && !c.head.Enrolled && !c.base.Enrolled {
		return fmt.Errorf("%w: no .github/plimsoll.yml, and --contract names no file of this repository", ErrNothingToCheck)
	}
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		old, existed := before[name]
		now, exists := after[name]
		api := old
		if !existed {
			api = now
		}
		if existed && exists && old.Spec != now.Spec && (c.run.fork || c.stays(old.Spec)) {
			// A pull request can't hide what it does to the contract by naming another file.
			if err := c.compare(ctx, api, old.Spec, old.Spec); err != nil {
				return err
			}
		}
		if err := c.compare(ctx, api, old.Spec, now.Spec); err != nil {
			return err
		}
	}
	return nil
}

// stays reports whether the head still has a file of the base.
func (c *contractsCheck) stays(file string) bool {
	return !c.commits.changed[file] || slices.Contains(c.commits.atHead, file)
}

// compare compares two versions of one contract, and keeps the result if the pull request
// touches the contract.
func (c *contractsCheck) compare(ctx context.Context, api provided, basePath, headPath string) error {
	ref := contracts.APIRef{Repository: c.run.repository, Name: api.API}
	entry := contracttext.APIReport{API: ref, Component: api.component.Name, Owner: api.component.Owner, OnBreak: api.OnBreak, External: api.External,
		Spec: api.Spec}
	consumers := c.consumers(ref)
	result, err := compare.Between(ctx, compare.Versions{
		API: ref, Base: c.commits.baseTree, Head: c.commits.headTree, BasePath: basePath, HeadPath: headPath, HeadCommit: c.commits.head,
		Consumers: consumers, Evaluated: c.given != nil || len(consumers) > 0, Roots: c.roots, Warns: api.OnBreak == "warn",
		Rules: c.rules(api.API),
	}, &entry)
	if err != nil {
		return fmt.Errorf("compare contract %s: %w", ref.FullName(), err)
	}
	c.propose(&entry)
	touched := basePath != headPath || c.commits.changed[basePath]
	if result != nil {
		touched = touched || slices.ContainsFunc(result.Files(), func(file string) bool { return c.commits.changed[file] })
	}
	if touched {
		c.compared = append(c.compared, compared{entry, result})
	}
	return nil
}

// consumers gives the consumers of one API: those of the declarations that were given, and the
// repository's own, as its base branch has them.
func (c *contractsCheck) consumers(api contracts.APIRef) []contracts.Consumer {
	var all []contracts.Consumer
	if c.given != nil {
		all = c.given.Consumers(api.FullName())
	}
	for _, component := range c.base.Components {
		for _, use := range component.Consumes {
			if evidence.MeansAPI(use.API, api.FullName()) {
				all = append(all, contracts.Consumer{Component: component.Name, Owner: component.Owner, Repository: c.run.repository, Commit: c.commits.base, Usage: use.Usage})
			}
		}
	}
	return all
}

// report gives the check's outcome as the App would.
func (c *contractsCheck) report(now Clock) contracttext.Report {
	out := contracttext.Report{
		WebURL: c.run.webURL, Repository: c.run.repository, Number: c.run.number, Fork: c.run.fork,
		BaseSHA: c.commits.base, HeadSHA: c.run.headSHA, BaseRef: c.run.baseRef, ChangedFiles: c.commits.atHead, Now: now(),
		Step: &contracttext.Step{Summary: c.run.page, Consumers: c.given != nil},
	}
	if c.touchesDeclaration() {
		out.FileProblems, out.FileBroken = c.head.Problems, c.head.Broken
	}
	for _, one := range c.compared {
		out.APIs = append(out.APIs, one.entry)
	}
	return out
}

// touchesDeclaration: what is wrong with a file that the pull request does not change is
// nothing new.
func (c *contractsCheck) touchesDeclaration() bool {
	for file := range c.commits.changed {
		if evidence.IsDeclaration(file) {
			return true
		}
	}
	return false
}
