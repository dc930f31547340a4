package action

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"plimsoll/cmd/plimsoll/internal/git"
)

// commitID is the full id of a commit.
var commitID = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// errShallow says how to get the commits that are missing.
var errShallow = errors.New("the checkout lacks the commits to compare: set fetch-depth: 0 in the step that uses actions/checkout")

// commits are the two that are compared.
type commits struct {
	repository *git.Repository
	base, head string
	// trees of the whole commits.
	baseTree, headTree *git.Tree
	// changed are the paths in which they differ.
	changed map[string]bool
	atHead  []string
}

// pair finds the commits to compare. actions/checkout gives the merge of the pull request into
// its base branch: then what merging changes is compared. A checkout of the head itself is
// compared with the merge base.
func pair(ctx context.Context, repository *git.Repository, r run) (commits, error) {
	out := commits{repository: repository}
	var err error
	if out.head, err = repository.Commit(ctx, "HEAD"); err != nil {
		return out, fmt.Errorf("find the commit that is checked out: %w (add a step with actions/checkout before this one)", err)
	}
	if out.base, err = base(ctx, repository, r, out.head); err != nil {
		return out, err
	}
	if out.baseTree, err = repository.Tree(ctx, out.base, out.base[:7], "."); err != nil {
		return out, err
	}
	if out.headTree, err = repository.Tree(ctx, out.head, out.head[:7], "."); err != nil {
		return out, err
	}
	paths, err := repository.Changed(ctx, out.base, out.head)
	if err != nil {
		return out, err
	}
	out.changed = map[string]bool{}
	for _, path := range paths {
		out.changed[path] = true
	}
	files, err := out.headTree.Files(ctx)
	if err != nil {
		return out, err
	}
	for _, f := range files {
		if out.changed[f.Path] {
			out.atHead = append(out.atHead, f.Path)
		}
	}
	return out, nil
}

// base gives the commit to compare the checkout with.
func base(ctx context.Context, repository *git.Repository, r run, head string) (string, error) {
	missing := func(err error) (string, error) {
		shallow, failed := repository.Shallow(ctx)
		if failed != nil {
			return "", failed
		}
		if shallow {
			return "", errShallow
		}
		return "", err
	}
	if head == r.headSHA {
		from, err := repository.Commit(ctx, r.baseSHA)
		if err != nil {
			return missing(fmt.Errorf("find the base commit %s: %w", r.baseSHA[:7], err))
		}
		common, err := repository.MergeBase(ctx, from, head)
		if err != nil {
			return missing(fmt.Errorf("find the merge base of %s and %s: %w", from[:7], head[:7], err))
		}
		return common, nil
	}
	first, err := repository.Commit(ctx, head+"^1")
	if err != nil || r.number == 0 { // the head of a merge group is checked out as it is
		return missing(otherCheckout(r, head))
	}
	if second, err := repository.Commit(ctx, head+"^2"); err != nil || second != r.headSHA {
		return missing(otherCheckout(r, head))
	}
	return first, nil
}

func otherCheckout(r run, head string) error {
	expected := "the pull request"
	if r.number == 0 {
		expected = "the merge group"
	}
	return fmt.Errorf("the checkout is at %s, which is not %s: use actions/checkout without ref, and run this step before others change the checkout", head[:7], expected)
}
