package pulls

import (
	"cmp"
	"context"
	"fmt"
	"maps"
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
// and a file is changed that could be a contract. To look for it costs requests.
func (c *change) mayTouchFormerContract() bool {
	if c.comparison.MergeBase == c.registration.Commit {
		return false
	}
	for changed := range c.paths {
		if contracts.MayBeContract(changed) {
			return true
		}
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
		tip, err := c.comparer.deps.GitHub.Tree(ctx, c.repo, c.comparison.Base)
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

// matchTip adds the contracts that the base branch has now, where the pull request changes a
// file of theirs that was none at the merge base: match has not seen that. They are compared
// as the merge would leave them, with the pull request's files laid over the base branch's.
func (c *change) matchTip(ctx context.Context, files []source.ChangedFile) error {
	var base, head contracts.Tree
	if c.tip.Commit == c.registration.Commit {
		return nil
	}
	provided, former := source.ProvidedBy(c.tip), source.ProvidedBy(c.registration)
	for _, name := range slices.Sorted(maps.Keys(provided)) {
		now := provided[name]
		if !c.touchesFilesSince(now.Provided, former[name].Provided) {
			continue
		}
		if base == nil {
			var err error
			if base, err = c.comparer.deps.GitHub.Tree(ctx, c.repo, c.tip.Commit); err != nil {
				return fmt.Errorf("read the base branch at %s: %w", c.tip.Commit, err)
			}
			changed := source.Comparison{Head: c.pull.HeadSHA, Files: files, Complete: true}
			if head, _, err = c.comparer.deps.GitHub.HeadTree(ctx, c.repo, base, changed); err != nil {
				return fmt.Errorf("read what the merge leaves: %w", err)
			}
		}
		c.apis = append(c.apis, touchedAPI{
			component: now.Component, provided: now.Provided, baseSpec: now.Provided.Spec, headSpec: now.Provided.Spec, base: base, head: head,
		})
	}
	c.together()
	return nil
}

// together sorts the touched APIs so that those of one name stand together: see report.
func (c *change) together() {
	slices.SortStableFunc(c.apis, func(a, b touchedAPI) int { return cmp.Compare(a.provided.API, b.provided.API) })
}

// touchesFilesSince reports whether a file is changed that belongs to a contract now and did
// not before.
func (c *change) touchesFilesSince(now, before contracts.Provided) bool {
	files := maps.Clone(now.Files)
	maps.DeleteFunc(files, func(file, _ string) bool { _, had := before.Files[file]; return had || file == before.Spec })
	if now.Spec == before.Spec {
		now.Spec = ""
	}
	return c.touchesFilesOf(contracts.Provided{Spec: now.Spec, Files: files})
}
