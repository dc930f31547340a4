package pulls

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// matchMerge adds what GitHub's test merge makes of contracts of which both the base branch
// and the pull request have changed something since the merge base. Either may be harmless
// alone, and the merge of both is not: one drops a schema that nothing uses, the other begins
// to use it. Where only one side changed something, the merge leaves what that side has.
// While GitHub has not merged, or cannot, there is nothing to look at.
func (c *change) matchMerge(ctx context.Context, head contracts.Tree) error {
	if c.pull.Number == 0 || c.tip.Commit == c.registration.Commit {
		return nil
	}
	provided := source.ProvidedBy(c.tip)
	var both []touchedAPI
	for _, api := range c.apis {
		now, ok := provided[api.provided.API]
		if !ok || api.baseSpec == "" || api.headSpec == "" || api.stays || api.base != nil {
			continue
		}
		if moved, err := c.changedByBoth(ctx, head, api, now.Provided); err != nil {
			return err
		} else if moved {
			merged := touchedAPI{component: now.Component, provided: now.Provided, baseSpec: now.Provided.Spec, headSpec: now.Provided.Spec}
			if api.headSpec != api.baseSpec {
				merged.headSpec = api.headSpec
			}
			both = append(both, merged)
		}
	}
	if len(both) == 0 {
		return nil
	}
	merge, err := c.testMerge(ctx)
	if err != nil || len(merge.Parents) == 0 {
		return err
	}
	base, err := c.comparer.deps.GitHub.Tree(ctx, c.repo, merge.Parents[0])
	if err != nil {
		return fmt.Errorf("read the base branch at %s: %w", merge.Parents[0], err)
	}
	if head, err = c.comparer.deps.GitHub.Tree(ctx, c.repo, merge.Tree); err != nil {
		return fmt.Errorf("read the test merge %s: %w", c.pull.Merge, err)
	}
	for _, merged := range both {
		merged.base, merged.head = base, head
		c.apis = append(c.apis, merged)
	}
	c.together()
	return nil
}

// changedByBoth reports whether the base branch has changed a file of a contract since the
// merge base, or the head's contract refers to files that the one of the merge base did not.
func (c *change) changedByBoth(ctx context.Context, head contracts.Tree, api touchedAPI, now contracts.Provided) (bool, error) {
	if !maps.Equal(api.provided.Files, now.Files) {
		return true, nil
	}
	var problem *contracts.Problem
	contract, err := c.load(ctx, head, api.headSpec, nil, &problem)
	if err != nil || contract == nil {
		return false, err
	}
	return slices.ContainsFunc(contract.Files(), func(file string) bool { _, had := now.Files[file]; return !had && !c.paths[file] }), nil
}

// testMerge reads GitHub's test merge of the head; a zero one if there is none. GitHub makes
// it a moment after a push.
func (c *change) testMerge(ctx context.Context) (source.MergeCommit, error) {
	wait := c.pull.Merging
	var merge source.MergeCommit
	if c.pull.Merge != "" {
		var err error
		if merge, err = c.comparer.deps.GitHub.MergeCommit(ctx, c.repo, c.pull.Merge); err != nil {
			return merge, err
		}
		wait = len(merge.Parents) != 2 || merge.Parents[1] != c.pull.HeadSHA
	}
	switch {
	case wait && c.comparer.deps.Queue.Attempt(ctx) <= work.LagAttempts:
		return merge, fmt.Errorf("GitHub has not tried yet to merge %s of %s#%d", c.pull.HeadSHA, c.repo.FullName(), c.pull.Number)
	case wait:
		return source.MergeCommit{}, nil
	}
	return merge, nil
}
