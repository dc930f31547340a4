package pulls

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
)

// The base branch goes on while a pull request is open. A contract that lies elsewhere by
// now, or that is new, is changed by the pull request all the same: GitHub merges its
// changes into what the base branch holds, and follows moved files. So two states count:
// what the base branch declared at the merge base, and what it declares now.

// mayTouchFormerContract reports whether a contract that has moved on the base branch since
// may be among the changed files: the base branch is not where the pull request left it,
// and a file is changed that could be a contract.
func (c *change) mayTouchFormerContract() bool {
	if c.comparison.MergeBase == c.registration.Commit {
		return false
	}
	for changed := range c.paths {
		if mayBeDeclared(changed) {
			return true
		}
	}
	return false
}

// mayBeDeclared reports whether a file looks like one that repositories declare: a contract,
// a manifest, a rule file. Asking for what was declared at the merge base costs requests.
func mayBeDeclared(file string) bool {
	switch path.Ext(file) {
	case ".yaml", ".yml", ".json", "":
		return true
	}
	return false
}

// readDeclarations reads what the base branch declared at the merge base, and for another
// branch than the default one what it declares now. A merge base that declares nothing, or
// whose repository file is broken, is taken to declare what the base branch does now.
func (c *change) readDeclarations(ctx context.Context, base contracts.Tree, otherBase bool) error {
	if c.comparison.MergeBase == c.registration.Commit && !otherBase {
		return nil
	}
	former, err := c.collect(ctx, base, c.comparison.MergeBase)
	if !otherBase && source.UsersFault(err) {
		return nil // as for a broken file
	}
	if err != nil {
		return err
	}
	if otherBase {
		// Another branch may say other things about itself than the default branch.
		c.registration, c.tip = former, former
		if c.comparison.Base == "" || c.comparison.Base == c.comparison.MergeBase {
			return nil
		}
		tip, err := c.evaluator.deps.GitHub.Tree(ctx, c.repo, c.comparison.Base)
		if err != nil {
			return fmt.Errorf("read the base branch at %s: %w", c.comparison.Base, err)
		}
		c.tip, err = c.collect(ctx, tip, c.comparison.Base)
		return err
	}
	if former.Enrolled && !former.Broken {
		c.registration = former
	}
	return nil
}

// matchTip adds the contracts that the base branch has now, where the pull request changes
// their files and match has not found them by the merge base. They are compared as the
// merge would leave them: with the pull request's files laid over the base branch's.
func (c *change) matchTip(ctx context.Context, files []source.ChangedFile) error {
	var base, head contracts.Tree
	provided := source.ProvidedBy(c.tip)
	for _, name := range slices.Sorted(maps.Keys(provided)) {
		now := provided[name]
		found := slices.ContainsFunc(c.apis, func(api touchedAPI) bool { return api.provided.API == name })
		if found || c.tip.Commit == c.registration.Commit || !c.touchesFilesOf(now.Provided) {
			continue
		}
		if base == nil {
			var err error
			if base, err = c.evaluator.deps.GitHub.Tree(ctx, c.repo, c.tip.Commit); err != nil {
				return fmt.Errorf("read the base branch at %s: %w", c.tip.Commit, err)
			}
			changed := source.Comparison{Head: c.pull.HeadSHA, Files: files, Complete: true}
			if head, _, err = c.evaluator.deps.GitHub.HeadTree(ctx, c.repo, base, changed); err != nil {
				return fmt.Errorf("read what the merge leaves: %w", err)
			}
		}
		c.apis = append(c.apis, touchedAPI{
			component: now.Component, provided: now.Provided, baseSpec: now.Provided.Spec, headSpec: now.Provided.Spec, base: base, head: head,
		})
	}
	return nil
}
